"""Cytosol: DM1 binds tubulin (saturable, at equilibrium) and the free drug is pumped out."""

from __future__ import annotations

from tdm1sim.maths import Real, sqrt
from tdm1sim.pools import Constants


def free_fraction(Pc: Real, T: float, KDt: float, k: Constants) -> Real:
    """Return the fraction of cytosolic DM1 that is not bound to tubulin.

    Parameters
    ----------
    Pc : float or array
        Total cytosolic DM1, molecules.
    T, KDt : float
        Tubulin sites and their dissociation constant, molecules per cell volume.
    k : Constants
        Pure numbers.

    Notes
    -----
    Bound drug solves ``Pb = T Pf / (KDt + Pf)`` with ``Pf + Pb = Pc``; the root is taken in the form without
    cancellation, and exists for an empty cell.
    """
    s = Pc + T + KDt
    d = Pc - T
    root = sqrt(d * d + k.two * KDt * (Pc + T) + KDt * KDt)
    return k.one - k.two * T / (s + root)


def halfway(Pc: Real, entering: Real, x_efflux: Real, free: Real, k: Constants) -> Real:
    """Return an estimate of cytosolic DM1 (molecules) at mid-step: half the influx, half the efflux; positive.

    Parameters
    ----------
    Pc, entering : float or array
        Cytosolic DM1 at the start, and what enters during the step, molecules.
    x_efflux : float or array
        Efflux rate constant times the step.
    free : float or array
        Free fraction at the start.
    k : Constants
        Pure numbers.
    """
    return (Pc + k.half * entering) / (k.one + k.half * x_efflux * free)


def cytosol(
    Pc: Real, entering: Real, x_efflux: Real, free: Real, T: float, KDt: float, k: Constants
) -> tuple[Real, Real]:
    """Advance total cytosolic DM1 by half the influx, efflux at the midpoint, half the influx (second order).

    Parameters
    ----------
    Pc : float or array
        Total cytosolic DM1, molecules.
    entering : float or array
        Molecules that enter from lysosomes during the step.
    x_efflux : float or array
        ``(keff + kMDR (m - 1))`` times the step: acts on free DM1.
    free : float or array
        Free fraction at the start.
    T, KDt : float
        Tubulin sites and dissociation constant, molecules per cell volume.
    k : Constants
        Pure numbers.

    Returns
    -------
    Pc, pumped : float or array
        Total cytosolic DM1 at the end and DM1 that left the cell, molecules; both sums of positive terms.
    """
    before = Pc + k.half * entering
    x = x_efflux * free_fraction(halfway(Pc, entering, x_efflux, free, k), T, KDt, k)
    e = k.one + x * (k.half + x * (k.sixth + x * k.twentyfourth))
    stays = before / (k.one + x * e)
    return stays + k.half * entering, stays * x * e
