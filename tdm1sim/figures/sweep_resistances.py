"""Every resistance mechanism over its range: a line each, with bands, by how far it is from normal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import labels, style, texts
from tdm1sim.figures.sweep_axes import name_y
from tdm1sim.figures.sweep_lines import look_of
from tdm1sim.figures.sweep_words import measure_of
from tdm1sim.sweeping.mechanisms import NONE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tdm1sim.sweeping.folder import SweepResults

MARGIN = 4.3
"""Room right of the axes for labels, in."""
CHOSEN = ("mdr1", "slc46a3", "internalization", "recycling", "lysosome")
"""Keys of a clone whose size in tumours is not known."""
_LOST = 2.2
"""A total loss stands this many times right of the largest fold."""


def groups(results: SweepResults) -> dict[str, pd.DataFrame]:
    """Return the points of each mechanism, in order of their fold; a total loss and a state last."""
    table = results.table[results.table["resistance"] != NONE]
    return {str(name): rows.sort_values("fold") for name, rows in table.groupby("resistance", sort=False)}


def reference(results: SweepResults) -> pd.Series:
    """Return the point without any resistance."""
    return results.table[results.table["resistance"] == NONE].iloc[0]


def draw(results: SweepResults, measure: str, ax: Axes) -> None:
    """Draw the lines, everything but title and limit lines."""
    bare = reference(results)
    folds = results.table["fold"].to_numpy(dtype=float)
    largest = float(np.nanmax(folds))
    lost, right = largest * _LOST, largest * _LOST * 1.5
    ax.set_xscale("log")
    ax.set_xlim(1.0 / 1.05, right)
    mean = float(bare[f"{measure}_mean"])
    ax.axhline(mean, color=style.colour("edge"), linewidth=1.6, linestyle=(0, (4.0, 3.0)), gid="none")
    ax.axhspan(
        float(bare[f"{measure}_low"]),
        float(bare[f"{measure}_high"]),
        color=style.colour("edge"),
        alpha=0.18,
        linewidth=0,
    )
    none = texts.label("resistance_none")
    entries = [labels.Entry(none, style.Look(style.colour("edge"), "", (0, (4.0, 3.0))), mean, area=False)]
    for i, (name, rows) in enumerate(groups(results).items()):
        entries.append(_mechanism(ax, rows, measure, i, lost, name))
    top = max(ax.dataLim.y1, float(bare[f"{measure}_high"]), mean)
    ax.set_ylim(0.0, 1.08 * top if top > 0 else 1.0)
    _ticks(ax, largest, lost)
    ax.grid(axis="y")
    ax.set_xlabel(texts.label("times_normal"))
    name_y(ax, measure_of(measure, texts.label).label)
    labels.margin_labels(ax, entries, MARGIN, style.DIRECT - 1.0)


def _mechanism(ax: Axes, rows: pd.DataFrame, measure: str, i: int, lost: float, name: str) -> labels.Entry:
    """Draw one mechanism and return its label."""
    colour, marker, line = look_of(i)
    known = rows[rows["fold"].notna()]
    at = known["fold"].to_numpy(dtype=float)
    mean, low, high = (known[f"{measure}_{part}"].to_numpy(dtype=float) for part in ("mean", "low", "high"))
    ax.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0, gid=f"{name}-band")
    ax.plot(at, mean, color=colour, linestyle=line, marker=marker, markersize=9, gid=name)
    ends = [float(mean[-1])] if len(mean) else []
    for _, row in rows[rows["fold"].isna()].iterrows():
        alone = [float(row[f"{measure}_{part}"]) for part in ("mean", "low", "high")]
        ax.vlines([lost], alone[1], alone[2], color=colour, linewidth=3.0, gid=f"{name}-lost-band")
        ax.plot([lost], [alone[0]], color=colour, linestyle="none", marker=marker, markersize=11, gid=f"{name}-lost")
        ends.append(alone[0])
    return labels.Entry(words_of(name), style.Look(colour, "", line), ends[-1], area=False)


def words_of(name: str) -> str:
    """Return what a mechanism does to its traits, in words."""
    every = {key: f"resistance_{key}" for key in load_catalogue().resistance[name].sets}
    return ", ".join(texts.label(told) if told in texts.ENGLISH else key for key, told in every.items())


def _ticks(ax: Axes, largest: float, lost: float) -> None:
    from matplotlib.ticker import NullLocator

    ticks = [tick for tick in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 1000) if tick <= largest * 1.01]
    ax.set_xticks([*ticks, lost], [*(f"{tick:,}" for tick in ticks), texts.label("lost")])
    ax.xaxis.set_minor_locator(NullLocator())
    style.even_ticks(ax.yaxis)
    ax.axvline((largest * lost) ** 0.5, color="#bbbbbb", linewidth=1.2, linestyle=":")


def title(results: SweepResults, measure: str) -> str:
    """Return the finding, which does not rank: what holds without resistance, and how far each mechanism goes."""
    told = measure_of(measure)
    bare = float(reference(results)[f"{measure}_mean"])
    others = results.table[results.table["resistance"] != NONE][f"{measure}_mean"]
    low, high = float(others.min()), float(others.max())
    return (
        f"{told.short}: {told.told(bare)} without resistance; with each of {len(groups(results))} mechanisms over its "
        f"range, {told.told(low)} to {told.told(high)}"
    )
