"""A quantity over many axes: a panel for each, every point of the design in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tdm1sim.figures import labels, style, texts
from tdm1sim.figures.sweep_axes import name_x, name_y
from tdm1sim.figures.sweep_lines import scale_axis
from tdm1sim.figures.sweep_words import axis_label, measure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.sweeping.folder import SweepResults

MOST = 4
"""Axes that have room beside each other; of more, the first are drawn."""
GAP = 0.03


_BARS = (("ignorance", "model_low", "model_high", 0.3, 5.0, 1.5), ("chance", "low", "high", 0.6, 1.5, 1.8))
"""What lies around each point, where it is known: its name, columns of its ends, opacity, width (points), order."""


def draw(results: SweepResults, measure: str, ax: Axes) -> None:
    """Divide ``ax`` into panels and draw the points, everything but title and limit lines."""
    ax.set_axis_off()
    columns = results.columns[:MOST]
    wide = (1.0 - GAP * (len(columns) - 1)) / len(columns)
    means = results.table[f"{measure}_mean"].to_numpy(dtype=float)
    parts = ("mean", "low", "high", "model_low", "model_high")
    shown = [name for name in (f"{measure}_{part}" for part in parts) if name in results.table]
    top, bottom = float(results.table[shown].max().max()), min(float(results.table[shown].min().min()), 0.0)
    panels: list[Axes] = []
    shade = style.series_look(1).colour
    room, tall = wide * labels.width_within(ax), labels.height_of(ax)  # panels have no place of their own yet
    for i, column in enumerate(columns):
        panel = ax.inset_axes((i * (wide + GAP), 0.0, wide, 1.0))
        scale_axis(panel, column, results)
        values = results.table[column.name]
        words = {str(word): place for place, word in enumerate(dict.fromkeys(values))}
        at = values.to_numpy(dtype=float) if column.numeric else [words[str(word)] for word in values]
        for name, low, high, alpha, wide_line, above in _BARS:
            if f"{measure}_{low}" in results.table:
                bottoms, tops = (results.table[f"{measure}_{end}"].to_numpy(dtype=float) for end in (low, high))
                look: dict[str, Any] = {"color": shade, "alpha": alpha, "linewidth": wide_line, "zorder": above}
                panel.vlines(at, bottoms, tops, gid=f"{name}-points-{i}", **look)
        panel.plot(at, means, linestyle="none", marker="o", markersize=8, color=shade, alpha=0.6, gid=f"points-{i}")
        panel.set_ylim(bottom, top + 0.08 * (top - bottom) if top > bottom else bottom + 1.0)
        style.even_ticks(panel.yaxis)
        panel.grid(axis="y")
        if i:
            panel.set_yticklabels([])
        panels.append(panel)
    name_x(panels, [axis_label(results, column, texts.label) for column in columns], room, style.LABEL)
    name_y(panels[0], measure_of(measure, texts.label).label, tall)
