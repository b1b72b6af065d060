"""Fold errors, medians, crossings, and the shape of the JSON."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdm1sim.catalogue import load_catalogue
from tdm1sim.evidence import Comparison, Line, Row
from tdm1sim.evidence.arithmetic import fold_error, geometric_mean, median, share_within
from tdm1sim.evidence.comparison import measurement
from tdm1sim.maths import falls_to

POSITIVE = st.floats(1e-6, 1e6)


@given(POSITIVE, POSITIVE)
def test_fold_error_is_symmetric_and_at_least_one(a: float, b: float) -> None:
    assert fold_error(a, b) == fold_error(b, a) >= 1.0
    assert fold_error(a, a) == 1.0
    assert fold_error(a, 3.0 * a) == pytest.approx(3.0)


def test_fold_error_at_the_detection_limit() -> None:
    assert fold_error(0.001, 0.0, floor=0.05) == 1.0
    assert fold_error(0.1, 0.0, floor=0.05) == pytest.approx(2.0)
    assert fold_error(0.1, 0.0) == math.inf
    assert fold_error(0.1, None) == math.inf


def test_median_and_share_count_what_was_not_reached() -> None:
    assert median([1.0, 2.0, math.inf]) == 2.0
    assert median([1.0, math.inf]) == math.inf
    assert median([]) is None
    assert share_within([1.0, 2.0, 2.1, math.inf]) == 0.5
    assert share_within([]) is None


def test_crossing_is_linear_in_the_logarithm() -> None:
    assert falls_to([1.0, 100.0], [0.9, 0.1]) == pytest.approx(10.0)
    assert falls_to([1.0, 10.0, 100.0], [1.0, 0.75, 0.25]) == pytest.approx(math.sqrt(1000.0))


@pytest.mark.parametrize("values", [[1.0, 0.9, 0.51], [0.5, 0.4, 0.3]])
def test_crossing_that_is_not_reached_or_passed_before_the_first_dose(values: list[float]) -> None:
    assert falls_to([1.0, 10.0, 100.0], values) is None


def test_a_hill_curve_is_halved_at_its_own_ic50() -> None:
    doses = [10 ** (i / 8) for i in range(-16, 17)]
    found = falls_to(doses, [1.0 / (1.0 + (dose / 0.37) ** 2) for dose in doses])
    assert found == pytest.approx(0.37, rel=0.01)


def test_a_range_without_a_value_has_its_geometric_mean() -> None:
    row = dict(load_catalogue().evidence["c011"])
    assert measurement(row) == (pytest.approx(math.sqrt(84.0)), 6.0, 14.0)
    assert geometric_mean([6.0, 14.0]) == pytest.approx(math.sqrt(84.0))


def comparison(*folds: float, use: str = "prediction") -> Comparison:
    entry = load_catalogue().published["internalisation" if use == "prediction" else "efflux"]
    rows = [
        Row(f"x{i}", "q", "s", 1.0, None, 2.0, None if math.isinf(f) else f, f, use, "source")  # type: ignore[arg-type]
        for i, f in enumerate(folds)
    ]
    return Comparison((Line(entry, tuple(rows)),))


def test_json_has_exactly_the_promised_shape() -> None:
    data = json.loads(json.dumps(comparison(1.5, 3.0, math.inf).as_json(), allow_nan=False))
    assert list(data) == ["rows", "prediction", "calibration"]
    names = ["id", "quantity", "system", "measured", "low", "high", "simulated", "fold_error", "used_for", "source"]
    assert list(data["rows"][0]) == names
    assert data["rows"][2]["simulated"] is None
    assert data["rows"][2]["fold_error"] is None
    assert data["prediction"] == {"rows": 3, "median_fold_error": 3.0, "within_2_fold": pytest.approx(1 / 3, rel=1e-3)}
    assert data["calibration"] == {"rows": 0, "median_fold_error": None, "within_2_fold": None}


def test_uses_are_summarised_apart() -> None:
    both = Comparison((*comparison(1.2).lines, *comparison(5.0, use="calibration").lines))
    assert both.summary("prediction")["median_fold_error"] == 1.2
    assert both.summary("calibration")["median_fold_error"] == 5.0
