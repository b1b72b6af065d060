"""What plasma holds, as a table: exponentials that decline from, or build up in, each piece of time between changes.

An infusion is a box; the body answers it with a sum of exponentials (`tdm1sim.surroundings.plasma`). Between two
starts or ends of infusions each exponential follows ``x' = inflow - rate x`` with a constant inflow, so what it amounts
to at the start of a piece holds everything given before. A time is then looked up in one piece, however many infusions
came before it, and every term is a product of factors that are not negative: late times keep their digits.

These functions take floats and arrays only, and the compiled engine runs the same source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import TINY, Real

Pieces: TypeAlias = NDArray[np.float64]
"""A concentration over time: a sum of exponentials, piece by piece; shape (pieces, terms, 4), both at least 1.

The columns of one exponential in one piece are START (when the piece begins, h, rising), RATE (1/h, >= 0), HELD (what
it amounts to at the start of the piece) and INFLOW (what is added to it per hour).
"""
START, RATE, HELD, INFLOW = range(4)


class Term(NamedTuple):
    """One exponential: its rate (1/h), what it is at time 0, and boxes (start, end, height per h) that feed it."""

    rate: float
    left: float
    boxes: tuple[tuple[float, float, float], ...]


def pieces_of(terms: Iterable[Term], scale: float = 1.0) -> Pieces:
    """Return the table of a sum of exponentials, `scale` times as high."""
    terms = tuple(terms) or (Term(0.0, 0.0, ()),)
    starts = sorted({0.0, *(t for one in terms for start, end, _ in one.boxes for t in (start, end))})
    table = np.zeros((len(starts), len(terms), 4))
    for j, one in enumerate(terms):
        held = inflow = before = 0.0
        for i, t in enumerate(starts):
            if i:
                held = held * math.exp(-one.rate * (t - before)) + inflow * lasting(one.rate, t - before)
            if t == 0.0:
                held += scale * one.left
            inflow = scale * sum(height for start, end, height in one.boxes if start <= t < end)
            table[i, j], before = (t, one.rate, held, inflow), t
    return table


def lasting(rate: float, time: float) -> float:
    """Return the integral of ``exp(-rate s)`` over `time` hours."""
    return -math.expm1(-rate * time) / rate if rate > 0.0 else time


def building(rate: float, time: float) -> float:
    """Return the integral of `lasting` over `time` hours; a series where the difference would lose digits."""
    z = rate * time
    if z > 0.02:
        return (z + math.expm1(-z)) / (rate * rate)
    term, total = 0.5, 0.0
    for k in range(3, 10):
        total += term
        term *= -z / k
    return total * time * time


def level(pieces: Pieces, t: float) -> float:
    """Return the concentration at time `t` (h, >= 0)."""
    return across(pieces, t, t)[0]


def across(pieces: Pieces, t0: float, t1: float) -> tuple[float, float, float]:
    """Return the concentration at `t0` (h, >= 0), its integral to `t1`, and the concentration at `t1`."""
    i, last = 0, len(pieces) - 1
    beyond = last + 1
    while beyond - i > 1:  # the piece that `t0` lies in; the first for times before it
        middle = (i + beyond) // 2
        if pieces[middle, 0, START] <= t0:
            i = middle
        else:
            beyond = middle
    first, area, final, t = 0.0, 0.0, 0.0, t0
    while True:
        begin = float(pieces[i, 0, START])
        stop = t1 if i == last else min(t1, float(pieces[i + 1, 0, START]))
        final, since, step = 0.0, t - begin, stop - t
        for j in range(pieces.shape[1]):
            rate, inflow = float(pieces[i, j, RATE]), float(pieces[i, j, INFLOW])
            now = float(pieces[i, j, HELD]) * math.exp(-rate * since)
            if inflow > 0.0:
                now += inflow * lasting(rate, since)
                area += inflow * building(rate, step)
                final += inflow * lasting(rate, step)
            area += now * lasting(rate, step)
            final += now * math.exp(-rate * step)
            if t == t0:
                first += now
        if stop >= t1:
            return first, area, final
        t, i = stop, i + 1


def levels(pieces: Pieces, t: Real) -> Real:
    """Return the concentration at time `t` (h, >= 0), a number or an array: `level`, written for many times at once."""
    t = np.asarray(t, dtype=np.float64)
    if not t.ndim:
        return level(pieces, float(t))
    at = np.maximum(np.searchsorted(pieces[:, 0, START], t, side="right") - 1, 0)
    total = np.zeros_like(t)
    for j in range(pieces.shape[1]):
        start, rate, held, inflow = pieces[at, j].T
        since = t - start
        built = np.where(rate > 0.0, -np.expm1(-rate * since) / (rate + TINY), since)
        total += held * np.exp(-rate * since) + inflow * built
    return total
