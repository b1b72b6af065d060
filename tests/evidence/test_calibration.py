"""The catalogue holds what the calibration found; the fits meet what was asked of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.catalogue.loader import DATA
from tdm1sim.catalogue.reading import read_yaml
from tdm1sim.evidence import Comparison, compare
from tdm1sim.evidence.calibration import STAGES, Free, Stage, Target, fit, misses_of, squared, start_of, text_of
from tdm1sim.evidence.cultures import Bench

CATALOGUE = load_catalogue()
RESULT: dict[str, Any] = read_yaml(DATA / "calibration.yaml")


def status_and_rows(name: str) -> tuple[str, tuple[str, ...]]:
    line, dot, trait = name.partition(".")
    if dot:
        entry = CATALOGUE.cell_lines[line]
        return entry.status[trait], entry.evidence[trait]
    return CATALOGUE.parameters[name].status, CATALOGUE.parameters[name].evidence


def differing(result: dict[str, Any]) -> list[str]:
    """Return the fitted values that the catalogue does not hold."""
    return [
        name
        for stage in result.values()
        for name, found in stage["values"].items()
        if start_of(name, CATALOGUE) != pytest.approx(found["value"], rel=1e-9)
    ]


def test_the_catalogue_holds_what_the_calibration_found() -> None:
    assert [stage.name for stage in STAGES] == list(RESULT)
    assert differing(RESULT) == []


def test_companion_another_result_is_noticed() -> None:
    stage = dict(RESULT["sk_br_3"])
    stage["values"] = {"w_arrested": {"value": 1.6}}
    assert differing({**RESULT, "sk_br_3": stage}) == ["w_arrested"]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_fitted_values_are_marked_and_inside_their_bounds(stage: Stage) -> None:
    rows = {row for target in stage.targets for row in CATALOGUE.published[target.entry].rows}
    for free in stage.free:
        status, named = status_and_rows(free.name)
        assert status == "calibrated"
        assert rows <= set(named)
        assert free.low <= start_of(free.name, CATALOGUE) <= free.high
    for target in stage.targets:
        assert CATALOGUE.published[target.entry].used_for == "calibration"


def test_a_fit_finds_a_value_that_was_moved_away() -> None:
    """Start the way of the antibody from elsewhere: the net rate to the lysosome comes back."""
    stage = replace(STAGES[0], free=(Free("ke", 0.05, 0.5),), evaluations=25)
    moved = fit(stage, {"kr": 2.0}, CATALOGUE)
    v = {name: start_of(name, CATALOGUE) for name in ("ke", "kr", "ks")}
    net = v["ke"] * v["ks"] / (v["ks"] + v["kr"])
    assert moved.found["ke"] * v["ks"] / (v["ks"] + 2.0) == pytest.approx(net, rel=0.12)
    assert moved.after < moved.before


def test_a_fit_that_gains_nothing_keeps_its_start() -> None:
    again = fit(replace(STAGES[0], evaluations=30), {}, CATALOGUE)
    assert again.found == again.start
    assert "kr: {value: 1.2" in text_of([again])


def test_residuals_count_differences_and_folds_in_their_own_unit() -> None:
    stage = Stage("s", (), (Target("a", 0.05), Target("b", 1.1, fold=True)), {}, 1)
    assert squared(stage, {"a": [0.05, -0.1], "b": [math.log(1.1)]}) == pytest.approx(1.0 + 4.0 + 1.0)


def test_an_ic50_that_is_not_reached_is_a_large_miss() -> None:
    stage = replace(STAGES[3], settings={"cells": 20, "doses": [1e-4, 1e-3]})
    assert misses_of(stage, {}, CATALOGUE)["jurkat_ic50"] == [math.log(1e3)]


TARGETS = ("sk_br_3_curve", "sk_br_3_ic50", "bt474eei_ic50", "jurkat_ic50", "chase_surface", "chase_medium")


def differences(comparison: Comparison, name: str) -> list[float]:
    line = next(line for line in comparison.lines if line.entry.name == name)
    return [abs((row.simulated or 0.0) - row.measured) for row in line.rows]


def fold_of(comparison: Comparison, name: str) -> float:
    return next(line for line in comparison.lines if line.entry.name == name).fold


@pytest.fixture(scope="module")
def in_force() -> Comparison:
    return compare(entries=(*TARGETS, "chase_inside", "chase_catabolised"), jobs=2)


@pytest.mark.slow
def test_the_curve_of_sk_br_3(in_force: Comparison) -> None:
    assert CATALOGUE.parameters["q"].value == 2.0
    off = differences(in_force, "sk_br_3_curve")
    assert max(off) <= 0.10
    assert math.sqrt(sum(x * x for x in off) / len(off)) <= 0.05
    assert fold_of(in_force, "sk_br_3_ic50") <= 1.25


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bt474eei_ic50", "jurkat_ic50"])
def test_one_set_of_values_for_the_other_lines(in_force: Comparison, name: str) -> None:
    assert fold_of(in_force, name) <= 1.5


def test_the_125i_course(in_force: Comparison) -> None:
    for part in ("surface", "medium", "inside", "catabolised"):
        assert max(differences(in_force, f"chase_{part}")) <= 0.09


@pytest.mark.slow
def test_companion_the_old_signal_of_arrested_cells_misses_the_curve() -> None:
    old = compare(Bench(CATALOGUE, {"w_arrested": 1.5}), entries=("sk_br_3_curve",))
    off = differences(old, "sk_br_3_curve")
    assert max(off) > 0.10 or math.sqrt(sum(x * x for x in off) / len(off)) > 0.05
