"""The figures of a small real run: the tables of the simulator and what figures read are the same language."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tdm1sim.ensemble import simulate_resolved
from tdm1sim.figures import (
    FIGURES,
    applicable,
    dm1_bands,
    draw_all,
    fates,
    mechanism_amounts,
    page,
    reading,
    three_lives,
)
from tdm1sim.parameters import Readout
from tdm1sim.uncertainty import peaks
from tests import runs
from tests.figures import synthetic


def simulated(parameters: Any, tree: dict[str, Any]) -> Any:
    resolved = SimpleNamespace(
        parameters=parameters, text="", tree=tree, citations=("a_2000",), warnings=(), name="small", question=""
    )
    return simulate_resolved(resolved)


@pytest.fixture(scope="module")
def patient() -> Any:
    return simulated(runs.patient(cells=60, duration=240.0), synthetic.patient().scenario)


@pytest.fixture(scope="module")
def dish() -> Any:
    assay = Readout("atp", (72.0,), (0.01, 0.1, 1.0))
    return simulated(runs.culture(cells=40, readouts=(assay,)), synthetic.culture().scenario)


def test_a_real_patient_is_drawn(patient: Any, tmp_path: Path) -> None:
    written = draw_all(patient, tmp_path, formats=["svg"])
    assert len(written) == 2 * 5
    ends = fates.areas(patient)
    living = sum(ends[name][-1] for name in fates.STACK[: fates.LIVING])
    assert living == pytest.approx(patient.summary["cell_number_ratio"]["mean"])
    total = fates.living(patient)
    assert total.low[-1] == pytest.approx(patient.summary["cell_number_ratio"]["low"])


def test_real_flows_and_cells_are_drawn(patient: Any, tmp_path: Path) -> None:
    names = ["mechanism", "cell_scatter"]
    assert len(draw_all(patient, tmp_path, formats=["svg"], names=names)) == 2 * len(names)
    moved = mechanism_amounts.carried(patient)
    assert set(mechanism_amounts.ARROWS) < set(moved)
    assert moved["internalised"] > moved["recycled"] > moved["sorted_to_lysosome"] > 0.0
    told = (tmp_path / "mechanism.svg").read_text(encoding="utf-8")
    assert mechanism_amounts.million(moved["internalised"]) in told


def test_real_lives_end_where_the_cells_do() -> None:
    parameters = runs.culture(cells=80, duration=72.0, replicates=1, traces=80, exposures=((0.0, 72.0, 3.0),))
    results: Any = simulated(parameters, synthetic.culture(with_series=False).scenario)
    lives = three_lives.chosen(results)
    assert len(lives) >= three_lives.FEWEST
    cells = results.cells.set_index("cell_id")
    for life in lives:
        assert cells.loc[life.cell, "fate"] == life.fate
        assert life.events[-1][1] == cells.loc[life.cell, "end_h"]
        assert life.hours[-1] <= life.events[-1][1] + 1e-6
        assert life.nM.max() <= 1.001 * cells["dm1_peak_nM"].max()
    page("three_lives", results).draw_without_rendering()


def test_real_survivors_are_split_by_their_stage(patient: Any) -> None:
    shares = dm1_bands.histogram(patient)
    table = patient.timeseries
    last = table[(table["replicate"] == 1) & (table["time_h"] == table["time_h"].max())].iloc[0]
    cells = len(peaks.counted(patient))
    stopped = last["arrested"] + last["multinucleated"]
    assert shares["stopped"].sum() == pytest.approx(stopped / cells)
    assert shares["no_mitosis_yet"].sum() == pytest.approx((last["live_cells"] - stopped) / cells)
    assert 0 < stopped < last["live_cells"]


def test_a_real_infusion_ends_on_a_row(patient: Any) -> None:
    assert reading.times(patient)[:3].tolist() == [0.0, 1.5, 6.0]
    assert np.isfinite(reading.per_replicate(patient.timeseries, "plasma_conjugate_ug_ml")).all()


def test_a_real_change_of_medium_is_drawn(tmp_path: Path) -> None:
    parameters = runs.culture(cells=40, duration=48.0, replicates=2, exposures=((0.0, 20.5, 1.0), (20.5, 48.0, 10.0)))
    results = simulated(parameters, synthetic.culture(with_series=False).scenario)
    assert 20.5 in reading.times(results)
    assert len(draw_all(results, tmp_path, formats=["svg"])) == 2 * 5


def test_a_real_dish_has_its_dose_response(dish: Any, tmp_path: Path) -> None:
    assert "dose_response" in applicable(dish)
    draw_all(dish, tmp_path, formats=["svg"])
    assert "ATP signal" in FIGURES["dose_response"].title(dish)
    assert np.isfinite(reading.founders(dish)).all()


def test_nobody_treated_is_drawn_too(tmp_path: Path) -> None:
    results = simulated(runs.patient(cells=20, duration=48.0, dose=0.0, replicates=1), synthetic.untreated().scenario)
    assert not reading.has_drug(results)
    assert len(draw_all(results, tmp_path, formats=["svg"])) == 2 * 5
