"""Curves over time with their interval: on a logarithmic axis, or from zero; what several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import reading, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNSEEN = 1e-7
"""An interval that reaches down to none ends at this share of a curve's top, which lies below any axis drawn here."""


def log_line(ax: Axes, time: reading.Floats, series: reading.Series, meaning: str, text: str) -> None:
    """Draw mean and band on a logarithmic axis; zeros are left out, since it has no place for them.

    So the lines of a patient begin with the first row after the start of the first infusion. A band that reaches down
    to none leaves the axis at its foot.
    """
    shown = style.MEANING[meaning]
    mean = np.where(series.mean > 0, series.mean, np.nan)
    ax.plot(time, mean, color=shown.colour, linestyle=shown.line, label=text, gid=meaning)
    if series.has_interval:
        low = np.maximum(series.low, UNSEEN * float(np.nanmax(mean)))
        ax.fill_between(time, low, series.high, where=series.mean > 0, color=shown.colour, alpha=0.25, linewidth=0)


def ignorance(
    ax: Axes,
    at: reading.Floats,
    band: tuple[reading.Floats, reading.Floats] | None,
    colour: str,
    name: str,
    *,
    above: bool = False,
    log: bool = False,
) -> None:
    """Draw the band of other values of what nobody has measured: lighter than that of chance, with dotted edges.

    Parameters
    ----------
    ax, at : Axes, array
        Where, and at which times or concentrations.
    band : tuple of array or None
        Its ends; None where no values were drawn, and nothing is.
    colour, name : str
        Of what it belongs to.
    above : bool
        Over areas, which would cover it, and not behind lines.
    log : bool
        On a logarithmic axis, which the band leaves at its foot where it reaches down to none.
    """
    if band is None:
        return
    low, high = band
    if log:
        high = np.where(high > 0, high, np.nan)
        foot = UNSEEN * float(np.nanmax(high)) if np.isfinite(high).any() else np.nan
        low = np.where(np.isfinite(high), np.maximum(low, foot), np.nan)
    level = 1.5 if above else 0.5
    ax.fill_between(at, low, high, color=colour, alpha=0.11, linewidth=0, zorder=level, gid=f"ignorance-{name}")
    for end in (low, high):
        ax.plot(
            at, end, color=colour, linewidth=2.2 if above else 1.2, linestyle=(0, (1.0, 2.0)), alpha=0.8, zorder=level
        )


def ignorance_bars(
    ax: Axes, at: Sequence[float], band: tuple[reading.Floats, reading.Floats], width: float, name: str
) -> None:
    """Draw other values of what nobody has measured on bars that stand upright: light in ink, with dotted ends.

    Parameters
    ----------
    ax, at : Axes, sequence of float
        Where: the middles of the bars.
    band : tuple of array
        The ends, not a number where there are none.
    width : float
        In the unit of the axis; wider than the line of chance that is drawn on it.
    name : str
        Of what they belong to.
    """
    middle, (low, high) = np.asarray(at, dtype=np.float64), band
    known = np.isfinite(low) & np.isfinite(high)
    left, right = middle[known] - width / 2.0, middle[known] + width / 2.0
    ink = style.colour("ink")
    ax.bar(
        middle[known],
        (high - low)[known],
        width,
        bottom=low[known],
        color=ink,
        alpha=0.25,
        linewidth=0,
        zorder=1.5,
        gid=f"ignorance-{name}",
    )
    for end in (low, high):
        ax.hlines(end[known], left, right, color=ink, linewidth=1.6, linestyle=(0, (1.0, 1.0)), zorder=1.6)


def each(ax: Axes, time: reading.Floats, values: reading.Floats, meaning: str) -> None:
    """Draw a thin line per replicate on a logarithmic axis; ``values`` have the shape (replicates, times)."""
    for one in values:
        drawn = np.where(one > 0, one, np.nan)
        ax.plot(time, drawn, color=style.MEANING[meaning].colour, linewidth=0.8, alpha=0.55, gid=f"each-{meaning}")


def line_from_zero(ax: Axes, time: reading.Floats, series: reading.Series, meaning: str, text: str = "") -> None:
    """Draw mean and band on an axis from zero."""
    shown = style.MEANING[meaning]
    ax.plot(time, series.mean, color=shown.colour, linestyle=shown.line, label=text, gid=meaning)
    if series.has_interval:
        ax.fill_between(time, series.low, series.high, color=shown.colour, alpha=0.25, linewidth=0)


def scale_log(ax: Axes, values: Sequence[reading.Floats]) -> None:
    """Scale the axis of y for positive values, at most some decades below their top."""
    positive = np.concatenate([value[value > 0] for value in values])
    ax.set_yscale("log")
    ax.set_ylim(*style.log_limits(float(positive.min()), float(positive.max())))
    style.log_axis(ax.yaxis, *ax.get_ylim())
    ax.grid(axis="y")


def scale_from_zero(ax: Axes, values: Sequence[reading.Floats]) -> None:
    """Scale the axis of y from zero to the highest mean."""
    ax.set_ylim(0.0, 1.06 * max(float(np.nanmax(value)) for value in values))
    style.even_ticks(ax.yaxis)
    ax.grid(axis="y")


def is_narrow(series: Sequence[reading.Series], factor: float) -> bool:
    """Whether all positive values lie within ``factor``: a logarithmic axis would be mostly empty."""
    positive = np.concatenate([one.mean[one.mean > 0] for one in series])
    return bool(positive.max() < factor * positive.min())
