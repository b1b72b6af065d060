"""Cells and what they share against `solve_ivp`; drug balance; positivity at long steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.parameters import Parameters
from tdm1sim.world import World
from tests.runs import CULTURE_VALUES, clone, culture, immortal, patient
from tests.verification.simulated import course, worst_errors

LIMIT = 0.005
DEPLETED = {"exposures": ((0.0, 72.0, 0.1),), "cells_per_well": 80_000.0}
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
}


@pytest.mark.parametrize("name", EXPOSURES)
def test_every_state_against_solve_ivp(name: str) -> None:
    errors = worst_errors(immortal(EXPOSURES[name]))
    assert max(errors.values()) < LIMIT, errors


def test_companion_a_slower_supply_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.surroundings import shared

    true = shared.Tumour.supplied
    monkeypatch.setattr(shared.Tumour, "supplied", lambda self, a, b: 0.97 * true(self, a, b))
    assert max(worst_errors(immortal(EXPOSURES["tumour 3+"])).values()) > LIMIT


def test_companion_frozen_drug_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the cells the concentration of the start of the step: wrong where they use the drug up."""
    from tdm1sim.surroundings import sharing

    class Frozen(sharing._Step):
        def match(self) -> sharing._Trial:
            return self.attempt(self.amount / self.shared.capacity)

    monkeypatch.setattr(sharing, "_Step", Frozen)
    assert max(worst_errors(immortal(EXPOSURES["depleted"])).values()) > LIMIT


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


def test_companion_the_dead_taking_drug_with_them_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "_give_up", lambda self, values: None)
    assert finished(BUSY["patient"]).world.ledger.worst > 1e-6


def test_medium_holds_what_was_not_taken() -> None:
    """In a huge medium nothing runs out; in a crowded well it does."""
    rich, poor = finished(EXPOSURES["constant"]), finished(EXPOSURES["depleted"])
    assert rich.world.shared.antibody_nM == pytest.approx(1.0, rel=1e-3)
    assert poor.world.shared.concentration < 0.03


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


def test_matrices_of_parts_multiply_to_the_whole() -> None:
    from tdm1sim.surroundings.exponential import Kinetics, transition

    kinetics = Kinetics.of(patient())
    whole = transition(kinetics, 1.0, 30.0, 80.0)[0]
    half = transition(kinetics, 0.5, 30.0, 80.0)[0]
    assert np.allclose(whole, half @ half, rtol=1e-12, atol=1e-14)
    assert (whole >= 0.0).all()


def test_transition_against_a_general_matrix_exponential() -> None:
    from scipy.linalg import expm

    from tdm1sim.surroundings.exponential import Kinetics, transition

    kinetics = Kinetics.of(patient())
    for a in (0.0, 0.1, 10.0, 500.0):
        for d in (None, 3.5 * a):
            exact = expm(kinetics.generator(a, d)[0])
            assert np.allclose(transition(kinetics, 1.0, a, d)[0], exact, rtol=1e-9, atol=1e-12)
