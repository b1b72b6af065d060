"""The figures of a small real run: the tables of the simulator and what figures read are the same language."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tdm1sim.ensemble import simulate_resolved
from tdm1sim.figures import FIGURES, applicable, draw_all, fates, reading
from tdm1sim.parameters import Readout
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


def test_a_real_dish_has_its_dose_response(dish: Any, tmp_path: Path) -> None:
    assert "dose_response" in applicable(dish)
    draw_all(dish, tmp_path, formats=["svg"])
    assert "ATP signal" in FIGURES["dose_response"].title(dish)
    assert np.isfinite(reading.founders(dish)).all()


def test_nobody_treated_is_drawn_too(tmp_path: Path) -> None:
    results = simulated(runs.patient(cells=20, duration=48.0, dose=0.0, replicates=1), synthetic.untreated().scenario)
    assert not reading.has_drug(results)
    assert len(draw_all(results, tmp_path, formats=["svg"])) == 2 * 5
