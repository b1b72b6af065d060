"""Arithmetic that works alike on one number and on a column of numbers, physical constants, and where a curve falls.

Mechanisms are pure functions called with floats (the twin) or with arrays (the NumPy engine). Everything here is
correctly rounded by IEEE 754 in both cases, so both drivers compute the same bits. Matrix products are here because the
compiled engine brings its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Real: TypeAlias = Any
"""A float or a one-dimensional float64 array: what a mechanism takes and returns."""

Matrices: TypeAlias = NDArray[np.float64]
"""Matrices of one size, shape (n, rows, columns)."""

MOLECULES_PER_NM_PL = 602.214076
"""Molecules in one picolitre at one nanomolar (Avogadro constant x 1e-21)."""
PL_PER_UL = 1.0e6
TINY = 1.0e-300
"""Added to denominators that may be zero: changes no other value."""


def sqrt(x: Real) -> Real:
    """Return the square root of a number or of each element."""
    return math.sqrt(x) if isinstance(x, float) else np.sqrt(x)


def minimum(x: Real, y: Real) -> Real:
    """Return the smaller of two numbers, or of each pair."""
    if isinstance(x, float) and isinstance(y, float):
        return x if x < y else y
    return np.minimum(x, y)


def maximum(x: Real, y: Real) -> Real:
    """Return the larger of two numbers, or of each pair."""
    if isinstance(x, float) and isinstance(y, float):
        return x if x > y else y
    return np.maximum(x, y)


def assign(target: NDArray[np.float64], source: NDArray[np.float64]) -> None:
    """Copy a matrix into another of the same shape."""
    target[...] = source


def multiply(a: Matrices, b: Matrices, out: Matrices, add: bool) -> None:
    """Write the products of square matrices, pair by pair, to `out`, or add them; all of shape (n, size, size)."""
    if add:
        out += a @ b
    else:
        np.matmul(a, b, out=out)


def act(matrices: Matrices, columns: Matrices, out: Matrices) -> None:
    """Write what matrices, shape (n, size, size), make of a few columns each, shape (n, size, few), to `out`."""
    np.matmul(matrices, columns, out=out)


def combine(weights: NDArray[np.float64], parts: NDArray[np.float64], factor: float, out: NDArray[np.float64]) -> None:
    """Write `factor` times weighted sums of equally shaped parts to `out`.

    Parameters
    ----------
    weights : array, shape (sums, parts)
        One row for each sum.
    parts : array, shape (parts or more, n, rows, columns)
        What is summed.
    factor : float
        For all of them.
    out : array, shape (sums, n, rows, columns)
        In one piece of memory.
    """
    flat = parts[: weights.shape[1]].reshape(weights.shape[1], -1)
    np.matmul(factor * weights, flat, out=out.reshape(len(weights), -1))


def falls_to(doses: Sequence[float], values: Sequence[float], level: float = 0.5) -> float | None:
    """Return the dose at which a curve first falls to `level`, linear in the logarithm of the dose.

    Parameters
    ----------
    doses : sequence of float
        Above 0, rising.
    values : sequence of float
        Signal relative to untreated.
    level : float
        What counts as reached.

    Returns
    -------
    float or None
        None where the curve never falls to it, or is below it from the first dose on.
    """
    for i, value in enumerate(values):
        if value <= level:
            if i == 0:
                return None
            above = values[i - 1]
            part = (above - level) / (above - value)
            logs = math.log(doses[i - 1]), math.log(doses[i])
            return math.exp(logs[0] + part * (logs[1] - logs[0]))
    return None
