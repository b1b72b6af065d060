"""The loop over lanes: one step of one tile of cells, in vector instructions.

Cells lie in tiles of `LANES`: a tile holds a row of `LANES` numbers per column, so that neighbouring cells of one
column lie side by side and everything about a tile stays in the nearest cache.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit

from tdm1sim.engine.compiled.layout import FLOWS, LANES, NONLINEAR, NOTED, SUMMED, TILE
from tdm1sim.engine.compiled.register import INNER, bits, register
from tdm1sim.engine.compiled.tuples import enter, load, note, noted_of, plus, store
from tdm1sim.mechanisms.cell import Clocks, Payload, Reached, Receptors, Traits, clock_step, payload_step, receptor_step
from tdm1sim.population import INDEX

register()

_GATE = np.uint64(INDEX["gate"] * LANES)
_REACHED = np.uint64(len(NOTED) * LANES)
_X0, _X1 = (np.uint64((len(NOTED) + len(Reached._fields) + n) * LANES) for n in range(2))


def _fields(names: Sequence[str]) -> list[str]:
    return [f"{name}_{part}" for name in names for part in ("coarse", "fine")]


# Classes of the module: compiled code is found again by their names.
AllSums: Any = namedtuple("AllSums", _fields(SUMMED))  # type: ignore[misc]
"""Exact sums over cells: a coarse and a fine integer of each flow (`tdm1sim.engine.compiled.exact`)."""
FewSums: Any = namedtuple("FewSums", _fields(NONLINEAR))  # type: ignore[misc]
"""The same of those that do not follow from totals where DM1 leaves proteolysis alone."""
ALL, FEW = AllSums(*[0] * len(AllSums._fields)), FewSums(*[0] * len(FewSums._fields))


@njit(**INNER)
def step_tile(tiles, tile, live, noted, due, r, k, leave, slow, empty, magic, fine, row):
    """Advance one tile by one step.

    Parameters
    ----------
    tiles : array
        Flat tiles; changed.
    tile, live : int
        Which one, and how many of its lanes are cells.
    noted : array, shape (NOTES * LANES,)
        Filled with what events need (`layout.NOTED`).
    due : array of uint8, shape (LANES,)
        Filled with 1 where something happens.
    r, k : Rates, Constants
        Of the clone and step, in the precision of the tiles.
    leave, slow : function
        `tdm1sim.mechanisms.cell.way_out` and `braking`.
    empty : named tuple
        `ALL` or `FEW`.
    magic, fine : float
        Constants that round to the quanta of the sums.
    row : array of int64
        Row of the books; added to.
    """
    zero = k.zero
    first = np.uint64(tile * TILE)
    total = empty
    for lane in range(LANES):
        n = np.uint64(lane)
        i = first + n
        receptors, reached = receptor_step(load(tiles, i, Receptors), load(tiles, i, Traits), r, k)
        store(tiles, i, receptors)
        note(noted, _REACHED + n, reached)
    for lane in range(LANES):
        n = np.uint64(lane)
        i = first + n
        reached = noted_of(noted, _REACHED + n, Reached)
        payload, moved = payload_step(load(tiles, i, Payload), reached, load(tiles, i, Traits), r, k, leave, slow)
        store(tiles, i, payload)
        note(noted, _X0 + n, (moved.x0, moved.x1))
        total = plus(total, moved, magic, fine, lane < live)
    for lane in range(LANES):
        n = np.uint64(lane)
        i = first + n
        before = load(tiles, i, Clocks)
        reached = noted_of(noted, _REACHED + n, Reached)
        after, push = clock_step(before, reached, noted[_X0 + n], noted[_X1 + n], load(tiles, i, Traits), r, k)
        store(tiles, i, after)
        note(noted, n, (before.y, push.apoptosis, push.nk, push.factor, push.speed, push.x0))
        due[n] = (
            (after.clock_apoptosis <= zero)
            | (after.clock_nk <= zero)
            | (after.clock_exit <= zero)
            | (after.clock_slip <= zero)
            | (after.y >= tiles[i + _GATE])
        )
    enter(row, FLOWS, total, live * bits(magic), live * bits(fine))
