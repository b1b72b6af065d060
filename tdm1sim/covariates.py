"""What a patient's weight and laboratory values do to the pharmacokinetics of the conjugate. Floor 1.

Lu et al. 2014 (doi:10.1007/s00280-014-2500-2, equation 5): powers of each value over that of the reference patient,
and an exponential of the trastuzumab left from earlier therapy. Weight acts on clearance and central volume, the rest
on clearance only. Except for weight the effects are small: none needs another dose. Exponents and reference values are
symbols of the catalogue, because another conjugate has others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

COVARIATES: Mapping[str, tuple[str, str]] = {
    "ecd": ("x_ECD", "ECD_ref"),  # shed ectodomain of HER2 in plasma, ng/mL
    "albumin": ("x_ALB", "ALB_ref"),  # serum albumin, g/L
    "tumour_burden": ("x_burden", "burden_ref"),  # sum of the longest diameters, cm
    "ast": ("x_AST", "AST_ref"),  # aspartate aminotransferase, U/L
}
"""Laboratory values that clearance follows as a power: symbol of the exponent, symbol of the reference value."""
LEFT = "residual_trastuzumab"
"""Trastuzumab left from earlier therapy, ug/mL: clearance changes by ``exp(x_residual LEFT)``; the reference is 0."""


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
        Reads ``weight_ref``, ``x_CL``, ``x_Vc`` and, of what is given, exponents and reference values.

    Returns
    -------
    tuple of float
        Clearance and central volume, in the units given.
    """
    ratio = weight / values["weight_ref"]
    CL, Vc = CL * ratio ** values["x_CL"], Vc * ratio ** values["x_Vc"]
    for name, value in covariates.items():
        if name == LEFT:
            CL *= math.exp(values["x_residual"] * value)
            continue
        exponent, reference = COVARIATES[name]
        CL *= (value / values[reference]) ** values[exponent]
    return CL, Vc
