"""Histograms whose bins are read off the bits of a number: counted in any order, merged by adding. Floor 0.

A median of a million cells needs no million numbers in one place, only how many fall where. The bins are an octave's
exponent and the first bits of the mantissa, so that placing a number costs a shift and no logarithm, and is the same
integer in every engine, on every machine, for any number of threads.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import maximum, minimum

FloatArray = NDArray[np.float64]
Counts = NDArray[np.int64]

_MANTISSA_BITS = 6
_FIRST_OCTAVE, _OCTAVES = -10, 50
_SHIFT = 52 - _MANTISSA_BITS
_BELOW = ((1023 + _FIRST_OCTAVE) << _MANTISSA_BITS) - 1
BINS = 1 + (_OCTAVES << _MANTISSA_BITS)
"""Bin 0 holds zeros and all below `SMALLEST`; then 64 bins an octave up to 2^40; the last one holds all above too."""
_TOP = BINS - 1
SMALLEST = 2.0**_FIRST_OCTAVE
"""About 0.001 molecules, nM or of an activity: what is below is reported as 0."""
RELATIVE_WIDTH = 2.0**-_MANTISSA_BITS
"""No bin is wider than this part of the values in it."""
_PIECE = 1 << 15


def place(bits: Any) -> Any:
    """Return the bin of a number that is not negative, from its bits.

    Parameters
    ----------
    bits : int or array of int64
        The bits of a float64, read as a signed integer.

    Returns
    -------
    int or array of int64
        0 to `BINS` - 1. No branch and no logarithm, so that it also compiles, and into vector code.
    """
    return minimum(maximum((bits >> _SHIFT) - _BELOW, 0), _TOP)


def bits_of(value: float) -> int:
    """Return the bits of a float64 as a signed integer."""
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits


EDGES: FloatArray = ((np.arange(BINS + 1, dtype=np.int64) + _BELOW) << _SHIFT).view(np.float64)
"""Where each bin begins, and the last one ends but for what lies above it; that of bin 0 is not used."""


def counts_of(values: FloatArray) -> Counts:
    """Return how many values fall into each bin, shape (BINS,).

    Parameters
    ----------
    values : array
        Finite and not negative.
    """
    counts = np.zeros(BINS, dtype=np.int64)
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    for start in range(0, len(bits), _PIECE):  # pieces stay in the processor's cache
        counts += np.bincount(place(bits[start : start + _PIECE]), minlength=BINS)
    return counts


@dataclass(slots=True)
class Histogram:
    """Counts of values, and the smallest and the largest of them.

    The two extremes are exact: without them cells that are all alike (an activity of 1) would be reported half a bin
    too high. Like the counts they can be merged in any order.

    Attributes
    ----------
    counts : array of int64, shape (BINS,)
        By bin.
    low, high : float
        The smallest and the largest value; inf and -inf while there is none.
    """

    counts: Counts = field(default_factory=lambda: np.zeros(BINS, dtype=np.int64))
    low: float = np.inf
    high: float = -np.inf

    @classmethod
    def of(cls, values: FloatArray) -> Histogram:
        """Return the histogram of `values` (finite, not negative), in any order."""
        if not len(values):
            return cls()
        return cls(counts_of(values), float(values.min()), float(values.max()))

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[place(bits_of(value))] += 1
        self.low, self.high = min(self.low, value), max(self.high, value)

    def merge(self, other: Histogram) -> None:
        """Count all that the other has counted."""
        self.counts += other.counts
        self.widen(other.low, other.high)

    def widen(self, low: float, high: float) -> None:
        """Take over the smallest and the largest of values that were counted elsewhere."""
        self.low = float(np.minimum(self.low, low))  # passes on what is not a number
        self.high = float(np.maximum(self.high, high))

    @property
    def total(self) -> int:
        """How many values were counted."""
        return int(self.counts.sum())

    def quantile(self, p: float) -> float:
        """Return the quantile at `p`, 0 to 1; not a number where nothing was counted."""
        return self.quantiles((p,))[0]

    def quantiles(self, p: Sequence[float]) -> list[float]:
        """Return quantiles as `numpy.quantile` does, but for where in its bin a value lies.

        Parameters
        ----------
        p : sequence of float
            0 to 1.

        Returns
        -------
        list of float
            Off by at most `RELATIVE_WIDTH` of the value, by far less where many values share a bin: they are taken to
            be spread evenly over it. The smallest and the largest value are exact; values below `SMALLEST` are 0.
        """
        if not self.low <= self.high:  # nothing counted, or not a number among it
            return [math.nan] * len(p)
        first, last = place(bits_of(self.low)), place(bits_of(self.high))
        counts = self.counts[first : last + 1]
        ends = counts.cumsum()
        top = int(ends[-1]) - 1
        wanted = [one * top for one in p]
        ranks = [rank for x in wanted for rank in (math.floor(x), min(math.floor(x) + 1, top))]
        bins = ends.searchsorted(ranks, side="right")
        held, upto = counts[bins].tolist(), ends[bins].tolist()
        edges, number = self._edges(first + bins), (first + bins).tolist()
        values = [
            ranked(rank, top, self.low, self.high, number[i], last, upto[i] - held[i], held[i], *edges[i])
            for i, rank in enumerate(ranks)
        ]
        return [between(x, values[2 * i], values[2 * i + 1]) for i, x in enumerate(wanted)]

    @staticmethod
    def _edges(bins: Counts) -> list[tuple[float, float]]:
        return list(zip(EDGES[bins].tolist(), EDGES[bins + 1].tolist(), strict=True))


def ranked(
    rank: int, top: int, low: float, high: float, number: int, last: int, before: int, held: int, left: float,
    right: float,
) -> float:  # fmt: skip
    """Return the value of a rank, as if the values of a bin were spread evenly over it.

    Parameters
    ----------
    rank, top : int
        From 0; the highest.
    low, high : float
        Smallest and largest value.
    number, last : int
        The bin that the rank falls in; that of the largest value.
    before, held : int
        How many values lie in lower bins, and in this one.
    left, right : float
        Edges of the bin.
    """
    if number == 0:
        return 0.0
    if rank == 0:
        return low
    if rank == top:
        return high
    begin, end = max(left, low), high if number == last else right
    return begin + (end - begin) * (rank - before + 0.5) / held


def between(wanted: float, below: float, above: float) -> float:
    """Return the value at a broken rank from the values of the ranks below and above."""
    return below + (wanted - math.floor(wanted)) * (above - below)


def merged(some: Iterable[Histogram]) -> Histogram:
    """Return all of them as one."""
    whole = Histogram()
    for one in some:
        whole.merge(one)
    return whole
