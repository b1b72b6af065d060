"""Sweeps small enough for a test: twenty cells, two replicates, one day."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario import Scenario, load_scenario
from tdm1sim.sweeping import folder
from tdm1sim.sweeping.planning import Sweep, plan
from tdm1sim.sweeping.running import How, finished

ROOT = Path(__file__).resolve().parents[2]
SMALL = """\
format: 1
name: tiny
question: Does it sweep?
patient: {weight: 70 kg}
tumour:
  cells: 20
  clones:
    main: {fraction: 1, her2: 3+}
treatment:
  - {drug: t-dm1, dose: 3.6 mg/kg, every: 21 d, cycles: 1}
run: {duration: 1 d, replicates: 2}
"""
VARY = ("tumour.clones.*.mdr1=1:100:3:log", "treatment.t-dm1.dose=1.8 mg/kg,3.6 mg/kg")
STABLE = (folder.TABLE, folder.REPLICATES, folder.BASE)
"""Files that have the same bytes whoever computed, in whatever order, with whatever interruption."""


def scenario(path: Path, text: str = SMALL, overrides: Sequence[str] = ()) -> Scenario:
    file = path / "tiny.yaml"
    file.write_text(text, encoding="utf-8")
    return load_scenario(file, overrides)


def planned(path: Path, vary: Sequence[str] = VARY, text: str = SMALL, **options: Any) -> Sweep:
    return plan(scenario(path, text), vary, **options)


def problems(path: Path, text: str, vary: Sequence[str] = ()) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        plan(scenario(path, text), vary)
    return caught.value.problems


def swept(sweep: Sweep, place: Path, how: How | None = None) -> folder.SweepResults:
    """Run a sweep and write its tables into ``place``."""
    how = how or How()
    with finished(sweep, place, how) as done:
        place.mkdir(parents=True, exist_ok=True)
        return folder.write(place, sweep, done, how, 0.0)


def stable(place: Path) -> dict[str, bytes]:
    return {name: (place / name).read_bytes() for name in STABLE}


# A job in the background is started deaf to Ctrl-C, and so would be what it starts.
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from tdm1sim.cli.main import main
if __name__ == "__main__":
    sys.exit(main())
"""


def started(path: Path, *words: str) -> subprocess.Popen[str]:
    """The command as a person starts it: a process of its own, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
