"""``tdm1sim bench``: table, file, what is said of floors that are missed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tdm1sim import benching
from tdm1sim.benching.targets import KEYS, Finding
from tests.benching.tiny import SIZES, report
from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]
FILE = Path("results/bench/bench.json")


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def given(monkeypatch: pytest.MonkeyPatch, **changed: Finding) -> None:
    """Let the benchmark return a made-up report."""
    monkeypatch.setattr(benching, "bench", lambda *_, **__: report(**changed))


def test_a_tiny_bench_runs_and_is_written(tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benching, "QUICK", SIZES)
    done = tdm1sim("bench", "--quick", "--json")
    assert done.code == 0, done.err
    told, kept = json.loads(done.out), json.loads(FILE.read_text(encoding="utf-8"))
    assert [row["target"] for row in kept["targets"]] == list(KEYS)
    assert set(kept) == set(told)
    by_key = {row["target"]: row for row in kept["targets"]}
    for key in ("compiled_to_mesa", "compiled_to_numpy", "many_to_middle", "survival_error", "single_to_double"):
        assert by_key[key]["measured"] > 0.0
        assert by_key[key]["verdict"] in {"met", "missed"}
    assert by_key["bytes_per_cell"]["verdict"] == "not measured"
    assert {speed["engine"] for speed in kept["speeds"]} == {"mesa", "twin", "numpy", "compiled"}
    assert all(speed["cell_steps_per_cpu_s"] > 0.0 for speed in kept["speeds"])
    assert kept["quick"] is True
    assert kept["machine"]["cpus"] >= 1
    assert set(kept["machine"]["packages"]) == {"numpy", "numba", "mesa", "scipy"}
    assert kept["missed"] == [row["target"] for row in kept["targets"] if row["verdict"] == "missed"]


def test_the_table_says_all_and_fits(tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, ensemble=Finding(1.05, 1.0, 1.07, "how it was done"))
    done = tdm1sim("bench")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert "…" not in done.out
    for text in ("compiled / plain Mesa", "> 300", "> 800", "met, goal", "how it was done", "plain Mesa agents"):
        assert text in done.out
    assert "Ratios carry over" in done.out
    assert "missed" not in done.out + done.err


@pytest.mark.parametrize(("strict", "code", "word"), [((), 0, "warning"), (("--strict",), 1, "error")])
def test_a_missed_floor_is_told(
    tdm1sim: Program, monkeypatch: pytest.MonkeyPatch, strict: tuple[str, ...], code: int, word: str
) -> None:
    given(monkeypatch, two_threads=Finding(1.2, 1.1, 1.25), bytes_per_cell=Finding(501.0))
    done = tdm1sim("bench", *strict)
    assert done.code == code
    assert f"{word}: floors missed" in done.err
    assert "two_threads, bytes_per_cell" not in done.out
    assert "two_threads, bytes_per_cell" in done.err
    assert done.out.count("missed") == 2
    assert json.loads(FILE.read_text(encoding="utf-8"))["missed"] == ["two_threads", "bytes_per_cell"]


def test_strict_is_content_where_all_floors_hold_or_were_not_measured(
    tdm1sim: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, bytes_per_cell=Finding(None, note="this system does not tell"))
    done = tdm1sim("bench", "--strict")
    assert (done.code, "open" in done.out) == (0, True)


def test_an_older_bench_is_replaced_only_when_asked(tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    assert tdm1sim("bench", "--quiet") == Ending(0, "", "")
    refused = tdm1sim("bench", "--quiet")
    assert (refused.code, "--force" in refused.err) == (1, True)
    assert tdm1sim("bench", "--quiet", "--force") == Ending(0, "", "")


def test_an_interrupted_bench_leaves_nothing(tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(benching, "bench", interrupted)
    assert tdm1sim("bench", "--quick").code == 130
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("change", "text"),
    [({"busy": 1.8}, "was busy with other work"), ({"changed": True}, "sources of the program changed")],
)
def test_what_spoils_a_measurement_is_told(
    tdm1sim: Program, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], text: str
) -> None:
    monkeypatch.setattr(benching, "bench", lambda *_, **__: replace(report(), **change))
    assert text in tdm1sim("bench").out
    given(monkeypatch)
    assert text not in tdm1sim("bench", "--force").out
