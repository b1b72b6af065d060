"""Lines over time by run: one quantity, one colour; runs differ in line and mark and are named at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import curves, labels, reading, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = 3.6
"""Room right of the axes for labels, in."""
MARKS = 8
"""About how many marks stand on a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes
    ----------
    name : str
        Which, for tests and for the file.
    text : str
        What stands beside it.
    time : array, shape (times,)
        In the unit of the axis.
    series : Series
        Mean and interval over replicates.
    look : Look
        From `style.told_apart` or `style.MEANING`.
    """

    name: str
    text: str
    time: reading.Floats
    series: reading.Series
    look: style.Look


def draw(
    ax: Axes,
    lines: Sequence[Line],
    xlabel: str,
    ylabel: str,
    *,
    log: bool = False,
    more: Sequence[tuple[str, style.Look, float]] = (),
) -> Axes:
    """Draw the lines with their intervals and names on ``ax`` and return it.

    Parameters
    ----------
    ax : Axes
        With room of `MARGIN` at its right.
    lines : sequence of Line
        The last one on top.
    xlabel, ylabel : str
        With units.
    log : bool
        Whether the axis of y is logarithmic; zeros are left out then. Else it begins at zero.
    more : sequence of (str, Look, float)
        Labels of what the caller draws itself: text, look, height; no thin line leads to any label then.
    """
    style.time_axis(ax, max(float(line.time[-1]) for line in lines), xlabel)
    shown = [np.where(line.series.mean > 0, line.series.mean, np.nan) if log else line.series.mean for line in lines]
    if log:
        curves.scale_log(ax, shown)
    else:
        curves.scale_from_zero(ax, shown)
    for i, (line, values) in enumerate(zip(lines, shown, strict=True)):
        _line(ax, line, values, i / len(lines), log=log)
    ax.set_ylabel(ylabel)
    entries = [
        labels.Entry(line.text, line.look, _height(ax, float(values[np.isfinite(values)][-1])), area=False)
        for line, values in zip(lines, shown, strict=True)
    ]
    entries += [labels.Entry(text, look, _height(ax, height), area=False) for text, look, height in more]
    labels.margin_labels(ax, entries, MARGIN, leaders=not more)
    return ax


def _line(ax: Axes, line: Line, values: reading.Floats, shift: float, *, log: bool) -> None:
    last = float(line.time[-1])
    wanted = last * (np.arange(MARKS) + 0.3 + 0.7 * shift) / MARKS
    at = sorted({int(np.argmin(np.abs(line.time - moment))) for moment in wanted})
    ax.plot(
        line.time,
        values,
        color=line.look.colour,
        linestyle=line.look.line,
        markevery=at,
        gid=line.name,
        clip_on=log,  # a line along the top or the foot is drawn whole
        **style.marks(line.look),
    )
    if line.series.has_interval:
        low = line.series.low
        if log:
            low = np.maximum(low, curves.UNSEEN * float(np.nanmax(values)))
        known = np.isfinite(values) & np.isfinite(low)
        ax.fill_between(
            line.time,
            low,
            line.series.high,
            where=known.tolist(),
            color=line.look.colour,
            alpha=0.25,
            linewidth=0,
            gid=f"{line.name}-interval",
        )


def _height(ax: Axes, value: float) -> float:
    """Return a height in the unit in which labels are placed, for `labels` knows linear axes only."""
    if ax.get_yscale() != "log":
        return value
    bottom, top = ax.get_ylim()
    share = (np.log(max(value, bottom)) - np.log(bottom)) / (np.log(top) - np.log(bottom))
    return float(bottom + share * (top - bottom))
