"""Cells and the compartment they share, advanced together over one step.

The drug around the cells runs out as they take it, in a tumour within seconds. Trafficking is linear in each cell, so
the sums over the cells of a clone obey the equations of one cell, and one concentration held constant over the step
moves them exactly. That concentration is chosen so that what the cells take leaves the compartment where its own
equation ends. The compartment's equation, ``dA/dt = kappa (q - A)``, is solved exactly for a target ``q`` that moves
linearly over the step: positive, second order, and right when the drug is gone as fast as it comes. The compartment
is then booked by what the cells really took, so nothing is lost between the two descriptions. Where binding changes
fast within a step, the sums take shorter steps and their matrices are multiplied: the cells still take one step.

Antibody, conjugate or naked, is solved first. The payload on it follows the same equations with the receptors' course
given, which makes it linear: its mean concentration solves one linear equation.

Pure functions on floats and arrays: Python runs them for the NumPy engine and the twin, and the compiled engine runs
the same source (`tdm1sim.engine.compiled.sharing`), many steps in a row without a look at the cells. Numba asks for
some restraint in return: few arrays in a tuple, one call in a loop rather than several, no slices.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import TINY, act, assign, multiply
from tdm1sim.pools import K, first_order
from tdm1sim.surroundings.exponential import DIGESTION, KS, PINO, RECEPTORS, STATES, Kinetics, Room, load, transition
from tdm1sim.surroundings.joint import (
    ANTIBODY,
    CE,
    CELLS,
    DC,
    DL,
    PAYLOAD,
    C,
    Carried,
    Compartment,
    Joint,
    L,
    Part,
    R,
    Search,
    Supply,
    Trial,
    relax,
    relaxation,
)
from tdm1sim.surroundings.pieces import across

FloatArray = NDArray[np.float64]

_CLOSE = 1.0e-9
_TRIES = 60
_LEAST = 1.0e-3
_SWING = 0.04
"""Largest change, over one step of the sums, of the binding exponent or (relative) of the compartment's rate."""
_FINEST = 256

_OVER = STATES + 1
"""Where the integrals of the states begin in a transition."""


def begin(
    k: Kinetics, totals: FloatArray, around: Compartment, supply: Supply, t: float, h: float, sums: FloatArray
) -> Part:
    """Collect what does not depend on the concentration that is sought.

    What a transition acts on is written to `sums`, shape (clones, 13, 2): receptors and synthesis, and apart from them
    the payload bound before. Of what a transition at a payload of 1 nM makes of them (`moved` below), the first column
    counts as many times as there is payload.
    """
    scale = around.inflow
    early, supplied, late = across(supply.antibody, t, t + h)
    load_early, brought, load_late = across(supply.load, t, t + h)
    cells, held, free, given_back, fluid = 0.0, 0.0, 0.0, 0.0, 0.0
    for c in range(len(totals)):
        for i in range(STATES + 1):
            sums[c, i, 1 if RECEPTORS <= i < STATES else 0] = totals[c, i]
        bound, inside = float(totals[c, C]), float(totals[c, L]) if around.returns else 0.0
        cells += float(totals[c, CELLS])
        held += bound + float(totals[c, CE]) + inside
        free += float(totals[c, R])
        given_back += k.koff * bound + k.exocytosis * inside
        fluid += float(k.each[c, PINO]) * float(totals[c, CELLS])
    return Part(
        cells == 0.0 or (held == 0.0 and around.amount == 0.0 and scale * supplied == 0.0),
        h,
        scale * supplied,
        scale * brought,
        scale * load_early,
        scale * load_late,
        fluid,
        scale * late,
        relaxation(around, free, given_back, fluid, scale * early, around.loss, k.kon),
        relaxation(around, free, given_back, fluid, scale * late, around.loss, k.kon),
    )


