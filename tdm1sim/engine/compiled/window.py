"""An arena's cells through a window: the lane loop, then what happens to whom, step after step."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tdm1sim import luck
from tdm1sim.engine.compiled.chunks import (
    Cells,
    child_line,
    get,
    in_precision,
    keep,
    lose,
    neutral,
    no_lives,
    put,
    row_rules,
)
from tdm1sim.engine.compiled.lanes import LANES, NOTED, START, step_tile
from tdm1sim.engine.compiled.register import FLAGS, bits
from tdm1sim.engine.events import End, Push, Start, daughter, live_through, next_clone, settle, turn_into
from tdm1sim.engine.rates import Around, rates_of
from tdm1sim.mechanisms.cytosol import cytosol
from tdm1sim.mechanisms.exchange import crossing
from tdm1sim.population import FOUNDER_GROUPS, INDEX, WIDTH

_R0, _GROWING, _PACE, _STAGE = INDEX["R0"], INDEX["growing"], INDEX["pace"], INDEX["stage"]
_FOUNDER = INDEX["founder"]
_NONE, _DIVISION = int(End.NONE), int(End.DIVISION)
_FIRST_PUSH = len(START)
_BYTES = 8


class Happened(NamedTuple):
    """What a step leaves to be settled, and what a window leaves for good.

    Attributes
    ----------
    ended, spilled : Lives
        Lives that ended; newborns that found no lane or belong to another clone.
    born : Lives
        Newborns of the step that need a lane.
    holes : array of int64
        Lanes that became free in the step, rising; the last number is how many.
    cell, child : array, shape (WIDTH,)
        Scratch.
    """

    ended: Any
    spilled: Any
    born: Any
    holes: Any
    cell: Any
    child: Any


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def _noted(noted, lane, first):  # type: ignore[no-untyped-def]
    """Return a number noted of a lane."""
    return np.float64(noted[first * LANES + lane])


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def _happen(cells, place, noted, s, scene, books, out):  # type: ignore[no-untyped-def]
    """Resolve what happens to the cell in a lane in step `s`; return what has happened so far."""
    cell, lane, f = out.cell, place % LANES, _FIRST_PUSH
    get(cells.tiles, place, cell)
    start = Start(
        _noted(noted, lane, 0),
        _noted(noted, lane, 1),
        _noted(noted, lane, 2),
        _noted(noted, lane, 3),
        _noted(noted, lane, 4),
        cell[_STAGE],
    )
    push = Push(
        _noted(noted, lane, f),
        _noted(noted, lane, f + 1),
        _noted(noted, lane, f + 2),
        _noted(noted, lane, f + 3),
        _noted(noted, lane, f + 4),
        _noted(noted, lane, f + 5),
    )
    t, h, growing, nothing = scene.window.t[s], scene.window.h[s], cell[_GROWING], bits(scene.magic)
    outcome = live_through(start, push, cell[_PACE], cells.keys[place], scene.rules, h)
    if outcome.end == _NONE:
        settle(cell, outcome, scene.rules)
        put(cells.tiles, place, cell)
        books.made[s, 1] -= bits(cell[_R0] * (growing - cell[_GROWING]) + scene.magic) - nothing
        return out
    cell[_STAGE] = outcome.stage
    founder = np.int64(cell[_FOUNDER])
    books.ends[outcome.end, founder % FOUNDER_GROUPS] += 1
    if len(scene.followed) > 0 and scene.followed[founder]:
        ended = keep(out.ended, cell, cells.keys[place], cells.lines[place], t + outcome.time, outcome.end)
        out = Happened(ended, out.spilled, out.born, out.holes, cell, out.child)
    if outcome.end == _DIVISION:
        return _divide(cells, place, outcome, push, s, scene, books, out)
    lose(cell, outcome, s, scene, books)
    _leave_hole(out.holes, place)
    return out


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def _leave_hole(holes, place):  # type: ignore[no-untyped-def]
    holes[holes[-1]] = place
    holes[-1] += 1


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def _divide(cells, place, outcome, push, s, scene, books, out):  # type: ignore[no-untyped-def]
    """Put two daughters into the world: the first into the mother's lane, unless they become another clone."""
    cell, child, magic, nothing = out.cell, out.child, scene.magic, bits(scene.magic)
    h, born_at = scene.window.h[s], scene.window.t[s] + outcome.time
    key, line, placed = cells.keys[place], cells.lines[place], False
    books.made[s, 0] -= bits(cell[_R0] + magic) - nothing
    books.made[s, 1] -= bits(cell[_R0] * cell[_GROWING] + magic) - nothing
    books.cells[s, 1] -= 1
    for which in range(2):
        new, name = luck.daughter_key(key, which), child_line(line, which)
        clone = next_clone(scene.clone, new, scene.rules)
        rules = row_rules(scene.table, clone, scene.rules)
        daughter(child, cell, new, outcome, push, rules, born_at, h)
        if clone != scene.clone:
            turn_into(child, scene.rules.medians, rules.medians)
            spilled = keep(out.spilled, child, new, name, s + 1.0, clone)
            out = Happened(out.ended, spilled, out.born, out.holes, cell, child)
            continue
        books.made[s, 0] += bits(child[_R0] + magic) - nothing
        books.made[s, 1] += bits(child[_R0] + magic) - nothing
        books.cells[s, 1] += 1
        if placed:
            out = Happened(out.ended, out.spilled, keep(out.born, child, new, name, 0.0, clone), out.holes, cell, child)
        else:
            put(cells.tiles, place, child)
            cells.keys[place], cells.lines[place] = new, name
            placed = True
    if not placed:
        _leave_hole(out.holes, place)
    return out


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def _settle_in(cells, n, s, clone, magic, books, out):  # type: ignore[no-untyped-def]
    """Give newborns a lane: a hole, the end of the chunk, or none (spilled); close the holes that are left."""
    cell, holes, born, spilled, nothing = out.cell, out.holes, out.born, out.spilled, bits(magic)
    for b in range(born.n[0]):
        if holes[-1] > 0:
            holes[-1] -= 1
            place = holes[holes[-1]]
        elif n < len(cells.keys):
            place = n
            n += 1
        else:  # its arena to come will count it
            spilled = keep(spilled, born.values[b], born.keys[b], born.lines[b], s + 1.0, clone)
            books.made[s, 0] -= bits(born.values[b, _R0] + magic) - nothing
            books.made[s, 1] -= bits(born.values[b, _R0] + magic) - nothing
            books.cells[s, 1] -= 1
            continue
        put(cells.tiles, place, born.values[b])
        cells.keys[place], cells.lines[place] = born.keys[b], born.lines[b]
    born.n[0] = 0
    while holes[-1] > 0:  # they rise: the last one is the last lane, or the last lane holds a cell
        holes[-1] -= 1
        n -= 1
        place = holes[holes[-1]]
        if place != n:
            get(cells.tiles, n, cell)
            put(cells.tiles, place, cell)
            cells.keys[place], cells.lines[place] = cells.keys[n], cells.lines[n]
        neutral(cells.tiles, n)
    return n, Happened(out.ended, spilled, born, holes, cell, out.child)


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def run_arena(arena, counts, first, scene, leave, books):  # type: ignore[no-untyped-def]
    """Take the cells of an arena through the steps of a window.

    Parameters
    ----------
    arena : Cells
        All chunks, one after the other; changed.
    counts : array of int64, shape (chunks,)
        Cells of each chunk; changed.
    first : int
        Step at which they begin (later than 0 for cells born within the window).
    scene : Scene
        What they meet.
    leave : function
        Way of the payload out of the cytosol.
    books : Books
        Added to.

    Returns
    -------
    ended, spilled : Lives
    """
    w, k = scene.window, scene.k
    room, span = len(arena.keys) // len(counts), len(arena.tiles) // len(counts)
    noted, due = np.empty(NOTED * LANES, arena.tiles.dtype), np.zeros(LANES, np.uint8)
    due8 = due.view(np.uint64)
    holes = np.zeros(room + 1, np.int64)
    out = Happened(no_lives(64), no_lives(64), no_lives(64), holes, np.empty(WIDTH), np.empty(WIDTH))
    for chunk in range(len(counts)):
        lanes = slice(chunk * room, (chunk + 1) * room)
        cells = Cells(arena.tiles[chunk * span : (chunk + 1) * span], arena.keys[lanes], arena.lines[lanes])
        n = counts[chunk]
        for s in range(first, len(w.h)):
            if n == 0:
                break
            row = w.around[s]
            around = Around(w.h[s], row[0], row[1], row[2], row[3], row[4], row[5])
            r = in_precision(rates_of(scene.constants, w.matrices[s], around), k)
            for tile in range((n + LANES - 1) // LANES):
                live = min(n - tile * LANES, LANES)
                step_tile(cells.tiles, tile, live, noted, due, r, k, leave, scene.magic, books.sums[s])
                for eight in range(LANES // _BYTES):
                    if due8[eight] == 0:
                        continue
                    for lane in range(eight * _BYTES, (eight + 1) * _BYTES):
                        if due[lane]:
                            out = _happen(cells, tile * LANES + lane, noted, s, scene, books, out)
            n, out = _settle_in(cells, n, s, scene.clone, scene.magic, books, out)
        counts[chunk] = n
    return out.ended, out.spilled


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def run_held(arena, counts, first, scene, books):  # type: ignore[no-untyped-def]
    """`run_arena` for a payload that enters no cell from outside."""
    return run_arena(arena, counts, first, scene, cytosol, books)


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def run_crossing(arena, counts, first, scene, books):  # type: ignore[no-untyped-def]
    """`run_arena` for a payload that crosses membranes."""
    return run_arena(arena, counts, first, scene, crossing, books)


TOTALLED = ("R", "C", "Re", "Ce", "Dc", "De", "L", "Dl", "PL", "Pc")
_AMOUNTS = tuple(INDEX[name] for name in TOTALLED)


@njit(nogil=True, **FLAGS)  # type: ignore[untyped-decorator]
def totals(tiles, counts, magic, sums):  # type: ignore[no-untyped-def]
    """Add the amounts in the cells of an arena, and R0 of all and of growing ones, to `sums`; return the largest."""
    span = len(tiles) // len(counts)
    largest = 0.0
    nothing = bits(magic)
    for chunk in range(len(counts)):
        for lane in range(counts[chunk]):
            first = chunk * span + (lane // LANES) * LANES * WIDTH + lane % LANES
            for a in range(len(_AMOUNTS)):
                x = np.float64(tiles[first + _AMOUNTS[a] * LANES])
                sums[a] += bits(x + magic) - nothing
                largest = max(largest, x)
            r0 = np.float64(tiles[first + _R0 * LANES])
            growing = np.float64(tiles[first + _GROWING * LANES])
            sums[len(_AMOUNTS)] += bits(r0 + magic) - nothing
            sums[len(_AMOUNTS) + 1] += bits(r0 * growing + magic) - nothing
            largest = max(largest, r0)
    return largest
