"""Layout, words and numbers of figures, without drawing."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdm1sim.figures import dose_response, labels, reading, style, words
from tests.figures import synthetic


@given(
    st.lists(st.tuples(st.floats(-50.0, 350.0), st.floats(5.0, 25.0)), min_size=1, max_size=12),
)
def test_labels_never_overlap_and_stay_in_their_room(pairs: list[tuple[float, float]]) -> None:
    wanted, heights = [w for w, _ in pairs], [h for _, h in pairs]
    centres = labels.spread(wanted, heights, 0.0, 300.0)
    order = sorted(range(len(pairs)), key=lambda i: (wanted[i], i))
    for lower, upper in itertools.pairwise(order):
        assert centres[upper] - centres[lower] >= (heights[upper] + heights[lower]) / 2 - 1e-6
    assert centres[order[0]] - heights[order[0]] / 2 >= -1e-6
    assert centres[order[-1]] + heights[order[-1]] / 2 <= 300.0 + 1e-6


def test_labels_with_room_stay_where_they_want() -> None:
    assert labels.spread([10.0, 100.0, 200.0], [20.0] * 3, 0.0, 300.0) == [10.0, 100.0, 200.0]
    assert labels.spread([100.0, 100.0], [20.0, 20.0], 0.0, 300.0) == [90.0, 110.0]


@given(st.text(alphabet="abc defgh_ijk.,;% 0123", max_size=300), st.floats(60.0, 600.0))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: float) -> None:
    wrapped = labels.wrap(text, width, 16.0)
    assert all(labels.width_of(line, 16.0) <= width + 0.01 or len(line) < 3 for line in wrapped.split("\n"))
    assert "".join(wrapped.split()) == "".join(text.split())


def test_a_number_keeps_its_unit_on_its_line() -> None:
    for width in range(60, 400, 7):
        for line in labels.wrap("it peaks at 510 nM in 21 days, 36 % of it", float(width), 12.0).split("\n"):
            assert not line.startswith(("nM", "days", "%"))


def test_a_long_title_gets_smaller_letters_rather_than_a_cut() -> None:
    text, size = labels.fit("word " * 60, 800.0, 90.0, (25.0, 20.0, 12.0))
    assert size == 12.0
    assert text.split() == ["word"] * 60


@pytest.mark.parametrize(
    ("value", "text"),
    [(78.889, "78.9"), (26123.0, "26,100"), (0.00412, "0.00412"), (0.0, "0"), (999.9, "1,000"), (1.0, "1")],
)
def test_plain_numbers(value: float, text: str) -> None:
    assert words.plain(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.0004, "<0.1 %"),
        (0.9996, ">99.9 %"),
        (0.005, "0.5 %"),
        (0.355, "36 %"),
    ],
)
def test_shares_are_never_falsely_none_or_all(share: float, text: str) -> None:
    assert words.percent(share) == text


def test_few_cells_are_not_told_as_none() -> None:
    assert words.per_founder(0.0) == "0"
    assert words.per_founder(0.0005) == "<0.01"
    assert words.per_founder(0.351) == "0.35"


def test_scenario_values_give_their_number() -> None:
    assert words.number_of("75 um") == 75.0
    assert words.number_of("1e6") == 1e6
    assert math.isnan(words.number_of("3+"))
    assert math.isnan(words.number_of(None))


def test_chance_intervals_against_the_textbook() -> None:
    values = np.array([[1.0, 0.9], [2.0, np.nan], [3.0, np.nan]])
    series = reading.interval(values)
    half = 4.302652729911275 / math.sqrt(3.0)  # t(0.975, 2) and SD 1
    assert series.mean[0] == 2.0
    assert series.low[0] == 0.0  # clipped at no cells
    assert series.high[0] == pytest.approx(2.0 + half)
    assert series.mean[1] == 0.9
    assert np.isnan(series.low[1])
    assert not reading.interval(values[:1]).has_interval


def test_half_is_read_on_the_logarithmic_axis() -> None:
    at = np.array([0.01, 0.1, 1.0])
    assert dose_response.half(at, np.array([1.0, 0.75, 0.25])) == pytest.approx(10.0**-0.5)
    assert dose_response.half(at, np.array([1.0, 0.9, 0.8])) is None
    assert dose_response.half(at, np.array([0.4, 0.3, 0.2])) is None


@given(st.text(alphabet="abc defgh_ijk.,;% 0123", max_size=200), st.floats(100.0, 800.0))
def test_balanced_lines_fit_in_as_few_lines(text: str, width: float) -> None:
    plain, even = labels.wrap(text, width, 20.0), labels.balanced(text, width, 20.0)
    assert even.count("\n") == plain.count("\n")
    assert "".join(even.split()) == "".join(text.split())
    assert all(labels.width_of(line, 20.0) <= width + 0.01 or len(line) < 3 for line in even.split("\n"))


def test_balance_leaves_no_last_word_alone() -> None:
    text = "Conjugate in the medium peaks at 1 nM and is 0.57 nM after 72 h"
    width = labels.width_of(text, 25.0, "bold") - 5.0
    assert labels.wrap(text, width, 25.0, "bold").split("\n")[1] == "72 h"
    first, second = labels.balanced(text, width, 25.0, "bold").split("\n")
    assert len(second) > 0.7 * len(first)


def test_typical_is_half_of_the_time_not_half_of_the_rows() -> None:
    at = np.array([0.0, 0.1, 0.2, 0.3, 10.0, 20.0])
    values = np.array([9.0, 9.0, 9.0, 9.0, 1.0, 2.0])
    assert np.median(values) == 9.0
    assert reading.typical(values, at) == 2.0
    assert reading.typical(np.array([np.nan, 3.0]), np.array([0.0, 1.0])) == 3.0
    assert reading.typical(np.array([4.0]), np.array([0.0])) == 4.0
    assert math.isnan(reading.typical(np.full(3, np.nan), np.arange(3.0)))


def test_times_of_replicates_meet_in_spite_of_their_last_digits() -> None:
    results = synthetic.patient()
    table = results.timeseries
    table.loc[table["replicate"] == 2, "time_h"] += 1e-9
    assert len(reading.times(results)) == 86
    assert np.isfinite(reading.per_replicate(table, "live_cells")).all()
    table.loc[table["replicate"] == 2, "time_h"] += 1e-3
    assert not np.isfinite(reading.per_replicate(table, "live_cells")).all()


@pytest.mark.parametrize(("last", "most", "step"), [(63.0, 5, 21.0), (63.0, 9, 7.0), (21.0, 9, 3.0), (60.0, 5, 14.0)])
def test_ticks_meet_the_end_where_they_can(last: float, most: int, step: float) -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    style.time_axis(ax, last, "time (days)", most)
    assert ax.get_xticks()[1] == step


@pytest.mark.parametrize("last", [0.5, 2.0, 21.0, 126.0, 730.0, 5000.0])
def test_time_has_few_round_ticks(last: float) -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    style.time_axis(ax, last, "time (days)")
    ticks = ax.get_xticks()
    assert 3 <= len(ticks) <= 10
    assert ticks[-1] <= last
    assert ax.get_xlim() == (0.0, last)


def test_receptors_come_from_class_number_or_founders() -> None:
    found = reading.her2_of(synthetic.three_clones())
    assert found["sensitive"] == ("3+", 1e6)
    assert found["her2_loss"] == ("", 1e5)
    results = synthetic.patient()
    results.scenario["tumour"]["clones"]["main"]["her2"] = None
    assert found["sensitive"][1] / reading.her2_of(results)["main"][1] == pytest.approx(1.0, rel=0.1)