def take(
    k: Kinetics,
    totals: FloatArray,
    moved: FloatArray,
    c: int,
    columns: tuple[int, int, int],
    parts: float,
    nM: float,
    h: float,
) -> tuple[float, float, float, float]:
    """Return what becomes of antibody, or of the payload on it, in the cells of clone `c`.

    Parameters
    ----------
    k, totals, h
        As in `advance_together`.
    moved : array, shape (clones, 13, 2)
        What a transition makes of the sums (`begin`).
    c : int
        The clone.
    columns : tuple of int
        ANTIBODY or PAYLOAD.
    parts : float
        How many times the first column of `moved` counts.
    nM : float
        Its mean concentration around the cells.

    Returns
    -------
    tuple of float
        Molecules on receptors that the cells gained and lost, the rest of what they took; those at the surface at the
        end; those in lysosomes, on average and at the end.
    """
    bound, inside, lysosome = columns
    shed = k.bound_shed + (k.kdec if bound == DC else 0.0)
    surface = moved[c, bound, 1] + parts * moved[c, bound, 0]
    within = moved[c, inside, 1] + parts * moved[c, inside, 0]
    over_surface = moved[c, _OVER + bound, 1] + parts * moved[c, _OVER + bound, 0]
    over_within = moved[c, _OVER + inside, 1] + parts * moved[c, _OVER + inside, 0]
    arriving = k.each[c, KS] * over_within + k.each[c, PINO] * totals[c, CELLS] * h * nM
    digesting, mean = first_order(totals[c, lysosome], arriving, (k.each[c, DIGESTION] + k.exocytosis) * h, K)
    taken = surface - totals[c, bound] + within - totals[c, inside] + arriving + shed * over_surface
    return float(taken), float(surface), float(mean), float(digesting)


def weigh(k: Kinetics, totals: FloatArray, around: Compartment, part: Part, a: float, moved: FloatArray) -> Trial:
    """See what the cells take with free antibody `a`, which `moved` them, and what the compartment's equation says."""
    h, capacity, returned = part.h, around.capacity, k.exocytosis if around.returns else 0.0
    free, given_back, taken = 0.0, 0.0, 0.0
    for c in range(len(totals)):
        gone, surface, mean, digesting = take(k, totals, moved, c, ANTIBODY, 1.0, a, h)
        free += float(moved[c, R, 0])
        taken += gone - returned * h * mean
        given_back += k.koff * surface + returned * digesting
    lost = around.loss * capacity * a * h
    booked = around.amount + part.supplied - lost - taken
    end = relaxation(around, free, given_back, part.fluid, part.late, around.loss, k.kon)
    final, mean, x = relax(around.amount, part.start, end, h)
    # A fast compartment is held to its end, a slow one to its mean: each fixes `a` where the other cannot.
    slow = math.exp(-x)
    residual = (1.0 - slow) * (booked - final) + slow * x * (mean - capacity * a)
    drift = abs(end.rate - part.start.rate) / (0.5 * (part.start.rate + end.rate)) * min(1.0, x)
    # Fast binding is at equilibrium whatever the drug does meanwhile: what counts is then its relative change.
    bind = k.kon * h / (capacity + TINY)
    first, last = max(0.0, around.amount), max(0.0, booked)
    swing = max(drift, bind * abs(last - first) / (1.0 + bind * min(first, last)))
    return Trial(a, lost, booked, residual, _CLOSE * max(abs(final), x * slow * abs(mean)), swing)


def narrow(search: Search, trial: Trial, around: Compartment, part: Part) -> Search:
    """Return where to look next for the trial whose residual vanishes; it falls as the concentration rises."""
    a, residual, low, top, tries = trial.a, trial.residual, search.low, search.top, search.tries
    if tries == 0:
        # The mean beside the same receptors; a share of where it tends to where the compartment is in debt.
        guess = relax(around.amount, part.start, part.unmoved, part.h)[1]
        guess = max(guess, _LEAST * part.unmoved.target) / (around.capacity + TINY)
        return Search(residual <= 0.0 or part.idle, guess, 0.0, math.inf, a, residual, 1)
    if residual > 0.0:
        low = a
    else:
        top = a
    rise, bounded = residual - search.residual, top < math.inf
    guess = a - residual * (a - search.last) / rise if rise != 0.0 else -1.0
    if not low < guess < (top if bounded else 10.0 * low):
        guess = 0.5 * (low + top) if bounded else 4.0 * max(low, a)
    if tries == _TRIES or (bounded and top - low <= 4e-16 * top):  # as near as floats come
        guess, tries = low, _TRIES
    return Search(abs(residual) <= trial.close or tries > _TRIES, guess, low, top, a, residual, tries + 1)


