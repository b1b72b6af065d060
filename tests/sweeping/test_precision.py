"""Replicates until precise enough: the same number whoever computes, and an honest word where the bound comes first."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tdm1sim.cli.main import main
from tdm1sim.errors import UsageError
from tdm1sim.intervals import Interval
from tdm1sim.precision import FIRST, Until, half_width, next_count, until_of
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.sweeping.running import How
from tests.sweeping import small


@pytest.mark.parametrize(
    ("text", "quantity", "half"),
    [
        ("surviving +-0.01", "surviving", 0.01),
        ("cell_number_ratio ± 1e-2", "cell_number_ratio", 0.01),
        ("regrowth_d+/-2", "regrowth_d", 2.0),
        ("clone_a-b.c_end +-.5", "clone_a-b.c_end", 0.5),
    ],
)
def test_it_is_read(text: str, quantity: str, half: float) -> None:
    assert until_of(text) == Until(quantity, half)


@pytest.mark.parametrize("text", ["surviving", "surviving 0.01", "surviving +-0", "+-0.1", "surviving +-1 %", ""])
def test_what_it_is_not_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"surviving \+-0.01"):
        until_of(text)


def test_a_bound_below_the_first_batch_is_refused() -> None:
    with pytest.raises(UsageError, match=f"at least {FIRST}"):
        until_of("surviving +-0.1", 3)


def test_an_interval_cut_at_an_edge_counts_by_its_longer_side() -> None:
    assert half_width(Interval(mean=0.01, low=0.0, high=0.04)) == pytest.approx(0.03)
    assert half_width(Interval(mean=None, low=None, high=None)) is None


@pytest.mark.parametrize(
    ("count", "half", "then"),
    [
        (8, 0.01, 8),  # enough
        (8, None, 8),  # some replicate has no value, and never will
        (8, 0.0105, 10),  # at least two more
        (8, 0.012, 12),  # 8 x 1.44
        (8, 1.0, 16),  # at most twice as many
        (150, 0.02, 200),  # the bound
        (200, 0.02, 200),
        (500, 0.02, 500),  # those that the scenario asks for are always run
    ],
)
def test_the_next_batch(count: int, half: float | None, then: int) -> None:
    assert next_count(Until("surviving", 0.01, 200), count, half) == then


def run(tmp_path: Path, out: str, *words: str) -> dict[str, bytes]:
    file = tmp_path / "tiny.yaml"
    file.write_text(small.SMALL, encoding="utf-8")
    code = main(["run", str(file), "--no-figures", "--quiet", "--out", str(tmp_path / out), *words])
    assert code == 0
    return {
        path.name: path.read_bytes() for path in (tmp_path / out / "tiny").iterdir() if path.name != "manifest.json"
    }


def test_a_run_adds_replicates_until_it_is_precise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    precise = ("--replicates-until", "cell_number_ratio +-0.04", "--max-replicates", "40")
    one = run(tmp_path, "one", *precise, "--jobs", "1")
    found = json.loads(one["summary.json"])
    asked = found["replicates_until"]
    assert asked["reached"]
    assert found["replicates"] == asked["replicates"] > FIRST
    interval = found["cell_number_ratio"]
    assert asked["half_width_reached"] == pytest.approx(interval["high"] - interval["mean"], rel=1e-4)
    assert asked["half_width_reached"] <= 0.04
    assert capsys.readouterr().err == ""
    assert run(tmp_path, "two", *precise, "--jobs", "2") == one, "whatever the number of processes"
    plain = run(tmp_path, "plain", "--replicates", str(found["replicates"]), "--jobs", "1")
    for name in ("timeseries.csv", "cells.csv", "clones.csv", "resolved.yaml"):
        assert plain[name] == one[name], "the tables are those of a plain run with as many replicates"


def test_the_bound_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(tmp_path, "one", "--replicates-until", "surviving +-0.001", "--max-replicates", "5", "--jobs", "1")
    asked = json.loads(found["summary.json"])["replicates_until"]
    assert (asked["reached"], asked["replicates"]) == (False, 5)
    told = capsys.readouterr().err
    assert "warning: tiny: surviving +-0.001 was not reached: +-" in told
    assert "after 5 replicates; about" in told


def test_the_bound_holds_against_the_replicates_of_the_file(tmp_path: Path) -> None:
    words = ("--replicates-until", "surviving +-0.001", "--max-replicates", "5", "--replicates", "8", "--jobs", "1")
    found = run(tmp_path, "one", *words)
    assert json.loads(found["summary.json"])["replicates"] == 5


def test_what_has_no_value_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(tmp_path, "one", "--replicates-until", "regrowth_d +-1", "--jobs", "1")
    assert json.loads(found["summary.json"])["replicates"] == FIRST
    assert "cannot be reached: in some of 4 replicates there is no regrowth_d" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--replicates-until", "survivng +-0.1"), "did you mean 'surviving'?"),
        (("--max-replicates", "9"), "belongs to --replicates-until"),
    ],
)
def test_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str) -> None:
    assert main(["run", "her2_positive", "--out", str(tmp_path), *words]) == 2
    assert told in capsys.readouterr().err


def test_each_point_of_a_sweep_takes_what_it_needs(tmp_path: Path) -> None:
    sweep = small.planned(tmp_path, ["tumour.cells=10,80"])
    until = Until("cell_number_ratio", 0.05, 24)
    results = small.swept(sweep, tmp_path / "s", How(until=until))
    counts = list(results.table["replicates"])
    assert counts[0] > counts[1] >= FIRST, "fewer cells need more replicates"
    assert list(results.replicates.groupby("point").size()) == counts
    small.swept(sweep, tmp_path / "again", How(until=until, jobs=2))
    assert small.stable(tmp_path / "again") == small.stable(tmp_path / "s")
    missed = [not one for one in results.table["precise"]]
    assert sum("was not reached" in text for text in results.manifest["warnings"]) == sum(missed)


def test_the_first_replicates_do_not_depend_on_how_many_follow(tmp_path: Path) -> None:
    few, many = (
        small.swept(small.planned(tmp_path, ["tumour.cells=20"], replicates), tmp_path / name)
        for name, replicates in (("a", small.SMALL), ("b", small.SMALL.replace("replicates: 2", "replicates: 5")))
    )
    assert resolve(load_scenario(tmp_path / "tiny.yaml")).parameters.plan.replicates == 5
    pd.testing.assert_frame_equal(few.replicates, many.replicates.iloc[:2], check_dtype=False)
