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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import Real

FloatArray = NDArray[np.float64]


class Pieces(NamedTuple):
    """A concentration over time: a sum of exponentials, piece by piece.

    Attributes
    ----------
    start : array, shape (pieces,)
        When each piece begins, h, rising.
    rate : array, shape (terms,)
        Of each exponential, 1/h, >= 0.
    held : array, shape (pieces, terms)
        What each exponential amounts to at the start of a piece.
    inflow : array, shape (pieces, terms)
        What is added to it per hour.
    """

    start: FloatArray
    rate: FloatArray
    held: FloatArray
    inflow: FloatArray


class Term(NamedTuple):
    """One exponential: its rate (1/h), what it is at time 0, and boxes (start, end, height per h) that feed it."""

    rate: float
    left: float
    boxes: tuple[tuple[float, float, float], ...]


def pieces_of(terms: Iterable[Term], scale: float = 1.0) -> Pieces:
    """Return the table of a sum of exponentials, `scale` times as high."""
    terms = tuple(terms)
    starts = sorted({0.0, *(t for one in terms for start, end, _ in one.boxes for t in (start, end))})
    held, inflow = np.zeros((len(starts), len(terms))), np.zeros((len(starts), len(terms)))
    for j, one in enumerate(terms):
        amount, before = 0.0, starts[0]
        for i, t in enumerate(starts):
            if i:
                step = t - before
                amount = amount * math.exp(-one.rate * step) + inflow[i - 1, j] * lasting(one.rate, step)
            if t == 0.0:
                amount += scale * one.left
            held[i, j], before = amount, t
            inflow[i, j] = scale * sum(height for start, end, height in one.boxes if start <= t < end)
    return Pieces(np.array(starts), np.array([one.rate for one in terms], dtype=np.float64), held, inflow)


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


def piece_at(pieces: Pieces, t: float) -> int:
    """Return the piece that time `t` (h) lies in; the first for times before it."""
    low, high = 0, len(pieces.start)
    while high - low > 1:
        middle = (low + high) // 2
        if pieces.start[middle] <= t:
            low = middle
        else:
            high = middle
    return low


def level(pieces: Pieces, t: float) -> float:
    """Return the concentration at time `t` (h, >= 0)."""
    return across(pieces, t, t)[0]


def across(pieces: Pieces, t0: float, t1: float) -> tuple[float, float, float]:
    """Return the concentration at `t0` (h, >= 0), its integral to `t1`, and the concentration at `t1`."""
    i, last = piece_at(pieces, t0), len(pieces.start) - 1
    first, area, final, t = 0.0, 0.0, 0.0, t0
    while True:
        begin = float(pieces.start[i])
        stop = t1 if i == last else min(t1, float(pieces.start[i + 1]))
        final, since, step = 0.0, t - begin, stop - t
        for j in range(len(pieces.rate)):
            rate, inflow = float(pieces.rate[j]), float(pieces.inflow[i, j])
            now = float(pieces.held[i, j]) * math.exp(-rate * since)
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
    at = np.maximum(np.searchsorted(pieces.start, t, side="right") - 1, 0)
    since, total = t - pieces.start[at], np.zeros_like(t)
    for j, rate in enumerate(pieces.rate.tolist()):
        built = -np.expm1(-rate * since) / rate if rate > 0.0 else since
        total += pieces.held[at, j] * np.exp(-rate * since) + pieces.inflow[at, j] * built
    return total
