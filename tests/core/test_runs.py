"""Whole runs: same bytes for any number of jobs, outcomes, read-outs, result folders, the public names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tdm1sim
from tdm1sim import load_scenario, simulate
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.recorder import CELLS, CLONES, FLOWS, TIMESERIES, TRACES
from tdm1sim.results import READOUTS, Results
from tdm1sim.scenario import resolve

SMALL = ("tumour.cells=120", "run.replicates=3", "run.duration=8 d")
STABLE = ("summary.json", "timeseries.csv", "clones.csv", "flows.csv", "traces.csv", "cells.csv", "resolved.yaml")


def run(name: str, *overrides: str, **options: object) -> Results:
    return simulate_resolved(resolve(load_scenario(name, [*SMALL, *overrides])), **options)  # type: ignore[arg-type]


def written(results: Results, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    results.write(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def small() -> Results:
    return run("mixed_resistance", "tumour.growth.doubling=4 d")


def test_same_bytes_for_one_and_two_jobs(small: Results, tmp_path: Path) -> None:
    one = written(small, tmp_path / "one")
    two = written(run("mixed_resistance", "tumour.growth.doubling=4 d", jobs=2), tmp_path / "two")
    assert {name: one[name] for name in STABLE} == {name: two[name] for name in STABLE}


def test_companion_another_seed_gives_other_bytes(small: Results, tmp_path: Path) -> None:
    one = written(small, tmp_path / "one")
    other = written(run("mixed_resistance", "tumour.growth.doubling=4 d", "run.seed=2"), tmp_path / "other")
    assert one["cells.csv"] != other["cells.csv"]


def test_readouts_have_the_same_bytes_too(tmp_path: Path) -> None:
    name, size = "in_vitro_sk_br_3", ("run.duration=72 h", "tumour.cells=60", "run.replicates=2")
    files = [written(run(name, *size, jobs=jobs), tmp_path / str(jobs)) for jobs in (1, 2)]
    assert files[0]["readouts.csv"] == files[1]["readouts.csv"]


def test_a_replicate_does_not_depend_on_how_many_there_are(small: Results) -> None:
    alone = run("mixed_resistance", "tumour.growth.doubling=4 d", "run.replicates=1")
    first = small.timeseries[small.timeseries.replicate == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, alone.timeseries)


def test_columns_are_those_of_the_contract(small: Results) -> None:
    for table, columns in (
        (small.timeseries, TIMESERIES),
        (small.clones, CLONES),
        (small.flows, FLOWS),
        (small.traces, TRACES),
        (small.cells, (*CELLS, "saved_by")),  # asked for in this scenario
    ):
        assert tuple(table.columns) == columns
    assert ",".join(small.cells.columns[:15]) == (
        "cell_id,parent_id,clone,her2_per_cell,mdr1,slc46a3,pten,tolerance,birth_h,end_h,fate,cause,"
        "dm1_peak_nM,dm1_end_nM,band"
    )


def test_fates_add_to_one_and_split_the_living(small: Results) -> None:
    fates = {name: f["mean"] for name, f in small.summary["fates"].items()}
    living = {name: f["mean"] for name, f in small.summary["living"].items()}
    assert sum(fates.values()) == pytest.approx(1.0)
    assert sum(living.values()) == pytest.approx(fates["surviving"])


def test_summary_agrees_with_the_tables(small: Results) -> None:
    last = small.timeseries.groupby("replicate").last()
    counts = small.timeseries[["g1", "s", "g2", "m", "arrested", "multinucleated"]].sum(axis=1)
    assert (counts == small.timeseries.live_cells).all()
    assert small.summary["cell_number_ratio"]["mean"] == pytest.approx(last.live_cells.mean() / 120)
    by_clone = small.clones.groupby(["replicate", "time_h"]).live_cells.sum().to_numpy()
    assert (by_clone == small.timeseries.live_cells.to_numpy()).all()
    first = small.cells[small.cells.fate != "divided"]
    died = last.loc[1, ["died_apoptosis", "died_mitotic_catastrophe"]]
    assert (first.fate == "apoptosis").sum() == died.iloc[0]
    assert (first.fate == "mitotic_catastrophe").sum() == died.iloc[1]
    assert (first.fate == "surviving").sum() == last.live_cells[1]


def test_cells_are_sorted_by_founder_and_path(small: Results) -> None:
    ids = [(int(i.split(".")[0]), i) for i in small.cells.cell_id]
    assert ids == sorted(ids)


def test_a_result_folder_reads_back(small: Results, tmp_path: Path) -> None:
    written(small, tmp_path / "out")
    back = Results.read(tmp_path / "out")
    assert back.summary == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert back.scenario == small.scenario
    pd.testing.assert_frame_equal(back.clones, small.clones)
    assert list(back.cells.cell_id) == list(small.cells.cell_id)


def test_half_a_result_folder_is_refused(small: Results, tmp_path: Path) -> None:
    written(small, tmp_path / "out")
    (tmp_path / "out" / "flows.csv").unlink()
    with pytest.raises(tdm1sim.errors.InputError, match=r"flows\.csv"):
        Results.read(tmp_path / "out")


def test_outgrowing_the_capacity_is_an_outcome_with_advice() -> None:
    results = run("untreated", "tumour.growth.doubling=30 h", "run.capacity=200")
    assert results.summary["outcome"] == "capacity_reached"
    assert any("run.capacity (200 cells)" in warning for warning in results.manifest["warnings"])
    assert results.timeseries.live_cells.max() <= 230
    assert results.timeseries.time_h.max() < 192.0


def test_a_cleared_tumour_is_an_outcome() -> None:
    deadly = ("parameters.kap=0.1 1/h", "parameters.C_A=500 nM", "parameters.q=1", "parameters.P=3340 um/d")
    results = run("her2_positive", *deadly, "run.duration=30 d")
    assert results.summary["outcome"] == "cleared"
    surviving = results.summary["fates"]["surviving"]
    assert (surviving["mean"], surviving["low"]) == (0.0, 0.0)
    assert 0.0 < surviving["high"] < 0.05
    assert results.timeseries.dm1_cytosol_nM_median.isna().any()


def test_readouts_are_relative_to_the_paired_untreated_arm() -> None:
    text = "record.readouts=[{kind: live, at: [24 h, 72 h]}, {kind: clonogenic, at: [72 h]}]"
    results = run("in_vitro_sk_br_3", "run.duration=72 h", text, "parameters.colony=3")
    table = results.readouts
    assert table is not None
    assert tuple(table.columns) == READOUTS
    assert len(table) == 3 * 3
    bare = run("in_vitro_sk_br_3", "run.duration=72 h", text, "parameters.colony=3", "treatment=[]")
    assert bare.readouts is not None
    assert (bare.readouts.of_untreated == 1.0).all()
    assert (table.of_untreated < 1.0).all()
    merged = table.value / bare.readouts.value
    assert np.allclose(merged, table.of_untreated)


def test_pharmacokinetics_come_with_patients_only(small: Results) -> None:
    assert small.summary["pk"]["cmax_ug_ml"] == pytest.approx(78.89, rel=0.005)
    assert run("in_vitro_sk_br_3", "run.duration=10 h", "record.readouts=[]").summary["pk"] is None


def test_peak_of_the_plasma_is_among_the_rows(small: Results) -> None:
    assert small.timeseries.plasma_conjugate_ug_ml.max() == pytest.approx(small.summary["pk"]["cmax_ug_ml"], rel=1e-9)


def test_progress_reaches_its_end() -> None:
    seen: list[tuple[float, float]] = []
    simulate(load_scenario("her2_positive", list(SMALL)), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] == 3 * 192.0
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_seed_can_be_given() -> None:
    scenario = load_scenario("her2_positive", list(SMALL))
    assert simulate(scenario, seed=7).summary["seed"] == 7


def test_public_names() -> None:
    assert dir(tdm1sim) == ["Cell", "Results", "Scenario", "TumourModel", "__version__", "load_scenario", "simulate"]
    for name in dir(tdm1sim):
        assert getattr(tdm1sim, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        tdm1sim.nonsense  # noqa: B018
