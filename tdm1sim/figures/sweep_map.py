"""A quantity over two axes: a heat map with contours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.figures import labels, style
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


def margin(_: SweepResults) -> float:
    """Return the room needed right of the axes for the scale of colours, in."""
    return 1.9


def grid(results: SweepResults, measure: str) -> tuple[list[Any], list[Any], Floats]:
    """Return the values of both axes, in order, and the means, shape (second axis, first axis)."""
    first, second = results.columns
    table = results.table.pivot(index=second.name, columns=first.name, values=f"{measure}_mean")
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
    _contours(ax, x, y, means, drawn=first.numeric and second.numeric)
    ax.set_xlabel(axis_label(results, first))
    label = axis_label(results, second)
    wide = labels.width_of(label, style.letters(style.LABEL))
    ax.set_ylabel(label, fontsize=style.letters(style.LABEL) * min(1.0, labels.height_of(ax) / wide))
    beside = ax.inset_axes((1.025, 0.0, 0.03, 1.0))
    scale = ax.figure.colorbar(mesh, cax=beside)
    scale.set_label(measure_of(measure).label, fontsize=style.DIRECT)
    style.even_ticks(beside.yaxis)


def _scale(ax: Axes, axis: Axis, column: Column, values: list[Any]) -> Floats:
    """Set scale and ticks of an axis; return where its values lie."""
    if not column.numeric:
        at = np.arange(len(values), dtype=np.float64)
        axis.set_ticks(at.tolist(), [elide(str(value), 14) for value in values])
        return at
    at = np.array(values, dtype=np.float64)
    if is_log(column, at):
        (ax.set_xscale if axis is ax.xaxis else ax.set_yscale)("log")
        style.log_axis(axis, float(at.min()), float(at.max()))
    else:
        style.even_ticks(axis)
    return at


def _edges(at: Floats, scale: str) -> Floats:
    """Return the edges of cells around points: halfway between neighbours, on a logarithmic axis by ratio."""
    places = np.log(at) if scale == "log" else at
    if len(places) == 1:
        found = places + np.array([-0.5, 0.5])
    else:
        middle = (places[1:] + places[:-1]) / 2.0
        found = np.concatenate([[2 * places[0] - middle[0]], middle, [2 * places[-1] - middle[-1]]])
    edges: Floats = np.exp(found) if scale == "log" else found
    return edges


def _contours(ax: Axes, x: Floats, y: Floats, means: Floats, *, drawn: bool) -> None:
    """Draw contours at round levels where both axes are numbers and the quantity moves."""
    from matplotlib.ticker import MaxNLocator

    known = means[np.isfinite(means)]
    if not drawn or min(means.shape) < 2 or known.size < 4 or known.max() <= known.min():
        return
    levels = [
        level
        for level in MaxNLocator(nbins=_LEVELS, steps=[1, 2, 5, 10]).tick_values(known.min(), known.max())
        if known.min() < level < known.max()
    ]
    if not levels:
        return
    # Dark lines on the light half of cividis, light ones on the dark half.
    middle = (known.min() + known.max()) / 2.0
    colours = ["white" if level < middle else "black" for level in levels]
    drawn_lines = ax.contour(x, y, np.ma.masked_invalid(means), levels=levels, colors=colours, linewidths=2.0)
    ax.clabel(drawn_lines, fmt=lambda level: plain(float(level)), fontsize=style.letters(style.DIRECT - 2.0))
