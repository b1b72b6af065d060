"""A saved state continued with nothing changed is the uninterrupted run; with something changed, a branch of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from tdm1sim import ensemble
from tdm1sim.branching import files_of, not_saved
from tdm1sim.engine import engine_of
from tdm1sim.engine.compiled.arena import arenas_of
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.histogram import Histogram
from tdm1sim.parameters import Parameters, Readout
from tdm1sim.population import INDEX, WIDTH
from tdm1sim.recorder import Record
from tdm1sim.state import State, pack, unpack
from tdm1sim.world import World
from tests.core.test_engines import MIXED
from tests.runs import CULTURE_VALUES, PATIENT_VALUES, clone, culture, patient
from tests.verification.test_shared_drug import CROSSING

FAST = {**PATIENT_VALUES, "doubling": 100.0}
ASSAYS = (Readout("atp", (36.0, 72.0)), Readout("live", (72.0,)))
RUNS: dict[str, tuple[Parameters, float]] = {
    "patient": (patient(cells=60, duration=240.0, save_state=(120.0,)), 120.0),
    "clones that turn into others": (patient(MIXED, FAST, cells=60, duration=180.0, save_state=(90.0,)), 90.0),
    "culture": (
        culture(cells=50, exposures=((0.0, 30.0, 0.3), (40.0, 72.0, 3.0)), readouts=ASSAYS, save_state=(36.0,)),
        36.0,
    ),
    "a change of medium at that time": (
        culture(cells=40, exposures=((0.0, 36.0, 1.0), (36.0, 72.0, 3.0)), save_state=(36.0,)),
        36.0,
    ),
    "no multiple of the record interval": (culture(cells=40, save_state=(31.3,)), 31.3),
    "single precision": (culture(cells=40, precision="single", save_state=(36.0,)), 36.0),
    "permeable payload": (
        replace(
            patient(MIXED, {**FAST, **CROSSING, "C_M": 24.0}, cells=40, duration=120.0, save_state=(60.0,)),
            payload="topoisomerase_1",
        ),
        60.0,
    ),
}
"""Runs, and when their state is saved."""
CASES = (
    [(name, "numpy") for name in RUNS if name != "single precision"]
    + [(name, "compiled") for name in RUNS]
    + [("culture", "twin")]
)


def planned(parameters: Parameters, **plan: Any) -> Parameters:
    return replace(parameters, plan=replace(parameters.plan, **plan))


@pytest.fixture(autouse=True, scope="module")
def _long_windows() -> Iterator[None]:
    """Long windows for few cells too: a state must hold what they are foreseen by."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "World", functools.partial(World, few=0))
        yield


@functools.cache
def whole(name: str, engine: str, replicate: int = 1) -> Record:
    return run_replicate(Task("run", 0.0, RUNS[name][0], replicate, engine))


def resumed(parameters: Parameters, saved: bytes, engine: str, replicate: int = 1) -> Record:
    there = planned(parameters, resumed_at=unpack(saved).time)
    return run_replicate(Task("run", 0.0, there, replicate, engine, state=saved))


def plain(value: Any) -> Any:
    """What a record holds in numbers and texts that `==` compares to the last bit; not-a-number equals itself."""
    if isinstance(value, Histogram):
        return plain([value.counts, value.low, value.high])
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(one) for one in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    value = value.item() if isinstance(value, np.generic) else value
    return "nan" if value != value else value


def moved(one: Record, other: Record) -> set[str]:
    """Names of what differs between two records; the states themselves do not count."""
    names = [field.name for field in fields(Record) if field.name != "states"]
    return {name for name in names if plain(getattr(one, name)) != plain(getattr(other, name))}


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_a_continued_state_is_the_uninterrupted_run(name: str, engine: str) -> None:
    """To the last bit: tables, lives, fates, levels, balance; in the followed replicate and in another one."""
    parameters, t = RUNS[name]
    for replicate in (1, 2):
        before = whole(name, engine, replicate)
        assert moved(before, resumed(parameters, before.states[t], engine, replicate)) == set()
    assert len(before.timeseries) > 10
    assert before.ends[:3].sum() > 0, "cells die, or nothing was tested"


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_saving_changes_nothing(engine: str) -> None:
    for name in ("patient", "culture"):
        bare = run_replicate(Task("run", 0.0, planned(RUNS[name][0], save_state=()), 1, engine))
        assert moved(whole(name, engine), bare) == set()
        assert bare.states == {}


# Companions: a state that lacks one piece ------------------------------------------------------------------------


