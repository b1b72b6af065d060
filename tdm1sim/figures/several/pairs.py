"""Numbers of paired runs: what is left per founder in each replicate, and the difference on the same luck."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.comparing.contrasts import contrast
from tdm1sim.errors import UsageError
from tdm1sim.figures import reading, texts
from tdm1sim.figures.several.arms import Arm
from tdm1sim.figures.words import per_founder, plain
from tdm1sim.intervals import Interval, of_values

if TYPE_CHECKING:
    from tdm1sim.results import Results

Runs = Mapping[str, "Results"]
ALIVE = ("cycling", "arrested", "multinucleated")
"""States of living cells, as the figures stack them."""
SHARED = ("seed", "replicates", "cells_start", "duration_h")
"""What runs have in common, or there is nothing to pair."""


def check(arms: Sequence[Arm], runs: Runs) -> None:
    """See that there is a run for every arm, and that they can be paired.

    Raises
    ------
    UsageError
        If an arm has no run, or two runs differ in seed, replicates, founder cells or length.
    """
    lacking = [one.name for one in arms if one.name not in runs]
    if lacking:
        message = f"no results for the arms: {', '.join(lacking)}"
        raise UsageError(message)
    first = runs[arms[0].name].summary
    for one in arms[1:]:
        other = runs[one.name].summary
        for key in SHARED:
            if other[key] != first[key]:
                message = f"{one.name} and {arms[0].name} cannot be paired: {key} is {other[key]} and {first[key]}"
                raise UsageError(message)


def alive(results: Results) -> dict[str, reading.Floats]:
    """Return the living cells per founder at the end by state (`ALIVE`) and in all (``total``), shape (replicates,)."""
    start = reading.founders(results)
    total, *stuck = (
        reading.per_replicate(results.timeseries, column)[:, -1] / start
        for column in ("live_cells", "arrested", "multinucleated")
    )
    return {"cycling": total - stuck[0] - stuck[1], "arrested": stuck[0], "multinucleated": stuck[1], "total": total}


def living(results: Results) -> reading.Floats:
    """Return the living cells per founder at the end, shape (replicates,)."""
    return alive(results)["total"]


def of_clone(results: Results, clone: str) -> reading.Floats:
    """Return the living cells of a clone per founder of it at the end, shape (replicates,)."""
    rows = results.clones[results.clones["clone"] == clone]
    table = reading.per_replicate(rows, "live_cells")
    return np.asarray(table[:, -1] / table[:, 0], dtype=np.float64)


def spread(values: reading.Floats) -> Interval:
    """Return mean and 95 % interval over replicates of something that cannot be negative."""
    return of_values([float(value) for value in values if np.isfinite(value)], low=0.0)


def difference(of: reading.Floats, than: reading.Floats) -> Interval:
    """Return the difference of two runs over their pairs: mean and 95 % interval (Student t), chance alone."""
    found = contrast(*([float(x) if np.isfinite(x) else None for x in side] for side in (than, of)))
    return Interval(mean=found["mean"], low=found["low"], high=found["high"])


def sign(found: Interval) -> int:
    """Return 1 or -1 where a difference is clear of chance, else 0; one pair cannot tell, and its own sign is taken."""
    mean, low, high = found["mean"], found["low"], found["high"]
    if mean is None or mean == 0.0:
        return 0
    if low is None or high is None:
        return 1 if mean > 0 else -1
    return 1 if low > 0 else -1 if high < 0 else 0


def mean(found: Interval) -> float:
    """Return the mean, not a number where there is none."""
    return math.nan if found["mean"] is None else found["mean"]


def told(found: Interval, words: texts.Words = texts.english) -> str:
    """Return ``0.64 (0.61 to 0.68)``, cells per founder with their interval where there is one."""
    if found["low"] is None or found["high"] is None:
        return per_founder(mean(found))
    return (
        f"{per_founder(mean(found))} ({words('range', low=per_founder(found['low']), high=per_founder(found['high']))})"
    )


def compared(found: Interval, than: str) -> str:
    """Return a paired difference in words: ``0.81 fewer than without it (0.77 to 0.85)``."""
    return " ".join(part for part in phrases(found, than) if part)


def note(found: Interval, than: str) -> str:
    """Return the same on two short lines, the interval on the second."""
    text, ends = phrases(found, than, texts.label)
    known = found["mean"] is not None and not (found["mean"] == 0.0 and not ends)
    if known and sign(found) == 0:
        text = texts.label("no_clear_difference")
    return "\n".join(part for part in (text, ends) if part)


def phrases(found: Interval, than: str, words: texts.Words = texts.english) -> tuple[str, str]:
    """Return a paired difference in words, and its interval."""
    mean, low, high = found["mean"], found["low"], found["high"]
    if mean is None:
        return words("no_difference_known"), ""
    if mean == 0.0 and not (low or high):
        return words("as_many_as", than=than), ""
    if sign(found) == 0:
        return words("not_clearly", than=than), f"({words('range', low=signed(low), high=signed(high))})"
    ends = ""
    if low is not None and high is not None:
        least, most = (sized(end) for end in sorted((low, high), key=abs))
        ends = f"({words('range', low=least, high=most)})"
    return words("more_than" if mean > 0 else "fewer_than", cells=sized(mean), than=than), ends


def sized(value: float) -> str:
    """Return the size of a difference in cells per founder."""
    return per_founder(abs(value))


def signed(value: float | None) -> str:
    """Return a difference in cells per founder with its sign."""
    if value is None or math.isnan(value):
        return "unknown"
    text = f"{abs(value):.2f}" if abs(value) >= 0.005 or value == 0.0 else plain(abs(value), 1)
    return f"{'' if value == 0 else '+' if value > 0 else '−'}{text}"
