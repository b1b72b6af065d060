"""What cells and their compartment are, and come to, when they advance together (`tdm1sim.surroundings.sharing`)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import TINY
from tdm1sim.surroundings.pieces import Pieces

FloatArray = NDArray[np.float64]

_RATE_FLOOR = 1.0e-9

R, C, RE, CE, DC, DE, MADE, L, DL, CELLS = range(10)
"""Columns of the sums over the living cells of each clone, shape (clones, 10): the six states of a transition and
receptor synthesis (molecules/h), in its order; intact antibody in lysosomes and payload on it; number of cells."""
ANTIBODY, PAYLOAD = (C, CE, L), (DC, DE, DL)
"""Where antibody and the payload on it are: at the surface, in endosomes, in lysosomes."""


class Compartment(NamedTuple):
    """What cells share, as far as sharing goes (`tdm1sim.surroundings.shared`).

    Attributes
    ----------
    amount, carried : float
        Free antibody and payload on it, molecules.
    capacity : float
        Molecules per nM.
    loss : float
        To the outside, 1/h.
    inflow : float
        From the outside, molecules/h per nM there.
    returns : bool
        Whether antibody that cells give back re-enters the compartment.
    """

    amount: float
    carried: float
    capacity: float
    loss: float
    inflow: float
    returns: bool


class Supply(NamedTuple):
    """What is outside a compartment, over the whole run: antibody, and payload on it, nM."""

    antibody: Pieces
    load: Pieces


class Relaxation(NamedTuple):
    """``dA/dt = rate (target - A)``: how fast a compartment relaxes (1/h) and to which amount, at one moment."""

    rate: float
    target: float


class Joint(NamedTuple):
    """Outcome of a joint step.

    Attributes
    ----------
    a, d : float
        Free antibody around the cells and payload on it, means over the step, nM.
    matrices : array, shape (clones, 13, 13)
        The cells' transitions over the step; a part of the room.
    supplied, lost : float
        Molecules of antibody that came from and went back to the outside.
    brought, taken_back, deconjugated : float
        Molecules of payload that came with it, went back with it, and fell off it while it was free.
    amount, carried : float
        Free antibody and payload on it at the end, molecules.
    """

    a: float
    d: float
    matrices: FloatArray
    supplied: float
    lost: float
    brought: float
    taken_back: float
    deconjugated: float
    amount: float
    carried: float


class Part(NamedTuple):
    """One step of the sums: where it starts, and what comes from outside meanwhile.

    Attributes
    ----------
    idle : bool
        Whether there are no cells, or no antibody that moves between them and what is around them.
    h : float
        Length, h.
    supplied : float
        Antibody that comes from outside, molecules.
    brought, load_early, load_late : float
        Payload that comes on it (molecules), and its inflow at the start and at the end (molecules/h).
    fluid : float
        Fluid-phase uptake of all cells, molecules/h/nM.
    late : float
        Inflow of antibody at the end, molecules/h.
    start, unmoved : Relaxation
        Of the antibody at the start, and as it would be at the end beside the same receptors.
    """

    idle: bool
    h: float
    supplied: float
    brought: float
    load_early: float
    load_late: float
    fluid: float
    late: float
    start: Relaxation
    unmoved: Relaxation


class Trial(NamedTuple):
    """What a trial concentration `a` (nM) leads to at the end of a step of the sums.

    Attributes
    ----------
    lost, booked : float
        Molecules that went back to the outside, and that are left by what the cells took.
    residual, close : float
        How far this is from the compartment's own equation, and how close is close enough, molecules.
    swing : float
        How much binding changes within the step.
    """

    a: float
    lost: float
    booked: float
    residual: float
    close: float
    swing: float


class Search(NamedTuple):
    """Where the concentration (nM) is sought.

    Attributes
    ----------
    found : bool
        Whether the last trial will do.
    guess : float
        The next one.
    low, top : float
        It lies between them.
    last, residual : float
        The last trial and its residual (molecules).
    tries : int
        How many there were.
    """

    found: bool
    guess: float
    low: float
    top: float
    last: float
    residual: float
    tries: int


class Carried(NamedTuple):
    """The payload's side of the same step: its mean concentration `d` (nM), and what the cells leave of it."""

    d: float
    booked: float


def relax(amount: float, start: Relaxation, end: Relaxation, h: float) -> tuple[float, float, float]:
    """Solve a relaxation whose target moves linearly; return the amount at the end, its mean, and the mean rate x h."""
    x = 0.5 * (start.rate + end.rate) * h
    decay = math.exp(-x)
    memory = -math.expm1(-x) / x
    late = (memory - decay) / x
    final = amount * decay + start.target * (memory - decay) + end.target * (1.0 - memory)
    mean = amount * memory + start.target * (0.5 - late) + end.target * (0.5 - memory + late)
    return final, mean, x


def relaxation(
    around: Compartment, free: float, given_back: float, fluid: float, supply: float, loss: float, kon: float
) -> Relaxation:
    """Return how a compartment relaxes beside `free` receptors, from what enters (molecules/h) and leaves (1/h)."""
    rate = max(loss + (kon * free + fluid) / (around.capacity + TINY), _RATE_FLOOR)
    return Relaxation(rate, (supply + given_back) / rate)
