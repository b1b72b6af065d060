"""Luck is a function, not a generator: ``u = hash(seed, decision, key, n)``.

Every cell has a key; a daughter's key is the hash of its mother's key and 0 or 1. The same lineage therefore meets
the same luck in every scenario, whatever the order of rows, the number of workers or the step length, and a
what-if is paired cell by cell. The hash is the finaliser of splitmix64 (Steele, Lea and Flood 2014,
doi:10.1145/2660193.2660195).
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

UInt64Array = NDArray[np.uint64]
FloatArray = NDArray[np.float64]

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_M1 = 0xBF58476D1CE4E5B9
_M2 = 0x94D049BB133111EB
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53


class Decision(IntEnum):
    """What luck decides. New members go to the end: the number is part of the hash."""

    CLONE = 0
    HER2 = 1
    MDR1 = 2
    SLC46A3 = 3
    TOLERANCE = 4
    CYCLE_LENGTH = 5
    AGE = 6
    APOPTOSIS = 7
    ARREST = 8
    DEATH_IN_ARREST = 9
    SLIPPAGE = 10
    DEATH_AFTER_SLIPPAGE = 11
    BECOMES = 12
    SAMPLE = 13
    NK = 14


def mix(x: int) -> int:
    """Return the splitmix64 hash of a 64-bit integer."""
    x = (x + _GOLDEN) & _MASK
    x = ((x ^ (x >> 30)) * _M1) & _MASK
    x = ((x ^ (x >> 27)) * _M2) & _MASK
    return x ^ (x >> 31)


def mix_array(x: UInt64Array) -> UInt64Array:
    """Return `mix` of each element."""
    with np.errstate(over="ignore"):
        x = x + np.uint64(_GOLDEN)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(_M1)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(_M2)
        return x ^ (x >> np.uint64(31))


def founder_keys(seed: int, replicate: int, founders: int, start: int = 0) -> UInt64Array:
    """Return the keys of the founder cells of a replicate.

    Parameters
    ----------
    seed, replicate : int
        Seed of the run; number of the replicate, from 1.
    founders : int
        How many there are up to the last one.
    start : int
        The first one.

    Returns
    -------
    array of uint64, shape (founders - start,)
    """
    base = mix(mix(seed & _MASK) ^ mix((replicate + (1 << 32)) & _MASK))
    return mix_array(np.arange(start, founders, dtype=np.uint64) ^ np.uint64(base))


def daughter_key(key: int, which: int) -> int:
    """Return the key of daughter 0 or 1 of the cell with `key`."""
    return mix(key ^ (0xD1B54A32D192ED03 if which else 0x8CB92BA72F3D8DD7))


def _salt(decision: Decision, n: int) -> int:
    return mix((decision.value << 32) + n)


def uniform(decision: Decision, key: int, n: int = 0) -> float:
    """Return this cell's number in (0, 1) for a decision.

    Parameters
    ----------
    decision : Decision
        What is decided.
    key : int
        The cell's key (it already carries the seed and the replicate).
    n : int
        How often this cell has met this decision before.
    """
    return ((mix(key ^ _salt(decision, n)) >> 11) + 0.5) * _TO_UNIT


def uniforms(decision: Decision, keys: UInt64Array, n: int = 0) -> FloatArray:
    """Return `uniform` for each key, shape (len(keys),)."""
    mixed: Any = mix_array(keys ^ np.uint64(_salt(decision, n))) >> np.uint64(11)
    return np.asarray((mixed.astype(np.float64) + 0.5) * _TO_UNIT)


def clock(decision: Decision, key: int, n: int = 0) -> float:
    """Return the integrated hazard at which a risk of this cell strikes: exponential with mean 1."""
    return -math.log(uniform(decision, key, n))


def clocks(decision: Decision, keys: UInt64Array) -> FloatArray:
    """Return `clock` for each key; scalar logarithms, so that they have the same bits as `clock`."""
    return -np.fromiter(map(math.log, uniforms(decision, keys).tolist()), dtype=np.float64, count=len(keys))


def normal(decision: Decision, key: int) -> float:
    """Return this cell's standard normal number for a decision."""
    from scipy.special import ndtri

    return float(ndtri(uniform(decision, key)))


def normals(decision: Decision, keys: UInt64Array) -> FloatArray:
    """Return `normal` for each key."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(decision, keys)), dtype=np.float64)


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a generator for designs outside the cells (sampling plans), fixed by the seed and the purpose."""
    words = [seed & 0xFFFFFFFF, seed >> 32, *purpose.encode()]
    return np.random.default_rng(np.random.SeedSequence(words))
