"""Which way of acting makes which part of the effect: a bar per arm and measure, with intervals and shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.attribution import LABELS, PLAYERS
from tdm1sim.figures import captions, curves, labels, narrow, reading, style, texts
from tdm1sim.figures.words import duration, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "attribution"

MEASURES = {
    "live_cells": texts.english("effect_live_cells"),
    "cell_number": texts.english("effect_cell_number"),
    "killing": texts.english("effect_killing"),
}
"""What the drug makes smaller, as sentences have it."""

_BAR = 0.26
"""Width of a bar where the arms are 1 apart."""


def applies(results: Results) -> bool:
    """Whether the shares were asked for."""
    return results.summary.get("attribution") is not None


def games(results: Results) -> dict[str, Mapping[str, Any]]:
    """Return effect, arms and other of each measure that is defined in this run."""
    found = results.summary["attribution"]
    every = {measure: found if measure == "live_cells" else found[measure] for measure in MEASURES}
    return {measure: game for measure, game in every.items() if game["effect"]["mean"] is not None}


def parts(results: Results) -> tuple[str, ...]:
    """Return the arms shown, and what is left beside them where that is not nothing."""
    left = any(abs(game["other"]["effect"]["mean"]) >= 5e-4 for game in games(results).values())
    return (*PLAYERS, "other") if left else PLAYERS


def part(game: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return effect and share of an arm, or of what is left."""
    found: Mapping[str, Any] = game["other"] if name == "other" else game["arms"][name]
    return found


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the parts of the effect on ``ax`` and return it."""
    from matplotlib.patches import Patch

    shown, names = games(results), parts(results)
    low, high = 0.0, 0.0
    if not style.used().slide:
        narrow.taller(ax, 60.0)
    for i, (measure, game) in enumerate(shown.items()):
        ends = _bars(ax, measure, game, names, (i - (len(shown) - 1) / 2) * _BAR)
        low, high = min(low, ends[0]), max(high, ends[1])
    span = max(high - low, 1e-3)
    room = 1.0 if style.used().slide else 2.0  # numbers that stand upright are higher
    ax.set_ylim(low - room * (0.16 if low < 0 else 0.02) * span, high + room * 0.14 * span)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.axhline(0.0, color=style.colour("ink"), linewidth=1.4)
    ax.set_xticks(range(len(names)), [texts.label(f"part_{name}") for name in names])
    ax.tick_params(axis="x", length=0.0)
    ax.set_xlabel(texts.label("ways_and_share_of_effect" if style.used().slide else "share_of_effect"))
    ax.set_ylabel(texts.label("effect"))
    style.even_ticks(ax.yaxis)
    looks = {texts.label(f"effect_{measure}"): style.MEANING[measure] for measure in shown}
    labels.key_above(
        ax,
        [
            Patch(facecolor=look.colour, hatch=look.hatch, edgecolor=style.colour("ground"), label=text)
            for text, look in looks.items()
        ],
    )
    labels.dress(ax, title(results), captions.below(NAME, results, _ignorance(results), _undefined(results)))
    return ax


def _ignorance(results: Results) -> str:
    return captions.ignorance_of(reading.draws(results), "Wide light bars, dotted ends")


def _bars(ax: Axes, measure: str, game: Mapping[str, Any], names: tuple[str, ...], shift: float) -> tuple[float, float]:
    """Draw the bars of one measure; return the lowest and highest end of an interval, of either kind."""
    look = style.MEANING[measure]
    at = np.arange(len(names)) + shift
    told = [part(game, name) for name in names]
    means = np.array([one["effect"]["mean"] for one in told])
    ends = np.array([_ends(one["effect"]) for one in told])
    bounds = np.array([_bounds(one["effect"]) for one in told])
    outer = np.stack([np.fmin(ends[:, 0], bounds[:, 0]), np.fmax(ends[:, 1], bounds[:, 1])], axis=1)
    ax.bar(
        at,
        means,
        _BAR,
        color=look.colour,
        hatch=look.hatch,
        edgecolor=style.colour("ground"),
        linewidth=0.8,
        gid=measure,
    )
    ax.vlines(at, ends[:, 0], ends[:, 1], color=style.colour("ink"), linewidth=2.5, gid=f"{measure}-interval")
    if np.isfinite(bounds).any():
        curves.ignorance_bars(ax, at.tolist(), (bounds[:, 0], bounds[:, 1]), 0.6 * _BAR, measure)
    for x, one, mean, (low, high) in zip(at, told, means, outer, strict=True):
        down = mean < 0
        ax.annotate(
            share(one["share"]),
            (float(x), float(min(low, 0.0) if down else max(high, 0.0))),
            (0.0, -6.0 if down else 6.0),
            textcoords="offset points",
            ha="center",
            va="top" if down else "bottom",
            fontsize=style.letters(13.0),
            rotation=0.0 if style.used().slide else 90.0,
        )
    return float(outer.min()), float(outer.max())


def _ends(effect: Mapping[str, Any]) -> tuple[float, float]:
    """Return the ends of an interval; a single replicate has none, and its mean stands for both."""
    mean = effect["mean"]
    return (mean, mean) if effect["low"] is None else (effect["low"], effect["high"])


def _bounds(effect: Mapping[str, Any]) -> tuple[float, float]:
    """Return the ends of what other values would say, not a number where none were drawn."""
    low, high = effect.get("model_low"), effect.get("model_high")
    return (np.nan, np.nan) if low is None or high is None else (float(low), float(high))


def share(found: Mapping[str, Any] | None) -> str:
    """Return a share of the effect, which may be negative or above all of it; a dash where there is no effect."""
    return "–" if found is None else _percent(float(found["mean"]))


def _percent(value: float) -> str:
    if value == 0.0:
        return "0 %"
    return f"{100.0 * value:z.{0 if abs(value) >= 0.0995 else 1}f} %".replace("-", "−")


def _undefined(results: Results) -> str:
    """Return what is said where a measure cannot be shown."""
    gone = [label for measure, label in MEASURES.items() if measure not in games(results)]
    return f"Not shown: {listed(gone)}, because one arm leaves no living cell." if gone else ""


def title(results: Results) -> str:
    """Return the finding: each arm's share of the effect on living cells over time."""
    found = results.summary["attribution"]
    when = _until(results)
    effect = found["effect"]
    shares = {name: part(found, name)["share"] for name in parts(results)}
    if shares["payload"] is None:
        return f"No effect on living cells to share out in {when}: ln(untreated / treated) is {_sized(effect)}"
    acting = sorted((name for name in shares if _is_clear(shares[name])), key=lambda n: -shares[n]["mean"])
    idle = [LABELS[name] for name in shares if shares[name]["mean"] == 0.0]
    unclear = [LABELS[name] for name in shares if name not in acting and LABELS[name] not in idle]
    told = listed([f"{LABELS[name]} {_percent(shares[name]['mean'])}" for name in acting]) if acting else "no arm"
    sentence = f"Of the effect on living cells in {when}: {told}"
    if unclear:
        sentence += f"; {listed(unclear)} within chance of 0"
    if idle:
        sentence += f"; {listed(idle)} nothing"
    return sentence


