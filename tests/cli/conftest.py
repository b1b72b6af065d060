"""Running the command line: inside the test with stand-ins, or as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tdm1sim.cli.main import main
from tests.cli.cli_fakes import Ending, World, install

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    monkeypatch.chdir(tmp_path)
    return install(monkeypatch)


@pytest.fixture
def tdm1sim(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ending]]:
    """The program, called inside this process."""
    handler = signal.getsignal(signal.SIGTERM)

    def call(*words: str) -> Ending:
        capsys.readouterr()
        code = main(words)
        text = capsys.readouterr()
        return Ending(code, text.out, text.err)

    yield call
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., Ending]:
    """The program as a person starts it: a process of its own, in an empty folder."""

    def call(*words: str, program: tuple[str, ...] = ("-m", "tdm1sim"), **environment: str) -> Ending:
        done = subprocess.run(
            [sys.executable, *program, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Ending(done.returncode, done.stdout, done.stderr)

    return call
