"""The error of a step, by its length: the worst cell's probability to survive, against LSODA.

Run with ``python benchmarks/accuracy.py``. It is what the default of ``run.dt`` was chosen by.
"""

from __future__ import annotations

import numpy as np

from tdm1sim import load_scenario
from tdm1sim.benching.yardstick import integrated, kinds_of, stepped
from tdm1sim.scenario import resolve
from tdm1sim.world import World


def main() -> None:
    """Print the table."""
    print("  dt, h   steps   worst error of survival, 27 kinds of cells over 21 days")
    for dt in (0.25, 0.5, 1.0, 2.0, 4.0):
        changes = ["tumour.cells=3", f"run.dt={dt} h", "run.replicates=1"]
        parameters = resolve(load_scenario("her2_positive", changes)).parameters
        times, kinds = World(parameters).times, kinds_of(parameters)
        reference = np.exp(-np.array([integrated(parameters, kind, times) for kind in kinds]).T)
        error = float(np.abs(np.exp(-stepped(parameters, kinds, times)) - reference).max())
        print(f"  {dt:<6g}  {len(times) - 1:5d}   {error:.2g}")


if __name__ == "__main__":
    main()
