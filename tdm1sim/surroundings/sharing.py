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
the same source (`tdm1sim.engine.compiled.sharing`), many steps in a row without a look at the cells.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import multiply
from tdm1sim.pools import K, first_order
from tdm1sim.surroundings.exponential import RECEPTORS, SIZE, STATES, Kinetics, transition
from tdm1sim.surroundings.joint import (
    Carried,
    Compartment,
    Joint,
    Part,
    Supply,
    Totals,
    Trial,
    relax,
    relaxation,
)
from tdm1sim.surroundings.pieces import across

FloatArray = NDArray[np.float64]

_CLOSE = 1.0e-9
_TRIES = 60
_SWING = 0.04
"""Largest change, over one step of the sums, of the binding exponent or (relative) of the compartment's rate."""
_FINEST = 256


def begin(k: Kinetics, totals: Totals, around: Compartment, supply: Supply, t: float, h: float) -> Part:
    """Collect what does not depend on the concentration that is sought; `around` holds the amounts at the start."""
    early, supplied, late = across(supply.antibody, t, t + h)
    load_early, brought, load_late = across(supply.load, t, t + h)
    clones, scale = len(totals.cells), around.inflow
    receptors = np.zeros((clones, 2 * RECEPTORS + 1, 1))
    cells, held, free, given_back, fluid = 0.0, 0.0, 0.0, 0.0, 0.0
    for c in range(clones):
        for i in range(RECEPTORS):
            receptors[c, i, 0] = totals.z[c, i]
        receptors[c, RECEPTORS, 0] = totals.made[c]
        bound, inside = float(totals.z[c, 1]), float(totals.L[c]) if around.returns else 0.0
        cells += float(totals.cells[c])
        held += bound + float(totals.z[c, 3]) + inside
        free += float(totals.z[c, 0])
        given_back += k.koff * bound + k.exocytosis * inside
        fluid += float(k.pino[c] * totals.cells[c])
    return Part(
        cells == 0.0 or (held == 0.0 and around.amount == 0.0 and scale * supplied == 0.0),
        h,
        around.amount,
        around.carried,
        scale * supplied,
        scale * brought,
        scale * load_early,
        scale * load_late,
        fluid,
        scale * late,
        relaxation(around, free, given_back, fluid, scale * early, around.loss, k.kon),
        relaxation(around, free, given_back, fluid, scale * late, around.loss, k.kon),
        receptors,
    )


def attempt(k: Kinetics, totals: Totals, around: Compartment, part: Part, a: float) -> Trial:
    """Move the sums with free antibody `a`; see what they take and what the compartment's equation says."""
    h, capacity = part.h, around.capacity
    moved = np.empty_like(part.receptors)
    multiply(transition(k, RECEPTORS, h, a, 0.0), part.receptors, moved)
    free, given_back, taken = 0.0, 0.0, 0.0
    for c in range(len(totals.cells)):
        bound, over_bound = float(moved[c, 1, 0]), float(moved[c, RECEPTORS + 2, 0])
        arriving = float(k.ks[c]) * float(moved[c, RECEPTORS + 4, 0]) + float(k.pino[c]) * a * h * float(
            totals.cells[c]
        )
        x = (float(k.digestion[c]) + k.exocytosis) * h
        L, inside = first_order(float(totals.L[c]), arriving, x, K)
        taken += bound - float(totals.z[c, 1]) + float(moved[c, 3, 0]) - float(totals.z[c, 3])
        taken += arriving + k.bound_shed * over_bound
        free += float(moved[c, 0, 0])
        given_back += k.koff * bound
        if around.returns:
            taken -= k.exocytosis * h * inside
            given_back += k.exocytosis * L
    lost = around.loss * capacity * a * h
    booked = part.amount + part.supplied - lost - taken
    end = relaxation(around, free, given_back, part.fluid, part.late, around.loss, k.kon)
    final, mean, x = relax(part.amount, part.start, end, h)
    # A fast compartment is held to its end, a slow one to its mean: each fixes `a` where the other cannot.
    slow = math.exp(-x)
    residual = (1.0 - slow) * (booked - final) + slow * x * (mean - capacity * a)
    drift = abs(end.rate - part.start.rate) / (0.5 * (part.start.rate + end.rate)) * min(1.0, x)
    # Fast binding is at equilibrium whatever the drug does meanwhile: what counts is then its relative change.
    bind = k.kon * h / capacity
    swing = max(drift, bind * abs(booked - part.amount) / (1.0 + bind * max(0.0, min(booked, part.amount))))
    return Trial(a, lost, booked, residual, _CLOSE * max(final, x * slow * mean), swing)


