"""``tdm1sim sensitivity`` as people call it, on tiny wells."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tdm1sim.cli.sensitivity import duration
from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]
TINY = ("--cells", "60", "--set", "run.dt=2 h", "--set", "run.duration=48 h", "--set", "record.readouts=[]")
FEW = ("--parameter", "kdm", "--parameter", "colony", "--trajectories", "3")
FOLDER = Path("results/in_vitro_sk_br_3-sensitivity")
TABLES = ("sensitivity.csv", "design.csv", "outputs.csv", "not_varied.csv", "resolved.yaml", "scenario.yaml")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rows_of(name: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_table_cost_and_files(tdm1sim: Program) -> None:
    done = tdm1sim("sensitivity", "in_vitro_sk_br_3", *TINY, *FEW, "--jobs", "1", "--formats", "svg")
    assert done.code == 0, done.err
    assert done.err.startswith("9 runs of ")
    assert "with 1 process: about" in done.err
    assert max(len(line) for line in done.out.splitlines()) <= 80
    for told in (
        "Morris screening, 3 trajectories: 9 runs",
        "1 replicate of 60 cells",
        "2 assumed",
        "Screening is not",
    ):
        assert told in done.out
    assert "1 of 2 without any effect at all" in done.out

    first, last = rows_of("sensitivity.csv")
    assert (first["parameter"], first["scale"], first["low"], first["high"]) == ("kdm", "log", "0.003", "0.08")
    assert (last["parameter"], last["mu_star"], last["sigma"]) == ("colony", "0", "0")
    assert float(first["mu_star"]) > 0.0
    assert [row["point"] for row in rows_of("design.csv")] == [str(n) for n in range(10)]
    assert rows_of("design.csv")[0]["kdm"] == "0.015"
    assert all(float(row["live_ratio"]) > 0.0 for row in rows_of("outputs.csv"))

    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["cost"]["runs"] == 10
    assert manifest["cost"]["cpu_s"] > 0.0
    founders, steps = 60, 60
    assert 0.5 < manifest["cost"]["cell_steps"] / (10 * founders * steps) < 1.5
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted([*TABLES, "figures", "manifest.json"])
    assert sorted(path.name for path in (FOLDER / "figures").iterdir()) == ["sensitivity.md", "sensitivity.svg"]


def test_the_same_bytes_whatever_the_jobs_and_other_points_with_another_seed(tdm1sim: Program) -> None:
    found = {}
    for name, words in {"one": ("--jobs", "1"), "two": ("--jobs", "2"), "seed": ("--jobs", "1", "--seed", "2")}.items():
        done = tdm1sim("sensitivity", "in_vitro_sk_br_3", *TINY, *FEW, *words, "--out", name, "--no-figures", "--quiet")
        assert done == Ending(0, "", "")
        found[name] = [(Path(name) / FOLDER.name / table).read_bytes() for table in TABLES]
    assert found["one"] == found["two"]
    assert found["one"][1] != found["seed"][1]


def test_several_outputs_are_asked_of_the_same_runs(tdm1sim: Program) -> None:
    outputs = ("--output", "surviving", "--output", "auc")
    done = tdm1sim(
        "sensitivity", "in_vitro_sk_br_3", *TINY, *FEW, *outputs, "--jobs", "1", "--formats", "svg", "--json"
    )
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [(one["output"], one["parameter"]) for one in records] == [
        ("surviving", "kdm"),
        ("surviving", "colony"),
        ("auc", "kdm"),
        ("auc", "colony"),
    ]
    assert len(records[0]["figures"]) == 4


def test_replicates_are_one_unless_asked_for(tdm1sim: Program) -> None:
    words = ("sensitivity", "in_vitro_sk_br_3", *TINY, "--parameter", "colony", "--trajectories", "2", "--no-figures")
    assert "\n2 replicates of 60" in tdm1sim(*words, "--set", "run.replicates=2", "--jobs", "1").out
    assert "\n3 replicates of 60" in tdm1sim(*words, "--replicates", "3", "--jobs", "1", "--force").out


def test_combinations_that_cannot_be_are_told(tdm1sim: Program) -> None:
    done = tdm1sim(
        *("sensitivity", "in_vitro_sk_br_3", *TINY, "--jobs", "1", "--trajectories", "2", "--quiet", "--no-figures"),
        *("--parameter", "C_M", "--parameter", "C_A", "--bounds", "C_A=150:3000"),
    )
    assert done.code == 0
    assert "cannot be run (C_M is above C_A); others were drawn instead" in done.err
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["set_aside"]) == {"C_M is above C_A"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--parameter", "kdmm"), 2, "did you mean 'kdm'"),
        (("--output", "live_rato"), 2, "did you mean 'live_ratio'"),
        (("--bounds", "C_M"), 2, "NAME=LOW:HIGH"),
        (("--samples", "8"), 2, "belongs to --method sobol"),
        (("--trajectories", "8", "--method", "sobol"), 2, "belongs to --method morris"),
        (("--trajectories", "1"), 2, "at least 2"),
        (("--method", "sobol", "--samples", "12"), 2, "such as 8 or 16"),
        (("--class", "sure"), 2, "sure"),
        (("--output", "readout", "--set", "record.readouts=[]"), 1, "has no read-out"),
    ],
)
def test_what_is_wrong_is_said(tdm1sim: Program, words: tuple[str, ...], code: int, told: str) -> None:
    done = tdm1sim("sensitivity", "in_vitro_sk_br_3", "--cells", "20", *words)
    assert (done.code, told in done.err) == (code, True), done.err
    assert not Path("results").exists()


def test_without_salib_the_command_that_installs_it_is_said(tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "SALib"]:
        monkeypatch.delitem(sys.modules, name)
    nothing: dict[str, ModuleType | None] = {"SALib": None}
    for name, module in nothing.items():
        monkeypatch.setitem(sys.modules, name, module)
    done = tdm1sim("sensitivity", "in_vitro_sk_br_3", *TINY)
    assert done.code == 3
    assert 'python -m pip install "SALib>=1.6"' in done.err
    assert not Path("results").exists()


def test_an_interrupted_study_leaves_nothing(tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.sensitivity import study

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "_point", interrupted)
    done = tdm1sim("sensitivity", "in_vitro_sk_br_3", *TINY, *FEW, "--jobs", "1")
    assert done.code == 130
    assert done.err.splitlines()[-2:] == [
        "interrupted.",
        "nothing was kept, no half-written folder was left; the same command begins again.",
    ]
    assert not FOLDER.exists()


def test_times_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (0.2, 40.0, 200.0, 9000.0)] == ["1 s", "40 s", "3 min", "2.5 h"]
