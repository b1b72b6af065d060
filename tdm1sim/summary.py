"""From the records of all replicates to the summary: fates, numbers, levels, each with its interval. Floor 4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.bands import BANDS, band_limits
from tdm1sim.histogram import merged
from tdm1sim.intervals import Interval, of_fraction, of_values
from tdm1sim.parameters import Parameters, Patient
from tdm1sim.recorder import TIMESERIES, Record
from tdm1sim.surroundings.plasma import Plasma
from tdm1sim.world import FATES

FloatArray = NDArray[np.float64]

LIVING = ("cycling", "arrested", "multinucleated")
KILLS = (0.5, 0.9)
REGROWN = 1.2
"""A population has regrown when it is back at this multiple of its nadir."""
_TIME, _LIVE = TIMESERIES.index("time_h"), TIMESERIES.index("live_cells")


def outcome_of(records: Sequence[Record]) -> str:
    """Return the outcome of the run: capacity reached anywhere, cleared everywhere, else completed."""
    outcomes = {record.outcome for record in records}
    if "capacity_reached" in outcomes:
        return "capacity_reached"
    return "cleared" if outcomes == {"cleared"} else "completed"


def fates_of(records: Sequence[Record]) -> tuple[dict[str, Interval], dict[str, Interval]]:
    """Return fates and the split of the living, as fractions of the cells that did not divide."""
    ends = np.stack([record.ends for record in records])
    living = np.stack([record.living for record in records])
    whole = ends.sum(axis=1)
    fates = {name: of_fraction(ends[:, i], whole) for i, name in enumerate(FATES)}
    split = {name: of_fraction(living[:, i], whole) for i, name in enumerate(LIVING)}
    return fates, split


def curve_of(record: Record, founders: int) -> tuple[FloatArray, FloatArray]:
    """Return times (h) and living cells per founder of one replicate."""
    table = np.array([(row[_TIME], row[_LIVE]) for row in record.timeseries], dtype=np.float64)
    return table[:, 0], table[:, 1] / founders


def nadir_of(times: FloatArray, live: FloatArray) -> tuple[float, float]:
    """Return the smallest ratio to the start and its day (the first)."""
    i = int(np.argmin(live))
    return float(live[i] / live[0]), float(times[i] / 24.0)


def regrowth_of(times: FloatArray, live: FloatArray) -> float | None:
    """Return the day of the first return to 1.2 x nadir; None if it never fell, is not back, or is cleared."""
    low = int(np.argmin(live))
    if low == 0 or live[low] == 0.0:
        return None
    return _crossing(times[low:], -live[low:] / live[low], -REGROWN)


def kill_time_of(times: FloatArray, live: FloatArray, kill: float) -> float | None:
    """Return the day at which a fraction `kill` of the starting number is gone; None if never."""
    return _crossing(times, live / live[0], 1.0 - kill)


def _crossing(times: FloatArray, falling: FloatArray, level: float) -> float | None:
    """Return the day at which a curve first falls to `level`, interpolated between records."""
    below = np.flatnonzero(falling <= level)
    if not below.size:
        return None
    i = int(below[0])
    if i == 0:
        return float(times[0] / 24.0)
    share = (falling[i - 1] - level) / (falling[i - 1] - falling[i])
    return float((times[i - 1] + share * (times[i] - times[i - 1])) / 24.0)


def _over_replicates(
    curves: Sequence[tuple[FloatArray, FloatArray]], measure: Callable[[FloatArray, FloatArray], float | None]
) -> Interval | None:
    """Return mean and interval where every replicate has a value, else None."""
    values = [measure(times, live) for times, live in curves]
    known = [value for value in values if value is not None]
    return of_values(known, low=0.0) if len(known) == len(values) else None


def number_ratio(records: Sequence[Record], founders: int) -> Interval:
    """Return living cells per founder at the end."""
    living = np.stack([record.living.sum(axis=0) for record in records]).astype(np.float64)
    if len(records) > 1:
        return of_values(living.sum(axis=1) / founders, low=0.0)
    groups = living.shape[1]
    sizes = np.bincount(np.arange(founders) % groups, minlength=groups)
    used = sizes > 0
    spread = of_values(living[0, used] / sizes[used], low=0.0)
    mean = float(living.sum() / founders)
    if spread["low"] is None or spread["high"] is None or spread["mean"] is None:
        return Interval(mean=mean, low=None, high=None)
    shift = mean - spread["mean"]
    return Interval(mean=mean, low=max(0.0, spread["low"] + shift), high=spread["high"] + shift)


def _levels(records: Sequence[Record]) -> dict[str, float | None]:
    living, peaks = merged(record.dm1 for record in records), merged(record.peaks for record in records)
    names, at = ("median", "p05", "p95"), (0.5, 0.05, 0.95)
    values: list[Any] = list(living.quantiles(at)) if living.total else [None] * 3
    return {**dict(zip(names, values, strict=True)), "peak_median": peaks.quantile(0.5) if peaks.total else None}


def _bands(records: Sequence[Record], parameters: Parameters) -> dict[str, Any]:
    low, high = band_limits(parameters.values)
    counts = np.stack([record.bands for record in records])
    fractions = {}
    whole = counts.sum(axis=1, keepdims=True)
    for i, name in enumerate(BANDS):
        interval = of_fraction(counts[:, i : i + 1], whole)
        if len(records) == 1 and 0 < counts[0, i] < whole[0, 0]:
            interval = Interval(mean=interval["mean"], low=None, high=None)
        fractions[name] = interval
    return {"low_nM": low, "high_nM": high, **fractions}


def _clones(records: Sequence[Record], parameters: Parameters) -> dict[str, Any]:
    result: dict[str, Any] = {clone.name: {} for clone in parameters.clones}
    names = list(result)
    for label, first in (("start", True), ("end", False)):
        shares = []
        for record in records:
            rows = record.clones[: len(names)] if first else record.clones[-len(names) :]
            counts = np.array([row[3] for row in rows], dtype=np.float64)
            if counts.sum() > 0:
                shares.append(counts / counts.sum())
        for i, name in enumerate(names):
            result[name][label] = of_values([share[i] for share in shares], 0.0, 1.0)
    return result


def summarise(records: Sequence[Record], parameters: Parameters, name: str, question: str) -> dict[str, Any]:
    """Return the content of ``summary.json``.

    Parameters
    ----------
    records : sequence of Record
        One per replicate, in order.
    parameters : Parameters
        The run.
    name, question : str
        From the scenario.
    """
    plan, where = parameters.plan, parameters.surroundings
    fates, living = fates_of(records)
    curves = [curve_of(record, plan.cells) for record in records]
    nadir = {
        "ratio": _over_replicates(curves, lambda t, n: nadir_of(t, n)[0]),
        "day": _over_replicates(curves, lambda t, n: nadir_of(t, n)[1]),
    }
    kills = {
        str(kill): _over_replicates(curves, lambda t, n, kill=kill: kill_time_of(t, n, kill))  # type: ignore[misc]
        for kill in KILLS
    }
    return {
        "scenario": name,
        "question": question,
        "seed": plan.seed,
        "replicates": plan.replicates,
        "duration_h": plan.duration,
        "cells_start": plan.cells,
        "outcome": outcome_of(records),
        "fates": fates,
        "living": living,
        "cell_number_ratio": number_ratio(records, plan.cells),
        "nadir": nadir,
        "regrowth_d": _over_replicates(curves, regrowth_of),
        "time_to_kill_d": kills,
        "dm1_nM": _levels(records),
        "bands": _bands(records, parameters),
        "pk": Plasma(where, parameters.values).summary(plan.duration) if isinstance(where, Patient) else None,
        "clones": _clones(records, parameters),
        "drug_balance_error": max(record.balance for record in records),
    }
