"""What a patient's weight and laboratory values do to the pharmacokinetics of the conjugate. Floor 1.

Lu et al. 2014 (doi:10.1007/s00280-014-2500-2, equation 5): powers of each value over that of the reference patient,
and an exponential of the trastuzumab left from earlier therapy. Weight acts on clearance and central volume, the rest
on clearance only. Except for weight the effects are small: none needs another dose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple


class Covariate(NamedTuple):
    """A laboratory value that clearance follows as a power.

    ``symbol`` names its exponent in the catalogue, written as a number >= 0; ``reference`` is the value (in ``unit``)
    of the patient to whom the typical clearance belongs; clearance falls with the value where ``falls``.
    """

    symbol: str
    reference: float
    unit: str
    falls: bool = False


COVARIATES: Mapping[str, Covariate] = {
    "her2_ecd": Covariate("x_ECD", 25.0, "ng/mL"),  # shed ectodomain in serum
    "albumin": Covariate("x_albumin", 41.0, "g/L", falls=True),
    "tumour_burden": Covariate("x_burden", 9.0, "cm"),  # sum of the longest diameters (RECIST)
    "ast": Covariate("x_AST", 27.0, "U/L"),
}
LEFT = "residual_trastuzumab"
"""Trastuzumab left from earlier therapy, ug/mL: clearance falls by ``exp(-x_left LEFT)``; the reference is none."""


def adjusted(
    CL: float, Vc: float, weight: float, covariates: Mapping[str, float], values: Mapping[str, float]
) -> tuple[float, float]:
    """Return clearance and central volume of one patient.

    Parameters
    ----------
    CL, Vc : float
        Of the reference patient, in any unit.
    weight : float
        Body weight, kg, > 0.
    covariates : mapping of str to float
        Names of `COVARIATES` (in their units, > 0) and `LEFT` (ug/mL, >= 0); what is absent is as in the reference.
    values : mapping of str to float
        Reads ``weight_ref``, ``x_CL``, ``x_Vc`` and the exponents of what is given.

    Returns
    -------
    tuple of float
        Clearance and central volume, in the units given.
    """
    ratio = weight / values["weight_ref"]
    CL, Vc = CL * ratio ** values["x_CL"], Vc * ratio ** values["x_Vc"]
    for name, value in covariates.items():
        if name == LEFT:
            CL *= math.exp(-values["x_left"] * value)
            continue
        known = COVARIATES[name]
        exponent = values[known.symbol]
        CL *= (value / known.reference) ** (-exponent if known.falls else exponent)
    return CL, Vc
