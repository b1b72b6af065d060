"""The numbers of a run that a sweep tabulates and a stopping rule names: by replicate and in the mean. Floor 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdm1sim.histogram import Histogram
from tdm1sim.intervals import Interval, of_values
from tdm1sim.parameters import Parameters
from tdm1sim.recorder import Record
from tdm1sim.summary import (
    KILLS,
    LIVING,
    curve_of,
    fates_of,
    kill_time_of,
    nadir_of,
    number_ratio,
    regrowth_of,
)
from tdm1sim.world import FATES

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]

_CURVES: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float | None]] = {
    "nadir_ratio": lambda t, n: nadir_of(t, n)[0],
    "nadir_day": lambda t, n: nadir_of(t, n)[1],
    "regrowth_d": regrowth_of,
    **{
        f"time_to_kill_{100 * kill:.0f}_d": lambda t, n, kill=kill: kill_time_of(t, n, kill)  # type: ignore[misc]
        for kill in KILLS
    },
}
FRACTIONS = (*FATES, *LIVING)
NAMES = (*FRACTIONS, "cell_number_ratio", *_CURVES, "dm1_median_nM", "dm1_peak_median_nM")
"""Every quantity but the shares of clones, in the order of the tables."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantity of one run.

    Attributes
    ----------
    interval : Interval
        Mean over replicates and its 95 % interval, as in ``summary.json``.
    values : tuple of float or None
        Of each replicate; None where it has none (a population that never grew back).
    """

    interval: Interval
    values: tuple[float | None, ...]


def clone_name(clone: str) -> str:
    """Return the name of the share of a clone among the living cells at the end."""
    return f"clone_{clone}_end"


def names(parameters: Parameters) -> tuple[str, ...]:
    """Return the quantities of a run; a single clone has no share."""
    clones = [clone.name for clone in parameters.clones]
    return (*NAMES, *(clone_name(name) for name in clones)) if len(clones) > 1 else NAMES


def measure(records: Sequence[Record], parameters: Parameters) -> dict[str, Measured]:
    """Return every quantity of a run.

    Parameters
    ----------
    records : sequence of Record
        One per replicate, in order, with their tables.
    parameters : Parameters
        The run.

    Notes
    -----
    Times and nadir have a mean where every replicate has a value. DM1 and shares of clones are of living cells;
    replicates without any are left out of their means.
    """
    founders = parameters.plan.cells
    fates, living = fates_of(records)
    counts = np.stack([np.concatenate([r.ends.sum(axis=1), r.living.sum(axis=1)]) for r in records])
    whole = counts[:, : len(FATES)].sum(axis=1)
    found = {
        name: Measured({**fates, **living}[name], _shares_of(counts[:, i], whole)) for i, name in enumerate(FRACTIONS)
    }
    ratios = [float(record.living.sum()) / founders for record in records]
    found["cell_number_ratio"] = Measured(number_ratio(records, founders), tuple(ratios))
    curves = [curve_of(record, founders) for record in records]
    for name, of_curve in _CURVES.items():
        found[name] = _where_all([of_curve(times, live) for times, live in curves])
    found["dm1_median_nM"] = _where_any([_median(record.dm1) for record in records])
    found["dm1_peak_median_nM"] = _where_any([_median(record.peaks) for record in records])
    clones = [clone.name for clone in parameters.clones]
    if len(clones) > 1:
        shares = [_shares(record, len(clones)) for record in records]
        for i, name in enumerate(clones):
            found[clone_name(name)] = _where_any([share[i] for share in shares], 1.0)
    return found


def _shares_of(counted: NDArray[np.int64], whole: NDArray[np.int64]) -> tuple[float | None, ...]:
    pairs = zip(counted.tolist(), whole.tolist(), strict=True)
    return tuple(part / total if total else None for part, total in pairs)


def _median(levels: Histogram) -> float | None:
    return levels.quantile(0.5) if levels.total else None


def _shares(record: Record, clones: int) -> list[float | None]:
    last = np.array([row[3] for row in record.clones[-clones:]], dtype=np.float64)
    return [None] * clones if last.sum() == 0 else [float(n / last.sum()) for n in last]


def _where_all(values: Sequence[float | None]) -> Measured:
    known = [value for value in values if value is not None]
    interval = of_values(known, low=0.0) if len(known) == len(values) else Interval(mean=None, low=None, high=None)
    return Measured(interval, tuple(values))


def _where_any(values: Sequence[float | None], high: float = np.inf) -> Measured:
    return Measured(of_values([value for value in values if value is not None], 0.0, high), tuple(values))
