"""The same bytes whoever computes: any number of processes, any order, stopped at any moment and continued."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tdm1sim import luck
from tdm1sim.errors import InputError, MachineError
from tdm1sim.sweeping import running
from tdm1sim.sweeping.journal import POINTS
from tdm1sim.sweeping.point import Done, Job, run_point
from tdm1sim.sweeping.running import How, partial_folder
from tdm1sim.workers import as_done, in_order
from tests.sweeping import small

REPEATED = ("sweep", "tiny.yaml", "--vary", "tumour.clones.*.mdr1=1:100:24:log", "--no-figures", "--jobs", "2")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of the small sweep, never interrupted, one process."""
    path = tmp_path_factory.mktemp("whole")
    small.swept(small.planned(path), path / "s")
    return small.stable(path / "s")


def test_the_tables(tmp_path: Path) -> None:
    results = small.swept(small.planned(tmp_path), tmp_path / "s")
    assert list(results.table["point"]) == [1, 2, 3, 4, 5, 6]
    assert list(results.table["treatment.t-dm1.dose_mg_kg"]) == [1.8, 3.6] * 3
    assert len(results.replicates) == 12
    means = results.replicates.groupby("point")["cell_number_ratio"].mean()
    assert list(results.table["cell_number_ratio_mean"]) == pytest.approx(list(means), rel=1e-5)
    assert results.manifest["axes"] == [
        "tumour.clones.*.mdr1: 3 values from 1 to 100, at equal ratios",
        "treatment.t-dm1.dose: 1.8 mg/kg, 3.6 mg/kg",
    ]
    assert not partial_folder(tmp_path / "s").exists()


def test_processes_change_no_byte(tmp_path: Path, whole: dict[str, bytes]) -> None:
    small.swept(small.planned(tmp_path), tmp_path / "s", How(jobs=2))
    assert small.stable(tmp_path / "s") == whole


def _backwards(do: Any, jobs: Sequence[Job], _count: int) -> Iterator[Done]:
    yield from (do(job) for job in reversed(jobs))


def test_order_changes_no_byte(tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "as_done", _backwards)
    small.swept(small.planned(tmp_path), tmp_path / "s", How(jobs=2))
    assert small.stable(tmp_path / "s") == whole


def test_companion_a_point_that_differs_is_seen(
    tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were luck to depend on the process, the comparison of bytes would say so."""

    def unlucky(job: Job, report: Any = None) -> Done:
        found = run_point(job, report)
        found.result["values"]["surviving"][0] += 1e-5
        return found

    monkeypatch.setattr(running, "run_point", unlucky)
    small.swept(small.planned(tmp_path), tmp_path / "s")
    assert small.stable(tmp_path / "s") != whole


@pytest.mark.parametrize("ending", [KeyboardInterrupt, MachineError("lost"), MemoryError])
def test_what_was_finished_is_not_run_again(
    tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, ending: Any
) -> None:
    sweep, ran = small.planned(tmp_path), []

    def until_four(job: Job, report: Any = None) -> Done:
        if len(ran) == 4:
            raise ending
        ran.append(job.number)
        return run_point(job, report)

    monkeypatch.setattr(running, "run_point", until_four)
    with pytest.raises(type(ending) if isinstance(ending, Exception) else ending):
        small.swept(sweep, tmp_path / "s")
    assert not (tmp_path / "s").exists(), "a result is whole or absent"
    again: list[int] = []
    monkeypatch.setattr(running, "run_point", lambda job, report=None: (again.append(job.number), run_point(job))[1])
    results = small.swept(sweep, tmp_path / "s")
    assert (ran, again) == ([1, 2, 3, 4], [5, 6])
    assert results.manifest["points_kept_before"] == 4
    assert small.stable(tmp_path / "s") == whole


def test_nothing_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_job: Job, _report: Any = None) -> Done:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run_point", never)
    with pytest.raises(KeyboardInterrupt):
        small.swept(small.planned(tmp_path), tmp_path / "s")
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.yaml"}


def test_a_finished_sweep_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    with pytest.raises(InputError, match="--force"):
        small.swept(small.planned(tmp_path), tmp_path / "s")


def _dies_once(job: tuple[int, str]) -> int:
    number, flag = job
    if number == 2:
        try:
            Path(flag).touch(exist_ok=False)
        except FileExistsError:
            return number
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _dies(_job: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_what_a_dead_worker_was_doing_is_done_by_another(tmp_path: Path) -> None:
    jobs = [(number, str(tmp_path / "died")) for number in range(6)]
    assert sorted(as_done(_dies_once, jobs, 2)) == [0, 1, 2, 3, 4, 5]
    assert (tmp_path / "died").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_workers_that_keep_dying_are_given_up() -> None:
    with pytest.raises(MachineError, match="died 3 times in a row, most likely for lack of memory"):
        list(as_done(_dies, range(4), 2))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_worker_that_dies_in_a_run_is_told_and_is_no_defect() -> None:
    """As a run on the NumPy engine has them: its replicates are not kept one by one."""
    with pytest.raises(MachineError, match="a worker process died, most likely for lack of memory; run fewer"):
        list(in_order(_dies, range(2), 2))


def points_in(path: Path) -> dict[str, bytes]:
    folder = partial_folder(path / "results" / "tiny-sweep") / POINTS
    return {file.name: file.read_bytes() for file in folder.glob("*.json")} if folder.is_dir() else {}


def waited_for(path: Path, child: subprocess.Popen[str], count: int) -> bool:
    """Wait until this many points are kept; False when the process ended first."""
    for _ in range(6000):
        if len(points_in(path)) >= count:
            return child.poll() is None
        if child.poll() is not None:
            return False
        time.sleep(0.01)
    return False


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_three_times_and_finished(tmp_path: Path) -> None:
    """As benchmarks/sweep_killed.py does with 200 points of 8 x 2,000 cells."""
    (tmp_path / "tiny.yaml").write_text(small.SMALL, encoding="utf-8")
    moments = luck.generator(1, "moments of killing").uniform(0.0, 0.05, 3)
    kept: dict[str, bytes] = {}
    for kill, moment in enumerate(moments, start=1):
        child = small.started(tmp_path, *REPEATED)
        assert waited_for(tmp_path, child, 4 * kill), child.communicate()
        time.sleep(float(moment))
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        assert not (tmp_path / "results" / "tiny-sweep").exists()
        now = points_in(tmp_path)
        assert kept.items() <= now.items(), "a finished point was lost or run again"
        kept = now
    last = small.started(tmp_path, *REPEATED)
    _, err = last.communicate(timeout=120)
    assert last.returncode == 0, err
    assert f"{len(kept)} of 24 points were finished before and are kept" in err
    place = tmp_path / "results" / "tiny-sweep"
    with (place / "journal.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["point"]) for row in rows] == list(range(1, 25)), "each finished point once"
    assert {path.name for path in (tmp_path / "results").iterdir() if not path.name.startswith(".")} == {"tiny-sweep"}
    shutil.move(place, tmp_path / "interrupted")
    small.swept(small.planned(tmp_path, [REPEATED[3]]), tmp_path / "s")
    assert small.stable(tmp_path / "interrupted") == small.stable(tmp_path / "s")
