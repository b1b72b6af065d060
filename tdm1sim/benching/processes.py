"""What only a new process can show: start-up, memory, the first compilation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tdm1sim.benching.laps import SCENARIO
from tdm1sim.benching.sizes import Sizes
from tdm1sim.benching.targets import Finding
from tdm1sim.errors import MachineError

_ROOT = Path(__file__).resolve().parents[2]
_CHILD = "tdm1sim.benching.child"


def python(*words: str) -> tuple[str, float]:
    """Run a module with this interpreter; return what it printed and its wall seconds, start to end.

    Raises
    ------
    MachineError
        It failed.
    """
    above = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(above)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a start is timed as it is for most, with modules compiled
    begun = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", *words], env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    wall = time.perf_counter() - begun
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        message = f"python -m {' '.join(words[:2])} ended with {done.returncode}: {last[0]}"
        raise MachineError(message)
    return done.stdout, wall


def whole_run(sizes: Sizes, threads: int) -> dict[str, Finding]:
    """Return wall seconds of the full mechanism with result files, and its memory per starting cell.

    Notes
    -----
    The memory is the peak of the process less that of one that does the same with `small` cells. Compiling takes more
    memory than a million cells: a first small run fills the cache, so that neither of the two that count compiles.
    """
    small = (_CHILD, "whole", str(sizes.small), "24.0", str(threads))
    python(*small)
    before = json.loads(python(*small)[0])["peak"]
    text, seconds = python(_CHILD, "whole", str(sizes.many), repr(sizes.whole_hours), str(threads))
    after = json.loads(text)["peak"]
    wall = Finding(seconds, note=f"a process from nothing to its files; 1 replicate, {threads} thread(s), no figures")
    if before is None or after is None:
        return {"whole_run": wall, "bytes_per_cell": Finding(None, note="this system does not tell")}
    note = f"peak {after / 1e6:.0f} MB of that run, less {before / 1e6:.0f} MB of one with {sizes.small} cells"
    return {"whole_run": wall, "bytes_per_cell": Finding((after - before) / sizes.many, note=note)}


def cold_run(sizes: Sizes, told: Callable[[], None] = lambda: None) -> Finding:
    """Return wall seconds of a small run from nothing to its result files."""
    walls = []
    for _ in range(sizes.rounds):
        with tempfile.TemporaryDirectory() as folder:
            size = ("--cells", str(sizes.small), "--replicates", "1", "--set", f"run.duration={sizes.whole_hours!r} h")
            command = ("tdm1sim", "run", SCENARIO, *size, "--no-figures", "--quiet", "--out", folder)
            walls.append(python(*command)[1])
        told()
    return Finding.of(walls, "1 replicate, engine auto, no figures")


def help_text(sizes: Sizes) -> Finding:
    """Return wall seconds until ``--help`` has answered."""
    return Finding.of([python("tdm1sim", "--help")[1] for _ in range(sizes.rounds)])


def first_compilation(sizes: Sizes) -> Finding:
    """Return how much longer a compiled run takes that finds an empty cache than one that finds it filled."""
    with tempfile.TemporaryDirectory() as folder:
        command = (_CHILD, "first", folder, str(sizes.small), repr(sizes.hours))
        cold = python(*command)[1]
        if not any(path.suffix == ".nbc" for path in Path(folder).rglob("*")):
            return Finding(None, note="no compiled code was kept in the cache")
        warm = python(*command)[1]
    return Finding(cold - warm, note=f"{cold:.3g} s with an empty cache, {warm:.3g} s with what it then holds")
