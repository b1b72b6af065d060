"""A real cluster on this machine: a scheduler and workers, each a process of its own; one of them is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tdm1sim.cli.main import main
from tdm1sim.errors import MachineError
from tdm1sim.sweeping import cluster, running
from tdm1sim.sweeping.running import How
from tests.sweeping import small

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
VARY = ("tumour.clones.*.mdr1=1:100:10:log",)


def _process(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(small.ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _address(scheduler: subprocess.Popen[str]) -> str:
    assert scheduler.stderr is not None
    for line in scheduler.stderr:
        found = re.search(r"Scheduler at:\s*(tcp://127\.0\.0\.1:\d+)", line)
        if found:
            return found[1]
    msg = "the scheduler did not say where it is"
    raise AssertionError(msg)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """The address of a scheduler, and two workers."""
    scheduler = _process(
        tmp_path, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
    )
    workers: list[subprocess.Popen[str]] = []
    try:
        address = _address(scheduler)
        plain = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        workers += [_process(tmp_path, "distributed.cli.dask_worker", address, *plain) for _ in range(2)]
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()


@pytest.mark.slow
def test_a_worker_killed_in_mid_run_changes_no_byte(
    tmp_path: Path, local: tuple[str, list[subprocess.Popen[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, workers = local
    sweep = small.planned(tmp_path, VARY)
    small.swept(sweep, tmp_path / "here")
    original, seen = cluster.as_done, []

    def killing(client: Any, do: Any, jobs: Any) -> Iterator[Any]:
        for one in original(client, do, jobs):
            seen.append(one.number)
            if len(seen) == 3:
                workers[0].send_signal(signal.SIGKILL)
            yield one

    monkeypatch.setattr(running.cluster, "as_done", killing)
    deadline = time.monotonic() + 60
    with cluster.connected(address, lambda _: None) as client:
        while len(client.scheduler_info(n_workers=-1)["workers"]) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
    results = small.swept(sweep, tmp_path / "there", How(cluster=address))
    workers[0].wait()
    assert workers[0].returncode == -signal.SIGKILL
    assert sorted(seen) == list(range(1, 11)), "each point once"
    assert small.stable(tmp_path / "there") == small.stable(tmp_path / "here")
    assert results.manifest["computed_by"] == f"Dask at {address}"


def test_an_address_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with pytest.raises(MachineError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 "):
        small.swept(small.planned(tmp_path, VARY), tmp_path / "s", How(cluster="tcp://127.0.0.1:1"))


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://", "here"])
def test_what_is_no_address_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "her2_positive", "--vary", "run.seed=1,2", "--cluster", address]) == 2
    assert "the address of a Dask scheduler is needed, such as tcp://127.0.0.1:8786" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [] or list((tmp_path / "results").iterdir()) == []


def test_a_missing_library_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MachineError, match=r'pip install "tdm1sim\[cluster\]"'):
        small.swept(small.planned(tmp_path, VARY), tmp_path / "s", How(cluster="tcp://127.0.0.1:1"))
