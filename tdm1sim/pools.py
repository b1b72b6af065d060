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
    e = k.one + x * (k.half + x * (k.sixth + x * k.twentyfourth))
    f = k.half + x * (k.third + x * (k.eighth + x * k.twentyfourth))
    stays = k.one / (k.one + x * e)  # the one division: a compiled step spends most of its time in them
    return Emptying(stays, stays * e, stays * f)


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
