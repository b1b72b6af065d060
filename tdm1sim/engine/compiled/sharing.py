"""Cells and their compartment for compiled code: `tdm1sim.surroundings.sharing`, registered with numba.

After this module is imported, jitted functions call them by their names. Nothing of the biology is written here: what
numba cannot compile as it stands, products of stacked matrices, gets loops, and the rest is the same source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.extending import overload, register_jitable

from tdm1sim import maths
from tdm1sim.engine.compiled.register import PLAIN
from tdm1sim.surroundings import exponential, joint, pieces, sharing

SIZE = exponential.SIZE
"""Of all square matrices here: loops whose length is known are compiled faster, and run faster."""

SHARED: tuple[Callable[..., Any], ...] = (
    pieces.lasting,
    pieces.building,
    pieces.across,
    exponential.transition,
    exponential.load,
    joint.relax,
    joint.relaxation,
    sharing.begin,
    sharing.take,
    sharing.weigh,
    sharing.narrow,
    sharing.carry,
    sharing.settle,
    sharing.advance_together,
)

for function in SHARED:
    register_jitable(**PLAIN)(function)


@overload(maths.multiply, jit_options=PLAIN)
def _multiply(a: Any, b: Any, out: Any, add: Any) -> Any:  # noqa: ARG001 - numba looks at the names
    def loops(a: Any, b: Any, out: Any, add: Any) -> None:
        for n in range(len(a)):
            for i in range(SIZE):
                if not add:
                    for j in range(SIZE):
                        out[n, i, j] = 0.0
                for k in range(SIZE):
                    x = a[n, i, k]
                    if x != 0.0:  # as half of a transition is
                        for j in range(SIZE):
                            out[n, i, j] += x * b[n, k, j]

    return loops


@overload(maths.act, jit_options=PLAIN)
def _act(matrices: Any, columns: Any, out: Any) -> Any:  # noqa: ARG001
    def loops(matrices: Any, columns: Any, out: Any) -> None:
        for n in range(len(matrices)):
            for i in range(SIZE):
                for j in range(columns.shape[2]):
                    total = 0.0
                    for k in range(SIZE):
                        total += matrices[n, i, k] * columns[n, k, j]
                    out[n, i, j] = total

    return loops


@overload(maths.assign, jit_options=PLAIN, strict=False)
def _assign(target: Any, source: Any) -> Any:  # noqa: ARG001
    def loops(target: Any, source: Any) -> None:
        for i in range(SIZE):
            for j in range(SIZE):
                target[i, j] = source[i, j]

    return loops


@overload(maths.combine, jit_options=PLAIN)
def _combine(weights: Any, parts: Any, factor: Any, out: Any) -> Any:  # noqa: ARG001
    def loops(weights: Any, parts: Any, factor: Any, out: Any) -> None:
        for s in range(len(weights)):
            for p in range(weights.shape[1]):
                w = factor * weights[s, p]
                for n in range(parts.shape[1]):
                    for i in range(SIZE):
                        for j in range(SIZE):
                            if p == 0:
                                out[s, n, i, j] = 0.0
                            out[s, n, i, j] += w * parts[p, n, i, j]

    return loops
