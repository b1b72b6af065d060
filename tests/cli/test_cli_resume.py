"""``run --resume RESULT@TIME``: from the keyboard to a folder whose bytes are those of the uninterrupted run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim import branching, resuming, simulate
from tests.cli.cli_fakes import Ending
from tests.tutorial import ROOT, Command, differences, steps

Program = Callable[..., Ending]
BASE = """\
format: 1
name: base
extends: acquired_mdr1
tumour: {cells: 30, growth: {doubling: 2 d}}
treatment:
  - {drug: t-dm1, dose: 2 mg/kg, every: 2 d, cycles: 3}
run: {duration: 5 d, replicates: 2}
record: {save_state: [2 d, 4 d]}
"""
OTHER = """\
format: 1
name: other
extends: base.yaml
treatment:
  - {drug: t-dm1, dose: 2 mg/kg}
  - {drug: trastuzumab, dose: 8 mg/kg, from: 2 d}
"""
FILES = ("summary.json", "timeseries.csv", "clones.csv", "flows.csv", "traces.csv", "cells.csv", "resolved.yaml")
RUN = ("--jobs", "1", "--no-figures")
QUIET = (*RUN, "--quiet")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both scenarios and the result of the first."""
    from tdm1sim.scenario import load_scenario, resolve

    folder = tmp_path_factory.mktemp("branching")
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    (folder / "other.yaml").write_text(OTHER, encoding="utf-8")
    place = folder / "results" / "base"
    place.mkdir(parents=True)
    assert resolve(load_scenario(folder / "base.yaml")).parameters.plan.save_state == (48.0, 96.0)
    simulate(folder / "base.yaml", engine="numpy").write(place)
    return folder


