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
from tdm1sim.surroundings.exponential import Kinetics, Room
from tdm1sim.surroundings.joint import CE, CELLS, DC, DE, DL, C, Compartment, L, Supply
from tdm1sim.surroundings.sharing import advance_together

FloatArray = NDArray[np.float64]


class Pace(NamedTuple):
    """How fast events changed things in the window before, 1/h.

    Attributes
    ----------
    rates : array, shape (clones, 10)
        Of each of the sums (`tdm1sim.surroundings.joint.R` and what follows).
    lost : float
        Part of all cells that was lost.
    """

    rates: FloatArray
    lost: float


def calm(clones: int) -> Pace:
    """Return the pace of a window in which nothing happened."""
    return Pace(np.zeros((clones, CELLS + 1)), 0.0)


def pace_of(seen: FloatArray, lost: float) -> Pace:
    """Return how fast events changed things in a window.

    Parameters
    ----------
    seen : array, shape (2, clones, 10)
        Each of the sums over its steps: level times length, and what events changed of it.
    lost : float
        Cells lost.
    """
    level, changed = seen.tolist()  # few numbers: lists are sooner done than arrays
    rates = [[y / x if x > 0.0 else 0.0 for x, y in zip(*row, strict=True)] for row in zip(level, changed, strict=True)]
    cells = sum(row[CELLS] for row in level)
    return Pace(np.array(rates), lost / cells if cells > 0.0 else 0.0)


def foresee(
    k: Kinetics,
    totals: FloatArray,
    around: Compartment,
    supply: Supply,
    times: FloatArray,
    pace: Pace,
    met: FloatArray,
    matrices: FloatArray,
    room: Room,
) -> None:
    """Fill `met`, shape (steps, MET), and `matrices`, shape (clones, steps, 13, 13), of a window.

    Parameters
    ----------
    k : Kinetics
        Rate constants per clone.
    totals : array, shape (clones, 10)
        Sums over the cells of each clone at the start; not changed.
    around : Compartment
        At the start.
    supply : Supply
        What is outside.
    times : array, shape (steps + 1,)
        Ends of the steps, h.
    pace : Pace
        Of events.
    room : Room
        Overwritten.
    """
    sums, clones = room.totals, len(totals)
    for c in range(clones):
        for i in range(CELLS + 1):
            sums[c, i] = totals[c, i]
    for s in range(len(times) - 1):
        h = times[s + 1] - times[s]
        joint = advance_together(k, sums, around, supply, times[s], h, room)
        met[s, 0], met[s, 1] = joint.a, joint.d
        met[s, 2], met[s, 3], met[s, 4] = joint.supplied, joint.lost, joint.brought
        met[s, 5], met[s, 6] = joint.taken_back, joint.deconjugated
        nM = 1.0 / (around.capacity + TINY)
        met[s, 7], met[s, 8] = max(0.0, joint.amount) * nM, max(0.0, joint.carried) * nM
        given, carried, before, living = 0.0, 0.0, 0.0, 0.0
        for c in range(clones):
            assign(matrices[c, s], joint.matrices[c])
            given += sums[c, C] + sums[c, CE] + sums[c, L]
            carried += sums[c, DC] + sums[c, DE] + sums[c, DL]
            before += sums[c, CELLS]
            for i in range(CELLS + 1):
                sums[c, i] *= math.exp(pace.rates[c, i] * h)
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
