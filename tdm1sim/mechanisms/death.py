"""Death by the payload: the hazard of rapid apoptosis, and the chance of arrest at its checkpoint."""

from __future__ import annotations

from tdm1sim.maths import Real
from tdm1sim.pools import Constants


def apoptosis_hazard(x: Real, kap: float, inv_C_A: float, k: Constants) -> Real:
    """Return the hazard of rapid (interphase) apoptosis, 1/h, before PI3K's shield.

    Parameters
    ----------
    x : float or array
        Cytosolic DM1 divided by the cell's tolerance, nM.
    kap : float
        Largest hazard, 1/h.
    inv_C_A : float
        One over the level of half the largest hazard, 1/nM.
    k : Constants
        Pure numbers.
    """
    z = x * inv_C_A
    z = z * z
    z = z * z
    z = z * z  # exponent 8
    return kap * (z / (k.one + z))


def arrest_probability(x: float, C_M: float, n: float) -> float:
    """Return the probability that a cell with the payload level `x` (nM) is arrested at the payload's checkpoint."""
    if x <= 0.0:
        return 0.0
    return 1.0 / (1.0 + float((C_M / x) ** n))
