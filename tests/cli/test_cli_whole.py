"""The whole program, nothing faked: from a file to a folder, with few cells and short times."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.cli_fakes import Ending
from tests.cli.test_cli_bad_input import good

Program = Callable[..., Ending]
ROOT = Path(__file__).resolve().parents[2]

STABLE = (
    "summary.json",
    "timeseries.csv",
    "clones.csv",
    "flows.csv",
    "traces.csv",
    "cells.csv",
    "resolved.yaml",
)
"""Files that have the same bytes whatever the number of processes."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(good(), encoding="utf-8")
    return tmp_path


def contents(folder: str) -> dict[str, bytes]:
    return {name: (Path(folder) / name).read_bytes() for name in STABLE}


def test_a_run_leaves_a_whole_folder(here: Path, tdm1sim: Program) -> None:
    done = tdm1sim("mine.yaml", "--jobs", "1", "--figure", "fates", "--formats", "png")
    assert done.code == 0, done.err
    folder = here / "results" / "mine"
    assert {path.name for path in folder.iterdir()} == {*STABLE, "manifest.json", "figures"}
    assert (folder / "figures" / "fates.png").read_bytes().startswith(b"\x89PNG")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["scenario"] == "mine"
    assert summary["outcome"] == "completed"
    assert [path.name for path in (here / "results").iterdir()] == ["mine"]
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_M7_attribution_is_told_written_drawn_and_repeatable(here: Path, tdm1sim: Program) -> None:
    done = tdm1sim("mine.yaml", "--jobs", "1", "--attribution", "--figure", "attribution", "--formats", "png")
    assert done.code == 0, done.err
    for piece in ("on living cells over time", "payload", "HER2 blockade", "ADCC", "E_T and q, which nobody measured"):
        assert piece in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    folder = here / "results" / "mine"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert set(summary["attribution"]) == {"until_h", "effect", "arms", "other", "cell_number", "killing"}
    assert (folder / "figures" / "attribution.png").is_file()
    # The complete scenario asks again, so that a repeated run has the same files.
    Path("again.yaml").write_bytes((folder / "resolved.yaml").read_bytes())
    assert tdm1sim("again.yaml", "--jobs", "1", "--no-figures", "--out", "second").code == 0
    assert (Path("second") / "mine" / "summary.json").read_bytes() == (folder / "summary.json").read_bytes()


