"""What counts as met, and how rounds become one number."""

from __future__ import annotations

import pytest

from tdm1sim.benching import FULL, QUICK
from tdm1sim.benching.laps import Lap
from tdm1sim.benching.ratios import NUMBA, TWO, findings_of, runners_of
from tdm1sim.benching.report import count, described
from tdm1sim.benching.targets import MET, MISSED, OPEN, TARGETS, Finding, Target, as_record, verdict
from tests.benching.tiny import report

FLOORS = {  # typed a second time: a floor that was lowered in passing is noticed here
    "compiled_to_mesa": (300.0, 800.0, True),
    "compiled_to_numpy": (8.0, 18.0, True),
    "many_to_middle": (0.8, 1.0, True),
    "two_threads": (1.3, 1.9, True),
    "survival_error": (0.01, 0.002, False),
    "single_to_double": (1.3, 2.0, True),
    "bytes_per_cell": (500.0, 300.0, False),
    "ensemble": (1.6, 1.1, False),
    "whole_run": (30.0, None, False),
    "cold_run": (1.5, None, False),
    "first_compilation": (6.0, None, False),
    "help": (0.3, None, False),
}


def test_the_floors_are_those_that_were_set() -> None:
    assert {t.key: (t.floor, t.goal, t.more) for t in TARGETS} == FLOORS


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.key)
def test_a_floor_holds_on_its_good_side_only(target: Target) -> None:
    good, bad = target.floor * (1.01 if target.more else 0.99), target.floor * (0.99 if target.more else 1.01)
    assert [verdict(target, Finding(x)) for x in (good, target.floor, bad)] == [MET, MET, MISSED]
    assert verdict(target, Finding(None, note="why")) == OPEN


def test_the_goal_is_told_apart_from_the_floor() -> None:
    target = TARGETS[0]
    reached = [as_record(target, Finding(x), "")["goal_reached"] for x in (299.0, 301.0, 800.0, None)]
    assert reached == [False, False, True, None]


def test_rounds_become_their_median_and_span() -> None:
    assert Finding.of([3.0, 1.0, 2.0]) == Finding(2.0, 1.0, 3.0)
    assert Finding.of([3.0], "once") == Finding(3.0, None, None, "once")


def test_ratios_are_taken_within_a_round() -> None:
    """A busy moment that slows both leaves their ratio; the ratio of medians would not."""
    laps = {
        "few": [Lap(100, 1.0, 1.0), Lap(100, 10.0, 10.0), Lap(100, 2.0, 2.0)],
        "mesa": [Lap(1, 4.0, 4.0), Lap(1, 40.0, 40.0), Lap(1, 8.0, 8.0)],
        "many": [Lap(100, 1.0, 1.0)] * 3,
        "two": [Lap(100, 2.0, 0.5)] * 3,
    }
    found = findings_of(laps)
    assert found["compiled_to_mesa"] == Finding(400.0, 400.0, 400.0)
    assert found["two_threads"] == Finding(2.0, 2.0, 2.0)  # by the wall clock
    assert found["single_to_double"].value is None


def test_without_numba_or_a_second_cpu_the_rows_are_open_and_say_why() -> None:
    alone = runners_of(QUICK, compiles=True, cores=1)
    assert "two" not in alone
    plain = runners_of(QUICK, compiles=False, cores=2)
    assert {runner.engine for runner in plain.values()} == {"mesa", "twin", "numpy"}
    laps = {name: [Lap(1, 1.0, 1.0)] for name in alone}
    assert findings_of(laps)["two_threads"] == Finding(None, note=TWO)
    laps = {name: [Lap(1, 1.0, 1.0)] for name in plain}
    assert set(findings_of(laps).values()) == {Finding(None, note=NUMBA)}


def test_rows_name_their_sizes() -> None:
    assert [count(n) for n in (1000, 1_000_000, 50_000, 100, 1200)] == ["1e3", "1e6", "50,000", "100", "1,200"]
    texts = [described(target.what, FULL) for target in TARGETS]
    assert texts[1] == "compiled / NumPy, 1e5 cells, 1 thread, per CPU-s"
    assert texts[7] == "64 runs of 1e4 cells on 2 threads: wall x 2 / kernel CPU"
    assert texts[8] == "1e6 cells x 21 d with result files, 2 threads"


def test_a_missed_floor_is_listed_and_an_open_one_is_not() -> None:
    assert report().missed == []
    changed = report(two_threads=Finding(1.2), ensemble=Finding(None, note="needs two CPUs"))
    assert changed.missed == ["two_threads"]
    assert changed.as_json()["not_measured"] == ["ensemble"]
