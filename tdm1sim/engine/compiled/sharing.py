"""Cells and their compartment for compiled code: `tdm1sim.surroundings.sharing`, registered with numba.

After this module is imported, jitted functions call them by their names. Nothing of the biology is written here: what
numba cannot compile as it stands, products of stacked matrices, gets loops, and the rest is the same source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import overload, register_jitable

from tdm1sim import maths
from tdm1sim.surroundings import exponential, joint, pieces, sharing

ERRORS = {"error_model": "numpy", "no_cfunc_wrapper": True}
"""Divide as NumPy does: no check for zero in front of each division."""

SHARED: tuple[Callable[..., Any], ...] = (
    pieces.lasting,
    pieces.building,
    pieces.piece_at,
    pieces.level,
    pieces.across,
    exponential.put_generator,
    exponential.fastest,
    exponential.transition,
    joint.relax,
    joint.relaxation,
    sharing.begin,
    sharing.attempt,
    sharing.match,
    sharing.carry,
    sharing.carry_at,
    sharing.move,
    sharing.settle,
    sharing.load,
    sharing.advance_together,
)

for function in SHARED:
    register_jitable(**ERRORS)(function)


@overload(maths.multiply_add, jit_options=ERRORS)
def _multiply_add(a: Any, b: Any, out: Any) -> Any:  # noqa: ARG001 - numba looks at the names
    def loops(a: Any, b: Any, out: Any) -> None:
        size, columns = b.shape[1], b.shape[2]
        for n in range(a.shape[0]):
            for i in range(a.shape[1]):
                for k in range(size):
                    x = a[n, i, k]
                    if x != 0.0:  # most elements of a transition are
                        for j in range(columns):
                            out[n, i, j] += x * b[n, k, j]

    return loops


@overload(maths.multiply, jit_options=ERRORS)
def _multiply(a: Any, b: Any, out: Any) -> Any:  # noqa: ARG001
    def loops(a: Any, b: Any, out: Any) -> None:
        for n in range(out.shape[0]):
            for i in range(out.shape[1]):
                for j in range(out.shape[2]):
                    out[n, i, j] = 0.0
        maths.multiply_add(a, b, out)

    return loops


@overload(maths.assign, jit_options=ERRORS, strict=False)
def _assign(target: Any, source: Any) -> Any:  # noqa: ARG001
    def loops(target: Any, source: Any) -> None:
        for i in range(source.shape[0]):
            for j in range(source.shape[1]):
                target[i, j] = source[i, j]

    return loops


@overload(maths.combine, jit_options=ERRORS)
def _combine(weights: Any, parts: Any, factor: Any) -> Any:  # noqa: ARG001
    def loops(weights: Any, parts: Any, factor: Any) -> Any:
        count, clones, rows, columns = parts.shape
        sums = np.zeros((weights.shape[0], clones, rows, columns))
        for s in range(weights.shape[0]):
            for p in range(count):
                w = factor * weights[s, p]
                for n in range(clones):
                    for i in range(rows):
                        for j in range(columns):
                            sums[s, n, i, j] += w * parts[p, n, i, j]
        return sums

    return loops
