"""Simulated against published numbers, on logarithmic axes, with the band of 2-fold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.figures import labels, limits, style, texts
from tdm1sim.figures.narrow import shrunk
from tdm1sim.figures.slide import blank, save
from tdm1sim.figures.words import capital, listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.evidence import Comparison, Line

NAME = "evidence"
MARGIN = 0.47
"""Room right of the axes, in."""
LIMITS = (
    "Each point is one published number, in its own unit. Squares: a value was fitted to it, so it must be near.",
    "Points of one curve are not independent. Below a detection limit both numbers are drawn at the limit.",
    "A number the simulation never reached has no point.",
    limits.ADVICE,
)
_KINDS: dict[str, tuple[str, str]] = {"plasma": ("o", "plasma"), "tumour": ("D", "local"), "cells": ("^", "live_cells")}
"""Kind -> a shape of its own, and the meaning whose colour it has: drug in plasma, drug in the tumour, cells."""
_FITTED = "#8c8c8c"
_FROM_POINT = 14.0
"""From a point to its name, points."""
MOST_NAMED = 6
"""Misses whose name is written beside them."""


def kind_of(line: Line) -> str:
    """Return whether a line is about plasma, tumours or cells in culture."""
    if line.entry.unit in {"ug/mL", "ng/mL", "ug*day/mL", "day"} and "IC50" not in line.entry.label:
        return "plasma"
    return "tumour" if line.entry.name.startswith(("uptake", "static")) else "cells"


def title(comparison: Comparison) -> str:
    """Return the finding: how many predicted numbers are within 2-fold, and which kinds are not."""
    summary = comparison.summary("prediction")
    if not summary["rows"]:
        return "Numbers that values of the model were fitted to"
    share = f"{100 * summary['within_2_fold']:.0f} % of {summary['rows']} predicted numbers lie within 2-fold"
    missed = {kind: _missed(comparison, kind) for kind in _KINDS}
    words = [f"{count} in {texts.english(f'kind_{kind}')}" for kind, count in missed.items() if count]
    return f"{share}; misses: {listed(words)}" if words else share


def _missed(comparison: Comparison, kind: str) -> int:
    """Return how many predicted numbers of a kind are off by more than 2-fold, each by itself."""
    lines = [line for line in comparison.lines if line.entry.used_for == "prediction" and kind_of(line) == kind]
    return sum(row.fold_error > 2.0 for line in lines for row in line.rows)


def points(line: Line) -> list[tuple[float, float]]:
    """Return measured and simulated numbers that can be drawn, raised to the detection limit."""
    floor = line.entry.floor
    pairs = [(max(row.measured, floor), max(row.simulated, floor)) for row in line.rows if row.simulated is not None]
    return [(a, b) for a, b in pairs if a > 0.0 and b > 0.0 and math.isfinite(b)]


def draw(comparison: Comparison, ax: Axes) -> Axes:
    """Draw the comparison on ``ax`` and return it."""
    from matplotlib.patches import Patch

    drawn = [point for line in comparison.lines for point in points(line)]
    low, high = _with_room(comparison, ax, min(min(p) for p in drawn) / 2.0, max(max(p) for p in drawn) * 2.0)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.fill_between(
        [low, high], [low / 2.0, high / 2.0], [low * 2.0, high * 2.0], color=style.colour("grid"), linewidth=0
    )
    ax.plot([low, high], [low, high], color=style.colour("edge"), linewidth=1.4)
    band = Patch(facecolor=style.colour("grid"), label=texts.label("within_2_fold"))
    handles = [*_fitted(comparison, ax), *_predicted(comparison, ax), band]
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    style.number_ticks(ax.xaxis)
    style.number_ticks(ax.yaxis)
    ax.set_xlabel(texts.label("measured"))
    ax.set_ylabel(texts.label("simulated"))
    _name_misses(comparison, ax)
    labels.key_above(ax, handles)
    labels.dress(ax, title(comparison), LIMITS)
    return ax


def _fitted(comparison: Comparison, ax: Axes) -> list[Any]:
    some = [p for line in comparison.lines if line.entry.used_for == "calibration" for p in points(line)]
    if not some:
        return []
    style_of: dict[str, Any] = {"marker": "s", "facecolors": "none", "edgecolors": _FITTED, "linewidths": 1.5}
    x, y = zip(*some, strict=True)
    ax.scatter(x, y, s=45, gid="calibration", **style_of)
    return [
        _in_key(texts.label("fitted"), "s", 45, markerfacecolor="none", markeredgecolor=_FITTED, markeredgewidth=1.5)
    ]


def _predicted(comparison: Comparison, ax: Axes) -> list[Any]:
    handles = []
    for kind, (marker, meaning) in _KINDS.items():
        some = [
            point
            for line in comparison.lines
            if line.entry.used_for == "prediction" and kind_of(line) == kind
            for point in points(line)
        ]
        if some:
            colour, edge = style.MEANING[meaning].colour, style.colour("ink")
            look: dict[str, Any] = {"marker": marker, "color": colour, "edgecolors": edge, "linewidths": 1.0}
            x, y = zip(*some, strict=True)
            name = texts.label("predicted", kind=texts.label(f"kind_{kind}"))
            ax.scatter(x, y, s=120, gid=f"prediction-{kind}", zorder=3, **look)
            handles.append(_in_key(name, marker, 120, color=colour, markeredgecolor=edge, markeredgewidth=1.0))
    return handles


def _in_key(name: str, marker: str, area: float, **look: Any) -> Any:
    """Return the mark of a kind as a line without length, which every key can hold."""
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none", marker=marker, markersize=math.sqrt(area), label=name, **look)


def _name_misses(comparison: Comparison, ax: Axes) -> None:
    """Write beside the worst point of each predicted line that is off by more than 2-fold which it is."""
    places = _named(comparison)
    for above in (True, False):
        _stack([(line, place) for line, place in places if (place[1] > place[0]) == above], ax, above=above)


def _misses(comparison: Comparison) -> list[Line]:
    """Return the predicted lines that are off by more than 2-fold and can be drawn, the worst first."""
    some = [line for line in comparison.lines if line.entry.used_for == "prediction" and line.fold > 2.0]
    return sorted((line for line in some if points(line)), key=lambda line: -line.fold)


def _named(comparison: Comparison) -> list[tuple[Line, tuple[float, float]]]:
    """Return the misses that are named, each with its worst point."""
    missed = _misses(comparison)[:MOST_NAMED]
    return [(line, max(points(line), key=lambda p: abs(math.log(p[0] / p[1])))) for line in missed]


def _with_room(comparison: Comparison, ax: Axes, low: float, high: float) -> tuple[float, float]:
    """Return ends of the axes, made wider where the names of misses need it, but for names over half as wide."""
    wide, size = labels.width_within(ax), style.letters(style.DIRECT - 2.0)
    for line, (x, y) in _named(comparison):
        share = (labels.width_of(_told(line), size) + _FROM_POINT + 1.0) / wide
        if share > 0.5:
            continue
        if y > x:  # log(x / low) is at least this share of log(high / low)
            low = min(low, math.exp((math.log(x) - share * math.log(high)) / (1.0 - share)))
        else:
            high = max(high, math.exp((math.log(x) - share * math.log(low)) / (1.0 - share)))
    return low, high


def _told(line: Line) -> str:
    return f"{line.entry.label}: {texts.label('fold', fold=plain(line.fold, 2))}"


def _has_room(words: str, x: float, size: float, ax: Axes, *, above: bool) -> bool:
    """Whether the name of a point has room on the side of it that is away from the diagonal, where no points are."""
    low, high = (math.log(limit) for limit in ax.get_xlim())
    left = (math.log(x) - low) / (high - low)
    room = labels.width_within(ax) * (left if above else 1.0 - left)
    return labels.width_of(words, size) + _FROM_POINT <= room


def _stack(places: Sequence[tuple[Line, tuple[float, float]]], ax: Axes, *, above: bool) -> None:
    """Write names left of points above the diagonal, or right of those below it, kept apart in height."""
    tall = labels.height_of(ax)
    low, high = (math.log(limit) for limit in ax.get_ylim())
    wanted = [tall * (math.log(y) - low) / (high - low) for _, (_, y) in places]
    size = style.letters(style.DIRECT - 2.0)
    centres = labels.spread(wanted, [labels.SPACING * size] * len(places), 0.0, tall)
    for (line, (x, y)), want, centre in zip(places, wanted, centres, strict=True):
        if not _has_room(_told(line), x, size, ax, above=above):
            continue  # the caption names it
        ax.annotate(
            _told(line),
            (x, y),
            (-_FROM_POINT if above else _FROM_POINT, centre - want),
            textcoords="offset points",
            ha="right" if above else "left",
            va="center",
            fontsize=size,
            gid=f"miss-{line.entry.name}",
        )


def caption(comparison: Comparison) -> str:
    """Return what is shown, and the summaries."""
    told = []
    for use, words in (("prediction", "predicted"), ("calibration", "fitted to")):
        s = comparison.summary(use)  # type: ignore[arg-type]
        if s["rows"]:
            share = f"{100 * s['within_2_fold']:.0f} % within 2-fold"
            told.append(f"{words}: {s['rows']} numbers, median fold error {s['median_fold_error']:.3g}, {share}")
    what = "Published numbers (horizontal) and the same simulated (vertical); both axes logarithmic. Grey band: 2-fold."
    missed = "; ".join(map(_told, _misses(comparison)))
    off = f" Off by more than 2-fold, median of each: {missed}." if missed else ""
    return f"{what} {capital('; '.join(told))}.{off}\n\nLimits: {' '.join(LIMITS)}"


def page(comparison: Comparison) -> Page:
    """Return the figure as a slide."""
    with style.look():
        sheet, ax = blank(title(comparison), MARGIN, key=True)
        draw(comparison, ax)
        return shrunk(sheet)


def write(comparison: Comparison, folder: Path, formats: Iterable[str] = ("png", "svg")) -> Sequence[Path]:
    """Write the figure and its caption into ``folder``; return the files."""
    return save(page(comparison), folder, NAME, title(comparison), caption(comparison), formats)
