"""Cells and what they share against `solve_ivp`; drug balance; positivity at long steps."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.parameters import Course, Infusion, Inhibition, Parameters, Patient
from tdm1sim.surroundings.exponential import kinetics_of, load, room_for, transition
from tdm1sim.surroundings.pieces import Pieces, across
from tdm1sim.world import World
from tests.runs import CULTURE_VALUES, clone, culture, immortal, patient
from tests.verification.reference import STATES
from tests.verification.simulated import course, worst_errors
from tests.verification.test_plasma_species import PERTUZUMAB, TRASTUZUMAB

LIMIT = 0.005
DEPLETED = {"exposures": ((0.0, 72.0, 0.1),), "cells_per_well": 80_000.0}
NAKED = ("trastuzumab", False)
FAST = {**CULTURE_VALUES, "kdec": 0.05}


def beside(parameters: Parameters, *courses: Course) -> Parameters:
    """Return the patient's run with courses of naked antibodies."""
    where = parameters.surroundings
    assert isinstance(where, Patient)
    return replace(parameters, surroundings=replace(where, courses=courses))


CROSSING = {
    "DAR": 8.0,
    "kdec": 0.00061,
    "kSLC": 0.0,
    "kleak": 1.0,
    "keff": 1.0,
    "kin": 3.8,
    "T": 297.0,
    "KDt": 307.0,
    "n": 3.0,
    "C_A": 450.0,
}
PERMEABLE = {**patient().values, **CROSSING, "C_M": 24.0}
"""T-DXd's values as its data file has them: a payload that crosses membranes."""
EARLIER = Course("trastuzumab", "IV", TRASTUZUMAB, (), residual=20.0)
EXPOSURES: dict[str, Parameters] = {
    "constant": culture(medium=1.0e7, cells=20),
    "washed out": culture(exposures=((0.0, 6.0, 10.0), (30.0, 72.0, 1.0)), cells=20),
    "depleted": culture(cells=20, **DEPLETED),
    "shedding of bound receptor": culture(
        [clone({**CULTURE_VALUES, "eta": 0.5}, her2=1.13e6)], {**CULTURE_VALUES, "eta": 0.5, "ksh": 0.02}, cells=20
    ),
    "tumour 3+": patient(cells=20),
    "tumour 2+": patient([clone(her2=2.0e5)], cells=20),
    "tumour 1+": patient([clone(her2=5.0e4)], cells=20),
    "tumour 0": patient([clone(her2=1.0e4)], cells=20),
    "two cycles": patient(cells=20, cycles=2, duration=1008.0),
    "competing clones": patient([clone(name="a", fraction=0.5), clone(name="b", fraction=0.5, her2=5e4)], cells=20),
    "resistant": patient([clone(mdr1=10.0, slc46a3=0.1, phi=0.1, ke=0.014, kr=12.0)], cells=20),
    "naked antibody beside": culture(exposures=((0.0, 72.0, 1.0), (0.0, 72.0, 5.0, *NAKED)), cells=20),
    "naked antibody before": culture(exposures=((0.0, 24.0, 5.0, *NAKED), (24.0, 72.0, 1.0)), cells=20),
    "naked antibody added": culture(
        exposures=((0.0, 72.0, 0.3), (24.0, 72.0, 5.0, *NAKED)), cells=20, cells_per_well=80_000.0
    ),
    "naked antibody from earlier therapy": beside(patient([clone(her2=2.0e5)], cells=20), EARLIER),
    "permeable payload": patient(
        [clone(name="a", fraction=0.5), clone(name="b", fraction=0.5, her2=5e4, mdr1=3.0)],
        PERMEABLE,
        cells=20,
        duration=120.0,
        dt=0.5,  # it leaves lysosomes within the hour: at steps of 1 h the errors come to 0.6 %
    ),
    "payload that falls off": culture(values=FAST, cells=20),
    "payload that falls off, depleted": culture(values=FAST, cells=20, **DEPLETED),
}


@pytest.mark.parametrize("name", EXPOSURES)
def test_every_state_against_solve_ivp(name: str) -> None:
    errors = worst_errors(immortal(EXPOSURES[name]))
    assert max(errors.values()) < LIMIT, errors


def test_companion_a_slower_supply_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.surroundings import sharing

    def slower(table: Pieces, t0: float, t1: float) -> tuple[float, float, float]:
        early, between, late = across(table, t0, t1)
        return early, 0.97 * between, late

    monkeypatch.setattr(sharing, "across", slower)
    assert max(worst_errors(immortal(EXPOSURES["tumour 3+"])).values()) > LIMIT


