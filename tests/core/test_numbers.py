"""Intervals, crossings, bands: the arithmetic of the summary."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tdm1sim.bands import band_of
from tdm1sim.intervals import of_fraction, of_values
from tdm1sim.observables import tubulin_bound_nM
from tdm1sim.results import rounded
from tdm1sim.summary import kill_time_of, nadir_of, regrowth_of


def test_student_t_interval() -> None:
    values = [0.2, 0.3, 0.25, 0.4]
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert of_values(values) == {"mean": pytest.approx(0.2875), "low": pytest.approx(low), "high": pytest.approx(high)}


def test_interval_is_clipped_and_one_value_has_none() -> None:
    assert of_values([0.0, 0.0, 0.9], 0.0, 1.0)["low"] == 0.0
    assert of_values([3.0]) == {"mean": 3.0, "low": None, "high": None}
    assert of_values([]) == {"mean": None, "low": None, "high": None}


def test_coverage_of_the_interval_of_a_fraction() -> None:
    """400 simulated runs of 8 replicates: the true fraction lies inside 95 % of them (4 SD: 0.906 to 0.994)."""
    rng = np.random.default_rng(1)
    whole = np.full((8, 20), 100)
    inside = 0
    for _ in range(400):
        interval = of_fraction(rng.binomial(100, 0.3, (8, 20)), whole)
        assert interval["low"] is not None
        assert interval["high"] is not None
        inside += interval["low"] <= 0.3 <= interval["high"]
    assert 0.906 <= inside / 400 <= 0.994


def test_one_replicate_uses_founder_groups() -> None:
    rng = np.random.default_rng(2)
    part, whole = rng.binomial(100, 0.3, (1, 20)), np.full((1, 20), 100)
    interval = of_fraction(part, whole)
    assert interval["mean"] == pytest.approx(part.sum() / 2000)
    assert interval["low"] is not None
    assert interval["high"] is not None
    assert 0.02 < interval["high"] - interval["low"] < 0.08


@pytest.mark.parametrize(("count", "expected"), [(0, (0.0, 0.0, 0.003)), (1000, (1.0, 0.997, 1.0))])
def test_none_or_all_follow_the_rule_of_three(count: int, expected: tuple[float, float, float]) -> None:
    interval = of_fraction(np.array([[count]]), np.array([[1000]]))
    assert (interval["mean"], interval["low"], interval["high"]) == pytest.approx(expected)


def test_no_cells_at_risk_say_nothing() -> None:
    assert of_fraction(np.zeros((2, 3), dtype=int), np.zeros((2, 3), dtype=int))["mean"] is None


HOURS = np.arange(0.0, 241.0, 24.0)
FALL_AND_RISE = np.array([1.0, 0.9, 0.6, 0.4, 0.3, 0.2, 0.25, 0.3, 0.5, 0.8, 1.1])


def test_nadir_regrowth_and_kill_times() -> None:
    assert nadir_of(HOURS, FALL_AND_RISE) == (0.2, 5.0)
    assert regrowth_of(HOURS, FALL_AND_RISE) == pytest.approx(5.8)
    assert kill_time_of(HOURS, FALL_AND_RISE, 0.5) == pytest.approx(2.5)
    assert kill_time_of(HOURS, FALL_AND_RISE, 0.9) is None


def test_growth_has_no_regrowth_and_cleared_tumours_do_not_return() -> None:
    assert regrowth_of(HOURS, np.linspace(1.0, 2.0, 11)) is None
    assert regrowth_of(HOURS, np.maximum(0.0, np.linspace(1.0, -1.0, 11))) is None


@pytest.mark.parametrize(("peak", "band"), [(0.0, "low"), (79.9, "low"), (80.0, "intermediate"), (2201.0, "high")])
def test_bands(peak: float, band: str) -> None:
    assert band_of(peak, 80.0, 2200.0) == band


def test_tubulin_binding_solves_its_equilibrium() -> None:
    total = np.array([0.0, 1.0, 1e3, 1e5, 1e8]) * 602.214076 * 3.8
    bound = tubulin_bound_nM(total, 3.8, 20000.0, 930.0)
    free = total / (602.214076 * 3.8) - bound
    assert bound == pytest.approx(20000.0 * free / (930.0 + free), rel=1e-9, abs=1e-9)


def test_rounding_is_that_of_the_tables() -> None:
    assert rounded({"a": [1.23456789, float("nan"), 3], "b": True}) == {"a": [1.23457, None, 3], "b": True}
