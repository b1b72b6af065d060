"""Antibody-dependent cellular cytotoxicity (ADCC): natural killer cells that meet antibody on a cell."""

from __future__ import annotations

from tdm1sim.maths import Real, minimum
from tdm1sim.pools import Constants, inverses


def adcc_hazard(C: Real, k_NK: float, inv_K_NK: float, k: Constants) -> Real:
    """Return the hazard of being killed by an NK cell, 1/h.

    Parameters
    ----------
    C : float or array
        Antibody on the surface, conjugate or naked, molecules: both engage Fc receptors alike (Junttila 2011,
        doi:10.1007/s10549-010-1090-x).
    k_NK : float
        Kill rate at full engagement: rate per NK cell times NK cells per tumour cell, 1/h (assumed).
    inv_K_NK : float
        One over the bound antibodies per cell at half the rate (assumed).
    k : Constants
        Pure numbers.

    Notes
    -----
    The exponent 4 is assumed: assays find lysis of cells with many receptors and next to none below a threshold.
    """
    return adcc_hazards(C, C, k_NK, inv_K_NK, k)[0]


def adcc_hazards(C0: Real, C1: Real, k_NK: float, inv_K_NK: float, k: Constants) -> tuple[Real, Real]:
    """Return `adcc_hazard` at both ends of a step, from the antibody on the surface there."""
    z0, z1 = _fourth_power(C0 * inv_K_NK, k), _fourth_power(C1 * inv_K_NK, k)
    start, end = inverses(k.one + z0, k.one + z1, k)
    return k_NK * (z0 * start), k_NK * (z1 * end)


def _fourth_power(z: Real, k: Constants) -> Real:
    z = z * z
    return minimum(z * z, k.huge)  # the hazard is its largest long before
