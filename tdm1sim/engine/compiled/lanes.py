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
from numba.extending import overload

from tdm1sim.engine.compiled.layout import FLOWS, LANES, NONLINEAR, SUMMED, TILE
from tdm1sim.engine.compiled.register import FLAGS, INNER, bits, register
from tdm1sim.mechanisms.cell import State, Traits, cell_step
from tdm1sim.population import INDEX

register()

INLINE = {**FLAGS, "forceinline": True}
_TRAITS = np.uint64(len(State._fields) * LANES)
_GATE = np.uint64(INDEX["gate"] * LANES)
NOTED = ("y", "apoptosis", "nk", "factor", "speed", "x0")
"""Numbers noted of each cell for its events: cycle position at the start of the step, and forces on it."""


def _fields(names: Sequence[str]) -> list[str]:
    return [f"{name}_{part}" for name in names for part in ("coarse", "fine")]


# Classes of the module: compiled code is found again by their names.
AllSums: Any = namedtuple("AllSums", _fields(SUMMED))  # type: ignore[misc]
"""Exact sums over cells: a coarse and a fine integer of each flow (`tdm1sim.engine.compiled.exact`)."""
FewSums: Any = namedtuple("FewSums", _fields(NONLINEAR))  # type: ignore[misc]
"""The same of those that do not follow from totals where DM1 leaves proteolysis alone."""
ALL, FEW = AllSums(*[0] * len(AllSums._fields)), FewSums(*[0] * len(FewSums._fields))


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
    for n, field in enumerate(sums.fields[::2]):
        lines += f"    x{n} = np.float64(flows.{field.removesuffix('_coarse')})\n    r{n} = x{n} + magic\n"
        terms.append(f"sums[{2 * n}] + (bits(r{n}) if counts else zero)")
        terms.append(f"sums[{2 * n + 1}] + (bits((x{n} - (r{n} - magic)) + fine) if counts else zero)")
    source = f"def f(sums, flows, magic, fine, counts):\n{lines}    return made({', '.join(terms)})\n"
    return written(source, made=sums.instance_class, zero=np.int64(0))


def enter(row: Any, sums: Any, coarse: Any, fine: Any) -> None:
    """Add sums to a row of the books, less the constants that every term carries; compiled code only."""
    raise NotImplementedError


@overload(enter, jit_options=FLAGS, strict=False)
def _enter(row: Any, sums: Any, coarse: Any, fine: Any) -> Any:  # noqa: ARG001
    lines = ""
    for n, field in enumerate(sums.fields):
        name, _, part = field.rpartition("_")
        place = FLOWS + 2 * SUMMED.index(name) + ("coarse", "fine").index(part)
        lines += f"    row[{place}] += sums[{n}] - {part}\n"
    return written(f"def f(row, sums, coarse, fine):\n{lines}")


@njit(**INNER)
def step_tile(tiles, tile, live, noted, due, r, k, leave, slow, empty, magic, fine, row):
    """Advance one tile by one step.

    Parameters
    ----------
    tiles : array
        Flat tiles; changed.
    tile, live : int
        Which one, and how many of its lanes are cells.
    noted : array, shape (len(NOTED) * LANES,)
        Filled with what events need.
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
        before = load(tiles, i, State)
        after, moved, push = cell_step(before, load(tiles, i + _TRAITS, Traits), r, k, leave, slow)
        store(tiles, i, after)
        store(noted, n, (before.y, push.apoptosis, push.nk, push.factor, push.speed, push.x0))
        due[n] = (
            (after.clock_apoptosis <= zero)
            | (after.clock_nk <= zero)
            | (after.clock_exit <= zero)
            | (after.clock_slip <= zero)
            | (after.y >= tiles[i + _GATE])
        )
        total = plus(total, moved, magic, fine, lane < live)
    enter(row, total, live * bits(magic), live * bits(fine))
