"""The twin and the NumPy engine: same cells, same fates, same times, payload to 1e-12."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.errors import UsageError
from tdm1sim.lives import CAUSES
from tdm1sim.mechanisms.cell import State, Traits
from tdm1sim.parameters import Course, Infusion, Inhibition, Parameters, Patient
from tdm1sim.population import COLUMNS, NAMES
from tdm1sim.world import World
from tests.runs import CULTURE_VALUES, PATIENT_VALUES, clone, culture, patient
from tests.verification.test_plasma_species import TRASTUZUMAB
from tests.verification.test_shared_drug import CROSSING

MIXED = [
    clone(name="sensitive", fraction=0.6, becomes=(("pumping", 0.1), ("poor", 0.05))),
    clone(name="pumping", fraction=0.2, mdr1=10.0, mdr1_sigma=0.3, pten_deficient=True),
    clone(name="poor", fraction=0.2, her2=1e5, slc46a3=0.3, slc46a3_sigma=0.2, phi=0.5),
]
RESIDUAL = Course("trastuzumab", "IV", TRASTUZUMAB, (Infusion(48.0, 1.5, 560.0),), residual=20.0)


def with_courses(parameters: Parameters, *courses: Course) -> Parameters:
    where = parameters.surroundings
    assert isinstance(where, Patient)
    return replace(parameters, surroundings=replace(where, courses=courses))


RUNS: dict[str, Parameters] = {
    "patient": patient(cells=150),
    "culture": culture(cells=100, exposures=((0.0, 30.0, 0.3), (40.0, 72.0, 3.0))),
    "clones that turn into others": patient(MIXED, cells=120, values={**PATIENT_VALUES, "doubling": 100.0}),
    "impaired trafficking": patient(cells=100, values={**PATIENT_VALUES, "C_T": 500.0}),
    "coarse steps": culture(cells=60, dt=12.0, record_every=12.0),
    "immune cells": culture(cells=60, values={**CULTURE_VALUES, "NK": 0.3}),
    "naked antibodies beside": culture(
        cells=60,
        exposures=(
            (0.0, 72.0, 1.0),
            (6.0, 50.0, 5.0, "trastuzumab", False),
            (10.0, 60.0, 50.0, "pertuzumab", False, "II"),
        ),
    ),
    "only pertuzumab, only then conjugate": culture(
        cells=60, exposures=((0.0, 30.0, 50.0, "pertuzumab", False, "II"), (30.0, 72.0, 3.0))
    ),
    "trastuzumab from earlier therapy": with_courses(patient(cells=60, duration=240.0), RESIDUAL),
    "inhibitors": replace(
        culture(MIXED, cells=60),
        inhibitions=(Inhibition("pgp", 0.9, 6.0, 60.0), Inhibition("pi3k", 0.8, 20.0, math.inf)),
    ),
    "permeable payload": replace(
        patient(MIXED, cells=60, values={**PATIENT_VALUES, **CROSSING, "C_M": 24.0, "doubling": 100.0}, duration=240.0),
        payload="topoisomerase_1",
    ),
    "no payload": culture(cells=60, values={**CULTURE_VALUES, "arm_payload": 0.0, "NK": 0.1}),
    "no blockade, no shedding": culture(
        cells=60, values={**CULTURE_VALUES, "arm_blockade": 0.0, "arm_shedding": 0.0, "eta": 0.5}
    ),
    "fast cycle": culture([clone(CULTURE_VALUES, doubling=20.7, her2=2e5)], cells=60, dt=6.0, record_every=6.0),
}


def finished(parameters: Parameters, engine: str) -> Engine:
    run = engine_of(engine, World(parameters, followed=True, few=0))  # long windows, as many cells have
    while not run.world.finished:
        run.advance_window()
    return run


def lives(run: Engine) -> dict[str, tuple[str, float, str, float]]:
    """Return lineage name -> cause, time, clone and DM1 content of every cell that ever lived."""
    clones = run.clones
    kept = run.world.tally.lives
    fields = zip(kept.names, *(kept.rows[name].tolist() for name in ("cause", "end", "clone", "Pc")), strict=True)
    ended = {path: (CAUSES[cause], end, clones[clone].name, payload) for path, cause, end, clone, payload in fields}
    for i, kind in enumerate(clones):
        paths = run.names(i, range(len(run.keys(i))))
        for path, payload in zip(paths, run.column(i, "Pc").tolist(), strict=True):
            ended[path] = ("", run.world.t, kind.name, payload)
    return ended


@pytest.mark.parametrize("name", RUNS)
def test_same_cells_fates_times_and_payload(name: str) -> None:
    one, other = lives(finished(RUNS[name], "numpy")), lives(finished(RUNS[name], "twin"))
    assert one.keys() == other.keys()
    assert len({cause for cause, *_ in one.values()}) >= (3 if RUNS[name].values["arm_payload"] else 2)
    for cell, (cause, time, kind, payload) in one.items():
        assert other[cell][0] == cause
        assert other[cell][1] == pytest.approx(time, rel=1e-12)
        assert other[cell][2] == kind
        assert other[cell][3] == pytest.approx(payload, rel=1e-12, abs=1e-9)


def test_companion_a_twin_with_another_biology_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.engine import twin

    true = twin.cell_step

    def leaky(s: State, c: Traits, r: object, k: object, leave: object, slow: object) -> object:
        state, flows, pressure = true(s, c, r, k, leave, slow)  # type: ignore[arg-type]
        return state._replace(Pc=state.Pc * (1.0 - 1e-9)), flows, pressure

    monkeypatch.setattr(twin, "cell_step", leaky)
    one, other = lives(finished(RUNS["patient"], "numpy")), lives(finished(RUNS["patient"], "twin"))
    same = one.keys() == other.keys() and all(other[c][3] == pytest.approx(one[c][3], rel=1e-12, abs=1e-9) for c in one)
    assert not same


def test_results_do_not_depend_on_row_order() -> None:
    run = engine_of("numpy", World(RUNS["culture"], followed=True))
    block = run.blocks[0]  # type: ignore[attr-defined]
    block.data[:, : block.n] = block.data[:, : block.n][:, ::-1].copy()
    block.keys[: block.n] = block.keys[: block.n][::-1].copy()
    block.paths.reverse()
    while not run.world.finished:
        run.advance()
    assert {c: v[0] for c, v in lives(run).items()} == {
        c: v[0] for c, v in lives(finished(RUNS["culture"], "numpy")).items()
    }


def test_minimally_different_worlds_differ_by_exactly_that() -> None:
    """One more founder in a medium that nobody depletes changes nobody else's life."""
    few = culture(cells=40, medium=1e12)
    more = replace(few, plan=replace(few.plan, cells=41))
    a, b = lives(finished(few, "numpy")), lives(finished(more, "numpy"))
    assert a.keys() <= b.keys()
    assert {c.split(".")[0] for c in b.keys() - a.keys()} == {"40"}
    assert all(b[c][0] == a[c][0] for c in a)


