"""A logistic curve with four parameters through a dose series, and what it says with which interval.

The curve is fitted to the means over replicates. Its intervals come from the same fit to each replicate alone: the
wells of one replicate hold the same founders with the same luck, so replicates, not wells, are what is independent.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.intervals import of_values
from tdm1sim.maths import falls_to

Floats = NDArray[np.float64]

HALF = 0.5
"""Of untreated: what the absolute IC50 is the dose of."""
LEAST_DOSES = 5
"""Four parameters and one point more, so that a residual is left to tell whether the curve fits."""
LEAST_FALL = 0.05
"""Share of untreated that the means must span for a curve to be fitted (assumed): below it there is no middle."""
_SLOPES = 0.1, 20.0
_BEYOND = 100.0
"""How far outside the tested doses the fit may look for its middle, as a fold."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Falls from ``top`` to ``bottom`` (shares of untreated), half of it at ``middle`` (nM), steepness ``slope``."""

    top: float
    bottom: float
    middle: float
    slope: float

    def at(self, doses: Any) -> Floats:
        """Return the curve at some doses (nM, above 0)."""
        return _curve(np.log(np.asarray(doses, dtype=np.float64)), *self._inside())

    def falls_to(self, level: float = HALF) -> float | None:
        """Return the dose (nM) at which the curve is at ``level``; None where it never is."""
        if not self.bottom < level < self.top:
            return None
        return self.middle * float(((self.top - level) / (level - self.bottom)) ** (1.0 / self.slope))

    def _inside(self) -> tuple[float, float, float, float]:
        return self.top, self.bottom, math.log(self.middle), math.log(self.slope)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval for chance alone; ``why`` says what is missing, empty where nothing is."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a dose series says.

    Attributes
    ----------
    curve : Logistic or None
        Through the means over replicates; None where the signal hardly moves.
    ic50, middle : Estimate
        Dose (nM) at half of untreated (absolute), and half-way between the plateaus (relative).
    slope, top, bottom : Estimate
        Hill slope; plateaus as shares of untreated.
    crossing : float or None
        Dose (nM) at which the simulated means themselves first fall to half, linear in the logarithm of the dose.
    residual : float or None
        Root mean square of means less curve, share of untreated.
    on_the_fall : int
        Doses whose mean lies between 10 % and 90 % of the way between the plateaus: they alone say how steep it falls.
    """

    curve: Logistic | None
    ic50: Estimate
    middle: Estimate
    slope: Estimate
    top: Estimate
    bottom: Estimate
    crossing: float | None
    residual: float | None
    on_the_fall: int = 0


def fit(doses: Sequence[float], values: Any) -> Fit:
    """Fit a dose series.

    Parameters
    ----------
    doses : sequence of float
        nM, above 0, rising; at least five.
    values : array, shape (replicates, doses)
        Signal relative to untreated.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        For fewer than five doses, doses that do not rise, or a shape that does not fit.
    """
    x, y = np.asarray(doses, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.size < LEAST_DOSES or x[0] <= 0.0 or (np.diff(x) <= 0.0).any() or y.ndim != 2 or y.shape[1] != x.size:
        msg = f"a fit takes at least {LEAST_DOSES} rising doses above 0 and one row of values per replicate"
        raise ValueError(msg)
    means = y.mean(axis=0)
    crossing = falls_to(x.tolist(), means.tolist(), HALF)
    spread = _spread(y)
    curve = _fitted(x, means, spread)
    if curve is None:
        why = f"the signal moves by less than {LEAST_FALL:g} of untreated: there is no curve to fit"
        none = Estimate(None, why=why)
        never = Estimate(None, why=_never(x, means) or why)
        return Fit(None, never, none, none, none, none, crossing, None)
    single = [_fitted(x, row, spread) for row in y] if len(y) > 1 else []
    residual = float(np.sqrt(((means - curve.at(x)) ** 2).mean()))
    return Fit(
        curve,
        _absolute(x, means, curve, single),
        _relative(x, curve, single),
        _logarithmic(curve.slope, [one.slope if one else None for one in single]),
        _linear(curve.top, [one.top if one else None for one in single]),
        _linear(curve.bottom, [one.bottom if one else None for one in single]),
        crossing,
        residual,
        _on_the_fall(means, curve),
    )


def _curve(log_dose: Floats, top: float, bottom: float, log_middle: float, log_slope: float) -> Floats:
    steep = np.clip(math.exp(log_slope) * (log_dose - log_middle), -500.0, 500.0)
    return np.asarray(bottom + (top - bottom) / (1.0 + np.exp(steep)), dtype=np.float64)


def _spread(values: Floats) -> Floats | None:
    """Return the standard deviation that weights each dose; None where there is nothing to weight by.

    A handful of replicates says little about the spread at one dose, so each variance is drawn half-way to the mean
    over doses; no dose then counts for everything because its few wells happened to agree.
    """
    if len(values) < 2:
        return None
    variance = values.var(axis=0, ddof=1)
    drawn = 0.5 * (variance + variance.mean())
    return np.asarray(np.sqrt(drawn)) if drawn.min() > 0.0 else None


def _fitted(x: Floats, y: Floats, spread: Floats | None) -> Logistic | None:
    """Return the curve of least squares through one series; None where it hardly moves or no curve is found."""
    from scipy.optimize import OptimizeWarning, curve_fit

    high, low = float(y.max()), float(y.min())
    if high - low < LEAST_FALL:
        return None
    logs = np.log(x)
    beyond = math.log(_BEYOND)
    half_way = falls_to(x.tolist(), y.tolist(), 0.5 * (high + low))
    start = [high, max(low, 0.0), math.log(half_way) if half_way else float(logs.mean()), math.log(1.5)]
    bounds = (
        [0.0, 0.0, float(logs[0]) - beyond, math.log(_SLOPES[0])],
        [2.0 * high, high, float(logs[-1]) + beyond, math.log(_SLOPES[1])],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)  # of the covariance, which nothing here uses
        try:
            found = curve_fit(_curve, logs, y, p0=start, sigma=spread, bounds=bounds, maxfev=20_000)[0]
        except RuntimeError:
            return None
    top, bottom, log_middle, log_slope = (float(value) for value in found)
    if top <= bottom:
        return None
    return Logistic(top, bottom, math.exp(log_middle), math.exp(log_slope))


def _on_the_fall(means: Floats, curve: Logistic) -> int:
    part = (means - curve.bottom) / (curve.top - curve.bottom)
    return int(((part > 0.1) & (part < 0.9)).sum())


def _never(x: Floats, means: Floats) -> str:
    """Return why the means themselves have no dose at half of untreated; empty where they have one."""
    if means[0] <= HALF:
        return f"already at {means[0]:.2f} of untreated at the lowest dose, {x[0]:.4g} nM"
    if means.min() > HALF:
        at = int(np.argmin(means))
        return f"never falls to half: lowest {means[at]:.2f} of untreated, at {x[at]:.4g} nM"
    return ""


def _absolute(x: Floats, means: Floats, curve: Logistic, single: Sequence[Logistic | None]) -> Estimate:
    why, dose = _never(x, means), curve.falls_to()
    if why:
        return Estimate(None, why=why)
    if dose is None or not x[0] <= dose <= x[-1]:
        return Estimate(None, why="the fitted curve is not halved inside the tested doses, though the means are")
    return _logarithmic(dose, [one.falls_to() if one else None for one in single])


def _relative(x: Floats, curve: Logistic, single: Sequence[Logistic | None]) -> Estimate:
    if not x[0] <= curve.middle <= x[-1]:
        return Estimate(None, why="the middle lies outside the tested doses: one plateau was not reached")
    return _logarithmic(curve.middle, [one.middle if one else None for one in single])


def _logarithmic(value: float, single: Sequence[float | None]) -> Estimate:
    """Return an estimate whose interval is that of the logarithm."""
    logs = [None if one is None else math.log(one) for one in single]
    found = _linear(math.log(value), logs)
    if found.low is None or found.high is None:
        return Estimate(value, why=found.why)
    return Estimate(value, math.exp(found.low), math.exp(found.high))


def _linear(value: float, single: Sequence[float | None]) -> Estimate:
    """Return an estimate with Student's t interval over the replicates' own values, around the value of the means."""
    known = [one for one in single if one is not None]
    if not single:
        return Estimate(value, why="one replicate has no interval")
    if len(known) < len(single):
        missing = len(single) - len(known)
        return Estimate(value, why=f"no interval: {missing} of {len(single)} replicates have no such value")
    around = of_values(known)
    if around["mean"] is None or around["low"] is None:  # pragma: no cover - two values or more have one
        return Estimate(value)
    half = around["mean"] - around["low"]
    return Estimate(value, value - half, value + half)