def _is_clear(share: Mapping[str, Any]) -> bool:
    """Whether a share differs from zero by more than chance; one replicate cannot tell, and its share is told."""
    if share["low"] is None:
        return bool(share["mean"])
    return bool(share["low"] > 0.0 or share["high"] < 0.0)


def _until(results: Results) -> str:
    return duration(float(results.summary["attribution"]["until_h"]), in_days=reading.in_days(results))


def caption(results: Results) -> str:
    """Return what is shown, from which run, and what the intervals mean."""
    what = (
        "Parts of the effect that come from each way in which the drug acts: its payload, HER2 blockade, and killing "
        f"by NK cells (ADCC). The effect is ln(untreated / treated) after {_until(results)} of the area under the "
        "living cells, of the living cells at the end, and of the fraction that would survive if none divided "
        "(killing: exp of minus the deaths per living cell). Every subset of the arms was run with the others switched "
        "off, on the same luck; a part is the arm's mean gain over all orders of adding arms (Shapley value), so parts "
        "add to the effect. Below zero: the arm protects cells, as slower G1 does from a drug that acts at mitosis."
    )
    whole = " ".join(every_share(MEASURES[measure], game) for measure, game in games(results).items())
    lines = (
        f"Lines on the bars: {reading.interval_name(results)} (Student t over replicates)."
        if _has_intervals(results)
        else ""
    )
    return captions.compose(NAME, results, what, whole, lines, _ignorance(results), _undefined(results))


def every_share(label: str, game: Mapping[str, Any]) -> str:
    """Return the whole effect on a measure and every share of it, with intervals."""
    sizes = [
        f"{LABELS[name]} {_sized(one['share'])}"
        for name, one in {**game["arms"], "other": game["other"]}.items()
        if one["share"] is not None and (name != "other" or one["share"]["mean"])
    ]
    return f"Effect on {label} {_sized(game['effect'])}{'; shares: ' if sizes else ''}{', '.join(sizes)}."


def _sized(found: Mapping[str, Any]) -> str:
    low, high = found.get("model_low"), found.get("model_high")
    ends = [] if found["low"] is None else [f"{found['low']:z.3f} to {found['high']:z.3f}"]
    ends += [] if low is None or high is None else [f"other values {low:z.3f} to {high:z.3f}"]
    told = f" ({'; '.join(ends)})" if ends else ""
    return f"{found['mean']:z.3f}{told}"


def _has_intervals(results: Results) -> bool:
    return any(game["effect"]["low"] is not None for game in games(results).values())