def carry(k: Kinetics, totals: FloatArray, around: Compartment, part: Part, a: float, moved: FloatArray) -> Carried:
    """Find the payload's mean concentration beside the antibody's.

    Everything is linear in it: what its equation leaves at none and at some gives the one that fits.
    """
    h, loss, returned = part.h, around.loss + k.kdec, k.exocytosis if around.returns else 0.0
    some = around.carried / (around.capacity + TINY) + a
    d, at_none, booked = 0.0, 0.0, around.carried
    for n in range(0 if part.idle else 3):
        before, free, early, given_back, taken = 0.0, 0.0, 0.0, 0.0, 0.0
        for c in range(len(totals)):
            gone, surface, mean, digesting = take(k, totals, moved, c, PAYLOAD, d, d, h)
            taken += gone - returned * h * mean
            before += float(totals[c, R])
            free += float(moved[c, R, 0])
            early += k.koff * float(totals[c, DC]) + returned * float(totals[c, DL])
            given_back += k.koff * surface + returned * digesting
        booked = around.carried + part.brought - loss * around.capacity * d * h - taken
        start = relaxation(around, before, early, part.fluid, part.load_early, loss, k.kon)
        end = relaxation(around, free, given_back, part.fluid, part.load_late, loss, k.kon)
        final, mean, x = relax(around.carried, start, end, h)
        slow = math.exp(-x)
        residual = (1.0 - slow) * (booked - final) + slow * x * (mean - around.capacity * d)
        if n == 0:
            d, at_none = some, residual
        elif n == 1:
            d = max(0.0, at_none * some / (at_none - residual)) if at_none > 0.0 and at_none != residual else 0.0
    return Carried(d, booked)


def settle(k: Kinetics, totals: FloatArray, h: float, a: float, d: float, moved: FloatArray) -> None:
    """Bring the sums to the end of a step at the means `a` and `d` (nM), from what a transition made of them."""
    for c in range(len(totals)):
        inside = take(k, totals, moved, c, ANTIBODY, 1.0, a, h)[3]  # both before anything is overwritten
        carried = take(k, totals, moved, c, PAYLOAD, d, d, h)[3]
        totals[c, L], totals[c, DL] = inside, carried
        for i in range(STATES):
            totals[c, i] = moved[c, i, 1] + (1.0 if i < RECEPTORS else d) * moved[c, i, 0]


def advance_together(
    k: Kinetics, totals: FloatArray, around: Compartment, supply: Supply, t: float, h: float, room: Room
) -> Joint:
    """Move the sums over the cells and their compartment; return what the cells need to take the same step.

    Parameters
    ----------
    k : Kinetics
        Rate constants per clone.
    totals : array, shape (clones, 10)
        Sums over the cells at the start, columns R to CELLS; brought to the end, as if nobody died or divided.
    around : Compartment
        The compartment at the start.
    supply : Supply
        What is outside.
    t, h : float
        Start and length of the step, h.
    room : Room
        Overwritten.
    """
    done, length = 0.0, h
    sums, moved, whole, spare = room.columns[0], room.columns[1], room.whole[0], room.whole[1]
    a, d, supplied, lost, brought, taken_back, deconjugated = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    while done < h:
        part = begin(k, totals, around, supply, t + done, length, sums)
        search = Search(False, 0.0, 0.0, math.inf, 0.0, 0.0, 0)
        while True:  # each function is called in one place only: compiling takes half the time
            unit = transition(k, length, search.guess, room)
            act(unit, sums, moved)
            trial = weigh(k, totals, around, part, search.guess, moved)
            search = narrow(search, trial, around, part)
            if search.found:
                break
        if trial.swing > _SWING and length > h / _FINEST:
            length *= 0.5
            continue
        found = carry(k, totals, around, part, trial.a, moved)
        settle(k, totals, length, trial.a, found.d, moved)
        load(unit, found.d)
        if done > 0.0:
            multiply(unit, whole, spare, False)
            whole, spare = spare, whole
        else:
            for c in range(len(totals)):
                assign(whole[c], unit[c])
        free = around.capacity * found.d * length
        a += trial.a * length / h
        d += found.d * length / h
        supplied += part.supplied
        lost += trial.lost
        brought += part.brought
        taken_back += around.loss * free
        deconjugated += k.kdec * free
        around = Compartment(trial.booked, found.booked, around.capacity, around.loss, around.inflow, around.returns)
        done += length
        length = min(h - done, 2.0 * length if trial.swing < 0.25 * _SWING else length)
    return Joint(a, d, whole, supplied, lost, brought, taken_back, deconjugated, around.amount, around.carried)
