"""One pool that empties by first-order exits while something flows in: the brick of lysosome and catabolite."""

from __future__ import annotations

from typing import NamedTuple

from tdm1sim.maths import Real


class Constants(NamedTuple):
    """The pure numbers mechanisms use, held in one place so that a compiled engine can choose their precision."""

    zero: float = 0.0
    one: float = 1.0
    two: float = 2.0
    half: float = 0.5
    third: float = 1.0 / 3.0
    sixth: float = 1.0 / 6.0
    eighth: float = 1.0 / 8.0
    twentyfourth: float = 1.0 / 24.0
    tiny: float = 1.0e-300


K = Constants()


def first_order(held: Real, arriving: Real, x: Real, k: Constants) -> tuple[Real, Real]:
    """Advance a pool that loses a constant fraction per time and receives `arriving` evenly over the step.

    Parameters
    ----------
    held : float or array
        Molecules at the start.
    arriving : float or array
        Molecules that arrive during the step.
    x : float or array
        Sum of all exit rate constants times the step, >= 0.
    k : Constants
        Pure numbers.

    Returns
    -------
    held, mean : float or array
        Molecules at the end, and the time mean over the step: each exit carries its own rate constant times the step
        times `mean`.

    Notes
    -----
    ``exp(-x)`` is replaced by ``1 / (1 + x + x^2/2 + x^3/6 + x^4/24)``: fourth order, positive and damped for any step.
    What stays plus what leaves equals what was there plus what came, to rounding, and every term is positive.
    """
    e = k.one + x * (k.half + x * (k.sixth + x * k.twentyfourth))
    d = k.one + x * e
    f = k.half + x * (k.third + x * (k.eighth + x * k.twentyfourth))
    return (held + arriving * e) / d, (held * e + arriving * f) / d
