"""The compiled solver of cells and their compartment against the same functions run by Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tdm1sim.engine import engine_of
from tdm1sim.parameters import Course, Infusion, Parameters
from tdm1sim.surroundings import sharing
from tdm1sim.surroundings.joint import Compartment
from tdm1sim.surroundings.sharing import advance_together
from tdm1sim.world import World
from tests.runs import clone, culture, immortal, patient
from tests.verification.test_plasma_species import TRASTUZUMAB
from tests.verification.test_shared_drug import beside

TWO = [clone(name="a", fraction=0.6), clone(name="b", fraction=0.4, her2=8e4, ke=0.05, kr=4.0, phi=0.5)]
EARLIER = Course("trastuzumab", "IV", TRASTUZUMAB, (Infusion(48.0, 1.5, 560.0),), residual=20.0)
RUNS: dict[str, Parameters] = {
    "patient": beside(patient(TWO, cells=50, cycles=3, duration=1200.0), EARLIER),
    "culture": culture(TWO, cells=50, cells_per_well=80_000.0, exposures=((0.0, 72.0, 0.3),)),
}
LIMIT = 5e-12
"""Rounding doubles with each squaring of a transition, eight of them where antibody is plenty, and the order of sums in
a product is BLAS's own: what one step brings is the same to 1.5e-12."""


def steps(k: Any, totals: Any, around: Any, supply: Any, times: Any, table: Any, room: Any) -> None:
    """Advance the sums and the compartment over all steps; write what each step brought."""
    for i in range(len(table)):
        joint = advance_together(k, totals, around, supply, times[i], times[i + 1] - times[i], room)
        around = Compartment(joint.amount, joint.carried, around.capacity, around.loss, around.inflow, around.returns)
        table[i, 0], table[i, 1], table[i, 2] = joint.a, joint.d, joint.supplied
        table[i, 3], table[i, 4], table[i, 5] = joint.lost, joint.brought, joint.taken_back
        table[i, 6], table[i, 7], table[i, 8] = joint.deconjugated, joint.amount, joint.carried
        for row in range(13):
            for column in range(13):
                table[i, 9 + row] += joint.matrices[-1, row, column]


def course(parameters: Parameters, drive: Callable[..., Any]) -> np.ndarray:
    """Return what every step brought, and the sums at the end as a last row, relative to their highest."""
    run = engine_of("numpy", World(immortal(parameters)))
    world = run.world
    table = np.zeros((len(world.times) - 1, 22))
    last = run.totals()
    drive(world.kinetics, last, world.shared.compartment(), world.shared.supply, world.times, table, run.room)
    assert table[:, :2].min(axis=0).max() >= 0.0
    assert table[:, 0].max() > 0.1
    return np.append((table / (table.max(axis=0) + 1e-300)).ravel(), (last / last.max(axis=0)).ravel())


@pytest.fixture(scope="module")
def compiled() -> Callable[..., Any]:
    numba = pytest.importorskip("numba")
    import tdm1sim.engine.compiled.kernel  # noqa: F401 - registers the functions

    drive: Callable[..., Any] = numba.njit(steps, error_model="numpy")
    return drive


@pytest.mark.parametrize("name", RUNS)
def test_compiled_steps_are_those_of_python(name: str, compiled: Callable[..., Any]) -> None:
    assert np.abs(course(RUNS[name], compiled) - course(RUNS[name], steps)).max() < LIMIT


@pytest.mark.parametrize("name", RUNS)
def test_companion_another_transition_is_noticed(
    name: str, compiled: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    true = sharing.act

    def leaky(matrices: np.ndarray, columns: np.ndarray, out: np.ndarray) -> None:
        true(matrices, columns, out)
        out *= 1.0 - 1e-9

    expected = course(RUNS[name], compiled)
    monkeypatch.setattr(sharing, "act", leaky)
    assert np.abs(course(RUNS[name], steps) - expected).max() > 100.0 * LIMIT
