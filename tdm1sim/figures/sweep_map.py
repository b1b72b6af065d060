"""A quantity over two axes: a heat map with contours, and where one of them may lie with other values.

A map has no room for a band of ignorance. What it has room for is one contour, drawn thick, and the ground on which
it would lie with other values of what nobody has measured: all points whose range over the draws holds its level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.figures import labels, style, texts
from tdm1sim.figures.sweep_axes import name_x, name_y
from tdm1sim.figures.sweep_lines import is_log
from tdm1sim.figures.sweep_words import axis_label, measure_of, unit_of
from tdm1sim.figures.words import elide, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from tdm1sim.sweeping.folder import SweepResults
    from tdm1sim.sweeping.planning import Column

Floats = NDArray[np.float64]
_LEVELS = 8
OF_INTEREST = {"cell_number_ratio": 1.0, "nadir_ratio": 0.5}
"""Levels that mean something: as many living cells as at the start, half of them; of shares it is a half."""
SHARES = ("apoptosis", "mitotic_catastrophe", "adcc", "surviving", "cycling", "arrested", "multinucleated")
MOST_ACROSS = 7
"""Points beside each other that have room for a range in numbers."""
FINER = 40
"""Places between two points at which the ground is worked out."""
GROUND = "ignorance-ground"


def margin(_: SweepResults) -> float:
    """Return the room needed right of the axes for the scale of colours, in."""
    return 1.9


def grid(results: SweepResults, measure: str, part: str = "mean") -> tuple[list[Any], list[Any], Floats]:
    """Return the values of both axes, in order, and the means or another part, shape (second axis, first axis)."""
    first, second = results.columns
    table = results.table.pivot(index=second.name, columns=first.name, values=f"{measure}_{part}")
    order = [list(dict.fromkeys(results.table[column.name])) for column in (first, second)]
    across, up = (sorted(v) if c.numeric else v for v, c in zip(order, (first, second), strict=True))
    return across, up, table.reindex(index=up, columns=across).to_numpy(dtype=float)


def draw(results: SweepResults, measure: str, ax: Axes) -> None:
    """Draw the map, everything but title and limit lines."""
    first, second = results.columns
    across, up, means = grid(results, measure)
    x, y = _scale(ax, ax.xaxis, first, across), _scale(ax, ax.yaxis, second, up)
    for axis, column in ((ax.xaxis, first), (ax.yaxis, second)):
        if column.numeric:
            style.number_ticks(axis, unit_of(results, column))
    shading: dict[str, Any] = {"cmap": "cividis", "gid": "map", "rasterized": True}
    mesh = ax.pcolormesh(_edges(x, ax.get_xscale()), _edges(y, ax.get_yscale()), means, **shading)
    ax.set_facecolor(style.colour("empty"))  # where a point has no value
    levels, level = levels_of(results, measure), level_of(results, measure)
    if level is not None:
        _ground(ax, x, y, bounds(results, measure), level)
    elif drawn_as_numbers(results, measure):
        _in_cells(ax, x, y, means, bounds(results, measure), measure)
    if levels:
        _contours(ax, x, y, means, levels, level)
    name_x([ax], [axis_label(results, first, texts.label)], labels.width_within(ax), style.LABEL)
    name_y(ax, axis_label(results, second, texts.label))
    beside = ax.inset_axes((1.025, 0.0, 0.03, 1.0))
    scale = ax.figure.colorbar(mesh, cax=beside)
    # a line as long as the scale is high; in two where there are more words
    told = labels.balanced(measure_of(measure, texts.label).label, labels.height_of(ax), style.DIRECT)
    scale.set_label(told, fontsize=style.DIRECT)
    style.even_ticks(beside.yaxis)


def _scale(ax: Axes, axis: Axis, column: Column, values: list[Any]) -> Floats:
    """Set scale and ticks of an axis; return where its values lie."""
    if not column.numeric:
        at = np.arange(len(values), dtype=np.float64)
        # words upright beside the map would push its label off the page
        turned: dict[str, Any] = {"rotation": 90.0, "va": "center"} if axis is ax.yaxis else {}
        axis.set_ticks(at.tolist(), [elide(str(value), 14) for value in values], **turned)
        return at
    at = np.array(values, dtype=np.float64)
    if is_log(column, at):
        (ax.set_xscale if axis is ax.xaxis else ax.set_yscale)("log")
        style.log_axis(axis, float(at.min()), float(at.max()))
    else:
        style.even_ticks(axis)
    return at


def _edges(at: Floats, scale: str) -> Floats:
    """Return the edges of cells around points: halfway between neighbours, on a logarithmic axis by ratio.

    What is not negative, such as a share or a dose, gets no cell below zero.
    """
    places = np.log(at) if scale == "log" else at
    if len(places) == 1:
        found = places + np.array([-0.5, 0.5])
    else:
        middle = (places[1:] + places[:-1]) / 2.0
        found = np.concatenate([[2 * places[0] - middle[0]], middle, [2 * places[-1] - middle[-1]]])
    edges: Floats = np.exp(found) if scale == "log" else found
    if at[0] > 0.0 and edges[0] < 0.0:
        edges[0] = 0.0
    return edges


def levels_of(results: SweepResults, measure: str) -> list[float]:
    """Return the round levels at which contours are drawn; none where an axis has words or the quantity stays.

    Nor where more than half of the points have no value: what runs between the few others says little of the map.
    """
    from matplotlib.ticker import MaxNLocator

    means = grid(results, measure)[2]
    known = means[np.isfinite(means)]
    numeric = all(column.numeric for column in results.columns)
    if not numeric or min(means.shape) < 2 or known.size < max(4.0, means.size / 2.0) or known.max() <= known.min():
        return []
    found = MaxNLocator(nbins=_LEVELS, steps=[1, 2, 5, 10]).tick_values(known.min(), known.max())
    return [float(level) for level in found if known.min() < level < known.max()]


def bounds(results: SweepResults, measure: str) -> tuple[Floats, Floats]:
    """Return the lower and the upper ends of what other values would say, each as `grid` has the means."""
    return grid(results, measure, "model_low")[2], grid(results, measure, "model_high")[2]


def level_of(results: SweepResults, measure: str) -> float | None:
    """Return the level of the contour whose ground is drawn: one that means something, else the middle one.

    None where no values were drawn, or there are no contours.
    """
    levels = levels_of(results, measure)
    if not levels or f"{measure}_model_low" not in results.table:
        return None
    means = grid(results, measure)[2]
    share = 0.5 if measure in SHARES or measure.startswith("clone_") else np.nan
    wanted = OF_INTEREST.get(measure, share)
    if np.nanmin(means) < wanted < np.nanmax(means):
        return float(wanted)
    return levels[len(levels) // 2]


def unsure(results: SweepResults, measure: str, level: float) -> NDArray[np.bool_]:
    """Return at which points the range over the draws holds a level, shape (second axis, first axis)."""
    low, high = bounds(results, measure)
    return (low <= level) & (level <= high)


def _ground(ax: Axes, x: Floats, y: Floats, ends: tuple[Floats, Floats], level: float) -> None:
    """Shade where the contour of a level may lie, between its places at the lower and at the upper ends."""
    (fine_x, places_x), (fine_y, places_y) = (
        _finer(at, scale) for at, scale in ((x, ax.get_xscale()), (y, ax.get_yscale()))
    )
    low, high = (_between(end, places_x, places_y) for end in ends)
    inside = np.ma.masked_invalid(np.minimum(high - level, level - low))  # at least zero where the level is in between
    if inside.count() and inside.max() >= 0.0:
        ax.contourf(fine_x, fine_y, inside, levels=[0.0, np.inf], colors=["white"], alpha=0.28).set_gid(GROUND)
    for name, end in (("low", low), ("high", high)):
        if np.nanmin(end) < level < np.nanmax(end):
            # white dots on a dark line: seen on either half of the colours
            under: dict[str, Any] = {"colors": ["black"], "linewidths": 2.6, "alpha": 0.45}
            ax.contour(fine_x, fine_y, np.ma.masked_invalid(end), levels=[level], **under)
            dots: dict[str, Any] = {"colors": ["white"], "linewidths": 2.6, "linestyles": [(0, (1.0, 1.2))]}
            drawn = ax.contour(fine_x, fine_y, np.ma.masked_invalid(end), levels=[level], **dots)
            drawn.set_gid(f"ignorance-{name}")


def _finer(at: Floats, scale: str) -> tuple[Floats, Floats]:
    """Return places between the points of an axis, and each as the number of the point before with a fraction."""
    places = np.log(at) if scale == "log" else at
    steps = np.linspace(0.0, len(at) - 1.0, FINER * (len(at) - 1) + 1)
    fine = np.interp(steps, np.arange(len(at)), places)
    return (np.exp(fine) if scale == "log" else fine), steps


def _between(values: Floats, across: Floats, up: Floats) -> Floats:
    """Return a grid between its points, linear along both axes, as contours are."""
    rows = np.stack([np.interp(across, np.arange(values.shape[1]), row) for row in values])
    return np.stack([np.interp(up, np.arange(values.shape[0]), column) for column in rows.T], axis=1)


def drawn_as_numbers(results: SweepResults, measure: str) -> bool:
    """Whether ranges over draws are written into the map: where it has no contours, and few points."""
    if f"{measure}_model_low" not in results.table or levels_of(results, measure):
        return False
    return bool(max(grid(results, measure)[2].shape) <= MOST_ACROSS)


def _in_cells(ax: Axes, x: Floats, y: Floats, means: Floats, ends: tuple[Floats, Floats], measure: str) -> None:
    """Write at each point the range over the draws."""
    middle = (np.nanmin(means) + np.nanmax(means)) / 2.0
    told = measure_of(measure, texts.label).told
    for i, j in np.argwhere(np.isfinite(means) & np.isfinite(ends[0]) & np.isfinite(ends[1])):
        colour = "white" if means[i, j] < middle else "black"
        low, high = (told(float(end[i, j])) for end in ends)
        text = texts.label("range_in_two_lines", low=low, high=high)
        size = style.letters(style.DIRECT - 2.0)
        ax.text(x[j], y[i], text, ha="center", va="center", color=colour, fontsize=size, gid=f"ignorance-cell-{i}-{j}")


def what(results: SweepResults, measure: str) -> str:
    """Return in words what is drawn of other values; nothing where none were drawn."""
    level = level_of(results, measure)
    if level is not None:
        count = f"{int(unsure(results, measure, level).sum())} of {len(results.table)} points"
        return f"Thick: the contour of {plain(level)}. Light ground with dotted edges ({count}), where it may lie"
    if drawn_as_numbers(results, measure):
        return "Written at each point: its range with other values"
    return ""


def _contours(ax: Axes, x: Floats, y: Floats, means: Floats, levels: list[float], level: float | None) -> None:
    """Draw contours, that of the level whose ground is drawn thick."""
    known = means[np.isfinite(means)]
    levels = sorted({*levels, *([] if level is None else [level])})
    # Dark lines on the light half of cividis, light ones on the dark half.
    middle = (known.min() + known.max()) / 2.0
    colours = ["white" if one < middle else "black" for one in levels]
    widths = [4.5 if one == level else 2.0 for one in levels]
    drawn_lines = ax.contour(x, y, np.ma.masked_invalid(means), levels=levels, colors=colours, linewidths=widths)
    drawn_lines.set_gid("contours")
    ax.clabel(drawn_lines, fmt=lambda one: plain(float(one)), fontsize=style.letters(style.DIRECT - 2.0))
