"""P1: everything a patient's plasma holds, against `solve_ivp` over two cycles with earlier and added trastuzumab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from tdm1sim.parameters import Course, Disposition, Infusion, Patient
from tdm1sim.surroundings.pieces import across, level, levels, pieces_of
from tdm1sim.surroundings.plasma import Plasma, answer, two_compartments
from tests.runs import PATIENT_VALUES, patient

TRASTUZUMAB = Disposition(CL=0.225 / 24.0, Vc=2.95, Q=0.5 / 24.0, Vp=2.5)
PERTUZUMAB = Disposition(CL=0.235 / 24.0, Vc=3.11, Q=0.534 / 24.0, Vp=2.46)
TIMES = np.array([0.5, 1.5, 2.5, 24.0, 168.0, 503.0, 504.7, 505.5, 507.0, 700.0, 1008.0])
SPECIES = ("conjugate", "antibody", "naked", "drug", "mean_dar", "other_site")


def body() -> Patient:
    """A patient with 20 ug/mL trastuzumab from before, 6 mg/kg more with each dose, and pertuzumab."""
    where = patient(cycles=2).surroundings
    assert isinstance(where, Patient)
    added = (Infusion(2.0, 0.5, 420.0), Infusion(506.0, 0.5, 420.0))
    trastuzumab = Course("trastuzumab", "IV", TRASTUZUMAB, added, residual=20.0, MW=145_531.0)
    pertuzumab = Course("pertuzumab", "II", PERTUZUMAB, (Infusion(3.0, 1.0, 840.0),))
    return replace(where, courses=(trastuzumab, pertuzumab))


def closed(where: Patient, values: Mapping[str, float] = PATIENT_VALUES) -> dict[str, np.ndarray]:
    plasma = Plasma(where, values)
    return {
        "conjugate": plasma.concentration(TIMES),
        "antibody": plasma.antibody_nM(TIMES),
        "naked": plasma.naked_nM(TIMES),
        "drug": plasma.drug_nM(TIMES),
        "mean_dar": plasma.mean_dar(TIMES),
        "other_site": plasma.other_site_nM(TIMES),
    }


def integrated(where: Patient, values: Mapping[str, float] = PATIENT_VALUES) -> dict[str, np.ndarray]:
    """The same by mass action: conjugate becomes naked, carries less, and every antibody has its compartments (mg)."""
    f, kdec, MW = values["f_ab"], values["kdec"], values["MW"]
    trastuzumab, pertuzumab = where.courses
    # Residual trastuzumab in its own terminal phase: the eigenvector gives what its outer compartment holds.
    k21, beta = TRASTUZUMAB.Q / TRASTUZUMAB.Vp, two_compartments(TRASTUZUMAB)[-1][0]
    central = trastuzumab.residual * TRASTUZUMAB.Vc
    start = np.zeros(10)
    start[6:8] = central, central * TRASTUZUMAB.Q / TRASTUZUMAB.Vc / (k21 - beta)
    given = [(where.infusions, 0), (trastuzumab.infusions, 6), (pertuzumab.infusions, 8)]
    edges = sorted({0.0, *TIMES, *(x for many, _ in given for i in many for x in (i.start, i.start + i.length))})

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        d = np.zeros(10)
        for k, (Q, Vc, Vp) in enumerate([(where.Q, where.Vc, where.Vp)] * 3):
            exchange = Q * (y[2 * k] / Vc - y[2 * k + 1] / Vp)
            d[2 * k], d[2 * k + 1] = -exchange, exchange
        for k, own in ((3, TRASTUZUMAB), (4, PERTUZUMAB)):
            exchange = own.Q * (y[2 * k] / own.Vc - y[2 * k + 1] / own.Vp)
            d[2 * k], d[2 * k + 1] = -exchange - own.CL * y[2 * k] / own.Vc, exchange
        k10 = where.CL / where.Vc
        d[0] -= k10 * y[0]  # conjugate
        d[2] += (1.0 - f) * k10 * y[0] - f * k10 * y[2]  # naked product
        d[4] -= (k10 + kdec) * y[4]  # drug, as mg of conjugate that would carry it
        d[5] -= kdec * y[5]
        for many, index in given:
            rate = sum(i.dose / i.length for i in many if i.start <= t < i.start + i.length)
            d[index] += rate
            d[4] += rate if index == 0 else 0.0
        return d

    y, seen = start, {}
    for a, b in pairwise(edges):
        y = solve_ivp(rhs, (a, b - 1e-10), y, rtol=1e-11, atol=1e-11, method="DOP853", max_step=5.0).y[:, -1]
        seen[b] = y
    held = np.array([seen[t] for t in TIMES]).T
    nM = 1e6 / MW / where.Vc
    product, drug = (held[0] + held[2]) * nM, values["DAR"] * held[4] * nM
    return {
        "conjugate": held[0] / where.Vc,
        "antibody": product + held[6] / TRASTUZUMAB.Vc * 1e6 / trastuzumab.MW,
        "naked": held[2] * nM + held[6] / TRASTUZUMAB.Vc * 1e6 / trastuzumab.MW,
        "drug": drug,
        "mean_dar": drug / product,
        "other_site": held[8] / PERTUZUMAB.Vc * 1e6 / pertuzumab.MW,
    }


@pytest.fixture(scope="module")
def expected() -> dict[str, np.ndarray]:
    return integrated(body())


@pytest.mark.parametrize("species", SPECIES)
def test_P1_two_cycles_with_trastuzumab_before_and_beside(species: str, expected: dict[str, Any]) -> None:
    assert closed(body())[species] == pytest.approx(expected[species], rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(
    ("symbol", "value", "moves"),
    [("f_ab", 0.5, ("antibody", "naked", "mean_dar")), ("kdec", 0.0023, ("drug", "mean_dar"))],
)
def test_P1_companion_a_wrong_loss_is_noticed(
    symbol: str, value: float, moves: tuple[str, ...], expected: dict[str, Any]
) -> None:
    wrong = closed(body(), {**PATIENT_VALUES, symbol: value})
    moved = tuple(s for s in SPECIES if wrong[s] != pytest.approx(expected[s], rel=1e-7, abs=1e-12))
    assert moved == moves


def test_P1_companion_no_residual_is_noticed(expected: dict[str, Any]) -> None:
    where = body()
    bare = replace(where, courses=tuple(replace(course, residual=0.0) for course in where.courses))
    assert closed(bare)["antibody"] != pytest.approx(expected["antibody"], rel=0.05)


@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (0.3, 30.0), (1.6, 600.0), (503.0, 507.0)])
def test_integrals_are_the_integrals_of_the_concentrations(a: float, b: float) -> None:
    plasma = Plasma(body(), PATIENT_VALUES)
    corners = [t for i in plasma.infusions for t in (i.start, i.start + i.length) if a < t < b]
    for curve, integral in (
        (plasma.antibody_nM, plasma.antibody_integral),
        (plasma.drug_nM, plasma.drug_integral),
    ):
        found, _ = quad(curve, a, b, points=corners or None, epsabs=1e-11, epsrel=1e-12, limit=400)
        assert integral(a, b) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("f_ab", [0.0, 1e-9, 0.4, 1.0])
def test_naked_product_is_never_negative(f_ab: float) -> None:
    where = replace(body(), courses=())
    plasma = Plasma(where, {**PATIENT_VALUES, "f_ab": f_ab})
    times = np.linspace(0.0, 3000.0, 4001)
    conjugate = plasma.concentration(times) * 1e6 / PATIENT_VALUES["MW"]
    assert (plasma.antibody_nM(times) - conjugate >= -1e-11).all()
    if f_ab == 1.0:  # nothing but catabolism: no naked antibody
        assert plasma.naked_nM(times) == pytest.approx(np.zeros_like(times), abs=1e-11)


def test_what_is_never_lost_stays() -> None:
    """A rate of zero is the limit of small rates, in the concentration and in both parts of the integral."""
    given = (Infusion(1.0, 2.0, 10.0),)
    still, slow = (pieces_of(answer(((rate, 0.5),), given)) for rate in (0.0, 1e-9))
    assert level(still, 50.0) == pytest.approx(5.0, rel=1e-12)
    assert across(still, 1.5, 10.0)[1] == pytest.approx(5.0 * 7.0 + 2.5 * (2.0**2 - 0.5**2) / 2.0, rel=1e-12)
    assert across(slow, 1.5, 10.0)[1] == pytest.approx(across(still, 1.5, 10.0)[1], rel=1e-7)


def test_many_times_at_once_are_one_time_after_the_other() -> None:
    plasma, times = Plasma(body(), PATIENT_VALUES), np.sort(np.append(np.linspace(0.0, 1100.0, 400), TIMES))
    for table in (plasma.antibody, plasma.drug):
        assert levels(table, times) == pytest.approx([level(table, t) for t in times.tolist()], rel=1e-13)


def test_infusions_that_overlap_add_up() -> None:
    """What one infusion comes to does not depend on another that runs meanwhile."""
    terms = two_compartments(TRASTUZUMAB)
    one, other = Infusion(1.0, 4.0, 10.0), Infusion(3.0, 0.5, 7.0)
    both, *alone = (pieces_of(answer(terms, some)) for some in ((one, other), (one,), (other,)))
    for t in (0.5, 2.0, 3.2, 4.0, 40.0):
        assert level(both, t) == pytest.approx(sum(level(table, t) for table in alone), rel=1e-13)
    assert across(both, 0.0, 40.0)[1] == pytest.approx(sum(across(table, 0.0, 40.0)[1] for table in alone), rel=1e-13)


def test_infusions_of_all_antibodies_are_breakpoints() -> None:
    starts = [one.start for one in Plasma(body(), PATIENT_VALUES).infusions]
    assert starts == [0.0, 2.0, 3.0, 504.0, 506.0]


def test_without_courses_or_doses_there_is_nothing() -> None:
    plasma = Plasma(patient(dose=0.0).surroundings, PATIENT_VALUES)  # type: ignore[arg-type]
    for curve in (plasma.antibody_nM, plasma.drug_nM, plasma.mean_dar, plasma.other_site_nM, plasma.naked_nM):
        assert curve(5.0) == 0.0
        assert curve(np.array([0.0, 5.0])).tolist() == [0.0, 0.0]
    assert plasma.antibody_integral(0.0, 9.0) == plasma.drug_integral(0.0, 9.0) == 0.0


def independent_losses(plasma: Plasma, day: float) -> tuple[float, float]:
    """Return the drug (nM) if each drug were lost independently and "conjugate" meant at least one left; and ours."""
    t = 24.0 * day
    bare = 1.0 - plasma.concentration(t) * 1e6 / PATIENT_VALUES["MW"] / plasma.antibody_nM(t)
    return -np.log(bare) * plasma.antibody_nM(t), plasma.drug_nM(t)


def test_two_losses_of_drug_are_not_more_than_independent_losses_would_be() -> None:
    """What docs/model.md says of the two rates: 457, 173, 42, 12 nM against 727, 267, 46, 8 nM."""
    where = patient().surroundings
    assert isinstance(where, Patient)
    found = [independent_losses(Plasma(where, PATIENT_VALUES), day) for day in (3.0, 7.0, 14.0, 21.0)]
    expected = [(457.0, 727.0), (173.0, 267.0), (42.4, 46.3), (11.5, 8.0)]
    assert found == [pytest.approx(pair, rel=0.01) for pair in expected]