def test_R7_saved_by_is_a_column_where_asked(here: Path, tdm1sim: Program) -> None:
    asked = ("--no-figures", "--jobs", "1", "--set", "record.saved_by=true", "--set", "tumour.clones.main.mdr1=10")
    assert tdm1sim("mine.yaml", *asked).code == 0
    lines = Path("results/mine/cells.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(",stage_end,saved_by")
    assert {line.rsplit(",", 1)[1] for line in lines[1:]} <= {"mdr1", "none", ""}


def test_the_same_bytes_whatever_the_number_of_processes(here: Path, process: Program) -> None:
    for jobs in ("1", "2"):
        done = process("run", "mine.yaml", "--no-figures", "--jobs", jobs, "--out", f"jobs{jobs}")
        assert done.code == 0, done.err
    assert contents("jobs1/mine") == contents("jobs2/mine")


def test_another_seed_gives_other_bytes(here: Path, tdm1sim: Program) -> None:
    """The companion: the comparison above is able to fail."""
    for seed in ("1", "2"):
        assert tdm1sim("run", "mine.yaml", "--no-figures", "--jobs", "1", "--seed", seed, "--out", seed).code == 0
    first, second = contents("1/mine"), contents("2/mine")
    assert first["cells.csv"] != second["cells.csv"]


def test_the_resolved_scenario_runs_again_to_the_same_bytes(here: Path, tdm1sim: Program) -> None:
    assert tdm1sim("run", "mine.yaml", "--no-figures", "--jobs", "1", "--out", "first").code == 0
    Path("again.yaml").write_text(tdm1sim("resolve", "mine.yaml").out, encoding="utf-8")
    done = tdm1sim("run", "again.yaml", "--no-figures", "--jobs", "1", "--out", "second")
    assert done.code == 0, done.err
    first, second = contents("first/mine"), contents("second/mine")
    differing = {name for name in STABLE if first[name] != second[name]}
    assert differing <= {"resolved.yaml"}  # its comments tell another origin of each value


def test_engine_twin_gives_the_same_fates(here: Path, tdm1sim: Program) -> None:
    for engine in ("numpy", "twin"):
        done = tdm1sim("run", "mine.yaml", "--no-figures", "--jobs", "1", "--engine", engine, "--out", engine)
        assert done.code == 0, done.err
    summaries = [json.loads(Path(f"{engine}/mine/summary.json").read_text()) for engine in ("numpy", "twin")]
    assert summaries[0]["fates"] == summaries[1]["fates"]


def test_a_population_that_outgrows_its_capacity_is_an_outcome_with_advice(here: Path, tdm1sim: Program) -> None:
    text = good().replace("capacity: 1000", "capacity: 21").replace("doubling: 25 d", "doubling: 20 h")
    Path("mine.yaml").write_text(text.replace("3.6 mg/kg", "0 mg/kg"), encoding="utf-8")
    done = tdm1sim("run", "mine.yaml", "--no-figures", "--jobs", "1", "--set", "run.duration=3 d")
    assert done.code == 0, done.err
    assert "capacity" in done.err
    summary = json.loads(Path("results/mine/summary.json").read_text(encoding="utf-8"))
    assert summary["outcome"] == "capacity_reached"


LONG_RUN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started deaf to it
import tdm1sim.ensemble as ensemble
from tdm1sim.cli.main import main

def told(*args, simulate=ensemble.simulate_resolved, **options):
    print("ready", flush=True)
    return simulate(*args, **options)

ensemble.simulate_resolved = told
sys.exit(main(["run", "mine.yaml", "--set", "run.duration=300 d", "--set", "run.dt=0.05 h", "--jobs", sys.argv[1]]))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_in_the_middle_leaves_no_half_written_folder(here: Path, jobs: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", LONG_RUN, jobs],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(2.0)  # the replicates are under way
    os.killpg(child.pid, signal.SIGINT)  # as a terminal does: the whole group of processes
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, ""), err
    assert err.splitlines() == ["interrupted.", "kept: nothing; no half-written folder was left."]
    assert {path.name for path in here.iterdir()} == {"mine.yaml"}


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are POSIX")
def test_a_disk_that_takes_no_more_ends_with_3_and_leaves_nothing(here: Path, process: Program) -> None:
    script = (
        "import resource, sys\nfrom tdm1sim.cli.main import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "sys.exit(main(['run', 'mine.yaml', '--no-figures', '--jobs', '1']))"
    )
    done = process("-c", script, program=())
    assert done.code == 3
    assert "cannot write results/mine" in done.err
    assert "Traceback" not in done.err
    assert not (here / "results" / "mine").exists()
    assert list((here / "results").iterdir()) == []


def test_cite_lists_the_references_of_a_run(here: Path, tdm1sim: Program) -> None:
    done = tdm1sim("cite", "mine.yaml")
    assert done.code == 0, done.err
    records = [json.loads(line) for line in tdm1sim("cite", "mine.yaml", "--json").out.splitlines()]
    assert records
    for record in records:
        assert f"[{record['key']}]" in done.out


def test_list_shows_every_bundled_scenario_with_its_question(tdm1sim: Program) -> None:
    from tdm1sim.scenario import bundled

    done = tdm1sim("list", "scenarios", "--json")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["name"] for row in rows] == list(bundled())
    assert all(row["question"] for row in rows)
    everything = tdm1sim("list")
    assert everything.code == 0
    for heading in ("Scenarios", "Cell lines", "HER2 classes", "Resistance", "Drugs", "Figures"):
        assert heading in everything.out
    assert max(len(line) for line in everything.out.splitlines()) <= 80


def test_every_bundled_scenario_is_valid(tdm1sim: Program) -> None:
    from tdm1sim.scenario import bundled

    done = tdm1sim("validate", *bundled())
    assert done.code == 0, done.err
    assert done.out.count(": OK\n") == len(bundled())


def test_schema_is_json(tdm1sim: Program) -> None:
    schema = json.loads(tdm1sim("schema").out)
    assert "tumour" in json.dumps(schema)
    assert "$schema" in schema or "properties" in schema or "$ref" in schema
