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

from tdm1sim.engine.compiled.layout import FLOWS, LANES, NONLINEAR, NOTED, SUMMED, TILE
from tdm1sim.engine.compiled.register import FLAGS, INNER, PLAIN, bits, register
from tdm1sim.mechanisms.cell import Clocks, Payload, Reached, Receptors, Traits, clock_step, payload_step, receptor_step
from tdm1sim.population import INDEX

register()

INLINE = {**FLAGS, "forceinline": True, "no_cfunc_wrapper": True}
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


def written(source: str, **names: Any) -> Any:
    """Return the function `f` of a source text: one line per column, so that a new column needs no change here."""
    space: dict[str, Any] = {"np": np, "bits": bits, **names}
    exec(source, space)  # noqa: S102 - our own text, from the names of the columns
    return space["f"]


def load(tiles: Any, i: Any, kind: Any) -> Any:
    """Return the named tuple of a lane, from the columns of the names of its fields; compiled code only."""
    raise NotImplementedError


@overload(load, jit_options=INLINE, strict=False)
def _load(tiles: Any, i: Any, kind: Any) -> Any:  # noqa: ARG001
    made = kind.instance_class
    columns = ", ".join(f"tiles[i + {name}]" for name in made._fields)
    return written(f"def f(tiles, i, kind):\n    return made({columns})\n", made=made, **_offsets(made._fields))


def store(tiles: Any, i: Any, values: Any) -> None:
    """Write a named tuple into the columns of its fields; compiled code only."""
    raise NotImplementedError


@overload(store, jit_options=INLINE, strict=False)
def _store(tiles: Any, i: Any, values: Any) -> Any:  # noqa: ARG001
    lines = "".join(f"    tiles[i + {name}] = values[{n}]\n" for n, name in enumerate(values.fields))
    return written(f"def f(tiles, i, values):\n{lines}", **_offsets(values.fields))


def _offsets(columns: Sequence[str]) -> dict[str, Any]:
    return {name: np.uint64(INDEX[name] * LANES) for name in columns}


def note(noted: Any, n: Any, values: Any) -> None:
    """Write a tuple into the first rows of the notes from `n` on; compiled code only."""
    raise NotImplementedError


@overload(note, jit_options=INLINE, strict=False)
def _note(noted: Any, n: Any, values: Any) -> Any:  # noqa: ARG001
    lines = "".join(f"    noted[n + o{m}] = values[{m}]\n" for m in range(len(values)))
    offsets = {f"o{m}": np.uint64(m * LANES) for m in range(len(values))}
    return written(f"def f(noted, n, values):\n{lines}", **offsets)


def noted_of(noted: Any, n: Any, kind: Any) -> Any:
    """Return the named tuple that was noted at `n`; compiled code only."""
    raise NotImplementedError


@overload(noted_of, jit_options=INLINE, strict=False)
def _noted_of(noted: Any, n: Any, kind: Any) -> Any:  # noqa: ARG001
    made = kind.instance_class
    rows = ", ".join(f"noted[n + o{m}]" for m in range(len(made._fields)))
    offsets = {f"o{m}": np.uint64(m * LANES) for m in range(len(made._fields))}
    return written(f"def f(noted, n, kind):\n    return made({rows})\n", made=made, **offsets)


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


@overload(enter, jit_options=PLAIN, strict=False)
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
    enter(row, total, live * bits(magic), live * bits(fine))
