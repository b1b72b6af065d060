"""The clones over time: shares of the living cells, or living cells per founder where there is one clone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.words import duration, elide, per_founder, percent, plain, spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "clones"
MARGIN = 4.15
"""Room right of the axes for labels, in."""

NO_CHANGE = 0.02
"""A clone whose share of the living cells grows by less is not told as selected."""

FEW = 0.1
"""Living cells per founder below which a clone that gains a share is told with how few there are."""

RISE = 1.1
"""Living cells per founder from which a rise before the fall is told."""


def names(results: Results) -> list[str]:
    """Return the clones in the scenario's order, then those the tables add."""
    found = [str(name) for name in results.clones["clone"].unique()]
    known = [name for name in reading.clones(results) if name in found]
    return known + [name for name in found if name not in known]


def live(results: Results, name: str) -> reading.Floats:
    """Return the living cells of one clone, shape (replicates, times)."""
    table = results.clones
    return reading.per_replicate(table[table["clone"] == name], "live_cells")


def series(results: Results) -> dict[str, reading.Series]:
    """Return what is drawn: shares of the living cells (0 to 1), or cells per founder of a single clone.

    Where no cell of a replicate is alive its clones have no shares.
    """
    counts = {name: live(results, name) for name in names(results)}
    if len(counts) == 1:
        return {name: reading.interval(found / found[:, :1]) for name, found in counts.items()}
    return {name: reading.interval(found, 0.0, 1.0) for name, found in _shares(counts).items()}


