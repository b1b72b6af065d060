"""Fold errors and what they come to together."""

from __future__ import annotations

import math
from collections.abc import Sequence

WITHIN = 2.0
"""The fold that counts as near."""


def fold_error(measured: float, simulated: float | None, floor: float = 0.0) -> float:
    """Return how many times larger the larger of two numbers is; infinity where there is nothing to compare.

    Parameters
    ----------
    measured : float
        Above 0 once raised to `floor`.
    simulated : float or None
        None where the simulation never reached what was measured (an IC50).
    floor : float
        Reading error or detection limit: smaller numbers count as this.

    Returns
    -------
    float
        At least 1.
    """
    if simulated is None or not math.isfinite(simulated):
        return math.inf
    a, b = max(measured, floor), max(simulated, floor)
    if a <= 0.0 or b <= 0.0:
        return 1.0 if a == b else math.inf
    return max(a / b, b / a)


def median(values: Sequence[float]) -> float | None:
    """Return the median, with infinities counted as large; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return 0.5 * (ordered[half - 1] + ordered[half])


def share_within(folds: Sequence[float], limit: float = WITHIN) -> float | None:
    """Return the share of fold errors of at most `limit`; None of nothing."""
    return sum(fold <= limit for fold in folds) / len(folds) if folds else None


def geometric_mean(values: Sequence[float]) -> float:
    """Return the geometric mean of numbers above 0."""
    return math.exp(sum(math.log(value) for value in values) / len(values))
