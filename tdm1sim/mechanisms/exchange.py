"""A payload that crosses membranes leaves one cell and enters others: the bystander effect."""

from __future__ import annotations

from tdm1sim.maths import Real, maximum, minimum
from tdm1sim.mechanisms.cytosol import free_fraction, halfway
from tdm1sim.pools import Constants, first_order


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


def crossing(
    Pc: Real, entering: Real, x_out: Real, free: Real, T: float, KDt: float, k: Constants
) -> tuple[Real, Real]:
    """Advance cytosolic payload that crosses membranes, however fast it does.

    Parameters
    ----------
    Pc : float or array
        Cytosolic payload at the start, free and bound, molecules.
    entering : float or array
        Molecules that enter during the step, from lysosomes and from outside.
    x_out : float or array
        Rate constant out of the cell, acting on the free payload, times the step.
    free : float or array
        Free fraction at the start.
    T, KDt : float
        Targets of the payload and their dissociation constant, molecules per cell volume.
    k : Constants
        Pure numbers.

    Returns
    -------
    Pc, left : float or array
        Payload at the end and what left the cell, molecules; both sums of positive terms.

    Notes
    -----
    Second order, with the free fraction at mid-step. `tdm1sim.mechanisms.cytosol.cytosol` is as good where little
    leaves in a step; here a step may see the cell emptied many times.
    """
    x = x_out * free_fraction(halfway(Pc, entering, x_out, free, k), T, KDt, k)
    held, mean = first_order(Pc, entering, x, k)
    return held, x * mean
