"""A window seen ahead: totals of the cells and what they share, advanced together without a look at the cells.

Trafficking is linear, so the totals over the cells of a clone obey the equations of one cell, whatever else happens
inside them. What they do not obey is birth and death: these are foreseen at the rates of the window before, and put
right when the cells have been through the window, by what really happened.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import TINY, assign
from tdm1sim.surroundings.exponential import STATES, Kinetics
from tdm1sim.surroundings.joint import CE, CELLS, DC, DE, DL, MADE, C, Compartment, L, Supply, Totals, pack
from tdm1sim.surroundings.sharing import advance_together

FloatArray = NDArray[np.float64]

MET = 9
"""Numbers of a step in `tdm1sim.engine.books.Taken.met`."""


class Pace(NamedTuple):
    """How fast events changed things in the window before, 1/h.

    Attributes
    ----------
    amounts : array, shape (clones, 8)
        Of the totals of R, C, Re, Ce, Dc, De, L, Dl.
    made, cells : array, shape (clones,)
        Of receptor synthesis and of the number of cells.
    lost : float
        Part of all cells that was lost.
    """

    amounts: FloatArray
    made: FloatArray
    cells: FloatArray
    lost: float


def calm(clones: int) -> Pace:
    """Return the pace of a window in which nothing happened."""
    return Pace(np.zeros((clones, STATES + 2)), np.zeros(clones), np.zeros(clones), 0.0)


class Seen(NamedTuple):
    """What events did in each step of a window, first axis.

    Attributes
    ----------
    level : array, shape (steps, clones, 8)
        R, C, Re, Ce, Dc, De, L, Dl at the start of each step (the last two: of the window), molecules.
    made, cells : array, shape (steps, clones)
        Receptor synthesis and cells at the start of each step.
    changes, remade, more : array
        What events changed of each.
    lost : float
        Cells lost in the window.
    """

    level: FloatArray
    made: FloatArray
    cells: FloatArray
    changes: FloatArray
    remade: FloatArray
    more: FloatArray
    lost: float


def pace_of(h: FloatArray, seen: Seen) -> Pace:
    """Return how fast events changed things in a window with steps of `h` hours."""
    cells = float((seen.cells.sum(axis=1) * h).sum())
    return Pace(
        _rate(seen.changes, seen.level, h),
        _rate(seen.remade, seen.made, h),
        _rate(seen.more, seen.cells, h),
        seen.lost / cells if cells > 0.0 else 0.0,
    )


def _rate(change: FloatArray, level: FloatArray, h: FloatArray) -> FloatArray:
    """Return the rate (1/h) of changes over some steps, first axis; 0 where there was nothing to change."""
    over = (level * h.reshape(-1, *[1] * (level.ndim - 1))).sum(axis=0)
    return np.asarray(np.divide(change.sum(axis=0), over, out=np.zeros_like(over), where=over > 0.0))


def foresee(
    k: Kinetics,
    totals: Totals,
    around: Compartment,
    supply: Supply,
    times: FloatArray,
    pace: Pace,
    met: FloatArray,
    matrices: FloatArray,
) -> None:
    """Fill `met`, shape (steps, MET), and `matrices`, shape (clones, steps, 13, 13), of a window.

    Parameters
    ----------
    k : Kinetics
        Rate constants per clone.
    totals : Totals
        At the start; not changed.
    around : Compartment
        At the start.
    supply : Supply
        What is outside.
    times : array, shape (steps + 1,)
        Ends of the steps, h.
    pace : Pace
        Of events.
    """
    clones = len(totals.cells)
    sums, rates = pack(totals), np.zeros((clones, CELLS + 1))
    for c in range(clones):
        for i in range(STATES + 2):
            rates[c, i if i < STATES else i + 1] = pace.amounts[c, i]
        rates[c, MADE], rates[c, CELLS] = pace.made[c], pace.cells[c]
    for s in range(len(times) - 1):
        h = times[s + 1] - times[s]
        joint = advance_together(k, sums, around, supply, times[s], h)
        met[s, 0], met[s, 1] = joint.a, joint.d
        met[s, 2], met[s, 3], met[s, 4] = joint.supplied, joint.lost, joint.brought
        met[s, 5], met[s, 6] = joint.taken_back, joint.deconjugated
        nM = 1.0 / (around.capacity + TINY)
        met[s, 7], met[s, 8] = max(0.0, joint.amount) * nM, max(0.0, joint.carried) * nM
        given, carried, before, living = 0.0, 0.0, 0.0, 0.0
        sums = joint.totals
        for c in range(clones):
            assign(matrices[c, s], joint.matrices[c])
            given += sums[c, C] + sums[c, CE] + sums[c, L]
            carried += sums[c, DC] + sums[c, DE] + sums[c, DL]
            before += sums[c, CELLS]
            for i in range(CELLS + 1):
                sums[c, i] *= math.exp(rates[c, i] * h)
            given -= sums[c, C] + sums[c, CE] + sums[c, L]
            carried -= sums[c, DC] + sums[c, DE] + sums[c, DL]
            living += sums[c, CELLS]
        if around.returns:
            capacity, inflow, amount, load = (
                around.capacity,
                around.inflow,
                joint.amount + given,
                joint.carried + carried,
            )
        else:  # the space between the cells follows their number, and what was around lost ones leaves with them
            size = living / before if before > 0.0 else 1.0
            kept = math.exp(-pace.lost * h)
            capacity, inflow = around.capacity * size, around.inflow * size
            amount, load = joint.amount * kept, joint.carried * kept
        around = Compartment(amount, load, capacity, around.loss, inflow, around.returns)
