"""Every resistance over its range where draws say what is not known: paired differences, chance and ignorance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.figures import labels, narrow, style, texts
from tdm1sim.figures.sweep_resistances import reference, words_of
from tdm1sim.figures.sweep_resistances import title as without_draws
from tdm1sim.figures.sweep_words import measure_of
from tdm1sim.figures.words import plain
from tdm1sim.intervals import of_values
from tdm1sim.sweeping.mechanisms import NONE
from tdm1sim.uncertainty.bands import middle

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tdm1sim.sweeping.folder import SweepResults

MARGIN = 3.0
"""Room right of the axes for labels, in."""
GAP = 0.7
"""Free rows between two mechanisms; on paper there is one more for the name."""
ROW = 17.0
"""Height of a row on paper, points as drawn."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of one mechanism: how much more is alive than without it, on the same luck or the same draw.

    Attributes
    ----------
    name : str
        Of the mechanism.
    value : str
        What it is set to, in words.
    mean, low, high : float
        Over replicates, paired; the ends are not a number for a single one.
    model_low, model_high : float
        The middle 95 % of the draws, paired.
    """

    name: str
    value: str
    mean: float
    low: float
    high: float
    model_low: float
    model_high: float


def bars(results: SweepResults, measure: str) -> list[Bar]:
    """Return what is drawn, mechanism by mechanism, the strongest value of each last."""
    bare = int(reference(results)["point"])
    chance = _paired(results.replicates, "replicate", measure, bare)
    draws = _paired(results.draws, "draw", measure, bare) if results.draws is not None else {}
    table = results.table[results.table["resistance"] != NONE]
    found = []
    for name, rows in table.groupby("resistance", sort=False):
        for _, row in rows.sort_values("fold").iterrows():
            point = int(row["point"])
            own = of_values(chance[point])
            band = middle([float(value) for value in draws.get(point, [])]) if draws else (None, None)
            ends = [np.nan if end is None else float(end) for end in (own["low"], own["high"], *band)]
            found.append(Bar(str(name), _told(row["value"]), float(own["mean"] or 0.0), *ends))
    return found


def _paired(table: pd.DataFrame, by: str, measure: str, bare: int) -> dict[int, list[float]]:
    """Return for each point its differences from the one without resistance, pair by pair."""
    wide = table.pivot(index=by, columns="point", values=measure)
    return {int(point): wide[point].sub(wide[bare]).dropna().tolist() for point in wide.columns}


def _told(value: Any) -> str:
    if value is None or not np.isfinite(value):
        return texts.label("deficient")
    return texts.label("lost") if value == 0.0 else f"×{plain(float(value), 2)}"


def draw(results: SweepResults, measure: str, ax: Axes) -> None:
    """Draw a row for each value, everything but title and limit lines."""
    shown, paper = bars(results, measure), not style.used().slide
    names = list(dict.fromkeys(bar.name for bar in shown))
    at: list[float] = []
    heads: dict[str, float] = {}
    row = 0.0
    for name in names:
        own = sum(bar.name == name for bar in shown)
        heads[name] = row if paper else row + (own - 1) / 2.0  # a name above its rows, or beside them
        row += 1.0 if paper else 0.0
        at += [row + i for i in range(own)]
        row += own + GAP
    if paper:
        narrow.taller(ax, max(0.0, row * ROW - labels.height_of(ax)))
    ax.set_ylim(row - GAP - 0.4, -0.6)
    for y, bar in zip(at, shown, strict=True):
        _bar(ax, y, bar)
    _axes(ax, measure, at, shown)
    _key(ax, int(results.manifest["uncertain"]["draws"]))
    side: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "clip_on": False, "gid": "mechanism"}
    if paper:  # the line of no difference goes under it
        side["bbox"] = {"facecolor": style.colour("ground"), "edgecolor": "none", "pad": 1.0}
    for name, y in heads.items():
        ax.text(0.0 if paper else 1.02, y, words_of(name), fontsize=style.letters(style.DIRECT), **side)


def _bar(ax: Axes, y: float, bar: Bar) -> None:
    """Draw one row: ignorance light with dotted edges, chance dark, the mean as a mark."""
    colour = style.MEANING["live_cells"].colour
    if np.isfinite(bar.model_low):
        ends = (bar.model_low, bar.model_high)
        gid = f"ignorance-{bar.name}-{bar.value}"
        ax.barh(y, ends[1] - ends[0], 0.72, ends[0], color=colour, alpha=0.22, linewidth=0, gid=gid)
        ax.vlines(ends, y - 0.36, y + 0.36, color=colour, linewidth=1.2, linestyle=(0, (1.0, 2.0)))
    if np.isfinite(bar.low):
        ax.hlines(y, bar.low, bar.high, color=colour, linewidth=3.0, gid=f"chance-{bar.name}-{bar.value}")
    ax.plot([bar.mean], [y], "o", color=colour, markersize=7.0, gid=f"mean-{bar.name}-{bar.value}")


def _key(ax: Axes, draws: int) -> None:
    """Say above the axes what dark lines and light bars are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    colour = style.MEANING["live_cells"].colour
    chance = Line2D([], [], color=colour, linewidth=3.0, marker="o", markersize=7.0, label=texts.label("mean_chance"))
    label = texts.label("ignorance_of_draws", count=str(draws))
    labels.key_above(ax, [chance, Patch(facecolor=colour, alpha=0.22, label=label)])


def _axes(ax: Axes, measure: str, at: list[float], shown: list[Bar]) -> None:
    ax.axvline(0.0, color=style.colour("edge"), linewidth=1.6, linestyle=(0, (4.0, 3.0)), zorder=0.5, gid="none")
    ax.set_yticks(at, [bar.value for bar in shown], fontsize=style.letters(13.0))
    ax.tick_params(axis="y", length=0.0)
    ax.spines["left"].set_visible(False)
    style.even_ticks(ax.xaxis)
    ax.grid(axis="x")
    ends = [end for bar in shown for end in (bar.mean, bar.low, bar.high, bar.model_low, bar.model_high)]
    low, high = float(np.nanmin([0.0, *ends])), float(np.nanmax([0.0, *ends]))
    ax.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    between = " "
    if not style.used().slide:
        between = "\n"
        narrow.grow(narrow.top_page(ax), ROW)  # for the second line
    ax.set_xlabel(texts.label("more_than_without", measure=measure_of(measure, texts.label).label, between=between))


def title(results: SweepResults, measure: str) -> str:
    """Return the finding, which does not rank: how far mechanisms go, and how little of that is known."""
    shown = bars(results, measure)
    ratios = [
        (bar.model_high - bar.model_low) / (bar.high - bar.low)
        for bar in shown
        if np.isfinite(bar.low) and np.isfinite(bar.model_low) and bar.high > bar.low
    ]
    text = without_draws(results, measure)
    if not ratios:
        return text
    return f"{text}; ignorance is {plain(float(np.median(ratios)), 2)} times as wide as chance"
