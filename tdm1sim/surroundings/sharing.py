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
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdm1sim.pools import K, first_order
from tdm1sim.surroundings.exponential import RECEPTORS, SIZE, STATES, Kinetics, transition
from tdm1sim.surroundings.shared import Shared

FloatArray = NDArray[np.float64]

_CLOSE = 1.0e-9
_TRIES = 60
_SWING = 0.04
"""Largest change, over one step of the sums, of the binding exponent or (relative) of the compartment's rate."""
_FINEST = 256
_RATE_FLOOR = 1.0e-9


@dataclass(slots=True)
class Totals:
    """Sums over the living cells of each clone.

    Attributes
    ----------
    z : array, shape (clones, 6)
        R, C, Re, Ce, Dc, De, molecules.
    L, Dl : array, shape (clones,)
        Intact antibody in lysosomes and payload on it, molecules.
    made : array, shape (clones,)
        Receptor synthesis, molecules/h.
    cells : array, shape (clones,)
        Number of cells.
    """

    z: FloatArray
    L: FloatArray
    Dl: FloatArray
    made: FloatArray
    cells: FloatArray


@dataclass(slots=True)
class Joint:
    """Outcome of a joint step.

    Attributes
    ----------
    a, d : float
        Free antibody around the cells and payload on it, means over the step, nM.
    matrices : array, shape (clones, 13, 13)
        The cells' transitions over the step.
    supplied, lost : float
        Molecules of antibody that came from and went back to the outside.
    brought, taken_back, deconjugated : float
        Molecules of payload that came with it, went back with it, and fell off it while it was free.
    """

    a: float
    d: float
    matrices: FloatArray
    supplied: float = 0.0
    lost: float = 0.0
    brought: float = 0.0
    taken_back: float = 0.0
    deconjugated: float = 0.0


@dataclass(slots=True)
class _Trial:
    """What a trial concentration leads to at the end of a step of the sums."""

    a: float
    z: FloatArray
    L: FloatArray
    lost: float
    booked: float
    residual: float
    close: float
    swing: float


@dataclass(slots=True)
class _Carried:
    """The payload's side of the same step."""

    d: float
    matrices: FloatArray
    after: Totals
    booked: float
    brought: float
    taken_back: float
    deconjugated: float


@dataclass(slots=True)
class _Relaxation:
    """``dA/dt = rate (target - A)``: how fast a compartment relaxes (1/h) and to which amount, at one moment."""

    rate: float
    target: float


def relax(amount: float, start: _Relaxation, end: _Relaxation, h: float) -> tuple[float, float, float]:
    """Solve a relaxation whose target moves linearly; return the amount at the end, its mean, and the mean rate x h."""
    x = 0.5 * (start.rate + end.rate) * h
    decay = math.exp(-x)
    memory = -math.expm1(-x) / x
    late = (memory - decay) / x
    final = amount * decay + start.target * (memory - decay) + end.target * (1.0 - memory)
    mean = amount * memory + start.target * (0.5 - late) + end.target * (0.5 - memory + late)
    return final, mean, x


