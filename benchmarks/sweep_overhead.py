"""Print what the machinery of a sweep costs beside the simulation, as a ratio, and what a cell-step costs here.

Run with ``python benchmarks/sweep_overhead.py [--points N] [--cells N]`` on a machine with nothing else to do. It
fails (exit code 1) where the overhead is 10 % or more, at points of about half a second.

The simulation is the time spent inside ``run_replicate`` in the very process that sweeps; all else between the call
and the finished tables (planning, journal with fsync, quantities, tables) is overhead. With several processes the
times inside the points are summed, so that the start of the workers and their waiting count as overhead too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tdm1sim import load_scenario
from tdm1sim.sweeping import folder, point
from tdm1sim.sweeping.planning import plan
from tdm1sim.sweeping.running import How, finished

SCENARIO = "her2_positive"
LIMIT = 0.1


class Watch:
    """A stand-in for ``run_replicate`` that adds up how long the original takes."""

    def __init__(self, original: Any) -> None:
        self.original, self.seconds, self.cell_steps = original, 0.0, 0

    def __call__(self, task: Any, report: Any = None) -> Any:
        begun = time.perf_counter()
        record = self.original(task, report)
        self.seconds += time.perf_counter() - begun
        self.cell_steps += record.steps * task.parameters.plan.cells
        return record


def swept(points: int, cells: int, jobs: int, where: Path) -> tuple[float, float, float]:
    """Plan, run and write a sweep; return seconds of planning, of all, and inside the points."""
    begun = time.perf_counter()
    loaded = load_scenario(SCENARIO, [f"tumour.cells={cells}", "run.replicates=1"])
    sweep = plan(loaded, [f"tumour.clones.*.mdr1=1:100:{points}:log"])
    planned = time.perf_counter() - begun
    how = How(jobs=jobs)
    with finished(sweep, where, how) as done:
        where.mkdir(parents=True)
        folder.write(where, sweep, done, how, 0.0)
        inside = sum(one.seconds for one in done.points)
    return planned, time.perf_counter() - begun, inside


def main() -> int:
    """Print the table; return the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--points", type=int, default=40)
    options.add_argument("--cells", type=int, default=200)
    options.add_argument("--jobs", type=int, default=2)
    asked = options.parse_args()
    watch = Watch(point.run_replicate)
    point.run_replicate = watch
    with tempfile.TemporaryDirectory() as place:
        swept(2, asked.cells, 1, Path(place) / "warm")
        watch.seconds, watch.cell_steps = 0.0, 0
        planned, whole, _ = swept(asked.points, asked.cells, 1, Path(place) / "one")
        _, wide, inside = swept(asked.points, asked.cells, asked.jobs, Path(place) / "many")
    overhead = whole / watch.seconds - 1.0
    print(f"{asked.points} points of {watch.seconds / asked.points:.2f} s each ({asked.cells} cells, {SCENARIO})")
    print(f"one process: {whole:.2f} s, simulation {watch.seconds:.2f} s, planning {planned:.2f} s")
    print(f"overhead / simulation: {overhead:.1%}")
    print(f"{asked.jobs} processes: {wide:.2f} s, {wide * asked.jobs / inside - 1.0:.1%} beside the time in the points")
    print(f"simulation: {1e6 * watch.seconds / watch.cell_steps:.3f} us per founder cell and step")
    return int(overhead >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