@pytest.mark.parametrize("name", ["naked antibody beside", "naked antibody from earlier therapy"])
def test_companion_naked_antibody_that_takes_no_place_is_noticed(name: str) -> None:
    """The same run with the naked antibody gone: the payload differs by far more than the limit."""
    parameters = immortal(EXPOSURES[name])
    where = parameters.surroundings
    if isinstance(where, Patient):
        bare = replace(parameters, surroundings=replace(where, courses=()))
    else:
        bare = replace(parameters, surroundings=replace(where, exposures=where.exposures[:1]))
    with_it, without = (course(one)[1][-1, 0, STATES.index("PL")] for one in (parameters, bare))
    assert with_it < 0.8 * without


def test_companion_frozen_drug_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the cells the concentration of the start of the step: wrong where they use the drug up."""
    from tdm1sim.surroundings import sharing

    def frozen(search: Any, trial: Any, around: Any, part: Any) -> sharing.Search:
        start = around.amount / around.capacity
        return sharing.Search(search.tries > 0, start, 0.0, 0.0, 0.0, 0.0, 1)

    monkeypatch.setattr(sharing, "narrow", frozen)
    assert max(worst_errors(immortal(EXPOSURES["depleted"])).values()) > LIMIT


def test_a_permeable_payload_converges_with_the_square_of_the_step() -> None:
    run = immortal(EXPOSURES["permeable payload"])
    coarse, fine = (worst_errors(replace(run, plan=replace(run.plan, dt=dt))) for dt in (1.0, 0.5))
    assert max(coarse.values()) < 0.006
    for state in ("Dl", "PL", "Pc", "p"):
        assert fine[state] < 0.3 * coarse[state], state


def test_companion_payload_that_does_not_come_back_in_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the cells the payload that was around them at the start of the step, or none."""
    from tdm1sim.engine import stepping

    for wrong in (lambda give, uptake, shared, h: shared.payload_nM, lambda *_: 0.0):
        monkeypatch.setattr(stepping, "mean_outside", wrong)
        assert max(worst_errors(immortal(EXPOSURES["permeable payload"])).values()) > LIMIT


@pytest.mark.parametrize("name", EXPOSURES)
def test_no_negative_amount_at_twelve_hours(name: str) -> None:
    parameters = immortal(EXPOSURES[name])
    parameters = replace(parameters, plan=replace(parameters.plan, dt=12.0, record_every=12.0))
    *_, least = course(parameters)
    assert least >= 0.0


def finished(parameters: Parameters, engine: str = "numpy") -> Engine:
    run = engine_of(engine, World(parameters))
    while not run.world.finished:
        run.advance()
        if run.world.position % 16 == 0:
            run.balance()
    run.balance()
    return run


BUSY: dict[str, Parameters] = {
    "patient": patient(cycles=2, duration=1008.0),
    "culture depleted": culture(**DEPLETED),
    "culture washed out": culture(exposures=((0.0, 6.0, 10.0), (30.0, 72.0, 1.0))),
    "impaired trafficking": patient(values={**patient().values, "C_T": 500.0}),
    "coarse steps": patient(dt=12.0, record_every=12.0),
    "naked antibodies and immune cells": beside(
        patient(values={**patient().values, "NK": 0.1, "eta": 0.5}),
        replace(EARLIER, infusions=(Infusion(100.0, 1.5, 560.0),)),
        Course("pertuzumab", "II", PERTUZUMAB, (Infusion(0.0, 1.0, 840.0),)),
    ),
    "two antibodies and fresh medium": culture(
        exposures=((0.0, 30.0, 1.0), (6.0, 72.0, 5.0, *NAKED), (40.0, 72.0, 3.0)),
        values={**CULTURE_VALUES, "NK": 0.1},
    ),
    "inhibitors": replace(
        patient([clone(mdr1=10.0)]),
        inhibitions=(Inhibition("pgp", 0.9, 24.0, 240.0), Inhibition("pi3k", 0.8, 100.0, math.inf)),
    ),
    "permeable payload": replace(patient(values=PERMEABLE), payload="topoisomerase_1"),
    "permeable payload in a well": replace(
        culture(values={**CULTURE_VALUES, **CROSSING, "C_M": 12.0}), payload="topoisomerase_1"
    ),
    "permeable payload, coarse steps": replace(
        patient(values=PERMEABLE, dt=12.0, record_every=12.0), payload="topoisomerase_1"
    ),
    "payload that crosses at once": replace(
        patient(values={**PERMEABLE, "keff": 35.0, "kin": 130.0}), payload="topoisomerase_1"
    ),
}


