"""Small runs for the tests that prove the rows of the mission, and what is read from them.

A claim is a function that returns whether it holds; the test of a row asks it of the model, its companion asks the very
same function with the mechanism switched off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.parameters import Clone, Course, Exposure, Infusion, Inhibition, Parameters, Patient, Site, Target
from tdm1sim.recorder import Record
from tests import runs
from tests.runs import CULTURE_VALUES, PATIENT_VALUES
from tests.science.arms import column, flow
from tests.verification.test_plasma_species import PERTUZUMAB, TRASTUZUMAB

DAY = 24.0


def record_of(parameters: Parameters, replicate: int = 1) -> Record:
    """Run one replicate with all its tables."""
    return run_replicate(Task("run", 0.0, parameters, replicate, "auto"))


def last(record: Record, name: str) -> float:
    """Return the end of a column of the time series."""
    return float(column(record, name)[-1])


def moved(record: Record, arrow: str) -> float:
    """Return molecules per founder that took an arrow up to the end."""
    return flow(record, arrow, record.end_h)


def living(record: Record) -> float:
    """Return living cells per founder at the end; a run that was cleared has none."""
    return last(record, "live_cells") / float(column(record, "live_cells")[0])


def well(
    clones: Sequence[Clone] | None = None,
    *exposures: Exposure,
    changes: dict[str, float] | None = None,
    medium: float = 1.0e6,
    **fields: Any,
) -> Parameters:
    """Return cells in a well; without exposures 1 nM of conjugate. By default the medium hardly runs out."""
    values = {**CULTURE_VALUES, **(changes or {})}
    given = exposures or (conjugate(1.0),)
    made = runs.culture(clones or [cell()], values, exposures=(), medium=medium, **fields)
    return replace(made, surroundings=replace(made.surroundings, exposures=tuple(given)))


def body(
    clones: Sequence[Clone] | None = None,
    *courses: Course,
    changes: dict[str, float] | None = None,
    **fields: Any,
) -> Parameters:
    """Return a patient; with courses of naked antibodies beside the conjugate (``dose=0``: instead of it)."""
    made = runs.patient(clones, {**PATIENT_VALUES, **(changes or {})}, **fields)
    where = made.surroundings
    assert isinstance(where, Patient)
    return replace(made, surroundings=replace(where, courses=courses))


def cell(**traits: Any) -> Clone:
    """Return a 3+ clone in culture; any field of `Clone` may be given."""
    return runs.clone(CULTURE_VALUES, **traits)


def still(parameters: Parameters) -> Parameters:
    """Return the run with cells that neither die nor divide."""
    return runs.immortal(parameters)


def conjugate(nM: float, start: float = 0.0, end: float = 72.0) -> Exposure:
    """Return T-DM1 in the medium."""
    return Exposure(start, end, nM)


def naked(nM: float, site: Site = "IV", start: float = 0.0, end: float = 72.0) -> Exposure:
    """Return an antibody without payload in the medium: trastuzumab (subdomain IV) or pertuzumab (II)."""
    return Exposure(start, end, nM, "trastuzumab" if site == "IV" else "pertuzumab", conjugate=False, site=site)


def trastuzumab(residual: float = 0.0) -> Course:
    """Return 8 mg/kg of trastuzumab at the start, and what earlier therapy left (ug/mL)."""
    return Course("trastuzumab", "IV", TRASTUZUMAB, (Infusion(0.0, 1.5, 560.0),), residual)


def pertuzumab() -> Course:
    """Return 840 mg of pertuzumab at the start."""
    return Course("pertuzumab", "II", PERTUZUMAB, (Infusion(0.0, 1.0, 840.0),))


def inhibited(parameters: Parameters, target: Target, fraction: float) -> Parameters:
    """Return the run with an inhibitor given all the time."""
    return replace(parameters, inhibitions=(Inhibition(target, fraction, 0.0, np.inf),))


def rising(values: Sequence[float]) -> bool:
    """Whether each value exceeds the one before by at least 2 %."""
    return all(b > 1.02 * a for a, b in pairwise(values))
