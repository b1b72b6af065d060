"""A point is a run: the same numbers as `tdm1sim run --set`, on the same luck."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.sweeping.identity import identity
from tdm1sim.sweeping.mechanisms import NONE, fold_of, plan_resistances, values_of
from tdm1sim.sweeping.planning import Sweep, plan
from tdm1sim.sweeping.point import Job, run_point
from tests.sweeping import small

TWO_CLONES = (
    small.SMALL.replace(
        "main: {fraction: 1, her2: 3+}", "main: {fraction: rest, her2: 3+}\n    other: {fraction: 0.3, her2: 1+}"
    )
    .replace("cells: 20", "cells: 60")
    .replace("duration: 1 d", "duration: 6 d")
)


def test_a_point_has_the_numbers_of_a_run(tmp_path: Path) -> None:
    sweep = plan(small.scenario(tmp_path, TWO_CLONES), ["tumour.clones.main.mdr1=1,30"])
    point = sweep.points[1]
    found = run_point(Job(point.number, point.parameters)).result
    run = simulate_resolved(resolve(load_scenario(tmp_path / "tiny.yaml", list(point.changes))))
    means, summary = found["means"], run.summary
    for name, interval in {**summary["fates"], **summary["living"]}.items():
        assert means[name] == interval, name
    assert means["cell_number_ratio"] == summary["cell_number_ratio"]
    assert means["nadir_ratio"] == summary["nadir"]["ratio"]
    assert means["nadir_day"] == summary["nadir"]["day"]
    assert means["clone_other_end"] == summary["clones"]["other"]["end"]
    assert found["outcome"] == summary["outcome"]
    counts = run.timeseries.groupby("replicate").live_cells
    assert found["values"]["cell_number_ratio"] == pytest.approx((counts.last() / counts.first()).tolist())


def test_companion_another_point_has_other_numbers(tmp_path: Path) -> None:
    sweep = plan(small.scenario(tmp_path, TWO_CLONES), ["treatment.t-dm1.dose=0 mg/kg,3.6 mg/kg"])
    results = [run_point(Job(point.number, point.parameters)).result for point in sweep.points]
    assert results[0]["means"]["dm1_median_nM"] != results[1]["means"]["dm1_median_nM"]


def test_points_share_their_luck(tmp_path: Path) -> None:
    """What does not differ between two points is the same in both, to the last digit."""
    same = plan(small.scenario(tmp_path), ["tumour.clones.*.mdr1=1,1.0000001"])
    one, other = (run_point(Job(p.number, p.parameters)).result["values"]["nadir_ratio"] for p in same.points)
    assert one == other
    assert {point.parameters.plan.seed for point in same.points} == {1}


def test_a_draw_of_other_values_can_be_laid_over_a_point(tmp_path: Path) -> None:
    point = small.planned(tmp_path).points[0]
    plain = run_point(Job(1, point.parameters)).result
    drawn = run_point(Job(1, point.parameters, values={"kSLC": 0.0})).result
    assert drawn["means"]["dm1_median_nM"] != plain["means"]["dm1_median_nM"]
    by_override = plan(small.scenario(tmp_path), small.VARY, extra=["parameters.kSLC=0 1/h"]).points[0]
    assert run_point(Job(1, by_override.parameters)).result == drawn


def test_a_worker_with_other_sources_refuses(tmp_path: Path) -> None:
    point = small.planned(tmp_path).points[0]
    with pytest.raises(Exception, match="another version of tdm1sim"):
        run_point(Job(1, point.parameters, sources="other"))


def _identity(sweep: Sweep) -> dict[str, object]:
    return identity(sweep, ["numpy"], None)


def test_what_decides_the_results_is_part_of_the_identity(tmp_path: Path) -> None:
    base = _identity(small.planned(tmp_path))
    assert base == _identity(small.planned(tmp_path))
    question = small.SMALL.replace("Does it sweep?", "Another?")
    assert base == _identity(small.planned(tmp_path, text=question)), "a question changes no number"
    for vary, text in (
        (small.VARY, small.SMALL.replace("cells: 20", "cells: 21")),
        (small.VARY[::-1], small.SMALL),
        (("tumour.clones.*.mdr1=1:100:4:log", small.VARY[1]), small.SMALL),
    ):
        assert base != _identity(small.planned(tmp_path, vary, text))


def test_the_catalogue_walks_every_resistance_over_its_range(tmp_path: Path) -> None:
    sweep = plan_resistances(small.scenario(tmp_path), 4)
    catalogue = load_catalogue()
    assert sweep.points[0].values == (NONE, "", None, 1.0)
    assert sweep.points[0].parameters.clones == sweep.base.parameters.clones
    for name, entry in catalogue.resistance.items():
        points = [point for point in sweep.points if point.values[0] == name]
        numbers = [point.values[2] for point in points]
        if entry.low is None or entry.high is None:
            assert [point.changes for point in points] == [("tumour.clones.*.pten=deficient",)]
            continue
        assert len(points) == 4
        assert (min(numbers), max(numbers)) == (entry.low, entry.high)
        assert [point.values[3] for point in points] == [fold_of(number) for number in numbers]
        changed = replace(points[-1].parameters.clones[0], **_normal(sweep.base.parameters.clones[0], entry.sets))
        assert changed == sweep.base.parameters.clones[0], f"{name} changes its own trait and nothing else"


def _normal(clone: object, sets: object) -> dict[str, object]:
    fields = {
        "her2_fold": "her2",
        "mdr1": "mdr1",
        "slc46a3": "slc46a3",
        "internalization": "ke",
        "recycling": "kr",
        "lysosome": "phi",
    }
    return {fields[key]: getattr(clone, fields[key]) for key in sets}  # type: ignore[attr-defined]


def test_her2_loss_multiplies_what_the_clone_has(tmp_path: Path) -> None:
    text = small.SMALL.replace(
        "her2: 3+}", "her2: {receptors: 8e5, spread: 0.3}, ish: amplified, resistance: [her2_loss]}"
    )
    sweep = plan_resistances(small.scenario(tmp_path, text), 2)
    base = sweep.base.parameters.clones[0]
    assert base.her2 == pytest.approx(8e4)
    folds = [p.parameters.clones[0].her2 / base.her2 for p in sweep.points if p.values[0] == "her2_loss"]
    np.testing.assert_allclose(folds, [0.03, 0.3], rtol=1e-5)


def test_folds() -> None:
    assert [fold_of(value) for value in (None, 0.0, 0.1, 1.0, 30.0)] == [None, None, 10.0, 1.0, 30.0]
    slc46a3 = load_catalogue().resistance["slc46a3_loss"]
    assert values_of(slc46a3, 3) == [0.0, 0.01, 0.3]
