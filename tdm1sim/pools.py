"""One pool that empties by first-order exits while something flows in: the brick of lysosome and catabolite."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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
    tiny: float = 1.0e-100
    huge: float = 1.0e15


K = Constants()
SINGLE = Constants(*map(np.float32, K._replace(tiny=1.0e-15)))  # type: ignore[arg-type]
"""The same in single precision; `tiny` is such that its square is still a number."""


def inverses(x: Real, y: Real, k: Constants) -> tuple[Real, Real]:
    """Return one over each of two numbers with one division: a compiled step spends most of its time in them.

    Parameters
    ----------
    x, y : float or array
        Above 0; their product must be a number too.
    k : Constants
        Pure numbers.
    """
    both = k.one / (x * y)
    return y * both, x * both


class Emptying(NamedTuple):
    """What a step leaves of one molecule, by when it came.

    Attributes
    ----------
    stays : float or array
        What is left at the end of one that was there at the start.
    lingers : float or array
        Mean presence of one that was there at the start; also what is left of one that arrives evenly over the step.
    passes : float or array
        Mean presence of one that arrives evenly over the step.
    """

    stays: Real
    lingers: Real
    passes: Real


def emptying(x: Real, k: Constants) -> Emptying:
    """Return what a step leaves of a pool that loses a constant fraction per time.

    Parameters
    ----------
    x : float or array
        Sum of all exit rate constants times the step, >= 0.
    k : Constants
        Pure numbers.

    Notes
    -----
    ``exp(-x)`` is replaced by ``1 / (1 + x + x^2/2 + x^3/6 + x^4/24)``: fourth order, positive and damped for any step.
    """
    return emptyings(x, x, k)[0]


def emptyings(x: Real, y: Real, k: Constants) -> tuple[Emptying, Emptying]:
    """Return `emptying` of two pools, `x` and `y` being the sums of the exit rate constants of each times the step."""
    e, u = _lingering(x, k), _lingering(y, k)
    f, v = _passing(x, k), _passing(y, k)
    stays, remains = inverses(k.one + x * e, k.one + y * u, k)
    return Emptying(stays, stays * e, stays * f), Emptying(remains, remains * u, remains * v)


def _lingering(x: Real, k: Constants) -> Real:
    return k.one + x * (k.half + x * (k.sixth + x * k.twentyfourth))


def _passing(x: Real, k: Constants) -> Real:
    return k.half + x * (k.third + x * (k.eighth + x * k.twentyfourth))


def carry_over(held: Real, arriving: Real, left: Emptying) -> tuple[Real, Real]:
    """Advance a pool that receives `arriving` evenly over the step.

    Parameters
    ----------
    held, arriving : float or array
        Molecules at the start, and those that arrive during the step.
    left : Emptying
        Of the step.

    Returns
    -------
    held, mean : float or array
        Molecules at the end, and the time mean over the step: each exit carries its own rate constant times the step
        times `mean`. What stays plus what leaves equals what was there plus what came, to rounding, and every term is
        positive.
    """
    return held * left.stays + arriving * left.lingers, held * left.lingers + arriving * left.passes


def first_order(held: Real, arriving: Real, x: Real, k: Constants) -> tuple[Real, Real]:
    """Advance one pool by `emptying` and `carry_over`; return molecules at the end and their mean."""
    return carry_over(held, arriving, emptying(x, k))
