"""Histograms read off the bits of numbers: near numpy's quantiles, exact where they must be, merged in any order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tdm1sim import histogram
from tdm1sim.histogram import BINS, RELATIVE_WIDTH, SMALLEST, Histogram, bits_of, counts_of, merged, place

LARGEST = 2.0**40
FINE = 1.0 + 1e-12
"""numpy interpolates in another order of operations."""
measured = st.floats(SMALLEST, LARGEST, exclude_max=True)
samples = arrays(np.float64, st.integers(1, 60), elements=st.one_of(st.just(0.0), measured))
chances = st.floats(0.0, 1.0)


def is_near(values: np.ndarray, p: float) -> bool:
    """Whether a quantile is within one bin width of numpy's."""
    true, found = float(np.quantile(values, p)), Histogram.of(values).quantile(p)
    return abs(found - true) <= RELATIVE_WIDTH * true * FINE


@given(samples, chances)
def test_quantiles_are_within_one_bin_of_numpy(values: np.ndarray, p: float) -> None:
    assert is_near(values, p)


def test_companion_a_bin_too_far_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.exp(np.linspace(0.0, 8.0, 101))
    assert is_near(values, 0.5)
    monkeypatch.setattr(histogram, "EDGES", np.append(histogram.EDGES[2:], histogram.EDGES[-2:]))
    assert not is_near(values, 0.5)


@given(samples, samples, chances)
def test_merging_is_counting_together_in_any_order(one: np.ndarray, other: np.ndarray, p: float) -> None:
    together = Histogram.of(np.concatenate([one, other]))
    for parts in ((one, other), (other, one)):
        found = merged(Histogram.of(part) for part in parts)
        assert (found.counts == together.counts).all()
        assert (found.low, found.high, found.total) == (together.low, together.high, together.total)
        assert found.quantile(p) == together.quantile(p)


def test_companion_a_merge_that_forgets_an_extreme_is_noticed() -> None:
    alike = Histogram.of(np.full(3, 1.0))
    careless = Histogram(alike.counts * 2, alike.low, 2.0)
    assert careless.quantile(0.5) != merged([alike, alike]).quantile(0.5)


@given(samples)
def test_one_at_a_time_and_all_at_once_are_the_same(values: np.ndarray) -> None:
    one_by_one = Histogram()
    for value in values.tolist():
        one_by_one.add(value)
    at_once = Histogram.of(values)
    assert (one_by_one.counts == at_once.counts).all()
    assert (one_by_one.low, one_by_one.high) == (at_once.low, at_once.high)


@given(st.integers(1, 50), st.integers(0, 50), st.floats(0.0, 1.0))
def test_zeros_are_exact(zeros: int, others: int, p: float) -> None:
    values = np.array([0.0] * zeros + [7.0] * others)
    true = float(np.quantile(values, p))
    assert Histogram.of(values).quantile(p) == pytest.approx(true, abs=1e-12)
    assert counts_of(values)[0] == zeros


@given(measured, st.integers(1, 1000), chances)
def test_cells_that_are_all_alike_are_reported_as_they_are(value: float, cells: int, p: float) -> None:
    assert Histogram.of(np.full(cells, value)).quantile(p) == value


def test_an_activity_of_one_is_reported_as_one_beside_lower_ones() -> None:
    activities = np.array([0.4] * 30 + [1.0] * 70)
    assert Histogram.of(activities).quantiles((0.05, 0.5, 0.95)) == [pytest.approx(0.4, rel=0.005), 1.0, 1.0]


def test_companion_without_the_largest_it_would_not_be() -> None:
    careless = Histogram.of(np.array([0.4] * 30 + [1.0] * 70))
    careless.high = math.nextafter(LARGEST, 0.0)
    assert careless.quantile(0.5) != 1.0


def test_the_smallest_and_the_largest_are_exact() -> None:
    values = np.array([3.001, 3.002, 100.0, 7.77e5])
    assert Histogram.of(values).quantiles((0.0, 1.0)) == [3.001, 7.77e5]


def test_where_many_share_a_bin_the_error_is_far_below_its_width() -> None:
    z = np.array([-2.0 + 4.0 * i / 9999 for i in range(10_000)])
    values = np.exp(5.0 + 0.5 * z)
    for p in (0.05, 0.5, 0.95):
        assert Histogram.of(values).quantile(p) == pytest.approx(np.quantile(values, p), rel=0.001)


# Bins -------------------------------------------------------------------------------------------------------------


@given(st.floats(0.0, 1e300), st.floats(0.0, 1e300))
def test_larger_numbers_are_never_in_lower_bins(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= place(bits_of(low)) <= place(bits_of(high)) < BINS


@given(arrays(np.float64, 20, elements=st.floats(0.0, 1e300)))
def test_a_number_and_a_column_of_numbers_have_the_same_bins(values: np.ndarray) -> None:
    assert place(values.view(np.int64)).tolist() == [place(bits_of(value)) for value in values.tolist()]


@given(measured)
def test_bins_are_no_wider_than_stated(value: float) -> None:
    number = place(bits_of(value))
    begin, end = histogram.EDGES[number], histogram.EDGES[number + 1]
    assert begin <= value < end
    assert end - begin <= RELATIVE_WIDTH * value


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.0, 0),
        (-0.0, 0),
        (5e-324, 0),
        (math.nextafter(SMALLEST, 0.0), 0),
        (SMALLEST, 1),
        (1.0, 1 + 10 * 64),
        (2.0, 1 + 11 * 64),
        (math.nextafter(LARGEST, 0.0), BINS - 1),
        (LARGEST, BINS - 1),
        (1e300, BINS - 1),
        (math.inf, BINS - 1),
    ],
)
def test_bins_begin_where_they_should(value: float, number: int) -> None:
    assert place(bits_of(value)) == number


def test_what_lies_below_the_bins_is_zero_and_above_them_is_bounded_by_the_largest() -> None:
    assert Histogram.of(np.array([1e-5, 2e-5, 9e-4])).quantiles((0.0, 0.5, 1.0)) == [0.0, 0.0, 0.0]
    assert Histogram.of(np.array([1e13, 1e13, 5e13])).quantile(1.0) == 5e13
    assert Histogram.of(np.full(4, 3e12)).quantile(0.5) == 3e12


def test_nothing_and_not_a_number_have_no_quantiles() -> None:
    assert math.isnan(Histogram().quantile(0.5))
    assert math.isnan(Histogram.of(np.empty(0)).quantile(0.5))
    spoilt = Histogram.of(np.array([1.0, 2.0, math.nan]))
    assert math.isnan(spoilt.quantile(0.5))
    assert math.isnan(merged([Histogram.of(np.ones(3)), spoilt]).quantile(0.5))


def test_pieces_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.exp(np.linspace(-9.0, 9.0, 1003))
    whole = counts_of(values)
    monkeypatch.setattr(histogram, "_PIECE", 10)
    assert (counts_of(values) == whole).all()
    assert (counts_of(values[::2]) + counts_of(values[1::2]) == whole).all()


def test_place_compiles_and_gives_the_same_bins() -> None:
    numba = pytest.importorskip("numba")
    import tdm1sim.engine.compiled.lanes  # noqa: F401 - tells numba about the functions that `place` calls

    values = np.concatenate([np.exp(np.linspace(-9.0, 30.0, 500)), [0.0, 1e300, math.inf]])
    compiled = numba.njit(place)
    assert [int(compiled(np.int64(bits_of(value)))) for value in values.tolist()] == [
        place(bits_of(value)) for value in values.tolist()
    ]