@pytest.mark.parametrize("name", BUSY)
def test_drug_balance_closes_with_deaths_divisions_and_depletion(name: str) -> None:
    run = finished(BUSY[name])
    assert run.world.tally.born > 0
    assert sum(run.world.tally.died.values()) > 0
    assert run.world.ledger.worst < 1e-12


@pytest.mark.parametrize(
    "arrow",
    [
        "proteolysed",
        "conjugate_exocytosed",
        "carried_released",
        "carried_deconjugated",
        "carried_exocytosed",
        "lost_conjugate",
        "carried_lost",
    ],
)
def test_companion_a_leak_is_noticed(arrow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.world import Ledger

    true = Ledger.add

    def leaky(self: Ledger, **molecules: float) -> None:
        if arrow in molecules:
            molecules[arrow] *= 0.999
        true(self, **molecules)

    monkeypatch.setattr(Ledger, "add", leaky)
    assert finished(BUSY["patient"]).world.ledger.worst > 1e-6


def test_companion_payload_lost_between_cells_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Engine._book_payload
    monkeypatch.setattr(Engine, "_book_payload", lambda self, mean, living, h: true(self, 0.999 * mean, living, h))
    assert finished(BUSY["permeable payload"]).world.ledger.worst > 1e-6


def test_companion_the_dead_taking_drug_with_them_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "_give_up", lambda *_: None)
    assert finished(BUSY["patient"]).world.ledger.worst > 1e-6


def test_medium_holds_what_was_not_taken() -> None:
    """In a huge medium nothing runs out; in a crowded well it does."""
    rich, poor = finished(EXPOSURES["constant"]), finished(EXPOSURES["depleted"])
    assert rich.world.shared.antibody_nM == pytest.approx(1.0, rel=1e-3)
    assert poor.world.shared.concentration < 0.03


def test_an_entry_is_not_missed_for_the_last_digit_of_its_time() -> None:
    """Three steps of 0.1 h end at 0.30000000000000004 h."""
    run = finished(culture(exposures=((0.3, 0.7, 1.0), (0.7, 2.0, 3.0)), cells=5, duration=2.0, dt=0.1, medium=1e7))
    assert run.world.shared.antibody_nM == pytest.approx(3.0, rel=1e-3)
    assert run.world.shared.entered == pytest.approx(4.0 * run.world.shared.capacity, rel=1e-9)


def test_lost_cells_leave_with_their_share() -> None:
    run = finished(patient(cells=100, duration=24.0))
    shared = run.world.shared
    before, n = shared.amount, run.living()
    values = [float(run.column(0, name)[0]) for name in run_columns()]
    run.kill(0, 0, values, 1, "", "removed")
    assert shared.amount == pytest.approx(before * (n - 1) / n)
    assert shared.antibody_nM == pytest.approx(before / n / (shared.capacity / (n - 1)))


def run_columns() -> tuple[str, ...]:
    from tdm1sim.population import NAMES

    return NAMES


def loaded(parameters: Parameters, h: float, a: float, d: float) -> np.ndarray:
    """The transition of the first clone."""
    matrices = transition(kinetics_of(parameters), h, a, room_for(len(parameters.clones)))
    load(matrices, d)
    return matrices[0]


def test_matrices_of_parts_multiply_to_the_whole() -> None:
    whole, half = (loaded(patient(), h, 30.0, 80.0) for h in (1.0, 0.5))
    assert np.allclose(whole, half @ half, rtol=1e-12, atol=1e-14)
    assert (whole >= 0.0).all()


def test_transition_against_a_general_matrix_exponential() -> None:
    from scipy.linalg import expm

    kinetics = kinetics_of(patient())
    for a in (0.0, 0.1, 10.0, 500.0):
        for d in (0.0, 1.0, 3.5 * a):
            generator = kinetics.parts[0, 0] + a * kinetics.parts[1, 0]
            generator[4, 0] *= d
            exact = expm(generator)
            assert np.allclose(loaded(patient(), 1.0, a, d), exact, rtol=1e-9, atol=1e-12)