@pytest.fixture
def here(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(shutil.copytree(saved, tmp_path / "work"))
    monkeypatch.chdir(folder)
    return folder


def contents(name: str) -> dict[str, bytes]:
    return {file: (Path("results") / name / file).read_bytes() for file in FILES}


def branch_of(name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((Path("results") / name / "manifest.json").read_text("utf-8"))["branch"]
    return found


def test_a_state_is_a_file_per_replicate_beside_the_tables(here: Path) -> None:
    state = here / "results" / "base" / "state"
    assert sorted(str(path.relative_to(state)) for path in state.rglob("*.npz")) == [
        "2d/1.npz",
        "2d/2.npz",
        "4d/1.npz",
        "4d/2.npz",
    ]


def test_nothing_changed_gives_the_same_bytes(here: Path, tdm1sim: Program) -> None:
    done = tdm1sim("run", "base.yaml", "--resume", "results/base@2d", "--engine", "numpy", *RUN)
    assert done.code == 0, done.err
    assert "Continues base from 2 d\n" in done.out
    assert "Files: results/base@2d" in done.out
    assert contents("base@2d") == contents("base")
    assert branch_of("base@2d")["whole"] is True
    chained = tdm1sim("run", "base.yaml", "--resume", "results/base@2d@4d", "--engine", "numpy", *QUIET)
    assert chained == Ending(0, "", "")
    assert contents("base@4d") == contents("base")


def test_the_number_of_processes_does_not_matter(here: Path, tdm1sim: Program) -> None:
    """States travel to the workers."""
    words = ("--engine", "numpy", "--jobs", "2", "--no-figures", "--quiet")
    assert tdm1sim("run", "base.yaml", "--resume", "results/base@4d", *words).code == 0
    assert contents("base@4d") == contents("base")


def test_several_branches_of_one_state_and_what_repeat_says(here: Path, tdm1sim: Program) -> None:
    done = tdm1sim("run", "base.yaml", "other.yaml", "--resume", "results/base@2d", "--engine", "numpy", *QUIET)
    assert done == Ending(0, "", "")
    table = contents("other@2d")["timeseries.csv"]
    assert table != contents("base")["timeseries.csv"]
    assert tdm1sim("run", "other.yaml", "--engine", "numpy", *QUIET).code == 0
    assert contents("other@2d") == contents("other"), "the run that had this treatment from the start"
    repeated = tdm1sim("repeat", "results/other@2d", "--jobs", "1")
    assert repeated.code == 0, repeated.err
    assert "The same bytes in all 7 files." in repeated.out


def test_other_numbers_from_the_branch_on(here: Path, tdm1sim: Program) -> None:
    change = ("--set", "parameters.C_M=30 nM")
    done = tdm1sim("run", "base.yaml", "--resume", "results/base@2d", *change, *RUN)
    assert done.code == 0, done.err
    assert "Continues base from 2 d; from then on with other C_M\n" in done.out
    assert "bands of the cells that died before 48 h are by the limits then: the branch changed C_M" in done.err
    before, after = (contents(name)["timeseries.csv"].decode().splitlines() for name in ("base", "base@2d"))
    early = [line for line in before if line.split(",")[0] == "1" and float(line.split(",")[1]) < 48.0]
    assert early == after[1 : 1 + len(early)]
    assert before != after
    told = " ".join(tdm1sim("methods", "results/base@2d").out.split())
    assert "The run continues the state of `base` at 2 d; until then C_M had the values of that run." in told

    alone = tdm1sim("repeat", "results/base@2d", "--jobs", "1")
    assert alone.code == 1
    assert "continues base@2d with other numbers of the model (parameters.C_M)" in alone.err
    assert "--resume RESULT@2d" in alone.err
    named = tdm1sim("repeat", "results/base@2d", "--jobs", "1", "--resume", "results/base@2d")
    assert named.code == 0, named.err
    assert "The same bytes in all 7 files." in named.out


def test_further_arms_start_at_the_start_so_the_model_must_not_have_changed(here: Path, tdm1sim: Program) -> None:
    readouts = ("--set", "record.readouts=[{kind: live, at: [5 d]}]")
    assert tdm1sim("run", "base.yaml", *readouts, "--engine", "numpy", *QUIET, "--force").code == 0
    start = (here / "results" / "base" / "readouts.csv").read_bytes()
    words = ("run", "base.yaml", "--resume", "results/base@4d", "--engine", "numpy", *QUIET)
    assert tdm1sim(*words, *readouts).code == 0
    assert (here / "results" / "base@4d" / "readouts.csv").read_bytes() == start
    done = tdm1sim(*words, *readouts, "--set", "parameters.q=1", "--attribution", "--force")
    assert done.code == 1
    assert "record.readouts: needs arms that are run from the start" in done.err
    assert "record.attribution: needs arms" in done.err
    assert "write `readouts: []`" in done.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("results/base",), 2, "at which time? write RESULT@TIME"),
        (("results/base",), 2, "(results/base keeps 2d, 4d)"),
        (("results/base@3d",), 1, "keeps no state of that time; there are 2d, 4d"),
        (("results/base@2",), 2, "2 has no unit"),
        (("results/nothing@2d",), 1, "there is no folder results/nothing"),
        ((".@2d",), 1, "is not a result folder"),
        (("results/base@2d", "--replicates", "3"), 1, "holds 2 replicates, the scenario has 3; add --replicates 2"),
        (("results/base@2d", "--seed", "7"), 1, "run.seed: was 1 when the state was saved, here it is 7"),
        (("results/base@2d", "--cells", "31"), 1, "tumour.cells: was 30"),
        (("results/base@2d", "--set", "tumour.clones.*.mdr1=3"), 1, "the cells exist already"),
        (("results/base@2d", "--set", "parameters.t_S=7 h"), 1, "parameters.t_S: was 8 h"),
        (("results/base@2d", "--set", "patient.weight=80 kg"), 1, "patient.weight: was 70 kg"),
        (("results/base@2d", "--set", "treatment=[]"), 1, "the state was given t-dm1 2 mg/kg at 0 h; this scenario"),
        (("results/base@2d", "--set", "treatment.0.dose=3 mg/kg"), 1, "this scenario gives t-dm1 3 mg/kg at 0 h"),
        (("results/base@4d", "--set", "run.duration=4 d"), 1, "run.duration: 96 h is not after the state"),
        (
            ("results/base@2d", "--set", "record.readouts=[{kind: live, at: [1 d, 3 d]}]"),
            1,
            "live at 24 h lies before the state",
        ),
        (("results/base@2d", "--uncertain", "4"), 2, "draws are run from the start"),
        (("results/base@2d", "--replicates-until", "surviving +-0.1"), 2, "further replicates are run from the start"),
    ],
)
def test_what_does_not_fit_is_told(here: Path, tdm1sim: Program, words: tuple[str, ...], code: int, said: str) -> None:
    done = tdm1sim("run", "base.yaml", "--resume", *words, *QUIET)
    assert done.code == code
    assert said in done.err
    assert [path.name for path in (here / "results").iterdir()] == ["base"], "nothing was written"


