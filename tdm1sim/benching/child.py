"""What `tdm1sim bench` runs in processes of its own: ``python -m tdm1sim.benching.child whole|first ...``.

``whole CELLS HOURS THREADS`` does a compiled run with result files and prints the largest resident memory that the
process ever had, bytes, as JSON. ``first FOLDER CELLS HOURS`` does one that keeps its compiled code in FOLDER.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def peak_memory() -> int | None:
    """Return the largest resident memory this process ever had, bytes; None where the system does not tell.

    Linux hands the peak of the parent on in ``ru_maxrss``, but keeps the process's own in its status file.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def run(cells: int, hours: float, threads: int) -> None:
    """Run one replicate with the compiled engine and write its result files, then remove them."""
    from tdm1sim.benching.laps import resolved
    from tdm1sim.ensemble import simulate_resolved

    results = simulate_resolved(resolved(cells, hours), engine="compiled", jobs=threads)
    with tempfile.TemporaryDirectory() as folder:
        results.write(Path(folder))


def first(folder: str, cells: int, hours: float) -> None:
    """Run with a cache of compiled code in `folder`."""
    from tdm1sim.engine.compiled.cache import WHERE

    os.environ[WHERE] = folder  # what this process starts hears of it too
    run(cells, hours, 1)


def main(words: Sequence[str]) -> None:
    """Do what the first word says."""
    if words[0] == "whole":
        run(int(words[1]), float(words[2]), int(words[3]))
        sys.stdout.write(json.dumps({"peak": peak_memory()}) + "\n")
    else:
        first(words[1], int(words[2]), float(words[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
