"""The error of a step, by its length: the worst cell's probability to survive, against LSODA.

Run with ``python benchmarks/accuracy.py``. It is what the default of ``run.dt`` was chosen by. The first table gives
each kind of cell its own drug; in the others 75 cells share what is around them (`tests.verification.worst_cell`), and
the probability to be arrested is looked at too. Takes three minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tdm1sim import load_scenario
from tdm1sim.benching.yardstick import integrated, kinds_of, stepped
from tdm1sim.scenario import resolve
from tdm1sim.world import World

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.verification.worst_cell import CASES, worst

STEPS = (0.25, 0.5, 1.0, 2.0, 4.0)


def main() -> None:
    """Print the table."""
    print("  dt, h   steps   worst error of survival, 27 kinds of cells over 21 days")
    for dt in STEPS:
        changes = ["tumour.cells=3", f"run.dt={dt} h", "run.replicates=1"]
        parameters = resolve(load_scenario("her2_positive", changes)).parameters
        times, kinds = World(parameters).times, kinds_of(parameters)
        reference = np.exp(-np.array([integrated(parameters, kind, times) for kind in kinds]).T)
        error = float(np.abs(np.exp(-stepped(parameters, kinds, times)) - reference).max())
        print(f"  {dt:<6g}  {len(times) - 1:5d}   {error:.2g}")
    for case in CASES:
        print(f"{case}: worst errors of 75 cells that share what is around them")
        print("  dt, h   survival   arrest, if the cell entered mitosis just then")
        for dt in STEPS:
            survival, arrest = worst(case, dt)
            print(f"  {dt:<6g}  {survival:8.1e}   {arrest:.1e}")


if __name__ == "__main__":
    main()