def test_a_result_without_states_says_how_to_save_one(here: Path, tdm1sim: Program) -> None:
    shutil.rmtree(here / "results" / "base" / "state")
    done = tdm1sim("run", "base.yaml", "--resume", "results/base@21d", *QUIET)
    assert done.code == 1
    assert "keeps no state; run it again with `record: {save_state: [21 d]}`" in done.err


def test_files_that_do_not_belong_together_are_refused(
    here: Path, tdm1sim: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = here / "results" / "base" / "state"
    second = (state / "2d" / "2.npz").read_bytes()
    resume = ("run", "base.yaml", "--resume", "results/base@2d", *QUIET)
    for wrong in (state / "4d" / "2.npz", state / "2d" / "1.npz"):
        (state / "2d" / "2.npz").write_bytes(wrong.read_bytes())
        assert "holds replicates of different runs" in tdm1sim(*resume).err
    (state / "2d" / "2.npz").write_bytes(second[:500])
    assert "2d/2.npz is not a whole saved state" in tdm1sim(*resume).err.replace("\\", "/")
    (state / "2d" / "2.npz").write_bytes(second)
    (state / "2d" / "1.npz").unlink()
    assert "lacks replicate 1: it outgrew run.capacity before" in tdm1sim(*resume).err
    monkeypatch.setattr(resuming, "__version__", "9.9")
    done = tdm1sim("run", "base.yaml", "--resume", "results/base@4d", *QUIET)
    assert done.code == 1
    assert "was saved by tdm1sim" in done.err
    assert "and this is 9.9" in done.err


def test_a_state_in_another_place_works_and_a_result_from_the_start_needs_none(here: Path, tdm1sim: Program) -> None:
    moved = shutil.move("results/base", "archive")
    done = tdm1sim("run", "base.yaml", "--resume", f"{moved}@96h", "--engine", "numpy", *QUIET)
    assert done.code == 0, done.err
    shutil.move("archive", "results/base")
    assert contents("base@4d") == contents("base")
    again = tdm1sim("repeat", "results/base", "--resume", "results/base@2d")
    assert again.code == 2
    assert "this result was run from the start" in again.err


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("[6 d]", "record.save_state.0: 144 h is after the end of the run; at most 120 h; make run.duration longer"),
        ("[0 h]", "more than 0 h"),
        ("[5]", "5 has no unit"),
        ("[" + ", ".join(f"{n} h" for n in range(1, 102)) + "]", "101 states; at most 100"),
    ],
)
def test_times_that_cannot_be_saved(here: Path, tdm1sim: Program, value: str, said: str) -> None:
    done = tdm1sim("validate", "base.yaml", "--set", f"record.save_state={value}")
    assert done.code == 1
    assert said in done.err + done.out


@pytest.mark.slow
def test_the_page_does_what_it_prints(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "branching.md").read_text(encoding="utf-8")
    assert sum(isinstance(step, Command) for step in steps(page)) == 8
    assert differences(page, tmp_path) == []


def test_from_python(here: Path) -> None:
    results = simulate("base.yaml", engine="numpy", resume="results/base@2d")
    assert results.manifest["branch"]["at_h"] == 48.0
    assert list(results.states) == [f"{branching.FOLDER}/4d/{n}.npz" for n in (1, 2)]
