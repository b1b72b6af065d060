"""What a run and a saved state must have in common, and what a branch may change. Floor 2.

Cells exist already when a state is continued: how they were drawn cannot change, nor can the sizes of things, nor what
has been given. Plasma is known in closed form from the start of the run, so a patient's body belongs to the past too.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.parameters import Clone, Course, Parameters, Patient

if TYPE_CHECKING:
    from tdm1sim.world import World

RATES = ("ke", "kr", "ks", "phi", "kpino", "E_T", "becomes")
"""What a branch may change in a clone; all else its cells were drawn with."""
TRANSPORT = ("P", "Rcap", "RK")
"""What a branch may change in a patient besides the treatment: how drug leaves the vessels."""
CELLS = ("sigma_tolerance", "t_S", "t_G2", "t_M", "V", "DAR", "MW")
"""Symbols that cells were drawn with, or amounts are counted by."""
BODY = ("f_ab", "kdec", "arm_payload", "void_payload", "CL_DM1", "V_DM1", "MW_DM1", "fu_DM1", "f_CYP3A4")
"""Symbols of plasma and tissue space, besides the fields of the patient."""
_ELSEWHERE = frozenset(
    (
        *("ke", "kr", "ks", "kpino", "E_T", "doubling", "sigma_her2", "t_infusion", "medium", "cells_per_well"),
        *("CL", "Vc", "Q", "Vp", "weight", "P", "Rcap", "RK", "void"),
        *("weight_p05", "weight_p95", "residual_share", "residual_p95", "cv_CL", "cv_Vc", "cov_CL_Vc"),
    )
)
"""Symbols that act only through clones, patient, well or treatment, where they are compared."""
_CLOSE = 1e-9


def fixed(parameters: Parameters) -> dict[str, Any]:
    """Return what a branch may not change, by dotted path: numbers in canonical units, and words."""
    plan, where, v = parameters.plan, parameters.surroundings, parameters.values
    found: dict[str, Any] = {
        "setting": "patient" if isinstance(where, Patient) else "culture",
        "drug": parameters.drug,
        "payload": parameters.payload,
        "run.seed": plan.seed,
        "tumour.cells": plan.cells,
        "tumour.clones": ", ".join(clone.name for clone in parameters.clones),
    }
    for clone in parameters.clones:
        drawn = (field.name for field in fields(Clone) if field.name not in {*RATES, "name", "ke_normal", "kr_normal"})
        found |= {f"tumour.clones.{clone.name}.{name}": getattr(clone, name) for name in drawn}
    symbols = set(CELLS)
    if isinstance(where, Patient):
        symbols |= {*BODY, *(name for name in v if name.startswith("x_") or name.endswith("_ref"))}
        found |= {f"patient.{name}": getattr(where, name) for name in ("weight", "CL", "Vc", "Q", "Vp", "void")}
        found["patient.population"] = repr(where.variability)
    else:
        found |= {"culture.medium": where.medium, "culture.cells_per_well": where.cells_per_well}
    return found | {f"parameters.{name}": v[name] for name in v if name in symbols}


def free(parameters: Parameters) -> dict[str, Any]:
    """Return the numbers of the model that a branch may change, by dotted path."""
    where, v, bound = parameters.surroundings, parameters.values, fixed(parameters)
    found: dict[str, Any] = {"run.dt": parameters.plan.dt, "run.precision": parameters.plan.precision}
    for clone in parameters.clones:
        found |= {f"tumour.clones.{clone.name}.{name}": getattr(clone, name) for name in RATES if name != "becomes"}
        found |= {f"tumour.clones.{clone.name}.becomes.{other}": chance for other, chance in clone.becomes}
    if isinstance(where, Patient):
        found |= {f"patient.{name}": getattr(where, name) for name in TRANSPORT}
    drugs = ("_trastuzumab", "_pertuzumab")
    others = {f"parameters.{name}": v[name] for name in v if name not in _ELSEWHERE and not name.endswith(drugs)}
    return found | {path: value for path, value in others.items() if path not in bound}


def given(parameters: Parameters, until: float) -> list[list[Any]]:
    """Return what had been given before a time, as lists of words and numbers (h, mg, nM).

    What begins at that time is not among it; of what goes on, only that it had begun.
    """
    where, until = parameters.surroundings, until - _CLOSE
    past: list[list[Any]] = []
    if isinstance(where, Patient):
        past += [[parameters.drug, i.start, "mg", i.dose, i.length] for i in where.infusions if i.start < until]
        for course in where.courses:
            past += _course(course, until)
    else:
        past += [
            [e.drug, e.start, "nM", e.concentration, e.conjugate, e.site, min(e.end, until + _CLOSE)]
            for e in where.exposures
            if e.start < until
        ]
    for i in parameters.inhibitions:
        if i.start < until and i.fraction > 0.0:
            past.append([f"{i.target} inhibitor", i.start, "inhibition", i.fraction, min(i.end, until + _CLOSE)])
    return sorted(past, key=lambda event: (event[1], event[0]))


def _course(course: Course, until: float) -> list[list[Any]]:
    """Return the infusions of a naked antibody; what earlier therapy left counts as given at the start."""
    body = [getattr(course.disposition, field.name) for field in fields(course.disposition)]
    tail = [course.site, course.MW, *body]
    doses = [[course.drug, i.start, "mg", i.dose, i.length, *tail] for i in course.infusions if i.start < until]
    left = [[course.drug, 0.0, "ug/mL left from earlier therapy", course.residual, *tail]]
    return [*doses, *(left if course.residual > 0.0 else [])]


def same(one: Any, other: Any) -> bool:
    """Whether two values of an agreement, or two events, are the same but for rounding."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other, rel_tol=_CLOSE)
    return bool(one == other)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the paths at which two agreements differ; a path that only one of them has counts."""
    paths = dict.fromkeys([*before, *now])
    return [path for path in paths if path not in before or path not in now or not same(before[path], now[path])]


def grid_of(world: World, t: float) -> str:
    """Return a hash of the steps and windows up to a time: runs with the same one take the same steps to there."""
    position = int(np.argmin(np.abs(world.times - t)))
    windows = world.windows[world.windows <= position]
    return hashlib.sha256(world.times[: position + 1].tobytes() + windows.tobytes()).hexdigest()


def digest(agreement: Mapping[str, Any], events: list[list[Any]]) -> str:
    """Return a hash of what must agree, to tell states apart."""
    text = repr([sorted(agreement.items()), events])
    return hashlib.sha256(text.encode()).hexdigest()
