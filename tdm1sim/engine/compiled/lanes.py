"""The loop over lanes: one step of one tile of cells, in vector instructions.

Cells lie in tiles of `LANES`: a tile holds a row of `LANES` numbers per column, so that neighbouring cells of one
column lie side by side and everything about a tile stays in the nearest cache.

Sums over cells are exact. Each term is rounded to a common quantum by adding a large constant (``magic``), and the bit
patterns are added as integers: the order of the cells, their tiles, chunks and threads cannot matter.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import overload

from tdm1sim.engine.compiled.register import FLAGS, bits, register
from tdm1sim.engine.events import Start
from tdm1sim.mechanisms.cell import Flows, Pressure, State, Traits, cell_step
from tdm1sim.population import INDEX, WIDTH

register()

LANES = 128
TILE = WIDTH * LANES
"""Numbers in a tile."""
HELD = ("R", "C", "Re", "Ce", "Dc", "De")
"""States whose sums over the cells are taken at the start of each step."""
SUMMED = len(HELD) + len(Flows._fields)
_TRAITS = np.uint64(len(State._fields) * LANES)
_GATE = np.uint64(INDEX["gate"] * LANES)
_ROW = np.uint64(LANES)
START = tuple(INDEX[name] for name in Start._fields[:-1])
NOTED = len(START) + len(Pressure._fields)
"""Numbers noted of each cell for its events: clocks at the start of the step, and the forces on it."""


class Sums(NamedTuple):
    """Sums over cells as exact integers: states at the start of the step, then what moved in it."""

    R: int
    C: int
    Re: int
    Ce: int
    Dc: int
    De: int
    sorted: int
    proteolysed: int
    exocytosed: int
    carried_sorted: int
    released: int
    carried_exocytosed: int
    catabolite_to_cytosol: int
    catabolite_exocytosed: int
    effluxed: int


def _written(source: str, **names: Any) -> Any:
    """Return the function `f` of a source text: one line per column, so that a new column needs no change here."""
    space: dict[str, Any] = {"np": np, "bits": bits, **names}
    exec(source, space)  # noqa: S102 - our own text, from the names of the columns
    return space["f"]


def load(tiles: Any, i: Any, kind: Any) -> Any:
    """Return the named tuple of a lane whose first column is at `i`; compiled code only."""
    raise NotImplementedError


@overload(load, jit_options={**FLAGS, "forceinline": True}, strict=False)
def _load(tiles: Any, i: Any, kind: Any) -> Any:  # noqa: ARG001
    made = kind.instance_class
    columns = ", ".join(f"tiles[i + o{n}]" for n in range(len(made._fields)))
    offsets = {f"o{n}": np.uint64(n * LANES) for n in range(len(made._fields))}
    return _written(f"def f(tiles, i, kind):\n    return made({columns})\n", made=made, **offsets)


def store(tiles: Any, i: Any, values: Any) -> None:
    """Write a tuple into the columns of a lane whose first column is at `i`; compiled code only."""
    raise NotImplementedError


@overload(store, jit_options={**FLAGS, "forceinline": True}, strict=False)
def _store(tiles: Any, i: Any, values: Any) -> Any:  # noqa: ARG001
    lines = "".join(f"    tiles[i + o{n}] = values[{n}]\n" for n in range(len(values)))
    offsets = {f"o{n}": np.uint64(n * LANES) for n in range(len(values))}
    return _written(f"def f(tiles, i, values):\n{lines}", **offsets)


def plus(sums: Any, state: Any, flows: Any, magic: Any, counts: Any) -> Any:
    """Return the sums with a cell added, where it counts (padding does not); compiled code only."""
    raise NotImplementedError


@overload(plus, jit_options={**FLAGS, "forceinline": True}, strict=False)
def _plus(sums: Any, state: Any, flows: Any, magic: Any, counts: Any) -> Any:  # noqa: ARG001
    terms = [f"state.{name}" for name in HELD] + [f"flows.{name}" for name in Flows._fields]
    added = ", ".join(
        f"sums[{n}] + (bits(np.float64({x}) + magic) if counts else zero)" for n, x in enumerate(terms)
    )
    return _written(
        f"def f(sums, state, flows, magic, counts):\n    return Sums({added})\n", Sums=Sums, zero=np.int64(0)
    )


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def step_tile(tiles, tile, live, noted, due, r, k, leave, magic, sums):  # type: ignore[no-untyped-def]
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
    magic : float
        The constant that rounds every term to the quantum of the sums.
    sums : array of int64, shape (SUMMED,)
        Added to.
    """
    zero, none = k.zero, np.int64(0)
    first = np.uint64(tile * TILE)
    total = Sums(none, none, none, none, none, none, none, none, none, none, none, none, none, none, none)
    for lane in range(LANES):
        n = np.uint64(lane)
        i = first + n
        before = load(tiles, i, State)
        after, moved, push = cell_step(before, load(tiles, i + _TRAITS, Traits), r, k, leave)
        store(tiles, i, after)
        clocks = (before.y, before.clock_apoptosis, before.clock_nk, before.clock_exit, before.clock_slip)
        store(noted, n, clocks)
        store(noted, n + _ROW * np.uint64(5), push)
        due[n] = (
            (after.clock_apoptosis <= zero)
            | (after.clock_nk <= zero)
            | (after.clock_exit <= zero)
            | (after.clock_slip <= zero)
            | (after.y >= tiles[i + _GATE])
        )
        total = plus(total, before, moved, magic, lane < live)
    store_sums(sums, total, live * bits(magic))


def store_sums(sums: Any, total: Any, constant: Any) -> None:
    """Add a `Sums`, less the constant that every term carries, to an array; compiled code only."""
    raise NotImplementedError


@overload(store_sums, jit_options=FLAGS, strict=False)
def _store_sums(sums: Any, total: Any, constant: Any) -> Any:  # noqa: ARG001
    lines = "".join(f"    sums[{n}] += total[{n}] - constant\n" for n in range(SUMMED))
    return _written(f"def f(sums, total, constant):\n{lines}")


_ = types
