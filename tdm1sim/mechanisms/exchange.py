"""A payload that crosses membranes leaves one cell and enters others: the bystander effect."""

from __future__ import annotations

from tdm1sim.maths import Real, maximum, minimum
from tdm1sim.pools import Constants


def efflux_fold(mdr1: Real, working: float, k: Constants) -> Real:
    """Return the fold of the efflux rate constant when an inhibitor leaves a fraction of P-gp `working`.

    Parameters
    ----------
    mdr1 : float or array
        Fold of efflux without an inhibitor. What exceeds baseline is P-gp's; baseline efflux is not (assumed).
    working : float
        Fraction of P-gp that still pumps, 0 to 1.
    k : Constants
        Pure numbers.
    """
    return minimum(mdr1, k.one) + working * maximum(mdr1 - k.one, k.zero)


def exchange(Pc: Real, x_out: Real, k: Constants) -> tuple[Real, Real]:
    """Return how cytosolic payload answers to payload outside over one implicit step.

    Parameters
    ----------
    Pc : float or array
        Cytosolic payload at the start, molecules.
    x_out : float or array
        Rate constant out of the cell, acting on the free payload, times the step.
    k : Constants
        Pure numbers.

    Returns
    -------
    keeps, offers : float or array
        Fraction of what comes in that stays, ``1 / (1 + x)``, and what the cell gives off of its own at an empty
        outside, ``Pc x / (1 + x)``. Backward Euler: positive and conserving however fast the exchange is.
    """
    keeps = k.one / (k.one + x_out)
    return keeps, Pc * x_out * keeps