class _Step:
    """One step of the compartment (antibody `amount`, `payload` on it) and the sums over its cells."""

    def __init__(
        self, kinetics: Kinetics, totals: Totals, shared: Shared, amounts: tuple[float, float], t: float, h: float
    ) -> None:
        self.k, self.totals, self.shared, self.t, self.h = kinetics, totals, shared, t, h
        self.amount, self.payload = amounts
        self.supplied = shared.supplied(t, t + h)
        self.supply_end = shared.supply(t + h)
        self.fluid = float((kinetics.pino * totals.cells).sum())
        self.start = self._target(totals.z, totals.L, shared.supply(t))

    # Antibody --------------------------------------------------------------------------------------------

    def _target(self, z: FloatArray, L: FloatArray, supply: float) -> _Relaxation:
        return self._relaxation(z[:, 0], z[:, 1], L, supply, self.shared.loss)

    def _relaxation(
        self, free: FloatArray, bound: FloatArray, inside: FloatArray, supply: float, loss: float
    ) -> _Relaxation:
        k, shared = self.k, self.shared
        rate = max(loss + (k.kon * float(free.sum()) + self.fluid) / shared.capacity, _RATE_FLOOR)
        source = supply + k.koff * float(bound.sum())
        if shared.returns:
            source += k.exocytosis * float(inside.sum())
        return _Relaxation(rate, source / rate)

    def attempt(self, a: float) -> _Trial:
        """Move the sums with free antibody `a`; see what they take and what the compartment's equation says."""
        k, totals, h, capacity = self.k, self.totals, self.h, self.shared.capacity
        m = transition(k, h, a)
        z = _apply(m[:, :RECEPTORS], totals, RECEPTORS)
        over = _apply(m[:, RECEPTORS + 1 :], totals, RECEPTORS)
        arriving = k.ks * over[:, 3] + k.pino * a * h * totals.cells
        L, inside = first_order(totals.L, arriving, (k.digestion + k.exocytosis) * h, K)
        taken = z[:, 1] - totals.z[:, 1] + z[:, 3] - totals.z[:, 3] + arriving + k.bound_shed * over[:, 1]
        if self.shared.returns:
            taken = taken - k.exocytosis * h * inside
        lost = self.shared.loss * capacity * a * h
        booked = self.amount + self.supplied - lost - float(taken.sum())
        end = self._target(z, L, self.supply_end)
        final, mean, x = relax(self.amount, self.start, end, h)
        # A fast compartment is held to its end, a slow one to its mean: each fixes `a` where the other cannot.
        slow = math.exp(-x)
        residual = (1.0 - slow) * (booked - final) + slow * x * (mean - capacity * a)
        drift = abs(end.rate - self.start.rate) / (0.5 * (self.start.rate + end.rate)) * min(1.0, x)
        # Fast binding is at equilibrium whatever the drug does meanwhile: what counts is then its relative change.
        bind = k.kon * h / capacity
        swing = max(drift, bind * abs(booked - self.amount) / (1.0 + bind * max(0.0, min(booked, self.amount))))
        return _Trial(a, z, L, lost, booked, residual, _CLOSE * max(final, x * slow * mean), swing)

    def match(self) -> _Trial:
        """Return the trial whose residual vanishes; it falls as the concentration rises."""
        low = self.attempt(0.0)
        if low.residual <= 0.0:
            return low
        start = self._target(self.totals.z, self.totals.L, self.supply_end)
        guess = relax(self.amount, self.start, start, self.h)[1] / self.shared.capacity
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

    # The payload on it -----------------------------------------------------------------------------------

    def carry(self, trial: _Trial) -> _Carried:
        """Move the payload beside the antibody of `trial`.

        Everything is linear in the payload's mean concentration, so two evaluations give the one that fits.
        """
        unit = transition(self.k, self.h, trial.a, 1.0)
        shared, t, h = self.shared, self.t, self.h
        supply = shared.supply_carried(t), shared.supplied_carried(t, t + h), shared.supply_carried(t + h)
        scale = self.payload / self.shared.capacity + trial.a
        bare, _ = self._carry(unit, trial, 0.0, supply)
        full, _ = self._carry(unit, trial, scale, supply)
        d = max(0.0, bare * scale / (bare - full)) if bare > 0.0 and full != bare else 0.0
        return self._carry(unit, trial, d, supply)[1]

    def _carry(
        self, unit: FloatArray, trial: _Trial, d: float, supply: tuple[float, float, float]
    ) -> tuple[float, _Carried]:
        """Return the residual of the payload's equation at the mean concentration `d`, and where it leads."""
        k, totals, h, shared = self.k, self.totals, self.h, self.shared
        at_start, brought, at_end = supply
        m = unit.copy()
        for row in (4, 5, STATES + 5, STATES + 6):
            m[:, row, :4] *= d
            m[:, row, STATES] *= d
        z = _apply(m[:, :STATES], totals, STATES)
        over = _apply(m[:, STATES + 1 :], totals, STATES)
        arriving = k.ks * over[:, 5] + k.pino * d * h * totals.cells
        Dl, inside = first_order(totals.Dl, arriving, (k.digestion + k.exocytosis) * h, K)
        gain = z[:, 4] - totals.z[:, 4] + z[:, 5] - totals.z[:, 5]
        taken = gain + arriving + (k.bound_shed + k.kdec) * over[:, 4]
        if shared.returns:
            taken = taken - k.exocytosis * h * inside
        free, loss = shared.capacity * d * h, shared.loss + k.kdec
        booked = self.payload + brought - loss * free - float(taken.sum())
        start = self._relaxation(totals.z[:, 0], totals.z[:, 4], totals.Dl, at_start, loss)
        end = self._relaxation(z[:, 0], z[:, 4], Dl, at_end, loss)
        final, mean, x = relax(self.payload, start, end, h)
        slow = math.exp(-x)
        residual = (1.0 - slow) * (booked - final) + slow * x * (mean - shared.capacity * d)
        after = Totals(z, trial.L, Dl, totals.made, totals.cells)
        return residual, _Carried(d, m, after, booked, brought, shared.loss * free, k.kdec * free)


def _apply(rows: FloatArray, totals: Totals, states: int) -> FloatArray:
    linear = (rows[:, :, :states] * totals.z[:, None, :states]).sum(axis=2)
    return np.asarray(linear + rows[:, :, states] * totals.made[:, None])


def _nothing_to_share(totals: Totals, shared: Shared, t: float, h: float) -> bool:
    if not totals.cells.any():
        return True
    quiet = shared.amount == 0.0 and shared.supplied(t, t + h) == 0.0
    return quiet and not (totals.z[:, (1, 3)].any() or (shared.returns and totals.L.any()))


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
    if _nothing_to_share(totals, shared, t, h):
        return Joint(0.0, 0.0, transition(kinetics, h, 0.0, 0.0))
    amounts, done, part = (shared.amount, shared.carried), 0.0, h
    total = Joint(0.0, 0.0, np.broadcast_to(np.eye(SIZE), (len(kinetics.ke), SIZE, SIZE)))
    while done < h:
        step = _Step(kinetics, totals, shared, amounts, t + done, part)
        trial = step.match()
        if trial.swing > _SWING and part > h / _FINEST:
            part *= 0.5
            continue
        load = step.carry(trial)
        total.a += trial.a * part / h
        total.d += load.d * part / h
        total.matrices = load.matrices @ total.matrices
        total.supplied += step.supplied
        total.lost += trial.lost
        total.brought += load.brought
        total.taken_back += load.taken_back
        total.deconjugated += load.deconjugated
        totals, amounts = load.after, (trial.booked, load.booked)
        done += part
        part = min(h - done, 2.0 * part if trial.swing < 0.25 * _SWING else part)
    return total
