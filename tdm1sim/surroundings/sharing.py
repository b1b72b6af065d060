"""Cells and the compartment they share, advanced together over one step.

The drug around the cells runs out as they take it, in a tumour within seconds. Trafficking is linear in each cell, so
the sums over the cells of a clone obey the equations of one cell. They are integrated together with the
compartment by a stiff two-stage Rosenbrock method; then the constant concentration is found with which the cells take
up exactly as much over the step. Each cell is moved with that constant by its exact transition, and the compartment is
booked by what the cells really took, so nothing is lost between the two descriptions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdm1sim.surroundings.exponential import STATES, Kinetics, transition
from tdm1sim.surroundings.shared import Shared

FloatArray = NDArray[np.float64]

SUBSTEP = 0.25
"""Longest step of the joint integration, h."""
_GAMMA = 1.0 - 1.0 / math.sqrt(2.0)  # L-stable
_CLOSE = 1.0e-7
_TRIES = 40


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
        Free conjugate to hold constant for the cells, nM.
    matrices : array, shape (clones, 9, 9)
        Their exact transitions.
    supplied, lost : float
        Molecules that came from and went back to the outside.
    """

    a: float
    matrices: FloatArray
    supplied: float
    lost: float


def net_uptake(
    kinetics: Kinetics, totals: Totals, matrices: FloatArray, a: float, h: float, *, returns: bool
) -> float:
    """Return the conjugate that all cells take from the compartment over a step, molecules (negative: they give)."""
    z, m = totals.z, matrices
    after = (m[:, :STATES, :STATES] * z[:, None, :]).sum(axis=2) + m[:, :STATES, STATES] * totals.made[:, None]
    over = (m[:, STATES + 1 :, :STATES] * z[:, None, :]).sum(axis=2)
    over += m[:, STATES + 1 :, STATES] * totals.made[:, None]
    gained = after[:, 1] - z[:, 1] + after[:, 3] - z[:, 3]
    arrived = kinetics.ks * over[:, 3]
    fluid = kinetics.pino * a * h * totals.cells
    taken = gained + arrived + kinetics.bound_shed * over[:, 1] + fluid
    if returns:
        taken = taken - _exocytosed(kinetics, totals.L, arrived + fluid, h)
    return float(taken.sum())


def _exocytosed(kinetics: Kinetics, L: FloatArray, arriving: FloatArray, h: float) -> FloatArray:
    x = (kinetics.digestion + kinetics.exocytosis) * h
    e = 1.0 + x * (1 / 2 + x * (1 / 6 + x / 24))
    f = 1 / 2 + x * (1 / 3 + x * (1 / 8 + x / 24))
    return np.asarray(kinetics.exocytosis * h * (L * e + arriving * f) / (1.0 + x * e))


class _JointSystem:
    """Right-hand side and Jacobian of (totals, compartment, its integral), for the Rosenbrock steps."""

    def __init__(self, kinetics: Kinetics, totals: Totals, shared: Shared) -> None:
        self.k, self.totals, self.shared = kinetics, totals, shared
        clones = len(totals.made)
        self.size = 5 * clones + 2
        self.rows = np.arange(clones) * 5
        self.constant = self._constant_part()

    def _constant_part(self) -> FloatArray:
        k, i, A = self.k, self.rows, self.size - 2
        per_nM = 1.0 / self.shared.capacity
        j = np.zeros((self.size, self.size))
        j[i, i] = -(k.ke + k.ksh)
        j[i, i + 1] = k.koff
        j[i, i + 2] = k.kr
        j[i + 1, i + 1] = -(k.koff + k.ke + k.bound_shed)
        j[i + 1, i + 3] = k.kr
        j[i + 2, i] = k.ke
        j[i + 2, i + 2] = -(k.kr + k.ks)
        j[i + 3, i + 1] = k.ke
        j[i + 3, i + 3] = -(k.kr + k.ks)
        j[i + 4, i + 3] = k.ks
        j[i + 4, i + 4] = -(k.digestion + k.exocytosis)
        fluid = k.pino * self.totals.cells * per_nM
        j[i + 4, A] = fluid
        j[A, i + 1] = k.koff
        if self.shared.returns:
            j[A, i + 4] = k.exocytosis
        j[A, A] = -self.shared.loss - fluid.sum()
        j[A + 1, A] = 1.0
        return j

    def start(self) -> FloatArray:
        """Return the state vector at the start of the step."""
        y = np.zeros(self.size)
        blocks = y[:-2].reshape(-1, 5)
        blocks[:, :STATES] = self.totals.z
        blocks[:, STATES] = self.totals.L
        y[-2] = self.shared.amount
        return y

    def derivative(self, y: FloatArray, supply: float) -> FloatArray:
        """Return dy/dt with an inflow of `supply` molecules/h."""
        i, A = self.rows, self.size - 2
        dy = self.constant @ y
        binding = self.k.kon / self.shared.capacity * y[A] * y[i]
        dy[i] += self.totals.made - binding
        dy[i + 1] += binding
        dy[A] += supply - binding.sum()
        return np.asarray(dy)

    def jacobian(self, y: FloatArray) -> FloatArray:
        """Return the matrix of partial derivatives at `y`."""
        i, A = self.rows, self.size - 2
        j = self.constant.copy()
        to_free = self.k.kon / self.shared.capacity
        free, bound = to_free * y[A], to_free * y[i]
        j[i, i] -= free
        j[i, A] -= bound
        j[i + 1, i] += free
        j[i + 1, A] += bound
        j[A, i] -= free
        j[A, A] -= bound.sum()
        return j