def match(k: Kinetics, totals: Totals, around: Compartment, part: Part) -> Trial:
    """Return the trial whose residual vanishes; it falls as the concentration rises."""
    if part.idle:
        return Trial(0.0, 0.0, part.amount, 0.0, 0.0, 0.0)
    guess, top, bounded = 0.0, 0.0, False
    low = last = Trial(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for n in range(_TRIES):  # one call in a loop, not several: compiling takes a third of the time
        trial = attempt(k, totals, around, part, guess)
        if n == 0:
            if trial.residual <= 0.0:
                return trial
            low = trial
            guess = relax(part.amount, part.start, part.unmoved, part.h)[1] / around.capacity
        else:
            if abs(trial.residual) <= trial.close:
                return trial
            if trial.residual > 0.0:
                low = trial
            else:
                bounded, top = True, trial.a
            rise = trial.residual - last.residual
            guess = trial.a - trial.residual * (trial.a - last.a) / rise if rise != 0.0 else -1.0
            if not low.a < guess < (top if bounded else 10.0 * low.a):
                guess = 0.5 * (low.a + top) if bounded else 4.0 * max(low.a, trial.a)
            if bounded and top - low.a <= 4e-16 * top:
                break
        last = trial
    return low


# The payload on it ---------------------------------------------------------------------------------------


def carry(k: Kinetics, totals: Totals, around: Compartment, part: Part, a: float, moved: FloatArray) -> Carried:
    """Find the payload's mean concentration beside the antibody's mean `a`.

    Everything is linear in it, so two evaluations give the one that fits.
    """
    if part.idle:
        return Carried(0.0, 0.0, part.carried)
    scale = part.carried / around.capacity + a
    d, bare, found = 0.0, 0.0, Carried(0.0, 0.0, 0.0)
    for n in range(3):
        found = carry_at(k, totals, around, part, d, moved)
        if n == 0:
            d, bare = scale, found.residual
        elif n == 1:
            fits = bare > 0.0 and found.residual != bare
            d = max(0.0, bare * scale / (bare - found.residual)) if fits else 0.0
    return found


def carry_at(k: Kinetics, totals: Totals, around: Compartment, part: Part, d: float, moved: FloatArray) -> Carried:
    """Return the residual of the payload's equation at the mean concentration `d`, and what it leaves around cells."""
    h, late = part.h, STATES + 1
    free, given_back, early, taken = 0.0, 0.0, 0.0, 0.0
    for c in range(len(totals.cells)):
        Dc = float(moved[c, 4, 1]) + d * float(moved[c, 4, 0])
        De = float(moved[c, 5, 1]) + d * float(moved[c, 5, 0])
        over_Dc = float(moved[c, late + 4, 1]) + d * float(moved[c, late + 4, 0])
        over_De = float(moved[c, late + 5, 1]) + d * float(moved[c, late + 5, 0])
        arriving = float(k.ks[c]) * over_De + float(k.pino[c]) * d * h * float(totals.cells[c])
        x = (float(k.digestion[c]) + k.exocytosis) * h
        Dl, inside = first_order(float(totals.Dl[c]), arriving, x, K)
        taken += Dc - float(totals.z[c, 4]) + De - float(totals.z[c, 5])
        taken += arriving + (k.bound_shed + k.kdec) * over_Dc
        free += float(moved[c, 0, 0])
        early += k.koff * float(totals.z[c, 4])
        given_back += k.koff * Dc
        if around.returns:
            taken -= k.exocytosis * h * inside
            early += k.exocytosis * float(totals.Dl[c])
            given_back += k.exocytosis * Dl
    loss, before = around.loss + k.kdec, 0.0
    for c in range(len(totals.cells)):
        before += float(totals.z[c, 0])
    booked = part.carried + part.brought - loss * around.capacity * d * h - taken
    start = relaxation(around, before, early, part.fluid, part.load_early, loss, k.kon)
    end = relaxation(around, free, given_back, part.fluid, part.load_late, loss, k.kon)
    final, mean, x = relax(part.carried, start, end, h)
    slow = math.exp(-x)
    return Carried(d, (1.0 - slow) * (booked - final) + slow * x * (mean - around.capacity * d), booked)


# Both ----------------------------------------------------------------------------------------------------


def move(unit: FloatArray, totals: Totals) -> FloatArray:
    """Return what a transition at a payload of 1 nM makes of the sums.

    Parameters
    ----------
    unit : array, shape (clones, 13, 13)
        The transition.
    totals : Totals
        The sums at the start.

    Returns
    -------
    array, shape (clones, 13, 2)
        From receptors and synthesis, then from the payload that was bound before: at another payload, what payload
        comes from the first is that many times as much.
    """
    clones = len(totals.cells)
    start, moved = np.zeros((clones, SIZE, 2)), np.empty((clones, SIZE, 2))
    for c in range(clones):
        for i in range(RECEPTORS):
            start[c, i, 0] = totals.z[c, i]
        for i in range(RECEPTORS, STATES):
            start[c, i, 1] = totals.z[c, i]
        start[c, STATES, 0] = totals.made[c]
    multiply(unit, start, moved)
    return moved


def settle(k: Kinetics, totals: Totals, h: float, a: float, d: float, moved: FloatArray) -> Totals:
    """Return the sums after a step at the means `a` and `d` (nM), from what `move` returned."""
    clones, late = len(totals.cells), STATES + 1
    z, L, Dl = np.empty((clones, STATES)), np.empty(clones), np.empty(clones)
    for c in range(clones):
        for i in range(RECEPTORS):
            z[c, i] = moved[c, i, 0]
        for i in range(RECEPTORS, STATES):
            z[c, i] = float(moved[c, i, 1]) + d * float(moved[c, i, 0])
        over_De = float(moved[c, late + 5, 1]) + d * float(moved[c, late + 5, 0])
        ks, fluid = float(k.ks[c]), float(k.pino[c]) * h * float(totals.cells[c])
        x = (float(k.digestion[c]) + k.exocytosis) * h
        L[c] = first_order(float(totals.L[c]), ks * float(moved[c, late + 3, 0]) + fluid * a, x, K)[0]
        Dl[c] = first_order(float(totals.Dl[c]), ks * over_De + fluid * d, x, K)[0]
    return Totals(z, L, Dl, totals.made, totals.cells)


def load(unit: FloatArray, d: float) -> None:
    """Turn transitions at a payload of 1 nM, shape (clones, 13, 13), into those at `d` nM."""
    for c in range(len(unit)):
        for i in range(RECEPTORS, STATES):
            for j in range(RECEPTORS):
                unit[c, i, j] *= d
                unit[c, STATES + 1 + i, j] *= d
            unit[c, i, STATES] *= d
            unit[c, STATES + 1 + i, STATES] *= d


def advance_together(k: Kinetics, totals: Totals, around: Compartment, supply: Supply, t: float, h: float) -> Joint:
    """Move the sums over the cells and their compartment; return what the cells need to take the same step.

    Parameters
    ----------
    k : Kinetics
        Rate constants per clone.
    totals : Totals
        Sums over the cells at the start.
    around : Compartment
        The compartment at the start.
    supply : Supply
        What is outside.
    t, h : float
        Start and length of the step, h.
    """
    done, length, whole = 0.0, h, np.empty((len(k.ke), SIZE, SIZE))
    a, d, supplied, lost, brought, taken_back, deconjugated = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    while done < h:
        part = begin(k, totals, around, supply, t + done, length)
        trial = match(k, totals, around, part)
        if trial.swing > _SWING and length > h / _FINEST:
            length *= 0.5
            continue
        unit = transition(k, STATES, length, trial.a, 1.0)
        moved = move(unit, totals)
        found = carry(k, totals, around, part, trial.a, moved)
        load(unit, found.d)
        if done == 0.0:
            whole = unit
        else:
            before = whole
            whole = np.empty_like(unit)
            multiply(unit, before, whole)
        free = around.capacity * found.d * length
        a += trial.a * length / h
        d += found.d * length / h
        supplied += part.supplied
        lost += trial.lost
        brought += part.brought
        taken_back += around.loss * free
        deconjugated += k.kdec * free
        totals = settle(k, totals, length, trial.a, found.d, moved)
        around = Compartment(trial.booked, found.booked, around.capacity, around.loss, around.inflow, around.returns)
        done += length
        length = min(h - done, 2.0 * length if trial.swing < 0.25 * _SWING else length)
    return Joint(a, d, whole, supplied, lost, brought, taken_back, deconjugated, totals, around.amount, around.carried)
