"""Runs built by hand, so that the tests of the core need neither files nor the catalogue.

The values are the starting values of the model's own design, typed here a second time on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tdm1sim.parameters import Clone, Culture, Exposure, Infusion, Parameters, Patient, Plan

PATIENT_VALUES: dict[str, float] = {
    "kon": 0.36,
    "KD": 0.314,
    "ke": 0.14,
    "kr": 1.2,
    "ks": 0.457,
    "ksh": 0.005,
    "eta": 1.0,
    "klys": 0.5,
    "kexoL": 0.02,
    "kSLC": 0.214,
    "kleak": 0.004,
    "kexo": 0.02,
    "keff": 0.28,
    "T": 20000.0,
    "KDt": 930.0,
    "DAR": 3.5,
    "V": 3.8,
    "kpino": 0.005,
    "MW": 148000.0,
    "t_S": 8.0,
    "t_G2": 4.0,
    "t_M": 1.0,
    "cv_cycle": 0.15,
    "E_T": 0.2,
    "C_M": 160.0,
    "n": 6.5,
    "kdm": 0.015,
    "kslip": 0.075,
    "kmc": 0.009,
    "kap": 0.05,
    "C_A": 3000.0,
    "q": 2.0,
    "C_T": math.inf,
    "sigma_tolerance": 0.15,
    "sigma_her2": 0.5,
    "doubling": 600.0,
    "w_arrested": 1.5,
    "tau_dying": 12.0,
    "colony": 50.0,
    "band_fraction": 0.74,
    "CL": 0.676 / 24.0,
    "Vc": 3.127,
    "Q": 1.534 / 24.0,
    "Vp": 0.66,
    "P": 259.0 / 24.0,
    "Rcap": 8.0,
    "RK": 75.0,
    "void": 0.24,
    "weight_ref": 70.0,
    "x_CL": 0.49,
    "x_Vc": 0.596,
    "x_ECD": 0.035,
    "ECD_ref": 25.0,
    "x_ALB": -0.423,
    "ALB_ref": 41.0,
    "x_burden": 0.052,
    "burden_ref": 9.0,
    "x_AST": 0.071,
    "AST_ref": 27.0,
    "x_residual": -0.002,
    "f_ab": 0.4,
    "kdec": 0.0031,
    "CL_DM1": 10.4,
    "V_DM1": 3.0,
    "fu_DM1": 0.07,
    "MW_DM1": 738.0,
    "f_CYP3A4": 0.8,
    "NK": 1e-4,
    "kNK": 0.07,
    "K_NK": 2e4,
    "arm_payload": 1.0,
    "arm_blockade": 1.0,
    "arm_adcc": 1.0,
    "arm_shedding": 1.0,
    "kin": 0.0,
    "P_payload": 924.0 / 24.0,
    "void_payload": 0.44,
    "KD_II": 1.0,
}
CULTURE_VALUES = {
    **PATIENT_VALUES,
    "C_M": 80.0,
    "kpino": 0.05,
    "doubling": 37.4,
    "E_T": 0.48,
    "kdec": 0.0023,
    "NK": 0.0,
}


def clone(values: Mapping[str, float] = PATIENT_VALUES, **traits: Any) -> Clone:
    """Return a 3+ clone; any field of `Clone` may be given."""
    standard: dict[str, Any] = {
        "name": "main",
        "fraction": 1.0,
        "her2": 1.0e6,
        "her2_sigma": values["sigma_her2"],
        "mdr1": 1.0,
        "mdr1_sigma": 0.0,
        "slc46a3": 1.0,
        "slc46a3_sigma": 0.0,
        "pten_deficient": False,
        "her2_driven": True,
        "ke": values["ke"],
        "kr": values["kr"],
        "ks": values["ks"],
        "phi": 1.0,
        "kpino": values["kpino"],
        "volume": values["V"],
        "doubling": values["doubling"],
        "E_T": values["E_T"],
    }
    return Clone(**{**standard, **traits})


def plan(**fields: Any) -> Plan:
    """Return a plan: 200 cells, 21 days, 1 h steps, seed 1, 2 replicates."""
    standard: dict[str, Any] = {
        "cells": 200,
        "duration": 504.0,
        "dt": 1.0,
        "seed": 1,
        "replicates": 2,
        "capacity": 100_000,
        "record_every": 6.0,
        "traces": 3,
    }
    return Plan(**{**standard, **fields})


def patient(
    clones: Sequence[Clone] | None = None,
    values: Mapping[str, float] = PATIENT_VALUES,
    *,
    dose: float = 252.0,
    cycles: int = 1,
    **fields: Any,
) -> Parameters:
    """Return a 70 kg patient with a 3+ tumour and 3.6 mg/kg every 21 days."""
    infusions = tuple(Infusion(504.0 * i, 1.5, dose) for i in range(cycles)) if dose else ()
    body = Patient(
        weight=70.0,
        infusions=infusions,
        interval=504.0,
        **{name: values[name] for name in ("CL", "Vc", "Q", "Vp", "P", "Rcap", "RK", "void")},
    )
    return Parameters(values, tuple(clones or [clone(values)]), body, plan(**fields))


def culture(
    clones: Sequence[Clone] | None = None,
    values: Mapping[str, float] = CULTURE_VALUES,
    *,
    exposures: Sequence[tuple[Any, ...]] = ((0.0, 72.0, 1.0),),
    medium: float = 100.0,
    cells_per_well: float = 8000.0,
    **fields: Any,
) -> Parameters:
    """Return SK-BR-3 cells in a well for 72 h; exposures are (start h, end h, nM) and more of `Exposure`."""
    cells = tuple(clones or [clone(values, her2=1.13e6)])
    well = Culture(medium, cells_per_well, tuple(Exposure(*e) for e in exposures))
    return Parameters(values, cells, well, plan(**{"duration": 72.0, **fields}))


def immortal(parameters: Parameters) -> Parameters:
    """Return the run with cells that neither die nor divide (one long cycle), each with exactly the median HER2."""
    values = {**parameters.values, "kap": 0.0, "arm_adcc": 0.0, "sigma_tolerance": 0.0, "cv_cycle": 0.0}
    clones = tuple(replace(c, doubling=1.0e9, her2_sigma=0.0) for c in parameters.clones)
    return replace(parameters, values=values, clones=clones)
