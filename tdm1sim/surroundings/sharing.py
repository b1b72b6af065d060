"""Cells and the compartment they share, advanced together over one step.

The drug around the cells runs out as they take it, in a tumour within seconds. Trafficking is linear in each cell, so
the sums over the cells of a clone obey the equations of one cell, and one concentration held constant over the step
moves them exactly. That concentration is chosen so that what the cells take leaves the compartment where its own
equation ends. The compartment's equation, ``dA/dt = kappa (q - A)``, is solved exactly for a target ``q`` that moves
linearly over the step: positive, second order, and right when the drug is gone as fast as it comes. The compartment
is then booked by what the cells really took, so nothing is lost between the two descriptions. Where binding changes
fast within a step, the sums take shorter steps and their matrices are multiplied: the cells still take one step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdm1sim.pools import K, first_order
from tdm1sim.surroundings.exponential import SIZE, STATES, Kinetics, transition
from tdm1sim.surroundings.shared import Shared

FloatArray = NDArray[np.float64]

_CLOSE = 1.0e-9
_TRIES = 60
_SWING = 0.1
"""Largest change, over one step of the sums, of the binding exponent or (relative) of the compartment's rate."""
_FINEST = 256
_RATE_FLOOR = 1.0e-9


@dataclass(slots=True)
class Totals:
    """Sums over the living cells of each clone.

    Attributes
    ----------
    z : array, shape (clones, 4)
        R, C, Re, Ce, molecules.
    L : array, shape (clones,)
        Intact lysosomal conjugate, molecules.
    made : array, shape (clones,)
        Receptor synthesis, molecules/h.
    cells : array, shape (clones,)
        Number of cells.
    """

    z: FloatArray
    L: FloatArray
    made: FloatArray
    cells: FloatArray


@dataclass(slots=True)
class Joint:
    """Outcome of a joint step.

    Attributes
    ----------
    a : float
        Free conjugate around the cells, mean over the step, nM.
    matrices : array, shape (clones, 9, 9)
        The cells' transitions over the step.
    supplied, lost : float
        Molecules that came from and went back to the outside.
    """

    a: float
    matrices: FloatArray
    supplied: float
    lost: float


@dataclass(slots=True)
class _Trial:
    """What a trial concentration leads to at the end of a step of the sums."""

    a: float
    matrices: FloatArray
    after: Totals
    lost: float
    booked: float
    residual: float
    close: float
    swing: float


