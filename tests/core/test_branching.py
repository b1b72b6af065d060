"""A saved state continued with nothing changed is the uninterrupted run; with something changed, a branch of it."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from tdm1sim import agreement, ensemble, state
from tdm1sim.branching import files_of, history_of, label, not_saved
from tdm1sim.engine import engine_of
from tdm1sim.engine.compiled.arena import arenas_of, lines_of, path_of
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.errors import InputError
from tdm1sim.histogram import Histogram
from tdm1sim.parameters import Culture, Inhibition, Parameters, Patient, Readout
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


# What must agree -------------------------------------------------------------------------------------------------


def body(parameters: Parameters, **changes: Any) -> Parameters:
    assert isinstance(parameters.surroundings, Patient | Culture)
    return replace(parameters, surroundings=replace(parameters.surroundings, **changes))


def first_clone(parameters: Parameters, **changes: Any) -> Parameters:
    return replace(parameters, clones=(replace(parameters.clones[0], **changes), *parameters.clones[1:]))


IN_PATIENT, IN_WELL = RUNS["clones that turn into others"][0], RUNS["culture"][0]
FIXED: dict[str, Parameters] = {
    "run.seed": planned(IN_PATIENT, seed=2),
    "tumour.cells": planned(IN_PATIENT, cells=61),
    "tumour.clones": first_clone(IN_PATIENT, name="other"),
    "setting": IN_WELL,
    "drug": replace(IN_PATIENT, drug="t-dxd"),
    "payload": replace(IN_PATIENT, payload="topoisomerase_1"),
    "tumour.clones.sensitive.fraction": first_clone(IN_PATIENT, fraction=0.5),
    "tumour.clones.sensitive.her2": first_clone(IN_PATIENT, her2=2e6),
    "tumour.clones.sensitive.doubling": first_clone(IN_PATIENT, doubling=50.0),
    "tumour.clones.sensitive.pten_deficient": first_clone(IN_PATIENT, pten_deficient=True),
    "patient.weight": body(IN_PATIENT, weight=80.0),
    "patient.CL": body(IN_PATIENT, CL=1.0),
    "parameters.t_S": IN_PATIENT.with_values(t_S=9.0),
    "parameters.kdec": IN_PATIENT.with_values(kdec=0.1),
    "parameters.x_CL": IN_PATIENT.with_values(x_CL=0.1),
}
FREE: dict[str, Parameters] = {
    "run.dt": planned(IN_PATIENT, dt=0.5),
    "run.precision": planned(IN_PATIENT, precision="single"),
    "tumour.clones.sensitive.ke": first_clone(IN_PATIENT, ke=0.3),
    "tumour.clones.sensitive.becomes.pumping": first_clone(IN_PATIENT, becomes=(("poor", 0.05),)),
    "patient.P": body(IN_PATIENT, P=1.0),
    "parameters.C_M": IN_PATIENT.with_values(C_M=50.0),
    "parameters.NK": IN_PATIENT.with_values(NK=1.0),
}


@pytest.mark.parametrize("path", FIXED)
def test_what_cells_and_plasma_came_from_cannot_change(path: str) -> None:
    assert path in agreement.differences(agreement.fixed(IN_PATIENT), agreement.fixed(FIXED[path]))


@pytest.mark.parametrize("path", FREE)
def test_what_acts_from_now_on_can_change_and_is_told(path: str) -> None:
    assert agreement.differences(agreement.fixed(IN_PATIENT), agreement.fixed(FREE[path])) == []
    assert agreement.differences(agreement.free(IN_PATIENT), agreement.free(FREE[path])) == [path]
    facts = unpack(whole("clones that turn into others", "numpy").states[90.0]).facts
    grid = agreement.grid_of(World(FREE[path]), 90.0)
    assert history_of(facts, FREE[path], grid) == {"at_h": 90.0, "changed": [path], "whole": False}


def test_in_a_well_medium_and_cells_cannot_change_and_what_plasma_loses_can() -> None:
    changed = body(IN_WELL, medium=50.0, cells_per_well=100.0)
    found = agreement.differences(agreement.fixed(IN_WELL), agreement.fixed(changed))
    assert found == ["culture.medium", "culture.cells_per_well"]
    assert agreement.differences(agreement.fixed(IN_WELL), agreement.fixed(IN_WELL.with_values(kdec=0.1))) == []


def test_every_number_of_the_model_is_fixed_or_free_or_compared_elsewhere() -> None:
    """A symbol that is in neither list would change in silence."""
    for parameters in (IN_PATIENT, IN_WELL):
        lists = {*agreement.fixed(parameters), *agreement.free(parameters)}
        left = {name for name in parameters.values if f"parameters.{name}" not in lists}
        clones = {"ke", "kr", "ks", "kpino", "E_T", "doubling", "sigma_her2"}
        assert left <= clones | {"CL", "Vc", "Q", "Vp", "P", "Rcap", "RK", "void"}


def test_what_had_been_given_must_be_stated_and_what_comes_is_free() -> None:
    past = agreement.given(IN_PATIENT, 90.0)
    assert [event[:2] for event in past] == [["t-dm1", 0.0]]
    assert agreement.same(past, agreement.given(patient(MIXED, FAST, cycles=6), 90.0))
    assert not agreement.same(past, agreement.given(patient(MIXED, FAST, dose=100.0), 90.0))
    assert not agreement.same(past, agreement.given(patient(MIXED, FAST, dose=0.0), 90.0))
    assert len(agreement.given(patient(cycles=2), 504.0)) == 1, "a dose at that time belongs to the branch"
    assert len(agreement.given(patient(cycles=2), 504.1)) == 2


def test_what_goes_on_may_end_otherwise_but_what_ended_may_not() -> None:
    going, sooner, later = (treated(IN_WELL, (0.0, end, 1.0)) for end in (72.0, 48.0, 30.0))
    assert agreement.same(agreement.given(going, 36.0), agreement.given(sooner, 36.0))
    assert not agreement.same(agreement.given(going, 36.0), agreement.given(later, 36.0))
    inhibited = replace(going, inhibitions=(Inhibition("pgp", 0.9, 6.0, 60.0),))
    assert not agreement.same(agreement.given(going, 36.0), agreement.given(inhibited, 36.0))
    assert agreement.same(agreement.given(going, 6.0), agreement.given(inhibited, 6.0))


def test_another_grid_before_the_state_is_no_whole_run() -> None:
    parameters, t = RUNS["culture"]
    facts = unpack(whole("culture", "numpy").states[t]).facts
    for other in (parameters, planned(parameters, duration=100.0), planned(parameters, record_every=4.0)):
        step = history_of(facts, other, agreement.grid_of(World(other), t))
        assert step["whole"] is (other.plan.record_every == 6.0)
    smaller = planned(parameters, capacity=10)
    assert history_of(facts, smaller, agreement.grid_of(World(smaller), t))["whole"] is False


# The file --------------------------------------------------------------------------------------------------------


def test_the_same_state_has_the_same_bytes_and_no_code_in_it() -> None:
    saved = whole("culture", "compiled").states[36.0]
    assert pack(unpack(saved)) == saved
    again = run_replicate(Task("run", 0.0, RUNS["culture"][0], 1, "compiled"))
    assert again.states[36.0] == saved
    with zipfile.ZipFile(BytesIO(saved)) as archive:
        for name in archive.namelist():
            assert archive.read(name).startswith(b"\x93NUMPY")


def broken(change: Callable[[dict[str, Any]], Any]) -> bytes:
    saved = unpack(whole("culture", "numpy").states[36.0])
    change(saved.facts)
    return pack(saved)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: b"", "not a whole saved state"),
        (lambda: b"PK and more", "not a whole saved state"),
        (lambda: whole("culture", "numpy").states[36.0][:-3000], "not a whole saved state"),
        (lambda: broken(lambda facts: facts.update(format=2)), "another version"),
        (lambda: broken(lambda facts: facts["columns"].pop()), "other quantities per cell"),
    ],
    ids=["empty", "no archive", "cut off", "format", "columns"],
)
def test_a_state_that_cannot_be_continued_is_refused(content: Callable[[], bytes], said: str) -> None:
    with pytest.raises(InputError, match=said):
        unpack(content(), "x/1.npz")


def test_a_byte_that_flipped_is_noticed() -> None:
    saved = bytearray(whole("culture", "numpy").states[36.0])
    saved[len(saved) // 2] ^= 255
    with pytest.raises(InputError, match="not a whole saved state"):
        unpack(bytes(saved))


def test_lineages_survive_the_way_through_names() -> None:
    codes = [1, 2, 3, 6, 13, (1 << 62) + 5, (1 << 63) - 1]
    assert lines_of([path_of(17, code) for code in codes]).tolist() == codes
    assert lines_of(["17." + 63 * "1"]).tolist() == [0], "too deep to be named"


@pytest.mark.parametrize(
    ("t", "setting", "name"),
    [
        (504.0, "patient", "21d"),
        (36.0, "patient", "1.5d"),
        (31.3, "patient", "31.3h"),
        (72.0, "culture", "72h"),
        (1 / 3, "culture", "0.3333333333h"),
    ],
)
def test_names_of_times(t: float, setting: str, name: str) -> None:
    assert label(t, setting) == name


def test_the_version_of_the_file_is_stated() -> None:
    assert state.read_facts(whole("culture", "numpy").states[36.0])["format"] == state.FORMAT == 1