def column(name: str, value: float) -> Callable[[State], None]:
    def lose(saved: State) -> None:
        for cells in saved.cells:
            cells.values[INDEX[name]] = value

    return lose


def fact(*path: str, value: Any) -> Callable[[State], None]:
    def lose(saved: State) -> None:
        table = saved.facts
        for key in path[:-1]:
            table = table[key]
        assert path[-1] in table
        table[path[-1]] = value

    return lose


def pace(saved: State) -> None:
    for value in saved.pace.values():
        value[...] += 0.01  # it may well be 0: the window before is one step


def keys(saved: State) -> None:
    for cells in saved.cells:
        cells.keys[:] = cells.keys[::-1].copy()


def names(saved: State) -> None:
    for cells in saved.cells:
        cells.names.reverse()


def lives(saved: State) -> None:
    saved.lives, saved.names = saved.lives[:-1], saved.names[:-1]


def counted(name: str) -> Callable[[State], None]:
    return lambda saved: getattr(saved, name).fill(0)


LOSSES: dict[str, tuple[str, Callable[[State], None], str]] = {
    "pace": ("patient", pace, "flows"),
    "luck": ("culture", keys, "cells"),
    "lineages": ("culture", names, "cells"),
    "a clock": ("culture", column("clock_apoptosis", 5.0), "cells"),
    "another clock": ("culture", column("clock_slip", np.inf), "cells"),
    "a position in the cycle": ("culture", column("y", 0.0), "cells"),
    "payload in cells": ("culture", column("Pc", 0.0), "timeseries"),
    "highest level so far": ("patient", column("peak", 5000.0), "peaks"),
    "antibody outside": ("patient", fact("shared", "amount", value=0.0), "timeseries"),
    "shed ectodomain": ("patient", fact("shared", "ecd", value=0.0), "timeseries"),
    "the last look at the medium": ("culture", fact("shared", "_since", value=-1.0), "timeseries"),
    "the ledger": ("patient", fact("ledger", "moved", "bound", value=0.0), "flows"),
    "the worst balance": ("patient", fact("ledger", "worst", value=1.0), "balance"),
    "deaths": ("patient", fact("tally", "died", "apoptosis", value=0), "timeseries"),
    "dying cells": ("culture", fact("tally", "dying", value=0.0), "readouts"),
    "births": ("culture", fact("tally", "born", value=0), "born"),
    "fates by group": ("patient", counted("ends"), "ends"),
    "bands": ("patient", counted("bands"), "bands"),
    "highest levels of the dead": ("patient", counted("peaks"), "peaks"),
    "a life": ("culture", lives, "cells"),
    "rows": ("patient", fact("recorded", "timeseries", value=[]), "timeseries"),
    "traced cells": ("patient", fact("recorded", "traced", value={}), "traces"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_companion_a_state_that_lacks_one_piece_is_noticed(loss: str) -> None:
    name, lose, where = LOSSES[loss]
    parameters, t = RUNS[name]
    before = whole(name, "numpy")
    saved = unpack(before.states[t])
    lose(saved)
    assert where in moved(before, resumed(parameters, pack(saved), "numpy"))


# Branches --------------------------------------------------------------------------------------------------------


def treated(parameters: Parameters, *exposures: tuple[float, float, float]) -> Parameters:
    where = culture(exposures=exposures).surroundings
    return replace(parameters, surroundings=where)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_another_treatment_differs_only_after_the_branch(engine: str) -> None:
    """And it is the run that had that treatment planned from the start, to the last bit."""
    parameters, t = RUNS["a change of medium at that time"]
    saved = whole("a change of medium at that time", engine).states[t]
    other = treated(parameters, (0.0, 60.0, 1.0), (60.0, 72.0, 10.0))
    branch = resumed(other, saved, engine)
    start = run_replicate(Task("run", 0.0, other, 1, engine))
    assert moved(start, branch) == set()
    first = whole("a change of medium at that time", engine).timeseries
    assert [row for row in first if row[1] < t] == [row for row in branch.timeseries if row[1] < t]
    assert plain([row for row in first if row[1] > t]) != plain([row for row in branch.timeseries if row[1] > t])


def test_a_run_can_be_made_longer_from_its_end() -> None:
    short = planned(RUNS["culture"][0], duration=36.0, readouts=(), save_state=(36.0,))
    long = planned(short, duration=72.0)
    saved = run_replicate(Task("run", 0.0, short, 1, "numpy")).states[36.0]
    assert moved(run_replicate(Task("run", 0.0, long, 1, "numpy")), resumed(long, saved, "numpy")) == set()


def test_a_branch_saves_states_of_its_own() -> None:
    parameters = planned(RUNS["culture"][0], save_state=(24.0, 48.0))
    before = run_replicate(Task("run", 0.0, parameters, 1, "numpy"))
    assert sorted(before.states) == [24.0, 48.0]
    branch = resumed(parameters, before.states[24.0], "numpy")
    assert sorted(branch.states) == [48.0], "what lies before the branch is saved already"
    assert moved(before, resumed(parameters, branch.states[48.0], "numpy")) == set()
    history = unpack(branch.states[48.0]).facts["history"]
    assert history == [{"at_h": 24.0, "changed": [], "whole": True}]


@pytest.mark.parametrize(("one", "other"), [("numpy", "compiled"), ("compiled", "numpy"), ("compiled", "twin")])
@pytest.mark.parametrize("name", ["clones that turn into others", "culture"])
def test_an_engine_continues_what_another_saved(name: str, one: str, other: str) -> None:
    """Engines agree to rounding, so the same cells meet the same fates at the same times."""
    parameters, t = RUNS[name]
    before, after = whole(name, one), resumed(parameters, whole(name, one).states[t], other)
    for cells in ("cell_id", "parent_id", "clone", "fate", "cause", "stage_end", "band"):
        assert after.cells[cells].tolist() == before.cells[cells].tolist()
    for number in ("end_h", "birth_h", "dm1_peak_nM", "dm1_end_nM"):
        assert after.cells[number] == pytest.approx(before.cells[number], rel=1e-9, abs=1e-9)
    assert np.array_equal(before.ends, after.ends)


def test_cells_full_of_payload_and_poor_in_receptors_fit_the_sums_of_the_compiled_engine() -> None:
    """How fine its sums are goes by the largest amount in a cell, not by receptors alone."""
    poor = culture([clone(CULTURE_VALUES, her2=1e4)], cells=20, save_state=(36.0,))
    saved = unpack(run_replicate(Task("run", 0.0, poor, 1, "numpy")).states[36.0])
    saved.cells[0].values[INDEX["PL"]] = 1e8
    assert resumed(poor, pack(saved), "compiled").outcome == "completed"


def test_many_cells_are_taken_in_arena_by_arena() -> None:
    values, keys = np.arange(WIDTH * 300.0).reshape(WIDTH, 300), np.arange(300, dtype=np.uint64)
    arenas = arenas_of(0, (values, keys, keys + np.uint64(1)), np.float64, 8)
    assert [arena.cells for arena in arenas] == [128, 128, 44]
    assert np.concatenate([arena.column("Pc") for arena in arenas]).tolist() == values[INDEX["Pc"]].tolist()
    assert np.concatenate([arena.per_lane(arena.lines) for arena in arenas]).tolist() == list(range(1, 301))
    assert arenas_of(0, (values[:, :0], keys[:0], keys[:0]), np.float64, 8) == []


def test_rates_that_cells_hold_a_copy_of_follow_the_branch() -> None:
    parameters, t = RUNS["culture"]
    faster = parameters.with_values(kslip=9.0, kdm=8.0, kmc=7.0)
    world = World(planned(faster, resumed_at=t), state=unpack(whole("culture", "numpy").states[t]))
    engine = engine_of("numpy", world)
    stage, slip, leave = (engine.column(0, name) for name in ("stage", "k_slip", "k_exit"))
    assert {float(rate) for rate in slip[stage == 2]} == {9.0}
    assert {float(rate) for rate in leave[stage == 2]} == {8.0}
    assert not slip[stage != 2].any()
    assert set(leave[stage == 3].tolist()) <= {7.0}


def test_a_branch_of_a_crowd_stops_at_once() -> None:
    parameters, t = RUNS["culture"]
    record = resumed(planned(parameters, capacity=5), whole("culture", "numpy").states[t], "numpy")
    assert (record.outcome, record.end_h) == ("capacity_reached", t)


def test_a_state_that_was_not_reached_is_told() -> None:
    crowded = planned(culture(cells=40, exposures=(), save_state=(24.0, 72.0)), capacity=60)
    record = run_replicate(Task("run", 0.0, crowded, 2, "numpy"))
    assert record.outcome == "capacity_reached"
    assert list(files_of([record], crowded)) == ["state/24h/2.npz"]
    (told,) = not_saved([record], crowded)
    assert told.startswith("replicate 2 outgrew run.capacity before 72h")
