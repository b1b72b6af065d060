"""The command: what it writes and says, how it ends, how it is continued."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim.cli.main import main
from tdm1sim.sweeping.journal import POINTS
from tests.sweeping import small
from tests.sweeping.test_axes import BLOCK

Program = Callable[..., tuple[int, str, str]]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(small.SMALL, encoding="utf-8")
    handler = signal.getsignal(signal.SIGTERM)

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(words)
        signal.signal(signal.SIGTERM, handler)
        text = capsys.readouterr()
        return code, text.out, text.err

    return call


SWEEP = ("sweep", "tiny.yaml", "--vary", "tumour.clones.*.mdr1=1,30", "--jobs", "1")


def test_a_sweep_leaves_a_whole_folder(program: Program) -> None:
    code, out, err = program(*SWEEP, "--formats", "png")
    assert (code, err) == (0, "")
    folder = Path("results/tiny-sweep")
    assert {path.name for path in folder.iterdir()} == {
        *small.STABLE,
        "journal.csv",
        "manifest.json",
        "figures",
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {
        "sweep_cell_number_ratio.png",
        "sweep_cell_number_ratio.md",
    }
    assert [path.name for path in Path("results").iterdir()] == ["tiny-sweep"]
    for piece in (
        "Does it sweep?",
        "2 points, grid: tumour.clones.*.mdr1: 1, 30",
        "2 replicates of 20 cells at each, seed 1",
        "MDR1: fold of total efflux",
        "Files: results/tiny-sweep (1 figure in figures/)",
        "never clinical advice",
    ):
        assert piece in out
    assert max(len(line) for line in out.splitlines()) <= 80
    again = program(*SWEEP)
    assert again[0] == 1
    assert "add --force to replace it" in again[2]
    assert program(*SWEEP, "--force", "--no-figures", "--quiet") == (0, "", "")


def test_json_and_measures(program: Program) -> None:
    code, out, _ = program(*SWEEP, "--json", "--measure", "surviving", "--measure", "dm1_median_nM", "--formats", "svg")
    assert code == 0
    told = json.loads(out)
    assert [point["tumour.clones.*.mdr1"] for point in told["points"]] == [1, 30]
    assert told["points"][0]["regrowth_d_mean"] is None
    assert [Path(path).name for path in told["figures"]] == ["sweep_dm1_median_nM.svg", "sweep_surviving.svg"]


def test_resistances_in_one_command(program: Program) -> None:
    code, out, _ = program("sweep", "tiny.yaml", "--resistances", "--points", "2", "--jobs", "1", "--formats", "svg")
    assert code == 0
    assert Path("results/tiny-resistances-sweep/figures/sweep_cell_number_ratio.svg").is_file()
    assert "slc46a3_loss" in out
    manifest = json.loads(Path("results/tiny-resistances-sweep/manifest.json").read_text(encoding="utf-8"))
    assert manifest["changes"]["1"] == []
    assert len(manifest["changes"]) == manifest["points"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("sweep", "tiny.yaml"), 2, "nothing to vary: add --vary PATH=VALUES, or a `sweep:` block to tiny.yaml"),
        ((*SWEEP, "--resistances"), 2, "--resistances has axes and a design of its own"),
        ((*SWEEP, "--cluster", "tcp://127.0.0.1:1"), 2, "--jobs is for this machine, --cluster for others"),
        ((*SWEEP, "--measure", "survivng"), 2, "did you mean surviving?"),
        ((*SWEEP, "--points", "3"), 2, "--points belongs to --design random and lhs"),
        ((*SWEEP, "--design", "lhs"), 2, "needs its number of points"),
        ((*SWEEP, "--vary", "run.dt=1"), 1, "--vary: run.dt: 1 has no unit"),
        ((*SWEEP, "--max-replicates", "9"), 2, "belongs to --replicates-until"),
        (("sweep", "nowhere", "--vary", "run.dt=1 h"), 1, "there is no such file"),
    ],
)
def test_mistakes(program: Program, words: tuple[str, ...], code: int, told: str) -> None:
    ended, _, err = program(*words)
    assert ended == code
    assert told in err
    assert not Path("results").exists(), "nothing was begun"


def test_a_changed_scenario_is_refused_and_restart_begins_again(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tdm1sim.sweeping import running
    from tdm1sim.sweeping.point import Done, Job, run_point

    ran: list[int] = []

    def once(job: Job, report: object = None) -> Done:
        if ran:
            raise KeyboardInterrupt
        ran.append(job.number)
        return run_point(job)

    with monkeypatch.context() as patched:
        patched.setattr(running, "run_point", once)
        code, _, err = program(*SWEEP, "--restart")
    assert code == 130
    command = "tdm1sim sweep tiny.yaml --vary 'tumour.clones.*.mdr1=1,30' --jobs 1"
    assert err == f"interrupted.\n1 finished point is kept; continue with: {command}\n", "--restart would lose it"
    Path("tiny.yaml").write_text(small.SMALL.replace("3.6 mg/kg", "2.4 mg/kg"), encoding="utf-8")
    code, _, err = program(*SWEEP)
    assert code == 1
    assert "holds 1 finished point of another sweep: what differs is the scenario, the points;" in err
    assert "--restart" in err
    assert program(*SWEEP, "--restart", "--quiet", "--no-figures") == (0, "", "")
    assert not Path("results/tiny-sweep.partial").exists()


def test_the_block_of_the_file_is_enough(program: Program) -> None:
    Path("tiny.yaml").write_text(small.SMALL + BLOCK, encoding="utf-8")
    code, out, _ = program("sweep", "tiny.yaml", "--jobs", "1", "--no-figures")
    assert code == 0
    assert "6 points, grid" in out


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_cleanly_and_says_how_to_continue(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "tiny.yaml").write_text(small.SMALL, encoding="utf-8")
    words = ("sweep", "tiny.yaml", "--vary", "tumour.clones.*.mdr1=1:100:400:log", "--jobs", "2", "--no-figures")
    child = small.started(tmp_path, *words)
    partial = tmp_path / "results" / "tiny-sweep.partial"
    for _ in range(6000):
        if len(list((partial / POINTS).glob("*.json"))) >= 2 or child.poll() is not None:
            break
        time.sleep(0.01)
    if number == signal.SIGINT:
        os.killpg(child.pid, number)  # as a terminal does: the whole group of processes
    else:
        child.send_signal(number)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, ""), err
    first, second = err.splitlines()[:2]
    assert err.count("\n") == 2, err
    assert first == "interrupted."
    kept = len(list((partial / POINTS).glob("*.json")))
    assert kept >= 2
    assert second.startswith(f"{kept} finished points are kept; continue with: tdm1sim sweep tiny.yaml --vary ")
    assert not (tmp_path / "results" / "tiny-sweep").exists()


def test_two_at_once_are_refused(program: Program) -> None:
    from tdm1sim.sweeping.lock import locked

    with locked(Path("results/tiny-sweep.partial")):
        code, _, err = program(*SWEEP)
    assert code == 1
    assert "another process" in err