class _Step:
    """One step of the compartment (`amount` at the start) and the sums over its cells."""

    def __init__(self, kinetics: Kinetics, totals: Totals, shared: Shared, amount: float, t: float, h: float) -> None:
        self.k, self.totals, self.shared, self.amount, self.h = kinetics, totals, shared, amount, h
        self.supplied = shared.supplied(t, t + h)
        self.supply_end = shared.supply(t + h)
        self.fluid = float((kinetics.pino * totals.cells).sum())
        self.start = self._target(totals.z, totals.L, shared.supply(t))

    def _target(self, z: FloatArray, L: FloatArray, supply: float) -> tuple[float, float]:
        """Return the relaxation rate of the compartment (1/h) and the amount it relaxes to."""
        k, shared = self.k, self.shared
        rate = shared.loss + (k.kon * float(z[:, 0].sum()) + self.fluid) / shared.capacity
        source = supply + k.koff * float(z[:, 1].sum())
        if shared.returns:
            source += k.exocytosis * float(L.sum())
        rate = max(rate, _RATE_FLOOR)
        return rate, source / rate

    def solve(self, z: FloatArray, L: FloatArray) -> tuple[float, float, float, float]:
        """Solve the compartment's equation, given the sums over the cells at the end.

        Returns the amount at the end, its mean, the relaxation over the step and the relative change of its rate.
        """
        (rate0, q0), (rate1, q1) = self.start, self._target(z, L, self.supply_end)
        x = 0.5 * (rate0 + rate1) * self.h
        decay = math.exp(-x)
        memory = -math.expm1(-x) / x
        late = (memory - decay) / x
        end = self.amount * decay + q0 * (memory - decay) + q1 * (1.0 - memory)
        mean = self.amount * memory + q0 * (0.5 - late) + q1 * (0.5 - memory + late)
        return end, mean, x, abs(rate1 - rate0) / (0.5 * (rate0 + rate1)) * min(1.0, x)

    def attempt(self, a: float) -> _Trial:
        """Move the sums with free conjugate `a`; see what they take and what the compartment's equation says."""
        k, totals, h, capacity = self.k, self.totals, self.h, self.shared.capacity
        m = transition(k, a, h)
        z = _apply(m[:, :STATES], totals)
        over = _apply(m[:, STATES + 1 :], totals)
        arriving = k.ks * over[:, 3] + k.pino * a * h * totals.cells
        L, inside = first_order(totals.L, arriving, (k.digestion + k.exocytosis) * h, K)
        taken = z[:, 1] - totals.z[:, 1] + z[:, 3] - totals.z[:, 3] + arriving + k.bound_shed * over[:, 1]
        if self.shared.returns:
            taken = taken - k.exocytosis * h * inside
        lost = self.shared.loss * capacity * a * h
        booked = self.amount + self.supplied - lost - float(taken.sum())
        end, mean, x, drift = self.solve(z, L)
        # A fast compartment is held to its end, a slow one to its mean: each fixes `a` where the other cannot.
        slow = math.exp(-x)
        residual = (1.0 - slow) * (booked - end) + slow * x * (mean - capacity * a)
        swing = max(drift, k.kon * abs(booked - self.amount) / capacity * h)
        after = Totals(z, L, totals.made, totals.cells)
        return _Trial(a, m, after, lost, booked, residual, _CLOSE * max(end, x * slow * mean), swing)

    def match(self) -> _Trial:
        """Return the trial whose residual vanishes; it falls as the concentration rises."""
        low = self.attempt(0.0)
        if low.residual <= 0.0:
            return low
        guess = self.solve(self.totals.z, self.totals.L)[1] / self.shared.capacity
        high: _Trial | None = None
        last, trial = low, self.attempt(guess)
        for _ in range(_TRIES):
            if abs(trial.residual) <= trial.close:
                return trial
            if trial.residual > 0.0:
                low = trial
            else:
                high = trial
            rise = trial.residual - last.residual
            guess = trial.a - trial.residual * (trial.a - last.a) / rise if rise else -1.0
            top = high.a if high else 10.0 * low.a
            if not low.a < guess < top:
                guess = 0.5 * (low.a + high.a) if high else 4.0 * max(low.a, trial.a)
            if high and high.a - low.a <= 4e-16 * high.a:
                break
            last, trial = trial, self.attempt(guess)
        return low


def _apply(rows: FloatArray, totals: Totals) -> FloatArray:
    linear = (rows[:, :, :STATES] * totals.z[:, None, :]).sum(axis=2)
    return np.asarray(linear + rows[:, :, STATES] * totals.made[:, None])


def advance_together(kinetics: Kinetics, totals: Totals, shared: Shared, t: float, h: float) -> Joint:
    """Move the sums over the cells and their compartment; return what the cells need to take the same step.

    Parameters
    ----------
    kinetics : Kinetics
        Rate constants per clone.
    totals : Totals
        Sums over the cells at the start.
    shared : Shared
        The compartment at the start; not changed here.
    t, h : float
        Start and length of the step, h.
    """
    quiet = shared.amount == 0.0 and shared.supplied(t, t + h) == 0.0
    if not totals.cells.any():
        return Joint(0.0, transition(kinetics, 0.0, h), 0.0, 0.0)
    if quiet and not (totals.z[:, 1::2].any() or (shared.returns and totals.L.any())):
        return Joint(0.0, transition(kinetics, 0.0, h), 0.0, 0.0)
    amount, done, part = shared.amount, 0.0, h
    total = Joint(0.0, np.broadcast_to(np.eye(SIZE), (len(kinetics.ke), SIZE, SIZE)), 0.0, 0.0)
    while done < h:
        step = _Step(kinetics, totals, shared, amount, t + done, part)
        trial = step.match()
        if trial.swing > _SWING and part > h / _FINEST:
            part *= 0.5
            continue
        total.a += trial.a * part / h
        total.matrices = trial.matrices @ total.matrices
        total.supplied += step.supplied
        total.lost += trial.lost
        totals, amount = trial.after, trial.booked
        done += part
        part = min(h - done, 2.0 * part if trial.swing < 0.25 * _SWING else part)
    return total
