"""What is compared, one number for each replicate, or for each group of founders where there is one replicate.

Everything is read from the tables of the results, up to the last time that all arms and replicates reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.population import FOUNDER_GROUPS
from tdm1sim.results import Results
from tdm1sim.summary import KILLS, LIVING, kill_time_of, nadir_of, regrowth_of
from tdm1sim.world import FATES

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
Path = tuple[str, ...]
Values = dict[Path, list[float | None]]
"""Where a number stands in the differences, to its value in every unit; None where a unit has none."""

DIED = {
    "apoptosis": "died_apoptosis",
    "mitotic_catastrophe": "died_mitotic_catastrophe",
    "adcc": "died_adcc",
}
RATIO: Path = ("cell_number_ratio",)
AREA: Path = ("live_cells_area_d",)
TIMES = ("regrowth_d", "time_to_kill_d")
"""What a replicate need not reach."""


def shared_times(arms: Sequence[Results]) -> FloatArray:
    """Return the times (h) at which every replicate of every arm has a record."""
    found = [set(part["time_h"].round(6)) for results in arms for _, part in results.timeseries.groupby("replicate")]
    return np.array(sorted(set.intersection(*found)), dtype=np.float64)


def table_of(frame: pd.DataFrame, column: str, times: FloatArray) -> FloatArray:
    """Return a column as array (replicates, times)."""
    wide = frame.assign(time_h=frame["time_h"].round(6)).pivot(index="replicate", columns="time_h", values=column)
    return wide.reindex(columns=times).to_numpy(dtype=np.float64)


def live_per_founder(results: Results, times: FloatArray) -> FloatArray:
    """Return living cells per founder, shape (replicates, times)."""
    return table_of(results.timeseries, "live_cells", times) / float(results.summary["cells_start"])


# Replicates ----------------------------------------------------------------------------------------------------


def of_replicates(results: Results, times: FloatArray) -> Values:
    """Return what is compared, one value per replicate in their order.

    Parameters
    ----------
    results : Results
        One arm.
    times : array
        From `shared_times`.
    """
    frame = results.timeseries
    live = table_of(frame, "live_cells", times)
    last = live[:, -1]
    died = {fate: table_of(frame, column, times)[:, -1] for fate, column in DIED.items()}
    whole: FloatArray = np.stack([last, *died.values()]).sum(axis=0)
    stuck = {name: table_of(frame, name, times)[:, -1] for name in ("arrested", "multinucleated")}
    counted = {**died, "surviving": last}
    split = {"cycling": last - stuck["arrested"] - stuck["multinucleated"], **stuck}
    ratio = live_per_founder(results, times)
    level = table_of(frame, "dm1_cytosol_nM_median", times)
    found: Values = {("fates", fate): _plain(counted[fate] / whole) for fate in FATES}
    found |= {("living", name): _plain(split[name] / whole) for name in LIVING}
    found |= {RATIO: _plain(ratio[:, -1]), AREA: _plain(np.asarray(np.trapezoid(ratio, times, axis=1)) / 24.0)}
    found |= {("dm1_nM", "median"): _plain(level[:, -1]), ("dm1_nM", "highest_median"): _plain(_highest(level))}
    found |= {path: [measure(times, one) for one in live] for path, measure in _courses().items()}
    return found | _shares(results, times)


def _plain(values: FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _highest(levels: FloatArray) -> FloatArray:
    return np.asarray(np.where(np.isfinite(levels), levels, -np.inf).max(axis=1), dtype=np.float64)


def _courses() -> dict[Path, Callable[[FloatArray, FloatArray], float | None]]:
    """Return what is read from the course of the living cells."""
    kills: dict[Path, Callable[[FloatArray, FloatArray], float | None]] = {
        ("time_to_kill_d", str(kill)): _killed(kill) for kill in KILLS
    }
    return {
        ("nadir", "ratio"): lambda t, n: nadir_of(t, n)[0],
        ("nadir", "day"): lambda t, n: nadir_of(t, n)[1],
        ("regrowth_d",): regrowth_of,
        **kills,
    }


def _killed(kill: float) -> Callable[[FloatArray, FloatArray], float | None]:
    return lambda t, n: kill_time_of(t, n, kill)


def _shares(results: Results, times: FloatArray) -> Values:
    """Return the share of each clone among the living cells at the end; none where no cell lives."""
    counts = {
        str(name): table_of(part, "live_cells", times)[:, -1]
        for name, part in results.clones.groupby("clone", sort=False)
    }
    total = np.sum(list(counts.values()), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {("clones", name): _plain(np.where(total > 0, found / total, np.nan)) for name, found in counts.items()}


def with_missing_clones(values: Values, others: Mapping[Path, object]) -> Values:
    """Return the values of an arm with a share of 0 for the clones that only the other arm has."""
    known = next((found for path, found in values.items() if path[0] == "clones"), [])
    none: list[float | None] = [None if share is None else 0.0 for share in known]
    return values | {path: none for path in others if path[0] == "clones" and path not in values}


# Groups of founders --------------------------------------------------------------------------------------------


def of_groups(results: Results) -> Values:
    """Return what can be counted by groups of founders, from ``cells.csv`` of the first replicate.

    A founder and all its descendants are in one of 20 groups by the founder's number, the same in every arm; which
    cells ``cells.csv`` holds does not depend on the arm either.
    """
    cells = results.cells
    founder = cells["cell_id"].astype(str).str.partition(".")[0].astype(int)
    group = (founder % FOUNDER_GROUPS).to_numpy()

    def count(chosen: NDArray[Any]) -> FloatArray:
        weights = chosen.astype(np.float64)
        return np.asarray(np.bincount(group, weights=weights, minlength=FOUNDER_GROUPS), dtype=np.float64)

    ended = cells["fate"].to_numpy() != "divided"
    whole, start = count(ended), count((cells["parent_id"].isna() | (cells["parent_id"] == "")).to_numpy())
    alive = cells["fate"].to_numpy() == "surviving"
    stage = cells["stage_end"].astype(str).to_numpy()
    stuck = {name: alive & (stage == name) for name in ("arrested", "multinucleated")}
    split = {"cycling": alive & ~stuck["arrested"] & ~stuck["multinucleated"], **stuck}
    lived = (cells["end_h"] - cells["birth_h"]).to_numpy(dtype=np.float64)
    used = (start > 0) & (whole > 0)

    def share(part: FloatArray, of: FloatArray) -> list[float | None]:
        return [float(a / b) if use else None for a, b, use in zip(part, of, used, strict=True)]

    found: Values = {("fates", fate): share(count(cells["fate"].to_numpy() == fate), whole) for fate in FATES}
    found |= {("living", name): share(count(split[name]), whole) for name in LIVING}
    return found | {RATIO: share(count(alive), start), AREA: share(count(lived) / 24.0, start)}
