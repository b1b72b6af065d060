"""95 % intervals for chance alone: Student t over replicates, founder groups for one, the rule of three. Floor 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray


class Interval(TypedDict):
    """A mean with the limits of its 95 % interval; None where there is nothing to say."""

    mean: float | None
    low: float | None
    high: float | None


@lru_cache(maxsize=256)
def student_t(degrees: int) -> float:
    """Return the 97.5 % quantile of Student's t distribution with `degrees` >= 1."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.975))


def of_values(values: Sequence[float], low: float = -math.inf, high: float = math.inf) -> Interval:
    """Return mean and 95 % interval of independent values, clipped to [low, high].

    Parameters
    ----------
    values : sequence of float
        One value per replicate (or per founder group).
    low, high : float
        What the quantity cannot exceed.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        return Interval(mean=None, low=None, high=None)
    mean = float(x.mean())
    if x.size == 1:
        return Interval(mean=mean, low=None, high=None)
    half = student_t(x.size - 1) * float(x.std(ddof=1)) / math.sqrt(x.size)
    return Interval(mean=mean, low=max(low, mean - half), high=min(high, mean + half))


def of_fraction(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Interval:
    """Return a fraction of cells with its interval.

    Parameters
    ----------
    part, whole : array of int, shape (replicates, groups)
        Cells counted and cells at risk, by replicate and founder group.

    Notes
    -----
    Over replicates where there are several, else over founder groups. Where none or all cells count, the limit
    away from the edge is 3/N (the rule of three).
    """
    counted, at_risk = int(part.sum()), int(whole.sum())
    if at_risk == 0:
        return Interval(mean=None, low=None, high=None)
    if counted in {0, at_risk}:
        edge = min(1.0, 3.0 / at_risk)
        return Interval(
            mean=counted / at_risk,
            low=0.0 if counted == 0 else 1.0 - edge,
            high=edge if counted == 0 else 1.0,
        )
    axis = 1 if part.shape[0] > 1 else 0
    parts, wholes = part.sum(axis=axis), whole.sum(axis=axis)
    used = wholes > 0
    interval = of_values(parts[used] / wholes[used], 0.0, 1.0)
    if part.shape[0] == 1 and interval["mean"] is not None:
        return _around(counted / at_risk, interval)
    return interval


def _around(mean: float, interval: Interval) -> Interval:
    """Move an interval over groups to the pooled mean (groups differ in size)."""
    if interval["low"] is None or interval["high"] is None or interval["mean"] is None:
        return Interval(mean=mean, low=None, high=None)
    shift = mean - interval["mean"]
    return Interval(mean=mean, low=max(0.0, interval["low"] + shift), high=min(1.0, interval["high"] + shift))
