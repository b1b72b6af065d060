"""What must agree where a saved state is continued, and the file that holds one."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from tdm1sim import agreement, state
from tdm1sim.branching import history_of, label
from tdm1sim.engine.compiled.arena import lines_of, path_of
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.errors import InputError
from tdm1sim.parameters import Culture, Inhibition, Parameters, Patient
from tdm1sim.state import pack, unpack
from tdm1sim.world import World
from tests.core.test_branching import FAST, RUNS, _long_windows, planned, treated, whole  # noqa: F401
from tests.core.test_engines import MIXED
from tests.runs import patient

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
        (lambda: broken(lambda facts: facts.update(format=1)), "another version"),
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
    assert state.read_facts(whole("culture", "numpy").states[36.0])["format"] == state.FORMAT == 2
