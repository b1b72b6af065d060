"""The loop over lanes: one step of one tile of cells, in vector instructions.

Cells lie in tiles of `LANES`: a tile holds a row of `LANES` numbers per column, so that neighbouring cells of one
column lie side by side and everything about a tile stays in the nearest cache.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
from numba import njit
from numba.extending import overload

from tdm1sim.engine.compiled.layout import FLOWS, LANES, SUMMED, TILE
from tdm1sim.engine.compiled.register import FLAGS, INNER, bits, register
from tdm1sim.engine.events import Start
from tdm1sim.mechanisms.cell import Pressure, State, Traits, cell_step
from tdm1sim.population import INDEX

register()

INLINE = {**FLAGS, "forceinline": True}
_TRAITS = np.uint64(len(State._fields) * LANES)
_GATE = np.uint64(INDEX["gate"] * LANES)
_CLOCKS = len(Start._fields) - 1
_PUSH = np.uint64(_CLOCKS * LANES)
NOTED = _CLOCKS + len(Pressure._fields)
"""Numbers noted of each cell for its events: cycle and clocks at the start of the step, and the forces on it."""

_PARTS = [f"{name}_{part}" for name in SUMMED for part in ("coarse", "fine")]
Sums: Any = namedtuple("Sums", _PARTS)  # type: ignore[misc]
"""Sums over cells as exact integers (`tdm1sim.engine.compiled.exact`)."""


def written(source: str, **names: Any) -> Any:
    """Return the function `f` of a source text: one line per column, so that a new column needs no change here."""
    space: dict[str, Any] = {"np": np, "bits": bits, **names}
    exec(source, space)  # noqa: S102 - our own text, from the names of the columns
    return space["f"]


def load(tiles: Any, i: Any, kind: Any) -> Any:
    """Return the named tuple of a lane whose first column is at `i`; compiled code only."""
    raise NotImplementedError


@overload(load, jit_options=INLINE, strict=False)
def _load(tiles: Any, i: Any, kind: Any) -> Any:  # noqa: ARG001
    made = kind.instance_class
    columns = ", ".join(f"tiles[i + o{n}]" for n in range(len(made._fields)))
    offsets = {f"o{n}": np.uint64(n * LANES) for n in range(len(made._fields))}
    return written(f"def f(tiles, i, kind):\n    return made({columns})\n", made=made, **offsets)


def store(tiles: Any, i: Any, values: Any) -> None:
    """Write a tuple into the columns of a lane whose first column is at `i`; compiled code only."""
    raise NotImplementedError


@overload(store, jit_options=INLINE, strict=False)
def _store(tiles: Any, i: Any, values: Any) -> Any:  # noqa: ARG001
    lines = "".join(f"    tiles[i + o{n}] = values[{n}]\n" for n in range(len(values)))
    offsets = {f"o{n}": np.uint64(n * LANES) for n in range(len(values))}
    return written(f"def f(tiles, i, values):\n{lines}", **offsets)


def plus(sums: Any, flows: Any, magic: Any, fine: Any, counts: Any) -> Any:
    """Return the sums with a cell's flows added, where it counts (padding does not); compiled code only."""
    raise NotImplementedError


@overload(plus, jit_options=INLINE, strict=False)
def _plus(sums: Any, flows: Any, magic: Any, fine: Any, counts: Any) -> Any:  # noqa: ARG001
    lines, terms = "", []
    for n, name in enumerate(SUMMED):
        lines += f"    x{n} = np.float64(flows.{name})\n    r{n} = x{n} + magic\n"
        terms.append(f"sums[{2 * n}] + (bits(r{n}) if counts else zero)")
        terms.append(f"sums[{2 * n + 1}] + (bits((x{n} - (r{n} - magic)) + fine) if counts else zero)")
    source = f"def f(sums, flows, magic, fine, counts):\n{lines}    return Sums({', '.join(terms)})\n"
    return written(source, Sums=Sums, zero=np.int64(0))


def none() -> Any:
    """Return empty sums; compiled code only."""
    raise NotImplementedError


@overload(none, jit_options=INLINE, strict=False)
def _none() -> Any:
    zeros = ", ".join(["zero"] * len(Sums._fields))
    return written(f"def f():\n    return Sums({zeros})\n", Sums=Sums, zero=np.int64(0))


def enter(row: Any, sums: Any, coarse: Any, fine: Any) -> None:
    """Add sums to a row of the books, less the constants that every term carries; compiled code only."""
    raise NotImplementedError


@overload(enter, jit_options=FLAGS, strict=False)
def _enter(row: Any, sums: Any, coarse: Any, fine: Any) -> Any:  # noqa: ARG001
    lines = ""
    for n in range(len(Sums._fields)):
        lines += f"    row[{FLOWS + n}] += sums[{n}] - {'fine' if n % 2 else 'coarse'}\n"
    return written(f"def f(row, sums, coarse, fine):\n{lines}")


@njit(**INNER)
def step_tile(tiles, tile, live, noted, due, r, k, leave, magic, fine, row):
    """Advance one tile by one step.

    Parameters
    ----------
    tiles : array
        Flat tiles; changed.
    tile, live : int
        Which one, and how many of its lanes are cells.
    noted : array, shape (NOTED * LANES,)
        Filled with what events need.
    due : array of uint8, shape (LANES,)
        Filled with 1 where something happens.
    r, k : Rates, Constants
        Of the clone and step, in the precision of the tiles.
    leave : function
        `tdm1sim.mechanisms.cell.way_out`.
    magic, fine : float
        Constants that round to the quanta of the sums.
    row : array of int64
        Row of the books; added to.
    """
    zero = k.zero
    first = np.uint64(tile * TILE)
    total = none()
    for lane in range(LANES):
        n = np.uint64(lane)
        i = first + n
        before = load(tiles, i, State)
        after, moved, push = cell_step(before, load(tiles, i + _TRAITS, Traits), r, k, leave)
        store(tiles, i, after)
        clocks = (before.y, before.clock_apoptosis, before.clock_nk, before.clock_exit, before.clock_slip)
        store(noted, n, clocks)
        store(noted, n + _PUSH, push)
        due[n] = (
            (after.clock_apoptosis <= zero)
            | (after.clock_nk <= zero)
            | (after.clock_exit <= zero)
            | (after.clock_slip <= zero)
            | (after.y >= tiles[i + _GATE])
        )
        total = plus(total, moved, magic, fine, lane < live)
    enter(row, total, live * bits(magic), live * bits(fine))
