"""Arms of a comparison: living cells over time, and below them the paired difference from the first arm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.comparing.comparison import curve_name
from tdm1sim.comparing.measures import live_per_founder
from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.limits import ADVICE, CELLS, limit_lines
from tdm1sim.figures.narrow import shrunk, taller
from tdm1sim.figures.slide import blank, save
from tdm1sim.figures.words import INTERVAL, elide, per_founder, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.comparing import Comparison

NAME = "compare"
MARGIN = 3.6
"""Room right of the axes for labels, in."""
UPPER, GAP = 0.6, 0.07
"""Shares of the height of both axes: the upper ones, and what is between."""


def living(comparison: Comparison) -> list[reading.Floats]:
    """Return the living cells per founder of each arm, shape (replicates, times)."""
    return [live_per_founder(results, comparison.times) for results in comparison.arms.values()]


def paired(comparison: Comparison) -> list[reading.Series]:
    """Return the difference from the first arm of each other arm, mean and paired interval over the replicates."""
    first, *others = living(comparison)
    return [reading.interval(other - first, floor=-np.inf) for other in others]


def draw(comparison: Comparison, upper: Axes, lower: Axes) -> None:
    """Draw the arms on the upper axes and their differences on the lower ones."""
    first = next(iter(comparison.arms.values()))
    days = reading.in_days(first)
    time, label = (comparison.times / (24.0 if days else 1.0), texts.label("time_days" if days else "time_hours"))
    for ax in (upper, lower):
        style.time_axis(ax, float(time[-1]), label)
        ax.grid(axis="y")
    upper.set_xlabel("")
    upper.tick_params(labelbottom=False)
    _arms(comparison, upper, time)
    _differences(comparison, lower, time)


def _arms(comparison: Comparison, ax: Axes, time: reading.Floats) -> None:
    entries = []
    for i, (name, results) in enumerate(comparison.arms.items()):
        shown, values = style.series_look(i), reading.interval(live_per_founder(results, comparison.times))
        band = reading.model_band(results.uncertainty, "live_cells", comparison.times)
        cells = float(results.summary["cells_start"])
        curves.ignorance(ax, time, band and (band[0] / cells, band[1] / cells), shown.colour, name)
        ax.plot(time, values.mean, color=shown.colour, linestyle=shown.line, gid=f"arm-{name}")
        if values.has_interval:
            ax.fill_between(
                time, values.low, values.high, color=shown.colour, alpha=0.25, linewidth=0, gid=f"chance-{name}"
            )
        last = float(values.mean[-1])
        entries.append(labels.Entry(f"{elide(name, 36)}: {per_founder(last)}", shown, last, area=False))
    ax.set_ylabel(texts.label("living_per_founder_in_two_lines"))
    ax.set_ylim(0.0, 1.06 * ax.dataLim.y1)
    style.even_ticks(ax.yaxis)
    labels.margin_labels(ax, entries, MARGIN)


def _differences(comparison: Comparison, ax: Axes, time: reading.Floats) -> None:
    entries = []
    names = list(comparison.arms)
    for i, values in enumerate(paired(comparison), start=1):
        shown = style.series_look(i)
        band = reading.model_band(comparison.uncertainty, curve_name(i), comparison.times)
        curves.ignorance(ax, time, band, shown.colour, f"difference-{names[i]}")
        ax.plot(time, values.mean, color=shown.colour, linestyle=shown.line, gid=f"difference-{names[i]}")
        if values.has_interval:
            ax.fill_between(
                time, values.low, values.high, color=shown.colour, alpha=0.25, linewidth=0, gid=f"paired-{names[i]}"
            )
        told = comparison.content["differences"][i - 1]["cell_number_ratio"]
        text = (
            _signed(told) if style.used().slide else f"{elide(names[i], 24)} − {elide(names[0], 24)}: {_signed(told)}"
        )
        entries.append(labels.Entry(text, shown, float(values.mean[-1]), area=False))
    ax.axhline(0.0, color=style.colour("guide"), linewidth=1.2, linestyle=(0, (4.0, 3.0)), zorder=0.4)
    ax.set_ylabel(texts.label("difference"))
    style.even_ticks(ax.yaxis)
    ax.margins(y=0.1)
    labels.margin_labels(ax, entries, MARGIN, style.DIRECT - 1.0)


def _signed(told: Mapping[str, Any]) -> str:
    """Return a difference with its sign and, where there is one, its interval."""
    text = _plus(float(told["mean"]))
    if told["low"] is None:
        return text
    ends = texts.label("range", low=_plus(float(told["low"])), high=_plus(float(told["high"])))
    return f"{text} ({ends})"


def _plus(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{plain(abs(value), 2)}"


def title(comparison: Comparison) -> str:
    """Return the finding: by how many living cells per founder the arm that differs most differs, and how surely."""
    told = max(
        comparison.content["differences"], key=lambda found: abs(float(found["cell_number_ratio"]["mean"] or 0.0))
    )
    found = told["cell_number_ratio"]
    when = f"after {reading.length(next(iter(comparison.arms.values())))}"
    who, other = elide(told["arm"], 30), elide(told["against"], 30)
    if not found["mean"]:
        return f"{who} leaves as many living cells as {other} {when}"
    more = "more" if found["mean"] > 0 else "fewer"
    text = f"{who} leaves {plain(abs(found['mean']), 2)} {more} living cells per founder than {other} {when}"
    unsure = found["low"] is not None and found["low"] <= 0.0 <= found["high"]
    return f"{text}, which chance alone could do" if unsure else text


def below(comparison: Comparison) -> tuple[str, ...]:
    """Return the small lines under the figure: surroundings, what bands are, the limit lines of all arms."""
    return (captions.surroundings(next(iter(comparison.arms.values()))), bands(comparison), *limits(comparison))


def limits(comparison: Comparison) -> tuple[str, ...]:
    """Return the limit lines of all arms, each once, the two of every figure last."""
    lines = [line for results in comparison.arms.values() for line in limit_lines("clones", results)]
    return tuple(sorted(dict.fromkeys(lines), key=lambda line: line in {CELLS, ADVICE}))


def bands(comparison: Comparison) -> str:
    """Return what the bands are."""
    first = next(iter(comparison.arms.values()))
    count = reading.draws(first)
    chance = f"Dark bands: {INTERVAL}; below, of the difference on the same luck." if _replicated(comparison) else ""
    return f"{chance} {captions.ignorance_of(count)}".strip()


def _replicated(comparison: Comparison) -> bool:
    return bool(comparison.content["replicates"] > 1)


def caption(comparison: Comparison) -> str:
    """Return what is shown, in what the arms differ, and what the bands mean."""
    what = (
        "Living cells per founder cell of every arm over time, mean over replicates, and below the difference from "
        f"{comparison.content['differences'][0]['against']}. All arms meet the same luck, cell by cell, so the "
        "difference has far less chance in it than either curve."
    )
    differ = []
    for found in comparison.content["differences"]:
        told = "; ".join(f"{change['path']} {change['a']} → {change['b']}" for change in found["words"])
        differ.append(f"{found['arm']} differs from {found['against']} in: {told or 'nothing that is simulated'}.")
    arms = [captions.run(results) for results in comparison.arms.values()]
    return "\n\n".join(
        [what, " ".join(differ), bands(comparison), " ".join(arms), "Limits: " + " ".join(limits(comparison))]
    )


def page(comparison: Comparison) -> Page:
    """Return the figure as a slide."""
    with style.look():
        sheet, frame = blank(title(comparison), MARGIN, key=False)
        if not style.used().slide:
            taller(frame, 200.0)
        box = frame.get_position()
        tall = box.height
        upper = sheet.add_axes((box.x0, box.y0 + (1.0 - UPPER) * tall, box.width, UPPER * tall))
        lower = sheet.add_axes((box.x0, box.y0, box.width, (1.0 - UPPER - GAP) * tall))
        frame.set_axis_off()
        draw(comparison, upper, lower)
        labels.dress(frame, title(comparison), below(comparison))
        return shrunk(sheet)


def write(comparison: Comparison, folder: Path, formats: Iterable[str] = ("png", "svg")) -> list[Path]:
    """Write the figure and its caption into ``folder``; return the files."""
    return save(page(comparison), folder, NAME, title(comparison), caption(comparison), formats)
