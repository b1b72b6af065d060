"""A quantity over one axis, with its chance band; over two where the second has a few words: a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tdm1sim.figures import curves, labels, style, texts
from tdm1sim.figures.sweep_axes import name_x, name_y
from tdm1sim.figures.sweep_words import axis_label, measure_of, unit_of
from tdm1sim.figures.words import elide

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.typing import LineStyleType

    from tdm1sim.sweeping.folder import SweepResults
    from tdm1sim.sweeping.planning import Column

Floats = NDArray[np.float64]
MARGIN = 3.2
"""Room right of the axes for labels, in, where there are several lines."""
_MARKERS = "os^DvPX"
_WIDE, _RATIO = 30.0, 5.0
"""Positive numbers that span more than the first are drawn on a logarithmic axis; from the second on if their steps are
of about one ratio."""


def look_of(i: int) -> tuple[str, str, LineStyleType]:
    """Return colour, marker and line of the `i`-th of several lines."""
    look = style.series_look(i)
    return look.colour, _MARKERS[i % len(_MARKERS)], look.line


def margin(results: SweepResults) -> float:
    """Return the room needed right of the axes, in."""
    return MARGIN if _series(results) is not None else 0.5


def _series(results: SweepResults) -> Column | None:
    """Return the column of words that splits the points into lines; None where there is one line."""
    words = [column for column in results.columns if not column.numeric]
    return words[0] if len(results.columns) == 2 and words else None


def draw(results: SweepResults, measure: str, ax: Axes) -> None:
    """Draw the lines, everything but title and limit lines."""
    series = _series(results)
    column = next((c for c in results.columns if c is not series), results.columns[0])
    scale_axis(ax, column, results)
    groups = {"": results.table} if series is None else dict(list(results.table.groupby(series.name, sort=False)))
    entries = []
    for i, (name, rows) in enumerate(groups.items()):
        colour, marker, line = look_of(i)
        last = line_with_band(ax, column, rows, measure, (colour, marker, line), gid=f"line-{i}")
        text = "" if series is None else f"{axis_label(results, series, texts.label)} {elide(str(name), 24)}"
        entries.append(labels.Entry(text, style.Look(colour, "", line), last, area=False))
    finish(ax, results, column, measure)
    if series is not None:
        labels.margin_labels(ax, entries, MARGIN)


def line_with_band(
    ax: Axes,
    column: Column,
    rows: pd.DataFrame,
    measure: str,
    looks: tuple[str, str, LineStyleType],
    gid: str,
) -> float:
    """Draw one line, markers at the points, the bands of chance and of ignorance behind; return its right end."""
    colour, marker, line = looks
    rows = rows.sort_values(column.name) if column.numeric else rows
    at = rows[column.name].to_numpy(dtype=float) if column.numeric else np.arange(len(rows), dtype=float)
    mean, low, high = (rows[f"{measure}_{part}"].to_numpy(dtype=float) for part in ("mean", "low", "high"))
    if f"{measure}_model_low" in rows:
        unsure = tuple(rows[f"{measure}_{part}"].to_numpy(dtype=float) for part in ("model_low", "model_high"))
        _ignorance(ax, at, (unsure[0], unsure[1]), colour, gid, joined=column.numeric)
    if column.numeric:
        ax.fill_between(at, low, high, color=colour, alpha=0.22, linewidth=0, gid=f"{gid}-band")
    else:
        ax.vlines(at, low, high, color=colour, linewidth=3.0, gid=f"{gid}-band")
        line = "none"
    ax.plot(at, mean, color=colour, linestyle=line, marker=marker, markersize=9, gid=gid)
    known = np.flatnonzero(np.isfinite(mean))
    return float(mean[known[-1]]) if known.size else 0.0


def _ignorance(ax: Axes, at: Floats, band: tuple[Floats, Floats], colour: str, name: str, *, joined: bool) -> None:
    """Draw the band of other values of what nobody has measured: between points, or a lighter bar at each."""
    if joined:
        curves.ignorance(ax, at, band, colour, name)
    else:
        ax.vlines(at, *band, color=colour, alpha=0.25, linewidth=12.0, gid=f"ignorance-{name}")


def is_log(column: Column, values: np.ndarray) -> bool:
    """Whether an axis is logarithmic: said so, or numbers that span a wide ratio, or go by steps of about one ratio."""
    known = np.unique(values[np.isfinite(values)])
    if not known.size or known[0] <= 0.0:
        return False
    return column.log or bool(known[-1] / known[0] > _WIDE) or _by_ratio(known)


def _by_ratio(known: Floats) -> bool:
    """Whether values such as 1, 3, 10 are about evenly apart by their ratio, and not by their difference."""
    if len(known) < 3 or known[-1] / known[0] < _RATIO:
        return False
    ratios, steps = np.diff(np.log(known)), np.diff(known)
    return bool(ratios.max() / ratios.min() < 2.0 <= steps.max() / steps.min())


def scale_axis(ax: Axes, column: Column, results: SweepResults) -> None:
    """Set scale, limits and ticks of the horizontal axis."""
    table = results.table
    if not column.numeric:
        words = list(dict.fromkeys(str(value) for value in table[column.name]))
        ax.set_xticks(range(len(words)), [elide(word, 18) for word in words])
        ax.set_xlim(-0.5, len(words) - 0.5)
        return
    values = table[column.name].to_numpy(dtype=float)
    low, high = float(values.min()), float(values.max())
    if is_log(column, values):
        ax.set_xscale("log")
        edge = (high / low) ** 0.03 if high > low else 2.0
        ax.set_xlim(low / edge, high * edge)
        style.log_axis(ax.xaxis, low, high)
        style.number_ticks(ax.xaxis, unit_of(results, column))
        return
    edge = 0.03 * (high - low) if high > low else max(abs(low), 1.0)
    ax.set_xlim(low - edge, high + edge)
    style.even_ticks(ax.xaxis)
    style.number_ticks(ax.xaxis, unit_of(results, column))


def finish(ax: Axes, results: SweepResults, column: Column, measure: str) -> None:
    """Set the vertical axis and the labels."""
    top, bottom = ax.dataLim.y1, min(ax.dataLim.y0, 0.0)
    ax.set_ylim(bottom, top + 0.08 * (top - bottom) if top > bottom else bottom + 1.0)
    style.even_ticks(ax.yaxis)
    ax.grid(axis="y")
    name_x([ax], [axis_label(results, column, texts.label)], labels.width_within(ax), style.LABEL)
    name_y(ax, measure_of(measure, texts.label).label)
