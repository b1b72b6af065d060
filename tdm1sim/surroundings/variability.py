"""Another patient in each replicate: clearance, central volume, weight and residual trastuzumab drawn by its luck.

The patient of a replicate depends on the seed and the replicate's number only, so paired scenarios treat the same
patients. Cells keep their own luck.
"""

from __future__ import annotations

import math
from dataclasses import replace

from tdm1sim import luck
from tdm1sim.covariates import LEFT, adjusted
from tdm1sim.parameters import Course, Infusion, Parameters, Patient, Variability

_P95 = 1.6448536269514722
"""95th percentile of the standard normal distribution."""


def patient_of(parameters: Parameters, replicate: int) -> Parameters:
    """Return the run with the patient of a replicate.

    Parameters
    ----------
    parameters : Parameters
        Returned as they are where there is no patient, or one without variability.
    replicate : int
        From 1.

    Returns
    -------
    run : Parameters
        The typical patient's clearance and volume times the drawn deviations, and times what the drawn weight and
        residual trastuzumab do to them relative to the typical patient's; doses per body weight follow the weight.
    """
    typical = parameters.surroundings
    if not isinstance(typical, Patient) or typical.variability is None:
        return parameters
    how = typical.variability
    rng = luck.generator(parameters.plan.seed, f"patient {replicate}")
    first, second, third = rng.standard_normal(3).tolist()
    any_left, how_much = rng.random(2).tolist()
    deviation_CL, deviation_Vc = _deviations(how, first, second)
    weight = how.weight * math.exp(third * math.log(how.weight_high / how.weight_low) / (2.0 * _P95))
    courses = _courses(typical, _left(how, any_left, how_much), weight / typical.weight)
    CL, Vc = adjusted(1.0, 1.0, weight, {LEFT: _residual(courses)}, parameters.values)
    CL_was, Vc_was = adjusted(1.0, 1.0, typical.weight, {LEFT: _residual(typical.courses)}, parameters.values)
    drawn = replace(
        typical,
        weight=weight,
        CL=typical.CL * deviation_CL * CL / CL_was,
        Vc=typical.Vc * deviation_Vc * Vc / Vc_was,
        infusions=_for_weight(typical.infusions, weight / typical.weight),
        courses=courses,
        variability=None,
    )
    return replace(parameters, surroundings=drawn)


def _deviations(how: Variability, first: float, second: float) -> tuple[float, float]:
    """Return the factors on CL and Vc from two standard normal numbers."""
    var_CL, var_Vc = math.log1p(how.cv_CL**2), math.log1p(how.cv_Vc**2)
    sd_CL = math.sqrt(var_CL)
    shared = how.covariance / sd_CL if sd_CL > 0.0 else 0.0
    own = math.sqrt(max(var_Vc - shared * shared, 0.0))
    return math.exp(sd_CL * first), math.exp(shared * first + own * second)


def _left(how: Variability, any_left: float, how_much: float) -> Course | None:
    """Return the trastuzumab that earlier therapy left, from two uniform numbers."""
    if how.left is None or any_left >= how.left_share or how.left_share <= 0.05:
        return None
    mean = how.left_high / math.log(how.left_share / 0.05)  # 5 % of all are 5 % / share of those who have any
    return replace(how.left, residual=-mean * math.log1p(-how_much))


def _courses(typical: Patient, left: Course | None, ratio: float) -> tuple[Course, ...]:
    """Return the naked antibodies for the drawn weight; what is left joins a course of the same drug."""
    courses = [replace(course, infusions=_for_weight(course.infusions, ratio)) for course in typical.courses]
    if left is None:
        return tuple(courses)
    for index, course in enumerate(courses):
        if course.drug == left.drug:
            courses[index] = replace(course, residual=left.residual)
            return tuple(courses)
    return (*courses, left)


def _residual(courses: tuple[Course, ...]) -> float:
    """Return the antibody left from earlier therapy that clearance follows (ug/mL): that on subdomain IV."""
    return sum(course.residual for course in courses if course.site == "IV")


def _for_weight(infusions: tuple[Infusion, ...], ratio: float) -> tuple[Infusion, ...]:
    return tuple(replace(one, dose=one.dose * ratio) for one in infusions)
