"""The patient of a run: covariates applied to the conjugate's pharmacokinetics, naked antibodies, variability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tdm1sim.covariates import COVARIATES, LEFT, adjusted
from tdm1sim.parameters import Course, Disposition, Patient, Variability
from tdm1sim.scenario import treatment
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.document import PatientSection
from tdm1sim.scenario.numbers import Number
from tdm1sim.scenario.treatment import Planned

TRASTUZUMAB = "trastuzumab"
"""The drug that earlier therapy may have left."""
DIMENSION = {"ecd": "ectodomain", "albumin": "albumin", "tumour_burden": "burden", "ast": "enzyme", LEFT: "plasma"}
"""Of the covariates a scenario may state."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A covariate: its value in canonical units, and where it is from."""

    value: float
    origin: str


def covariates(check: Checking, numbers: Mapping[str, Number]) -> dict[str, Stated]:
    """Return the covariates of the patient beside weight: what the scenario says, else the reference patient's."""
    section = check.document.patient or PatientSection.model_construct()
    found = {}
    for name in DIMENSION:
        value = getattr(section, name)
        reference = numbers[COVARIATES[name][1]] if name in COVARIATES else None
        if value is not None:
            found[name] = Stated(value, check.origin("patient", name))
        elif reference is not None:
            found[name] = Stated(reference.value, f"{COVARIATES[name][1]}, {reference.origin}")
        else:
            found[name] = Stated(0.0, "default")
    return found


def patient(check: Checking, numbers: Mapping[str, Number], planned: Planned) -> Patient:
    """Return the patient, with clearance and central volume of this weight and these laboratory values."""
    values = {symbol: number.value for symbol, number in numbers.items()}
    weight = values["weight"]
    stated = {name: said.value for name, said in covariates(check, numbers).items()}
    CL, Vc = adjusted(values["CL"], values["Vc"], weight, stated, values)
    given = [doses for doses in planned.doses if doses.drug.kind == "conjugate"]
    infusions, interval = treatment.infusions(given, weight)
    section = check.document.patient
    return Patient(
        weight=weight,
        CL=CL,
        Vc=Vc,
        Q=values["Q"],
        Vp=values["Vp"],
        infusions=infusions,
        interval=interval,
        P=values["P"],
        Rcap=values["Rcap"],
        RK=values["RK"],
        void=values["void"],
        courses=_courses(check, values, planned, stated[LEFT]),
        variability=_variability(check, values) if section and section.population else None,
    )


def _courses(check: Checking, values: Mapping[str, float], planned: Planned, left: float) -> tuple[Course, ...]:
    """Return the naked antibodies in the order of the catalogue: those given, and what earlier therapy left."""
    found = []
    for drug in check.catalogue.drugs.values():
        given = [doses for doses in planned.doses if doses.drug.name == drug.name and drug.kind == "antibody"]
        residual = left if drug.name == TRASTUZUMAB else 0.0
        if given or residual > 0.0:
            infusions, _ = treatment.infusions(given, values["weight"])
            found.append(replace(_course(check, values, drug.name), infusions=infusions, residual=residual))
    return tuple(found)


def _course(check: Checking, values: Mapping[str, float], name: str) -> Course:
    """Return a naked antibody with its own pharmacokinetics for this weight, not yet given."""
    own = {symbol.removesuffix(f"_{name}"): value for symbol, value in values.items() if symbol.endswith(f"_{name}")}
    CL, Vc = adjusted(own["CL"], own["Vc"], values["weight"], {}, own)
    return Course(
        drug=name,
        site=check.catalogue.drugs[name].site or "IV",
        disposition=Disposition(CL, Vc, own["Q"], own["Vp"]),
        infusions=(),
        MW=own["MW"],
    )


def _variability(check: Checking, values: Mapping[str, float]) -> Variability:
    """Return how patients differ around the one described; a residual that is stated is everybody's."""
    section = check.document.patient
    said = section is not None and section.residual_trastuzumab is not None
    return Variability(
        cv_CL=values["cv_CL"],
        cv_Vc=values["cv_Vc"],
        covariance=values["cov_CL_Vc"],
        weight=values["weight"],
        weight_low=values["weight_p05"],
        weight_high=values["weight_p95"],
        left=None if said else _course(check, values, TRASTUZUMAB),
        left_share=values["residual_share"],
        left_high=values["residual_p95"],
    )
