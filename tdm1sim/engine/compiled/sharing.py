"""Cells and their compartment for compiled code: `tdm1sim.surroundings.sharing`, registered with numba.

After this module is imported, jitted functions call them by their names. Nothing of the biology is written here: what
numba cannot compile as it stands, products of stacked matrices, is in `tdm1sim.engine.compiled.matrices`, and the rest
is the same source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.extending import register_jitable

from tdm1sim.engine.compiled import matrices as _matrices  # noqa: F401 - brings the products of matrices
from tdm1sim.engine.compiled.register import PLAIN
from tdm1sim.surroundings import exponential, joint, pieces, sharing

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
