"""Histograms whose bins are read off the bits of a number: counted in any order, merged by adding. Floor 0.

A median of a million cells needs no million numbers in one place, only how many fall where. The bins are an octave's
exponent and the first bits of the mantissa, so that placing a number costs a shift and no logarithm, and is the same
integer in every engine, on every machine, for any number of threads.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        0 to `BINS` - 1. Integer arithmetic only, so that it also compiles.
    """
    above = (bits >> _SHIFT) - _BELOW
    above = above & ~(above >> 63)  # not below 0
    over = _TOP - above
    return _TOP - (over & ~(over >> 63))  # nor above the last bin


def edges() -> FloatArray:
    """Return the borders of the bins, shape (BINS + 1,); bin 0 is reported as 0, so it begins and ends there."""
    bits = (np.arange(BINS + 1, dtype=np.int64) + _BELOW) << _SHIFT
    borders = bits.view(np.float64).copy()
    borders[0] = 0.0
    return borders


_EDGES = edges()


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
        self.counts[place(struct.unpack("<q", struct.pack("<d", value))[0])] += 1
        self.low, self.high = min(self.low, value), max(self.high, value)

    def merge(self, other: Histogram) -> None:
        """Count all that the other has counted."""
        self.counts += other.counts
        self.low = float(np.minimum(self.low, other.low))  # passes on what is not a number
        self.high = float(np.maximum(self.high, other.high))

    @property
    def total(self) -> int:
        """How many values were counted."""
        return int(self.counts.sum())

    def quantile(self, p: float) -> float:
        """Return the quantile at `p`, 0 to 1; not a number where nothing was counted."""
        return float(self.quantiles((p,))[0])

    def quantiles(self, p: Sequence[float]) -> FloatArray:
        """Return quantiles as `numpy.quantile` does, but for where in its bin a value lies.

        Parameters
        ----------
        p : sequence of float
            0 to 1.

        Returns
        -------
        array, shape (len(p),)
            Off by at most `RELATIVE_WIDTH` of the value, by far less where many values share a bin: they are taken to
            be spread evenly over it. The smallest and the largest value are exact; values below `SMALLEST` are 0.
        """
        if not self.low <= self.high:  # nothing counted, or not a number among it
            return np.full(len(p), np.nan)
        first, last = (place(struct.unpack("<q", struct.pack("<d", x))[0]) for x in (self.low, self.high))
        here = self.counts[first : last + 1]
        ends = np.cumsum(here)
        at = np.asarray(p, dtype=np.float64) * (ends[-1] - 1)
        rank = np.floor(at).astype(np.int64)
        below = self._ranked(rank, first, here, ends)
        above = self._ranked(np.minimum(rank + 1, ends[-1] - 1), first, here, ends)
        return np.asarray(below + (at - rank) * (above - below))

    def _ranked(self, rank: NDArray[np.int64], first: int, here: Counts, ends: Counts) -> FloatArray:
        """Return the values of these ranks, from 0; `here` are the counts from bin `first` on, `ends` their sums."""
        at = np.searchsorted(ends, rank, side="right")
        inside = (rank - (ends[at] - here[at]) + 0.5) / here[at]
        begin, end = np.maximum(_EDGES[first + at], self.low), np.minimum(_EDGES[first + at + 1], self.high)
        end = np.where(first + at == _TOP, self.high, end)
        values = begin + inside * (end - begin)
        values = np.where(rank == 0, self.low, np.where(rank == ends[-1] - 1, self.high, values))
        return np.where(first + at == 0, 0.0, values)


def merged(some: Iterable[Histogram]) -> Histogram:
    """Return all of them as one."""
    whole = Histogram()
    for one in some:
        whole.merge(one)
    return whole