def test_halving_the_step_changes_few_fates() -> None:
    fine, coarse = (
        lives(finished(replace(patient(cells=300), plan=replace(patient(cells=300).plan, dt=dt)), "numpy"))
        for dt in (0.5, 2.0)
    )
    shared = fine.keys() & coarse.keys()
    changed = [c for c in shared if fine[c][0] != coarse[c][0]]
    assert len(shared) > 0.98 * len(fine)
    assert len(changed) < 0.02 * len(shared)


def test_columns_of_the_table_are_those_of_the_step() -> None:
    assert NAMES[: len(State._fields)] == State._fields
    assert NAMES[len(State._fields) : len(State._fields) + len(Traits._fields)] == Traits._fields
    assert all(column.unit and column.meaning for column in COLUMNS)


def test_unknown_engine_says_what_there_is() -> None:
    with pytest.raises(UsageError, match="auto, compiled, numpy, twin"):
        engine_of("fortran", World(patient(cells=1)))


def test_a_mechanism_changes_nothing_it_is_given() -> None:
    from tdm1sim.engine.numpy_engine import NumpyEngine

    run = engine_of("numpy", World(patient(cells=5)))
    assert isinstance(run, NumpyEngine)
    run.blocks[0].data.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        run.advance()  # the engine writes; that the mechanisms did not is seen from where it stopped
    run.blocks[0].data.flags.writeable = True
    assert np.isfinite(run.blocks[0].column("R")).all()
