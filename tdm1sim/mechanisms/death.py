"""Death by the payload: the hazard of rapid apoptosis, and the chance of arrest at its checkpoint."""

from __future__ import annotations

from tdm1sim.maths import Real, minimum
from tdm1sim.pools import Constants, inverses


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
    return apoptosis_hazards(x, x, kap, inv_C_A, k)[0]


def apoptosis_hazards(x0: Real, x1: Real, kap: float, inv_C_A: float, k: Constants) -> tuple[Real, Real]:
    """Return `apoptosis_hazard` at both ends of a step, from the levels there."""
    z0, z1 = _eighth_power(x0 * inv_C_A, k), _eighth_power(x1 * inv_C_A, k)
    start, end = inverses(k.one + z0, k.one + z1, k)
    return kap * (z0 * start), kap * (z1 * end)


def _eighth_power(z: Real, k: Constants) -> Real:
    z = z * z
    z = z * z
    return minimum(z * z, k.huge)  # the hazard is its largest long before


def arrest_probability(x: float, C_M: float, n: float) -> float:
    """Return the probability that a cell with the payload level `x` (nM) is arrested at the payload's checkpoint."""
    if x <= 0.0:
        return 0.0
    return 1.0 / (1.0 + float((C_M / x) ** n))
