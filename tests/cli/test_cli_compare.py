"""``tdm1sim compare`` and ``run --uncertain``: what they say, what they leave, how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]
SMALL = ("--cells", "20", "--replicates", "2", "--jobs", "1", "--no-figures")
CHANGES = ("--set", "tumour.clones.main.mdr1=10")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A scenario of one day, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    text = "format: 1\nextends: her2_positive\nname: short\nrun: {duration: 24 h}\nrecord: {every: 6 h, traces: 0}\n"
    Path("short.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_change_is_compared_with_the_scenario_itself(short: Path, tdm1sim: Program) -> None:
    done = tdm1sim("compare", "short.yaml", *CHANGES, *SMALL)
    assert (done.code, done.err) == (0, "")
    for piece in (
        "2 x 20 cells, 1 d, seed 1, the same luck in every arm",
        "tumour.clones.main.mdr1  1         10",
        "surviving",
        "95 % interval",
        "unpaired",
        "live cells per founder",
        "Intervals are for chance alone, over pairs: 2 replicates.",
        "Files: results/short-vs-mdr1_10",
        "never clinical advice",
    ):
        assert piece in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    folder = Path("results/short-vs-mdr1_10")
    assert {path.name for path in folder.iterdir()} == {"compare.json", "manifest.json", "short", "mdr1_10"}
    assert (folder / "mdr1_10" / "resolved.yaml").is_file()


def test_several_scenarios_follow_the_first_plan(short: Path, tdm1sim: Program) -> None:
    done = tdm1sim("compare", "short.yaml", "untreated", *SMALL)
    assert done.code == 0
    assert "note: untreated: run.duration is 24 h, not 21 d: all arms follow the plan of short\n" in done.err
    assert Path("results/short-vs-untreated/compare.json").is_file()


def test_json_is_one_object(short: Path, tdm1sim: Program) -> None:
    done = tdm1sim("compare", "short.yaml", *CHANGES, *SMALL, "--json", "--uncertain", "2")
    told: dict[str, Any] = json.loads(done.out)
    assert told["folder"] == "results/short-vs-mdr1_10"
    assert told["differences"][0]["words"][0]["path"] == "tumour.clones.main.mdr1"
    assert told["uncertain"]["draws"] == 2
    assert {"model_low", "model_high"} <= told["differences"][0]["fates"]["surviving"].keys()
    assert Path("results/short-vs-mdr1_10/uncertainty.csv").is_file()


def test_nothing_is_overwritten_unless_asked(short: Path, tdm1sim: Program) -> None:
    assert tdm1sim("compare", "short.yaml", *CHANGES, *SMALL, "--quiet") == Ending(0, "", "")
    again = tdm1sim("compare", "short.yaml", *CHANGES, *SMALL)
    assert again.code == 1
    assert "exists already" in again.err
    assert tdm1sim("compare", "short.yaml", *CHANGES, *SMALL, "--force", "--quiet").code == 0


@pytest.mark.parametrize(
    ("words", "code", "piece"),
    [
        (("compare", "short.yaml"), 2, "one scenario has nothing to be compared with"),
        (("compare", "short.yaml", *CHANGES, "--uncertain", "1"), 2, "at least 2 draws"),
        (("run", "short.yaml", "--uncertain", "-3"), 2, "at least 2 draws"),
        (("compare", "short.yaml", "--set", "run.seed=4"), 1, "run.seed: the arms of a comparison share it"),
        (("compare", "short.yaml", "no_such_scenario"), 1, "no_such_scenario"),
        (("compare", "short.yaml", "--set", "tumour.clones.main.mdr=10"), 1, "mdr"),
    ],
)
def test_mistakes_end_with_a_line_and_a_code(
    short: Path, tdm1sim: Program, words: tuple[str, ...], code: int, piece: str
) -> None:
    done = tdm1sim(*words, *SMALL)
    assert done.code == code
    assert piece in done.err
    assert "Traceback" not in done.err
    assert not Path("results").exists()


def test_what_fails_leaves_nothing(short: Path, tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tdm1sim.comparing.Comparison.write", full)
    done = tdm1sim("compare", "short.yaml", *CHANGES, *SMALL)
    assert done.code == 3
    assert list(Path("results").iterdir()) == []


def test_a_run_with_draws_has_a_column_more(short: Path, tdm1sim: Program) -> None:
    done = tdm1sim("run", "short.yaml", *SMALL, "--uncertain", "2")
    assert done.code == 0
    assert "other values" in done.out
    assert "Other values: the middle 95 % of 2 draws of what nobody has measured." in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    summary = json.loads(Path("results/short/summary.json").read_text(encoding="utf-8"))
    assert summary["fates"]["surviving"]["model_low"] is not None
    manifest = json.loads(Path("results/short/manifest.json").read_text(encoding="utf-8"))
    assert manifest["uncertain"]["draws"] == 2
    plain = tdm1sim("run", "short.yaml", *SMALL, "--force")
    assert "other values" not in plain.out
    assert not Path("results/short/uncertainty.csv").exists()
