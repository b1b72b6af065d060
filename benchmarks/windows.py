"""The error of windows: what it costs to look at all cells together only every few steps.

Run with ``python benchmarks/windows.py``. The truth is a look after every step; `tdm1sim.world.WINDOW` was chosen by
this table. In the wells cells use the medium up, and there are many deaths, or divisions, inside each window.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tdm1sim import ensemble, load_scenario
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.recorder import FLOWS, TIMESERIES, Record
from tdm1sim.scenario import resolve
from tdm1sim.world import World

DAILY = "record.every=24 h"
"""A window ends where somebody looks: with looks every few hours there are no long windows to measure."""
CASES: dict[str, tuple[str, Sequence[str]]] = {
    "patient, 21 days": ("her2_positive", ["tumour.cells=20000"]),
    "well, three quarters used up": (
        "in_vitro_sk_br_3",
        ["tumour.cells=20000", "culture.cells_per_well=16000", "treatment.0.concentration=1 nM"],
    ),
    "fast growth, 5 days": (
        "in_vitro_sk_br_3",
        [
            "tumour.cells=2000",
            "tumour.growth.doubling=18 h",
            "treatment.0.concentration=0.1 nM",
            "treatment.0.until=120 h",
            "run.duration=120 h",
            "run.capacity=1000000",
        ],
    ),
    "three clones, six cycles": ("mixed_resistance", ["tumour.cells=5000"]),
    "a tumour that dwindles, six cycles": (
        "mdr1_subclone",
        ["tumour.cells=4000", "tumour.clones.mdr1_high.fraction=0.01", "tumour.clones.mdr1_high.mdr1=3"],
    ),
}
LENGTHS = (1, 2, 4, 6, 12)
LOCAL = TIMESERIES.index("local_conjugate_nM")


def lived(scenario: str, changes: Sequence[str], window: int) -> Record:
    """Return the record of a run with windows of that many steps."""
    changes = [*changes, DAILY, "run.replicates=1", "record.traces=0", "record.readouts=[]"]
    parameters = resolve(load_scenario(scenario, changes)).parameters
    made = ensemble.World
    ensemble.World = lambda *args, **more: World(*args, **more, window=window)  # type: ignore[assignment,misc]
    try:
        return run_replicate(Task("run", 0.0, parameters, 1, "compiled"))
    finally:
        ensemble.World = made  # type: ignore[misc]


def worst(columns: Sequence[str], name: str, ours: list, truth: list) -> float:
    """Return the largest relative difference in a column."""
    at = columns.index(name)
    a, b = (np.array([row[at] or 0.0 for row in rows], dtype=float) for rows in (ours, truth))
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-9 * np.abs(b).max())))


def main() -> None:
    """Print the table."""
    print(f"  {'steps':>5}  {'other fates':>15}  {'live cells':>10}  {'uptake':>8}  {'free conjugate':>14}")
    for case, (scenario, changes) in CASES.items():
        print(case)
        truth = lived(scenario, changes, LENGTHS[0])
        gone = 1.0 - truth.timeseries[-1][LOCAL] / max(row[LOCAL] for row in truth.timeseries)
        print(f"  {truth.born} born, {int(truth.ends[:-1].sum())} died, {gone:.0%} of the highest free conjugate gone")
        fates = dict(zip(truth.cells["cell_id"], truth.cells["cause"], strict=True))
        for length in LENGTHS[1:]:
            run = lived(scenario, changes, length)
            other = dict(zip(run.cells["cell_id"], run.cells["cause"], strict=True))
            differ = sum(other.get(cell) != fates.get(cell) for cell in fates.keys() | other.keys())
            print(
                f"  {length:5d}  {differ:6d} of {len(fates):6d}"
                f"  {worst(TIMESERIES, 'live_cells', run.timeseries, truth.timeseries):10.1g}"
                f"  {worst(FLOWS, 'sorted_to_lysosome', run.flows[-1:], truth.flows[-1:]):8.1g}"
                f"  {worst(TIMESERIES, 'local_conjugate_nM', run.timeseries, truth.timeseries):14.1g}"
            )


if __name__ == "__main__":
    main()
