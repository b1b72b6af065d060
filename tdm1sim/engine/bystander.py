"""What a payload that crosses membranes comes to around the cells, when all of them give it off and take it up."""

from __future__ import annotations

import math
from collections.abc import Callable

from tdm1sim.surroundings.shared import Shared

_TRIES = 3
"""Always as many, so that all engines do the same; the equation is nearly linear, and three leave an error of 1e-7."""


def mean_outside(give: Callable[[float], float], uptake: float, shared: Shared, h: float) -> float:
    """Return the mean payload around the cells over a step, nM: the one at which all books agree.

    Outside cells the payload follows ``dP/dt = given - (uptake / capacity + loss) P``. Held at its mean, it moves each
    cell exactly as far as `give` says, and what the cells give off in turn is its source; the mean that comes out must
    be the one put in. Then what is booked is the solution of the equation: positive, and right however fast the
    exchange is.

    Parameters
    ----------
    give : callable
        From the mean outside (nM) to the molecules that all cells give off during the step; it rises with the mean, by
        less than the cells take up.
    uptake : float
        Of all cells, molecules/h per nM.
    shared : Shared
        The compartment at the start; not changed here.
    h : float
        Step, h.
    """
    capacity = shared.payload_capacity
    x = (uptake / capacity + shared.payload_loss) * h
    memory = -math.expm1(-x) / x
    kept, each = shared.payload * memory / capacity, (1.0 - memory) / x / capacity

    def answer(mean: float) -> float:
        return kept + each * give(mean)

    before = shared.payload / capacity
    guess = answer(before)
    wrong = guess - before
    for _ in range(_TRIES - 1):
        off = answer(guess) - guess
        slope = (off - wrong) / (guess - before) if guess != before else 0.0
        if not -1.0 <= slope <= -0.5 * memory:  # cells give back a part of what they take: else this is rounding
            break
        before, wrong, guess = guess, off, guess - off / slope
    return guess
