"""Sums that do not depend on their order: numbers rounded to a common quantum and added as integers.

Adding a constant of 1.5 x 2^52 quanta to a number leaves, in the last bits of the result, the number in quanta, rounded
to the nearest; the bit patterns are then added as integers, without error and in any order. What the rounding cut off
is itself exact, and is summed the same way with a much finer quantum: so a sum is as good as it would be with 90 bits.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.compiled.layout import AMOUNTS

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_ONE = 1.5 * 2.0**52
FINER = 2.0**-38
"""The fine quantum, in coarse ones: the sum of 2^23 remainders still fits."""
_TERM, _SUM = 51, 62


def quantum_of(largest: float, terms: int) -> float:
    """Return the coarse quantum for sums of `terms` numbers up to `largest`: as fine as 64 bits allow."""
    size = math.ceil(math.log2(largest))
    return 2.0 ** max(size + math.ceil(math.log2(terms)) - _SUM, size - _TERM)


def constants_of(quantum: float) -> tuple[float, float]:
    """Return the constants that round to the coarse and to the fine quantum."""
    return _ONE * quantum, _ONE * quantum * FINER


def value_of(pairs: IntArray, quantum: float) -> FloatArray:
    """Return the numbers of some sums, coarse and fine integers in the last axis."""
    fine = pairs[..., 1] * (quantum * FINER)
    return np.asarray(pairs[..., 0] * quantum + fine)


def parts_of(values: FloatArray, quantum: float) -> IntArray:
    """Return numbers as coarse and fine integers, in a new last axis: what compiled code makes of them."""
    coarse = np.rint(values / quantum)
    fine = np.rint((values - coarse * quantum) / (quantum * FINER))
    return np.stack([coarse, fine], axis=-1).astype(np.int64)


def no_sums(clones: int) -> IntArray:
    """Return sums of nothing: a coarse and a fine integer of each amount, of R0 and of growing R0, by clone."""
    return np.zeros((clones, len(AMOUNTS) + 2, 2), dtype=np.int64)