def _shares(counts: Mapping[str, reading.Floats]) -> dict[str, reading.Floats]:
    """Return the share of each clone, shape (replicates, times); none where no cell of a replicate is alive."""
    total = np.sum(list(counts.values()), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: np.where(total > 0, found / total, np.nan) for name, found in counts.items()}


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the clones on ``ax`` and return it."""
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    found = series(results)
    single = len(found) == 1
    scale = 1.0 if single else 100.0
    entries = []
    for i, (name, values) in enumerate(found.items()):
        shown = style.clone_look(i, len(found))
        quantity = f"clones.{name}.{'live_cells' if single else 'share'}"
        band = reading.model_band(results.uncertainty, quantity, reading.times(results))
        factor = 1.0 / float(live(results, name)[0, 0]) if single else scale
        curves.ignorance(ax, time, band and (factor * band[0], factor * band[1]), shown.colour, f"clone-{i}")
        ax.plot(time, scale * values.mean, color=shown.colour, linestyle=shown.line, gid=f"clone-{i}")
        if values.has_interval:
            low, high = scale * values.low, scale * values.high
            ax.fill_between(time, low, high, color=shown.colour, alpha=0.22, linewidth=0)
        entries.append(_entry(results, name, values, shown, single=single))
    ax.grid(axis="y")
    _scale(ax, single=single)
    labels.margin_labels(ax, entries, MARGIN, style.DIRECT if single else style.DIRECT - 1.0)
    labels.dress(ax, title(results), captions.below(NAME, results, captions.bands(results)))
    return ax


def _scale(ax: Axes, *, single: bool) -> None:
    top = ax.dataLim.y1
    if single:
        ax.set_ylim(0.0, 1.06 * max(top, 1.0))
        ax.axhline(1.0, color=style.colour("guide"), linewidth=1.2, linestyle=(0, (4.0, 3.0)))
        ax.set_ylabel(texts.label("living_per_founder"))
    else:
        ax.set_ylim(0.0, min(1.08 * top, 103.0))
        ax.set_ylabel(texts.label("share_of_living"))
    style.even_ticks(ax.yaxis)


def _entry(results: Results, name: str, values: reading.Series, shown: style.Look, *, single: bool) -> labels.Entry:
    known = np.flatnonzero(np.isfinite(values.mean))
    first, last = float(values.mean[known[0]]), float(values.mean[known[-1]])
    if single:
        text = texts.label("clone_per_founder", clone=elide(spoken(name), 40), cells=per_founder(last)) + _end(results)
        return labels.Entry(text, shown, last, area=False)
    text = f"{elide(spoken(name), 20)}: {percent(first)}\xa0→\xa0{percent(last)}"
    return labels.Entry(text, shown, 100.0 * last, area=False)


def _end(results: Results) -> str:
    found: Mapping[str, Any] = results.summary["cell_number_ratio"]
    if found.get("low") is None:
        return ""
    ends = texts.label("range", low=per_founder(float(found["low"])), high=per_founder(float(found["high"])))
    return f" ({ends}; {reading.interval_name(results, texts.label)})"


def title(results: Results) -> str:
    """Return the finding: which clone gains, or where a single one ends."""
    when = reading.length(results)
    if reading.is_cleared(results):
        nobody = "No clone" if len(names(results)) > 1 else "No cell"
        return f"{nobody} is left after {when}: none of {reading.simulated(results):,} simulated cells lives"
    found = series(results)
    if len(found) == 1:
        return _single(results, next(iter(found.values())), when)
    first = {name: float(values.mean[0]) for name, values in found.items()}
    last = {name: float(values.mean[np.isfinite(values.mean)][-1]) for name, values in found.items()}
    gain = max(last, key=lambda name: last[name] - first[name])
    told = f"{percent(first[gain])} to {percent(last[gain])} of the living cells"
    if last[gain] - first[gain] < NO_CHANGE:
        return f"No clone is selected in {when}: the largest gain, by {elide(spoken(gain), 30)}, is from {told}"
    living = float(results.summary["cell_number_ratio"]["mean"])
    few = f"; but only {per_founder(living)} per founder cell live" if living < FEW else ""
    chance = "" if _clear(results, gain) else ", which chance alone could do"
    return f"The {elide(spoken(gain), 30)} clone grows from {told} in {when}{chance}{few}"


def _clear(results: Results, name: str) -> bool:
    """Whether the gain of a clone is clear of chance, replicate by replicate; one replicate cannot tell, and counts."""
    share = _shares({one: live(results, one) for one in names(results)})[name]
    last = [row[np.isfinite(row)][-1] for row in share if np.isfinite(row).any()]
    first = [row[np.isfinite(row)][0] for row in share if np.isfinite(row).any()]
    gain = reading.interval((np.array(last) - np.array(first))[:, np.newaxis], -1.0, 1.0)
    return not (gain.has_interval and float(gain.low[0]) <= 0.0)


def _single(results: Results, values: reading.Series, when: str) -> str:
    time, _ = reading.clock(results)
    days = reading.in_days(results)
    known = np.isfinite(values.mean)
    last, least = float(values.mean[known][-1]), int(np.nanargmin(values.mean))
    low = float(values.mean[least])
    if low >= 0.99:
        return f"Living cells grow to {per_founder(last)} per founder in {when}"
    moment = duration(float(time[least]) * (24.0 if days else 1.0), in_days=days, digits=2)
    peak = float(np.nanmax(values.mean[: least + 1]))
    if last > 1.05 * low:
        fall = f"Living cells fall to {per_founder(low)} per founder after {moment}"
        return f"{fall} and are back at {per_founder(last)} after {when}"
    if peak >= RISE:
        return f"Living cells rise to {per_founder(peak)} per founder, then fall to {per_founder(last)} within {when}"
    return f"Living cells fall to {per_founder(last)} per founder within {when}"


def caption(results: Results) -> str:
    """Return what is shown, from which run, and what the intervals mean."""
    if len(names(results)) == 1:
        what = "Living cells per founder cell over time (the tumour has one clone), mean over replicates."
    else:
        what = (
            "Share of each clone among the living cells over time, mean over replicates; a share can rise "
            "because the clone grows or because the others die, so read it beside the fates. A replicate "
            f"without living cells has no shares. {_growth(results)}"
        )
    return captions.compose(NAME, results, what, captions.intervals(results))


def _growth(results: Results) -> str:
    told = []
    for name in names(results):
        counts = live(results, name)
        start, end = float(np.nanmean(counts[:, 0])), float(np.nanmean(counts[:, -1]))
        if start > 0:
            told.append(f"{name} {plain(end / start, 2)}")
    return f"Living cells at the end per founder cell of the same clone: {', '.join(told)}."
