"""What the arrows of the mechanism carried in a run, and how wide that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import reading, texts
from tdm1sim.figures.words import plain

if TYPE_CHECKING:
    from tdm1sim.results import Results

ARROWS: Mapping[str, str] = MappingProxyType(
    {
        "bound": "conjugate",
        "dissociated": "conjugate",
        "internalised": "conjugate",
        "recycled": "conjugate",
        "sorted_to_lysosome": "conjugate",
        "catabolite_to_cytosol": "payload",
        "dm1_effluxed": "payload",
        "shed_receptor": "shed",
    }
)
"""The columns of ``flows.csv`` that are drawn, each with the meaning of its colour."""

WIDEST, THINNEST = 22.0, 1.2
"""Width of the arrow that carries most, and the least that is drawn, points of a slide."""

ROUND = (0.1, 1.0, 10.0, 100.0)
"""Amounts that the key may show, millions."""


def carried(results: Results) -> dict[str, float]:
    """Return molecules that took each arrow until the end of the run, per founder cell, mean over replicates."""
    flows = results.flows
    if not len(flows):
        return {}
    last = flows.sort_values("time_h").groupby("replicate").tail(1)
    return {name: float(last[name].mean()) for name in flows.columns if name not in {"replicate", "time_h"}}


def widths(amounts: Mapping[str, float]) -> dict[str, float]:
    """Return the width of each drawn arrow: the square root of its amount, the largest of them `WIDEST`.

    Arrows that would be thinner than `THINNEST` have that width; those that carried nothing have none.
    """
    largest = max(amounts[name] for name in ARROWS)
    return {name: width(amounts[name], largest) for name in ARROWS}


def width(amount: float, largest: float) -> float:
    """Return the width of an arrow in points of a slide."""
    if amount <= 0.0 or largest <= 0.0:
        return 0.0
    return max(THINNEST, WIDEST * float(np.sqrt(amount / largest)))


def key(amounts: Mapping[str, float]) -> list[float]:
    """Return round amounts for a key of widths: the two largest that some arrow exceeds."""
    largest = max(amounts[name] for name in ARROWS)
    return [1e6 * size for size in ROUND if 1e6 * size <= largest][-2:]


def share(amounts: Mapping[str, float], some: str, of: str) -> float:
    """Return one amount as a share of another; not a number where that is none."""
    return amounts[some] / amounts[of] if amounts[of] > 0.0 else float("nan")


def million(amount: float, digits: int = 3, words: texts.Words = texts.english) -> str:
    """Return molecules in words, with so many digits that count.

    >>> million(34.675e6), million(331836.0), million(1e6)
    ('34.7 million', '332,000', '1 million')
    """
    return words("million", count=plain(amount / 1e6, digits)) if amount >= 999_500.0 else plain(amount, digits)


def pi3k(results: Results) -> float:
    """Return the PI3K activity of the median cell, half of the time more and half of the time less; 1 is normal."""
    series = reading.interval(reading.per_replicate(results.timeseries, "pi3k_activity_median")).mean
    return reading.typical(series, reading.times(results))


def cytosol(results: Results) -> tuple[float, float]:
    """Return the highest DM1 (nM) of the median cell over time, and the share of it on tubulin then (0 to 1)."""
    total, bound = (
        reading.interval(reading.per_replicate(results.timeseries, f"{name}_median")).mean
        for name in ("dm1_cytosol_nM", "dm1_tubulin_bound_nM")
    )
    if not np.nanmax(total, initial=0.0) > 0.0:
        return 0.0, 0.0
    top = int(np.nanargmax(total))
    return float(total[top]), float(bound[top] / total[top])