def _integrate(system: _JointSystem, t: float, h: float) -> tuple[float, float]:
    """Return the compartment's amount at the end of the step and its integral (molecules, molecules h)."""
    y = system.start()
    steps = max(2, math.ceil(h / SUBSTEP))
    small = h / steps
    identity = np.eye(system.size)
    supply = system.shared.supply
    for n in range(steps):
        t0 = t + n * small
        s0, s1 = supply(t0), supply(t0 + small)
        inverse = np.linalg.inv(identity - _GAMMA * small * system.jacobian(y))
        drift = np.zeros(system.size)
        drift[-2] = _GAMMA * (s1 - s0)
        k1 = inverse @ (system.derivative(y, s0) + drift)
        k2 = inverse @ (system.derivative(y + small * k1, s1) - drift - 2.0 * k1)
        y = y + small * (1.5 * k1 + 0.5 * k2)
    return max(float(y[-2]), 0.0), max(float(y[-1]), 0.0)


def advance_together(kinetics: Kinetics, totals: Totals, shared: Shared, t: float, h: float) -> Joint:
    """Find the constant free conjugate that represents the step for the cells.

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
    supplied = shared.supplied(t, t + h)
    nothing = shared.amount == 0.0 and supplied == 0.0 and not (totals.z[:, 1] + totals.z[:, 3] + totals.L).any()
    if nothing or not totals.cells.any():
        lost = shared.amount * -math.expm1(-shared.loss * h) if shared.loss else 0.0
        return Joint(0.0, transition(kinetics, 0.0, h), supplied, lost)
    end, integral = _integrate(_JointSystem(kinetics, totals, shared), t, h)
    lost = min(shared.loss * integral, shared.amount + supplied)
    available = shared.amount + supplied - lost
    a, matrices = _match(kinetics, totals, shared, h, integral / h / shared.capacity, available, end)
    return Joint(a, matrices, supplied, lost)


def _match(
    kinetics: Kinetics, totals: Totals, shared: Shared, h: float, a: float, available: float, end: float
) -> tuple[float, FloatArray]:
    """Return the constant concentration with which the cells leave `end` of `available`, and its transitions."""

    def left(level: float) -> tuple[float, FloatArray]:
        m = transition(kinetics, level, h)
        return available - net_uptake(kinetics, totals, m, level, h, returns=shared.returns), m

    remaining, matrices = left(a)
    low, high = 0.0, math.inf
    slope = -shared.capacity if a == 0.0 else (remaining - available) / a
    for _ in range(_TRIES):
        error = remaining - end
        if abs(error) <= _CLOSE * end or a == 0.0:
            break
        if error > 0.0:
            low = a
        else:
            high = a
        guess = a - error / slope if slope < 0.0 else -1.0
        if not low < guess < min(high, 10.0 * a):
            guess = 0.5 * (low + high) if high < math.inf else 2.0 * a
        if guess == a or high - low <= 1e-14 * high:
            break
        before, previous = remaining, a
        a = guess
        remaining, matrices = left(a)
        slope = (remaining - before) / (a - previous)
    if remaining < 0.0 and low < a:
        return low, left(low)[1]
    return a, matrices
