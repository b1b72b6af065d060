"""What becomes of the cells over time: stacked per founder cell, and the living total with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim import given
from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.words import drawn, listed, names, per_founder, percent, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "fates"
MARGIN = 4.1
"""Room right of the axes for labels, in."""

STACK = ("cycling", "arrested", "multinucleated", "mitotic_catastrophe", "apoptosis", "adcc")
NOTICED = 0.005
"""Cells per founder killed by NK cells from which the title tells of them."""
LIVING = 3
"""The first so many of ``STACK`` are alive."""


def areas(results: Results) -> dict[str, reading.Floats]:
    """Return the height of each area per founder cell, mean over replicates, shape (times,)."""
    table, start = results.timeseries, reading.founders(results)[:, None]
    read = {
        "arrested": "arrested",
        "multinucleated": "multinucleated",
        "mitotic_catastrophe": "died_mitotic_catastrophe",
        "apoptosis": "died_apoptosis",
        "adcc": "died_adcc",
    }
    found = {name: reading.per_replicate(table, column) / start for name, column in read.items()}
    found["cycling"] = reading.per_replicate(table, "live_cells") / start - found["arrested"] - found["multinucleated"]
    return {name: reading.interval(found[name]).mean for name in STACK}


def living(results: Results) -> reading.Series:
    """Return the living cells per founder cell with their interval."""
    live = reading.per_replicate(results.timeseries, "live_cells")
    return reading.interval(live / reading.founders(results)[:, None])


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the stacked fates and the living total on ``ax`` and return it."""
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    ends = _stack(ax, time, areas(results), drawn(given.of(results).conjugate.payload))
    total = living(results)
    ax.plot(time, total.mean, color=style.MEANING["total"].colour, linewidth=3.5, gid="living")
    band = reading.model_band(results.uncertainty, "live_cells", reading.times(results))
    start = float(reading.founders(results)[0])
    curves.ignorance(ax, time, band and (band[0] / start, band[1] / start), style.colour("ink"), "living", above=True)
    if total.has_interval:
        ax.fill_between(
            time, total.low, total.high, color=style.colour("ink"), alpha=0.3, linewidth=0, gid="living-interval"
        )
    _end_interval(results, ax, time)
    ax.set_ylabel(texts.label("cells_per_founder"))
    ax.set_ylim(0.0, 1.04 * max(ax.dataLim.y1, 1.0))
    style.even_ticks(ax.yaxis)
    labels.margin_labels(ax, [*ends, _total_entry(results, total)], MARGIN)
    labels.dress(ax, title(results), captions.below(NAME, results, captions.ignorance_of(reading.draws(results))))
    return ax


def _stack(
    ax: Axes, time: reading.Floats, heights: dict[str, reading.Floats], told: dict[str, str]
) -> list[labels.Entry]:
    """Draw the areas from below; return their labels, at the middle of each area's end."""
    entries, floor = [], np.zeros(len(time))
    for name in STACK:
        shown, top = style.MEANING[name], floor + heights[name]
        ax.fill_between(
            time,
            floor,
            top,
            facecolor=shown.colour,
            hatch=shown.hatch,
            edgecolor=style.colour("ground"),
            linewidth=0.8,
            gid=name,
        )
        known = np.flatnonzero(np.isfinite(top))[-1]
        text = told[name]
        if name not in STACK[:LIVING]:
            text = texts.label("killed_by" if name == "adcc" else "died_by", fate=told[name])
        text = f"{text}:\xa0{per_founder(float(heights[name][known]))}"
        if np.nanmax(heights[name]) > 0:
            entries.append(labels.Entry(text, shown, float((floor[known] + top[known]) / 2.0)))
        floor = top
    return entries


def _total_entry(results: Results, total: reading.Series) -> labels.Entry:
    ratio = results.summary["cell_number_ratio"]
    last = float(total.mean[np.isfinite(total.mean)][-1])
    text = f"{texts.label('living_in_all')}:\xa0{per_founder(last)}"
    if ratio.get("low") is not None:
        ends = texts.label("range", low=per_founder(float(ratio["low"])), high=per_founder(float(ratio["high"])))
        text += f" ({ends}; {reading.interval_name(results, texts.label)})"
    return labels.Entry(text, style.MEANING["total"], last, area=False, bold=True)


def _end_interval(results: Results, ax: Axes, time: reading.Floats) -> None:
    """Mark the interval at the end, which also a single replicate has (from groups of its founders)."""
    ratio = results.summary["cell_number_ratio"]
    if ratio.get("low") is None:
        return
    ends = [float(ratio["low"]), float(ratio["high"])]
    ax.plot(
        [time[-1]] * 2,
        ends,
        color=style.colour("ink"),
        linewidth=2.5,
        marker="_",
        markersize=14,
        clip_on=False,
        gid="end-interval",
    )


def title(results: Results) -> str:
    """Return the finding: how many cells live, and of what the others died."""
    when, ends, told = reading.length(results), areas(results), short(given.of(results).words)
    rapid, mitotic = (f"{_told(ends[name])}{{}} by {told[name]}" for name in ("apoptosis", "mitotic_catastrophe"))
    died = f"{rapid.format(' died')}, {mitotic.format('')}"
    nk = f"{_told(ends['adcc'])} by {told['adcc']}" if _last(ends["adcc"]) >= NOTICED else ""
    if reading.is_cleared(results):
        none = f"None of {reading.simulated(results):,} simulated cells is alive after {when}"
        return f"{none}; per founder, {died}{', ' if nk else ''}{nk}"
    ratio = float(results.summary["cell_number_ratio"]["mean"])
    if not reading.has_conjugate(results):
        leaves = f"each founder cell leaves {per_founder(ratio)} living cells after {when}"
        killed = f"; {_told(ends['adcc'])} were killed by NK cells" if nk else ""
        return f"{_alone(results)}, {leaves}{killed}"
    return f"Per founder cell, {per_founder(ratio)} are alive after {when}; {died}{', ' if nk else ''}{nk}"


def _alone(results: Results) -> str:
    """Return what was given instead of a conjugate, as the beginning of a sentence."""
    who = reading.naked(results)
    if who:
        return f"With {listed(who)} and no payload"
    return "With no antibody" if reading.has_drug(results) else "Without drug"


def _last(heights: reading.Floats) -> float:
    return float(heights[np.isfinite(heights)][-1])


def _told(heights: reading.Floats) -> str:
    last = _last(heights)
    return per_founder(last) if last > 0 else "none"


def caption(results: Results) -> str:
    """Return what is shown, from which run, and what the intervals mean."""
    told = names(given.of(results).words)
    what = (
        f"Cells per founder cell over time, mean over replicates, stacked: cycling, {told['arrested']}, "
        f"{told['multinucleated']} (alive, no longer dividing), and, added up since the start, those that died by "
        f"{told['mitotic_catastrophe']}, by {told['apoptosis']} and, where there are any, those killed by NK cells. "
        "Divisions add cells, so the stack may rise above 1. Thick line: living cells in all."
    )
    words = short(given.of(results).words)
    shares = results.summary["fates"]
    shown = [
        f"{words[name]} {percent(float(found['mean']))} ({percent(float(found['low']))} to "
        f"{percent(float(found['high']))})"
        for name, found in shares.items()
        if name in words and found.get("low") is not None
    ]
    within = reading.interval_name(results)
    fates = f"Of the cells that did not divide ({within}): {', '.join(shown)}." if shown else ""
    return captions.compose(NAME, results, what, fates, captions.intervals(results))
