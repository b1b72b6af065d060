"""P1: plasma conjugate against the published typical values, `solve_ivp` and its own integral."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from tdm1sim.parameters import Patient
from tdm1sim.surroundings.plasma import Plasma
from tests.runs import PATIENT_VALUES, patient


def body(**changes: float) -> Patient:
    where = patient().surroundings
    assert isinstance(where, Patient)
    return replace(where, **changes)


def typical(where: Patient) -> dict[str, float]:
    plasma = Plasma(where, PATIENT_VALUES)
    summary = plasma.summary(504.0)
    assert summary is not None
    return {**summary, "day_7": plasma.concentration(168.0)}


EXPECTED = {
    "cmax_ug_ml": 78.89,
    "day_7": 18.96,
    "trough_ug_ml": 1.613,
    "auc_ug_d_ml": 372.8,
    "half_life_d": 3.938,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_P1_typical_patient(name: str) -> None:
    assert typical(body())[name] == pytest.approx(EXPECTED[name], rel=0.005)


@pytest.mark.parametrize("name", EXPECTED)
def test_P1_companion_another_clearance_is_noticed(name: str) -> None:
    wrong = typical(body(CL=1.1 * body().CL, Vc=1.02 * body().Vc))
    assert wrong[name] != pytest.approx(EXPECTED[name], rel=0.005)


def test_three_doses_against_solve_ivp() -> None:
    where = patient(cycles=3, duration=1512.0).surroundings
    assert isinstance(where, Patient)

    def rhs(t: float, y: np.ndarray) -> list[float]:
        rate = sum(i.dose / i.length for i in where.infusions if i.start <= t < i.start + i.length)
        central, outer = y
        exchange = where.Q * (central / where.Vc - outer / where.Vp)
        return [rate - where.CL * central / where.Vc - exchange, exchange]

    y, edges = np.zeros(2), [0.0, 1.5, 504.0, 505.5, 1008.0, 1009.5, 1512.0]
    for a, b in pairwise(edges):
        s = solve_ivp(rhs, (a, b - 1e-9), y, rtol=1e-10, atol=1e-10, max_step=0.5)
        y = s.y[:, -1]
        assert Plasma(where, PATIENT_VALUES).concentration(b) == pytest.approx(y[0] / where.Vc, rel=1e-6)


@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (0.3, 30.0), (1.5, 600.0), (503.0, 506.0)])
def test_integral_is_the_integral_of_the_concentration(a: float, b: float) -> None:
    plasma = Plasma(patient(cycles=2).surroundings, PATIENT_VALUES)  # type: ignore[arg-type]
    corners = [t for t in (1.5, 504.0, 505.5) if a < t < b]
    expected, _ = quad(plasma.concentration, a, b, points=corners or None, epsabs=1e-10, limit=200)
    assert plasma.integral(a, b) == pytest.approx(expected, rel=1e-9)


def test_no_dose_has_no_pharmacokinetics() -> None:
    plasma = Plasma(patient(dose=0.0).surroundings, PATIENT_VALUES)  # type: ignore[arg-type]
    assert plasma.summary(504.0) is None
    assert plasma.concentration(np.array([0.0, 5.0])).tolist() == [0.0, 0.0]
