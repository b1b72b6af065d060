"""An arena's cells through a window: the lane loop, then what happens to whom, step after step."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from tdm1sim import luck
from tdm1sim.engine.compiled import layout as at
from tdm1sim.engine.compiled import sharing as _sharing  # noqa: F401 - tells numba how cells and medium go together
from tdm1sim.engine.compiled.lanes import ALL, FEW, step_tile
from tdm1sim.engine.compiled.layout import AMOUNT_AT, AROUND, CHANGES, LANES, MADE, TILE, WEIGHT
from tdm1sim.engine.compiled.register import BRIEF, INNER, OUTER, bits, bring_ndtri, number
from tdm1sim.engine.compiled.tuples import in_precision, row_of, rules_of_row
from tdm1sim.engine.events import (
    End,
    Push,
    Start,
    daughter,
    live_through,
    next_clone,
    settle,
    turn_into,
)
from tdm1sim.engine.foresee import foresee
from tdm1sim.engine.rates import Around, CloneRates, rates_of
from tdm1sim.histogram import place
from tdm1sim.mechanisms.lysosome import unimpaired
from tdm1sim.population import FOUNDER_GROUPS, INDEX, WIDTH, Stage

_R0, _GROWING, _PACE, _STAGE = INDEX["R0"], INDEX["growing"], INDEX["pace"], INDEX["stage"]
_FOUNDER, _PEAK, _PC, _TOLERANCE = INDEX["founder"], INDEX["peak"], INDEX["Pc"], INDEX["tolerance"]
_APOPTOSIS, _NK, _EXIT, _SLIP = (INDEX[f"clock_{name}"] for name in ("apoptosis", "nk", "exit", "slip"))
_K_EXIT, _K_SLIP = INDEX["k_exit"], INDEX["k_slip"]
_NONE, _DIVISION = int(End.NONE), int(End.DIVISION)
_ARRESTED = float(Stage.ARRESTED)
_BYTES = 8
_DEEPEST = np.uint64(1 << 62)
"""A lineage is a 1 followed by the path of divisions, 0 or 1 each; deeper ones lose their name (0)."""
_PADDING = at.padding()


@njit(**INNER)
def gather(words, due, who):
    """Write to `who` the lanes that are due, eight at a time where none is; return how many."""
    n = 0
    for word in range(LANES // _BYTES):
        if words[word] != 0:
            for lane in range(word * _BYTES, (word + 1) * _BYTES):
                if due[lane] != 0:
                    who[n] = lane
                    n += 1
    return n


@njit(**INNER)
def change_totals(cell, row, magic, fine):
    """Enter in a row of the books that a cell left the totals of its clone."""
    coarse, rest = bits(magic), bits(fine)
    for n in range(len(AMOUNT_AT)):
        x = cell[AMOUNT_AT[n]]
        rounded = x + magic
        row[CHANGES + 2 * n] -= bits(rounded) - coarse
        row[CHANGES + 2 * n + 1] -= bits((x - (rounded - magic)) + fine) - rest


@njit(**INNER)
def note_death(cell, stage, left, numbers, row, tally, span):
    """Enter a cell that died `left` hours before the end of the step."""
    change_totals(cell, row, numbers[at.MAGIC], numbers[at.FINE])
    row[at.LOST] += 1
    row[at.MORE] -= 1
    weight = numbers[at.W_ARRESTED] if stage >= _ARRESTED else 1.0
    row[at.FADE] += np.int64(weight * math.exp(-left / numbers[at.TAU_DYING]) / WEIGHT + 0.5)
    peak = cell[_PEAK]
    tally[at.BANDS + (1 if peak >= numbers[at.LOW] else 0) + (1 if peak > numbers[at.HIGH] else 0)] += 1
    tally[at.PEAKS + place(bits(peak))] += 1
    span[0], span[1] = min(span[0], peak), max(span[1], peak)


@njit(**INNER)
def write_row(rows, tags, n, cell, key, line, code, when):
    """Fill row `n` with a cell; `when` is a step of a newborn or a time."""
    for c in range(WIDTH):
        rows[n, c] = cell[c]
    rows[n, WIDTH] = when
    tags[n, at.KEY], tags[n, at.LINE], tags[n, at.CODE] = np.int64(key), np.int64(line), code


@njit(**INNER)
def add_row(rows, tags, at_row, cell, key, line, code, when, n):
    """Fill row `at_row` where there is room, else count what is missing; return how many rows are filled."""
    if at_row == len(tags):
        n[2] += 1
        return at_row
    write_row(rows, tags, at_row, cell, key, line, code, when)
    return at_row + 1


@njit(**INNER)
def happen(cell, start, push, key, line, t, h, clone, rules, table, numbers, followed, row, tally, span, ended,
           ended_tags, spilled, spilled_tags, step, n, family, family_keys):  # fmt: skip
    """Resolve what happens to one cell in a step.

    Parameters
    ----------
    cell : array, shape (WIDTH,)
        The cell at the end of the step; settled where it lives on.
    start, push : Start, Push
        How it began, and the forces on it.
    family : array, shape (2, WIDTH)
        Filled with daughters that stay in the clone; ``family_keys`` with their keys and lineages, shape (2, 2).

    Returns
    -------
    int
        -1 where the cell lives on, else how many cells take its place (0 to 2).
    """
    coarse, magic = bits(numbers[at.MAGIC]), numbers[at.MAGIC]
    growing = cell[_GROWING]
    outcome = live_through(start, push, cell[_PACE], key, rules, h)
    if outcome.end == _NONE:
        settle(cell, outcome, rules)
        row[MADE + 1] -= bits(cell[_R0] * (growing - cell[_GROWING]) + magic) - coarse
        return -1
    cell[_STAGE] = outcome.stage
    founder = np.int64(cell[_FOUNDER])
    tally[at.ENDS + outcome.end * FOUNDER_GROUPS + founder % FOUNDER_GROUPS] += 1
    if len(followed) > 0 and followed[founder]:
        n[0] = add_row(ended, ended_tags, n[0], cell, key, line, outcome.end, t + outcome.time, n)
    row[MADE] -= bits(cell[_R0] + magic) - coarse
    row[MADE + 1] -= bits(cell[_R0] * growing + magic) - coarse
    if outcome.end != _DIVISION:
        note_death(cell, outcome.stage, h - outcome.time, numbers, row, tally, span)
        return 0
    stay = 0
    row[at.MORE] -= 1
    for which in range(2):
        new = luck.daughter_key(key, which)
        name = line * np.uint64(2) + np.uint64(which) if line < _DEEPEST else np.uint64(0)
        other = next_clone(clone, new, rules)
        own = rules_of_row(table[other], rules.others, rules.chances)
        daughter(family[stay], cell, new, outcome, push, own, t + outcome.time, h)
        if other != clone:
            change_totals(family[stay], row, magic, numbers[at.FINE])
            turn_into(family[stay], rules.medians, own.medians)
            n[1] = add_row(spilled, spilled_tags, n[1], family[stay], new, name, other, step + 1.0, n)
            continue
        row[MADE] += bits(family[stay, _R0] + magic) - coarse
        row[MADE + 1] += bits(family[stay, _R0] + magic) - coarse
        row[at.MORE] += 1
        family_keys[stay, 0], family_keys[stay, 1] = new, name
        stay += 1
    return stay


@njit(**INNER)
def settle_in(tiles, keys, lines, m, holes, n_holes, born, born_tags, n_born, spilled, spilled_tags, n, step,
              clone):  # fmt: skip
    """Give newborns a lane (a hole, the end of the chunk, or none: spilled) and close the holes that are left.

    Returns the number of cells of the chunk.
    """
    for b in range(n_born):
        if n_holes > 0:
            n_holes -= 1
            lane = holes[n_holes]
        elif m < len(keys):
            lane = m
            m += 1
        else:
            key, line = np.uint64(born_tags[b, at.KEY]), np.uint64(born_tags[b, at.LINE])
            n[1] = add_row(spilled, spilled_tags, n[1], born[b], key, line, clone, step + 1.0, n)
            continue
        first = (lane // LANES) * TILE + lane % LANES
        for c in range(WIDTH):
            tiles[first + c * LANES] = born[b, c]
        keys[lane], lines[lane] = np.uint64(born_tags[b, at.KEY]), np.uint64(born_tags[b, at.LINE])
    while n_holes > 0:  # they rise: the last one is the last lane, or the last lane holds a cell
        n_holes -= 1
        m -= 1
        lane = holes[n_holes]
        first, last = (lane // LANES) * TILE + lane % LANES, (m // LANES) * TILE + m % LANES
        for c in range(WIDTH):
            tiles[first + c * LANES] = tiles[last + c * LANES]
            tiles[last + c * LANES] = _PADDING[c]
        keys[lane], lines[lane] = keys[m], lines[m]
    return m


def make_kernel(leave: Any, slow: Any) -> Any:
    """Return the kernel for one way of the payload out of the cytosol and what it does to proteolysis."""
    empty = FEW if slow is unimpaired else ALL

    @njit(**OUTER)
    def run_arena(tiles, keys, lines, counts, begin, clone, steps, matrices, constants, table, others, chances, k,
                  numbers, followed, books, tally, peaks, ended, ended_tags, spilled, spilled_tags, n,
                  desk):  # fmt: skip
        """Take the cells of an arena through the steps of a window.

        Parameters
        ----------
        tiles, keys, lines, counts : array
            All chunks, one after the other; cells of each chunk. Changed.
        begin : int
            Step at which they begin (later than 0 for cells born within the window).
        clone : int
            Which clone.
        steps : array, shape (steps, STEP)
            Start and length (h) of each step, and what is around the cells.
        matrices : array, shape (steps, 13, 13)
            The clone's transitions.
        constants, table, others, chances : array
            `CloneRates` of the clone; rules of all clones; what its daughters may become.
        k : Constants
            In the precision of the tiles.
        numbers : array
            Quanta, weights, bands (`layout`).
        followed : array of bool, shape (founders,) or (0,)
            Whose lives are kept.
        books, tally : array of int64
            Added to.
        ended, ended_tags, spilled, spilled_tags : array
            Rows for lives that ended, and for newborns that found no lane or belong to another clone.
        n : array of int64, shape (3,)
            How many of each there are; how many found no room.
        desk : Desk
            Of this thread.
        """
        room, span = len(keys) // len(counts), len(tiles) // len(counts)
        noted, due, due8, who, holes, cell, family, family_keys, born, born_tags = desk
        magic, fine = numbers[at.MAGIC], numbers[at.FINE]
        none = np.int64(0)  # a literal 0 has a type of its own: what is called with it would be compiled twice
        rules, shared = rules_of_row(table[clone], others, chances), row_of(constants, none, CloneRates)
        for chunk in range(len(counts)):
            mine = tiles[chunk * span : (chunk + 1) * span]
            own_keys, own_lines = keys[chunk * room : (chunk + 1) * room], lines[chunk * room : (chunk + 1) * room]
            m = counts[chunk]
            for s in range(begin, len(steps)):
                if m == 0:
                    break
                t, h, a = steps[s, at.START], steps[s, at.LENGTH], steps[s, AROUND:]
                around = Around(h, a[0], a[1], a[2], a[3], a[4], a[5])
                r = in_precision(rates_of(shared, matrices[s], around), k)
                n_holes, n_born = none, none
                for tile in range((m + LANES - 1) // LANES):
                    live = min(m - tile * LANES, LANES)
                    step_tile(
                        mine,
                        tile,
                        live,
                        noted,
                        due,
                        r,
                        k,
                        leave,
                        slow,
                        empty,
                        magic,
                        fine,
                        books[s],
                    )
                    for which in range(gather(due8, due, who)):
                        lane = who[which]
                        index, first = tile * LANES + lane, tile * TILE + lane
                        for c in range(WIDTH):
                            cell[c] = mine[first + c * LANES]
                        push = Push(
                            np.float64(noted[LANES + lane]),
                            np.float64(noted[2 * LANES + lane]),
                            np.float64(noted[3 * LANES + lane]),
                            np.float64(noted[4 * LANES + lane]),
                            np.float64(noted[5 * LANES + lane]),
                            cell[_PC] * (shared.nM / cell[_TOLERANCE]),
                        )
                        start = Start(
                            np.float64(noted[lane]),
                            cell[_APOPTOSIS] + push.apoptosis,
                            cell[_NK] + push.nk,
                            cell[_EXIT] + cell[_K_EXIT] * push.factor * h,
                            cell[_SLIP] + cell[_K_SLIP] * h,
                            cell[_STAGE],
                        )
                        left = happen(
                            cell, start, push, own_keys[index], own_lines[index], t, h, clone, rules, table, numbers,
                            followed, books[s], tally, peaks, ended, ended_tags, spilled, spilled_tags, s, n, family,
                            family_keys,
                        )  # fmt: skip
                        if left == 0:
                            holes[n_holes] = index
                            n_holes += 1
                            continue
                        if left > 0:
                            own_keys[index], own_lines[index] = family_keys[0, 0], family_keys[0, 1]
                            for c in range(WIDTH):
                                cell[c] = family[0, c]
                        for c in range(WIDTH):
                            mine[first + c * LANES] = cell[c]
                        if left == 2:
                            write_row(
                                born, born_tags, n_born, family[1], family_keys[1, 0], family_keys[1, 1], none, 0.0
                            )
                            n_born += 1
                m = settle_in(
                    mine, own_keys, own_lines, m, holes, n_holes, born, born_tags, n_born, spilled, spilled_tags, n, s,
                    clone,
                )  # fmt: skip
            counts[chunk] = m

    return run_arena


@cache
def kernel_of(leave: Any, slow: Any) -> Any:
    """Return the kernel of a run; it is compiled, or loaded, when it is first called."""
    bring_ndtri()
    return make_kernel(leave, slow)


see_ahead = njit(**BRIEF)(foresee)
"""`tdm1sim.engine.foresee.foresee`, compiled."""


@njit(**OUTER)
def total(tiles, counts, magic, fine, sums):
    """Add the amounts in an arena's cells, then R0 of all and of growing ones, to `sums`; return the largest.

    ``sums`` is coarse and fine integers, shape (AMOUNTS + 2, 2).
    """
    span, top = len(tiles) // len(counts), np.int64(0)
    coarse, rest, amounts = bits(magic), bits(fine), len(AMOUNT_AT)
    for chunk in range(len(counts)):
        for tile in range((counts[chunk] + LANES - 1) // LANES):
            live = min(counts[chunk] - tile * LANES, LANES)
            base = np.uint64(chunk * span + tile * TILE)
            for n in range(amounts + 2):
                column = base + np.uint64((AMOUNT_AT[n] if n < amounts else _R0) * LANES)
                growing = base + np.uint64(_GROWING * LANES)
                a, b = np.int64(0), np.int64(0)
                for lane in range(live):
                    i = np.uint64(lane)
                    x = np.float64(tiles[column + i])
                    if n > amounts:
                        x *= np.float64(tiles[growing + i])
                    rounded = x + magic
                    a += bits(rounded) - coarse
                    b += bits((x - (rounded - magic)) + fine) - rest
                    top = max(top, bits(x))  # bits of numbers that are not negative rise with them
                sums[n, 0] += a
                sums[n, 1] += b
    return number(top)
