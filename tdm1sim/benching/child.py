"""What `tdm1sim bench` runs in processes of its own: ``python -m tdm1sim.benching.child whole|first ...``.

``whole CELLS HOURS THREADS`` does a small run, then a large one, both with result files, and prints one JSON object:
wall seconds of the large run, and the peak memory of the process before and after it. ``first FOLDER CELLS HOURS``
does a small compiled run that keeps its compiled code in FOLDER.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path


def peak_memory() -> int | None:
    """Return the largest resident memory this process ever had, bytes; None where the system does not tell."""
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


def whole(cells: int, hours: float, threads: int) -> dict[str, float | int | None]:
    """Return wall seconds of a run with result files, and the peak memory before and after it."""
    run(1000, 24.0, threads)
    before, begun = peak_memory(), time.perf_counter()
    run(cells, hours, threads)
    return {"wall_s": time.perf_counter() - begun, "before": before, "after": peak_memory()}


def first(folder: str, cells: int, hours: float) -> None:
    """Run with a cache of compiled code in `folder`."""
    import platformdirs

    platformdirs.user_cache_dir = lambda *_, **__: folder  # asked once, when the compiled engine is loaded
    run(cells, hours, 1)


def main(words: Sequence[str]) -> None:
    """Do what the first word says."""
    if words[0] == "whole":
        sys.stdout.write(json.dumps(whole(int(words[1]), float(words[2]), int(words[3]))) + "\n")
    else:
        first(words[1], int(words[2]), float(words[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
