"""Antibody-dependent cellular cytotoxicity (ADCC): natural killer cells that meet antibody on a cell."""

from __future__ import annotations

from tdm1sim.maths import Real
from tdm1sim.pools import Constants


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
    z = C * inv_K_NK
    z = z * z
    z = z * z
    return k_NK * (z / (k.one + z))
