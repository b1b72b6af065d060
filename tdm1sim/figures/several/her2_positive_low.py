"""HER2-positive beside HER2-low: how much of T-DM1's effect is payload, blockade of HER2, and killing by NK cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tdm1sim.attribution import PLAYERS
from tdm1sim.errors import UsageError
from tdm1sim.figures import attribution, labels, texts
from tdm1sim.figures.several import bars, pairs, telling
from tdm1sim.figures.several.arms import arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import listed, plain
from tdm1sim.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

FEWER = ("tumour.cells=600",)
"""Each replicate is run nine times to share out its effect."""
ARMS = (
    arm("her2_positive", "her2_positive", "record.attribution=true", *FEWER),
    arm("her2_low", "her2_low", "record.attribution=true", *FEWER),
)
NAMES = {name: texts.english(name) for name in ("her2_positive", "her2_low")}
"""The tumours, as sentences have them."""
MARGIN = 0.5
LIKE = ("attribution",)
MEASURES = {name: attribution.MEASURES[name] for name in ("live_cells", "killing")}
"""What the drug makes smaller; cells at the end are in the captions of single runs."""
MEANT = "Lines"


def games(results: Results) -> dict[str, Mapping[str, Any]]:
    """Return the shown measures that are defined in a run; raises `UsageError` where shares were not asked for."""
    if not attribution.applies(results):
        message = f"{results.summary['scenario']} was run without record.attribution, which this figure shows"
        raise UsageError(message)
    found = attribution.games(results)
    return {measure: found[measure] for measure in MEASURES if measure in found}


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw a group per tumour, a row per way of acting, a bar per measure; return ``ax``."""
    groups = [bars.Group(texts.label(key), _rows(runs[key])) for key in NAMES]
    names = {name: texts.label(f"effect_{name}") for name in MEASURES}
    bars.draw(ax, groups, texts.label("effect_and_share"), names)
    labels.dress(ax, title(runs), telling.below(LIKE, runs, telling.intervals(runs, MEANT, differences=False)))
    return ax


def _rows(results: Results) -> tuple[bars.Row, ...]:
    found = games(results)
    return tuple(
        bars.Row(
            texts.label(f"part_{way}"),
            tuple(_bar(attribution.part(game, way), measure) for measure, game in found.items()),
        )
        for way in PLAYERS
    )


def _bar(part: Mapping[str, Any], measure: str) -> bars.Bar:
    effect = _interval(part["effect"])
    share = attribution.share(part["share"])
    return bars.Bar(((measure, pairs.mean(effect)),), effect, share, share)


def title(runs: Runs) -> str:
    """Return the finding: the shares of payload and blockade in either tumour, and how much smaller one effect is."""
    effects = {key: _effect(runs[key]) for key in NAMES}
    none = [NAMES[key] for key, size in effects.items() if math.isnan(size)]
    if none:
        return f"T-DM1 has no effect on living cells to share out in {listed(none)} tumours"
    shares = {key: {way: _share(runs[key], way) for way in PLAYERS} for key in NAMES}
    high, low = (shares[key] for key in NAMES)
    ratio = effects["her2_positive"] / effects["her2_low"]
    size = f"{plain(ratio, 2)} times smaller" if ratio >= 1.0 else f"{plain(1.0 / ratio, 2)} times larger"
    return (
        f"HER2-positive tumours: payload makes {high['payload']} of T-DM1's effect on living cells, HER2 blockade "
        f"{high['blockade']}; HER2-low: {low['payload']} and {low['blockade']} of a {size} effect"
    )


def _effect(results: Results) -> float:
    """Return the effect on living cells over time; not a number where chance alone could make it."""
    found = games(results)["live_cells"]
    return math.nan if found["arms"]["payload"]["share"] is None else float(found["effect"]["mean"])


def _interval(found: Mapping[str, Any]) -> Interval:
    return Interval(mean=found["mean"], low=found["low"], high=found["high"])


def _share(results: Results, way: str) -> str:
    found = attribution.part(games(results)["live_cells"], way)["share"]
    if found["mean"] == 0.0:
        return "nothing"
    clear = found["low"] is None or found["low"] > 0.0 or found["high"] < 0.0
    return attribution.share(found) if clear else "nothing clear of chance"


def caption(runs: Runs) -> str:
    """Return what is shown, every share with its interval, and what is put in."""
    what = (
        "What makes the effect of one dose of T-DM1 in a HER2-positive and in a HER2-low tumour: its payload, blockade "
        "of HER2, and killing by NK cells (ADCC). The effect is ln(untreated / treated) of the area under the living "
        "cells (over time), and of the fraction that would survive if none divided (killing). Every subset of the "
        "three was run with the others switched off, on the same luck; a part is the mean gain over all orders of "
        "adding them (Shapley value). Below zero: it protects cells, as slower G1 does from a drug that acts at "
        "mitosis. In the HER2-low tumour HER2 drives no cell, so that blockade slows none: put in, not found."
    )
    told = []
    for key, tumour in NAMES.items():
        every = [attribution.every_share(MEASURES[name], game) for name, game in games(runs[key]).items()]
        told.append(f"{tumour}: {' '.join(every)}")
    lines = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, lines, telling.intervals(runs, MEANT, differences=False), what, *told)
