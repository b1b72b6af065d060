"""Points: every combination in order, or sampled; the same seed gives the same."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tdm1sim.errors import InputError, UsageError
from tdm1sim.scenario import axes_of
from tdm1sim.sweeping.designs import combinations
from tests.sweeping import small

AXES, _ = axes_of(["a=1:1000:log", "b=0:1", "c=x,y"])


def rows(design: str, count: int = 12, seed: int = 1) -> list[tuple[object, ...]]:
    return [tuple(value.written for value in row) for row in combinations(AXES, design, count, seed)]


def strata(design: str, count: int = 12) -> list[set[int]]:
    """Which of `count` equal parts of each axis have a point."""
    found = rows(design, count)
    along = [[math.log10(float(str(row[0]))) / 3 for row in found], [float(str(row[1])) for row in found]]
    return [{min(int(share * count), count - 1) for share in axis} for axis in along]


def test_a_grid_is_every_combination_the_last_axis_fastest(tmp_path: Path) -> None:
    points = small.planned(tmp_path).points
    assert [point.values for point in points] == [
        *((1.0, 1.8), (1.0, 3.6), (10.0, 1.8), (10.0, 3.6), (100.0, 1.8), (100.0, 3.6))
    ]
    assert [point.number for point in points] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("design", ["random", "lhs"])
def test_a_sample_follows_its_seed(design: str) -> None:
    assert rows(design) == rows(design)
    assert rows(design) != rows(design, seed=2)
    assert {row[2] for row in rows(design)} == {"x", "y"}


def test_a_latin_hypercube_covers_every_axis_evenly() -> None:
    assert strata("lhs") == [set(range(12))] * 2


def test_companion_random_points_do_not() -> None:
    assert strata("random") != [set(range(12))] * 2


def test_a_log_axis_is_sampled_on_its_logarithm() -> None:
    below = [row for row in rows("lhs", 90) if float(str(row[0])) < 10]
    assert len(below) == 30  # one decade of three


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    sweep = small.planned(tmp_path, ["treatment.t-dm1.cycles=1:9", "tumour.cells=10:20"], design="lhs", count=5)
    assert all(float(str(value)).is_integer() for point in sweep.points for value in point.values)


@pytest.mark.parametrize(
    ("design", "count", "told"),
    [("lhs", None, "--points N"), ("random", 0, "from 1 to 100,000"), ("grid", 4, "a grid has the values of its axes")],
)
def test_a_number_of_points_that_does_not_fit_is_refused(design: str, count: int | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        combinations(AXES, design, count, 1)


def test_a_grid_needs_to_know_how_many() -> None:
    with pytest.raises(InputError, match="does not say how many values"):
        combinations(AXES, "grid", None, 1)


def test_a_grid_beyond_reason_is_refused() -> None:
    axes, _ = axes_of(["a=0:1:1000", "b=0:1:1000"])
    with pytest.raises(InputError, match=r"1000 x 1000 is 1,000,000 points; .*--design lhs"):
        combinations(axes, "grid", None, 1)
