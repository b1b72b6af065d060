"""Chunks of cells through the steps of a window: cells outside, time inside, events after each step.

A chunk is a handful of tiles of one clone, small enough for the second-level cache; it takes all steps of a window
before the next chunk takes its first. An arena is a row of chunks, and one call works through an arena, so that threads
share arenas and Python is not asked in between.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import overload

from tdm1sim.engine.compiled.lanes import LANES, TILE, _written
from tdm1sim.engine.compiled.register import FLAGS, bits
from tdm1sim.engine.events import Rules
from tdm1sim.histogram import place
from tdm1sim.population import INDEX, WIDTH, CycleTimes, Stage

_R0, _GROWING, _PEAK = INDEX["R0"], INDEX["growing"], INDEX["peak"]
_ANTIBODY = tuple(INDEX[name] for name in ("C", "Ce", "L"))
_CARRIED = tuple(INDEX[name] for name in ("Dc", "De", "Dl"))
_PAYLOAD = tuple(INDEX[name] for name in ("PL", "Pc"))
_FOREVER = tuple(INDEX[f"clock_{name}"] for name in ("apoptosis", "nk", "exit", "slip")) + (INDEX["gate"],)
_ONES = tuple(INDEX[name] for name in ("mdr1", "tolerance", "pace"))
_ARRESTED = float(Stage.ARRESTED)
_DEEPEST = np.uint64(1 << 62)
"""A lineage is a 1 followed by the path of divisions, 0 or 1 each; deeper ones lose their name (0)."""
WEIGHT = 2.0**-40
"""Quantum of the metabolic weight of dying cells."""


class Window(NamedTuple):
    """What a window brings to the cells of one clone: (steps,) times and lengths (h), surroundings, transitions.

    ``around`` has the fields of `Around` but ``h``, shape (steps, 6); ``matrices`` shape (steps, 13, 13).
    """

    t: Any
    h: Any
    around: Any
    matrices: Any


class Fading(NamedTuple):
    """How an ATP assay sees the dying: weight of arrested cells, time constant (h); then the DM1 bands (nM)."""

    w_arrested: float
    tau_dying: float
    low: float
    high: float


class Cells(NamedTuple):
    """Cells in lanes: flat ``tiles``, and ``keys`` and ``lines`` per lane."""

    tiles: Any
    keys: Any
    lines: Any


class Scene(NamedTuple):
    """What all cells of a clone meet in a window, and what their events need.

    Attributes
    ----------
    window : Window
        Steps.
    clone : int
        Which clone.
    constants, rules : CloneRates, Rules
        Of the clone.
    table : array
        Numbers of all clones' rules (`table_of`).
    k : Constants
        In the precision of the tiles.
    magic : float
        Sets the quantum of sums.
    fading : Fading
        For read-outs.
    followed : array of bool, shape (founders,) or (0,)
        Whose lives are kept.
    """

    window: Any
    clone: Any
    constants: Any
    rules: Any
    table: Any
    k: Any
    magic: Any
    fading: Any
    followed: Any


class Books(NamedTuple):
    """What comes out of a window, all exact integers, so that it can be added in any order.

    Attributes
    ----------
    sums : array, shape (steps, SUMMED)
        See `tdm1sim.engine.compiled.lanes.Sums`.
    gone : array, shape (steps, 3)
        Antibody, payload on it and free payload of lost cells.
    made : array, shape (steps, 2)
        Changes, after each step, of the sum of R0 over all cells and over growing ones.
    cells : array, shape (steps, 2)
        Cells lost in each step, and change of the number of cells.
    fades : array, shape (steps,)
        Metabolic weight of cells that died, at the end of the step, in units of WEIGHT.
    ends : array, shape (6, FOUNDER_GROUPS)
        Cells by how they ended (`End`) and founder group.
    peaks, bands : array
        Histogram of the highest DM1 of dead cells, and their number in each band.
    """

    sums: Any
    gone: Any
    made: Any
    cells: Any
    fades: Any
    ends: Any
    peaks: Any
    bands: Any


class Lives(NamedTuple):
    """Cells as rows, of which the first ``n[0]`` are filled.

    Attributes
    ----------
    n : array of int64, shape (1,)
        How many.
    values, keys, lines : array, shape (room, WIDTH), (room,), (room,)
        Columns, luck, lineage.
    times, codes : array, shape (room,)
        When (h) and how (`End`) a life ended; of a newborn its first step, and its clone.
    """

    n: Any
    values: Any
    keys: Any
    lines: Any
    times: Any
    codes: Any


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def no_lives(room):  # type: ignore[no-untyped-def]
    """Return rows to be filled."""
    return Lives(
        np.zeros(1, np.int64),
        np.empty((room, WIDTH)),
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room),
        np.empty(room, np.int64),
    )


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def keep(rows, values, key, line, time, code):  # type: ignore[no-untyped-def]
    """Fill a row, making room by doubling; return the rows."""
    n = rows.n[0]
    if n == len(rows.keys):
        wide = no_lives(2 * n)
        for i in range(n):
            for c in range(WIDTH):
                wide.values[i, c] = rows.values[i, c]
            wide.keys[i], wide.lines[i] = rows.keys[i], rows.lines[i]
            wide.times[i], wide.codes[i] = rows.times[i], rows.codes[i]
        rows = wide
    rows.n[0] = n + 1
    for c in range(WIDTH):
        rows.values[n, c] = values[c]
    rows.keys[n], rows.lines[n] = key, line
    rows.times[n], rows.codes[n] = time, code
    return rows


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def put(tiles, lane, values):  # type: ignore[no-untyped-def]
    """Write a cell into a lane."""
    first = (lane // LANES) * TILE + lane % LANES
    for c in range(WIDTH):
        tiles[first + c * LANES] = values[c]


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def get(tiles, lane, values):  # type: ignore[no-untyped-def]
    """Read a cell from a lane."""
    first = (lane // LANES) * TILE + lane % LANES
    for c in range(WIDTH):
        values[c] = tiles[first + c * LANES]


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def neutral(tiles, lane):  # type: ignore[no-untyped-def]
    """Make a lane padding: nothing ever happens to it."""
    first = (lane // LANES) * TILE + lane % LANES
    for c in range(WIDTH):
        tiles[first + c * LANES] = 0.0
    for c in _FOREVER:
        tiles[first + c * LANES] = math.inf
    for c in _ONES:
        tiles[first + c * LANES] = 1.0


def in_precision(values: Any, k: Any) -> Any:
    """Return a named tuple of numbers in the precision of `k`; compiled code only."""
    raise NotImplementedError


@overload(in_precision, jit_options=FLAGS, strict=False)
def _in_precision(values: Any, k: Any) -> Any:  # noqa: ARG001
    if k.types[0] == values.types[0]:
        return lambda values, k: values
    parts = []
    for n, part in enumerate(values.types):
        parts.append(f"in_precision(values[{n}], k)" if hasattr(part, "types") else f"kind(values[{n}])")
    source = f"def f(values, k):\n    return made({', '.join(parts)})\n"
    return _written(source, made=values.instance_class, in_precision=in_precision, kind=np.float32)


def row_rules(table: Any, clone: Any, like: Any) -> Any:
    """Return the `Rules` of a clone from its row of a table; compiled code only."""
    raise NotImplementedError


RULE_NUMBERS = tuple(name for name in Rules._fields if name not in {"times", "medians", "others", "chances"})


@overload(row_rules, jit_options=FLAGS, strict=False)
def _row_rules(table: Any, clone: Any, like: Any) -> Any:  # noqa: ARG001
    from tdm1sim.engine.events import Medians

    n = iter(range(100))
    times = ", ".join(f"table[clone, {next(n)}]" for _ in CycleTimes._fields)
    numbers = ", ".join(f"{name}=table[clone, {next(n)}]" for name in RULE_NUMBERS)
    medians = ", ".join(f"table[clone, {next(n)}]" for _ in Medians._fields)
    source = (
        "def f(table, clone, like):\n"
        f"    return Rules(times=CycleTimes({times}), {numbers}, medians=Medians({medians}), "
        "others=like.others, chances=like.chances)\n"
    )
    return _written(source, Rules=Rules, CycleTimes=CycleTimes, Medians=Medians)


def table_of(rules: Any) -> Any:
    """Return the numbers of some `Rules` as rows, in the order `row_rules` reads them."""
    return np.array([[*r.times, *(getattr(r, name) for name in RULE_NUMBERS), *r.medians] for r in rules])


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def child_line(line, which):  # type: ignore[no-untyped-def]
    return line * np.uint64(2) + np.uint64(which) if line < _DEEPEST else np.uint64(0)


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def lose(cell, outcome, s, scene, books):  # type: ignore[no-untyped-def]
    """Book a cell that died."""
    antibody = carried = payload = 0.0
    for c in _ANTIBODY:
        antibody += cell[c]
    for c in _CARRIED:
        carried += cell[c]
    for c in _PAYLOAD:
        payload += cell[c]
    magic, fading, h = scene.magic, scene.fading, scene.window.h[s]
    nothing = bits(magic)
    books.gone[s, 0] += bits(antibody + magic) - nothing
    books.gone[s, 1] += bits(carried + magic) - nothing
    books.gone[s, 2] += bits(payload + magic) - nothing
    books.made[s, 0] -= bits(cell[_R0] + magic) - nothing
    books.made[s, 1] -= bits(cell[_R0] * cell[_GROWING] + magic) - nothing
    books.cells[s, 0] += 1
    books.cells[s, 1] -= 1
    weight = fading.w_arrested if outcome.stage >= _ARRESTED else 1.0
    weight *= math.exp(-(h - outcome.time) / fading.tau_dying)
    books.fades[s] += np.int64(weight / WEIGHT + 0.5)
    peak = cell[_PEAK]
    books.peaks[place(bits(peak))] += 1
    books.bands[(1 if peak >= fading.low else 0) + (1 if peak > fading.high else 0)] += 1


def neutral_cell() -> Any:
    """Return the columns of padding, shape (WIDTH,)."""
    cell = np.zeros(WIDTH)
    cell[list(_FOREVER)] = math.inf
    cell[list(_ONES)] = 1.0
    return cell
