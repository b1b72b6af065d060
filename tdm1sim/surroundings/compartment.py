"""What surrounds cells, as plain numbers, and its own equation: ``dA/dt = kappa (q - A)``.

Pure functions on floats, which the compiled engine runs as they stand.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tdm1sim.maths import TINY
from tdm1sim.surroundings.pieces import Pieces

_RATE_FLOOR = 1.0e-9


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
