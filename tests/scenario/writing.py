"""Small scenarios for the tests, and shorthands to read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario import Resolved, Scenario, load_scenario, resolve

PATIENT = """\
format: 1
name: small
patient: {weight: 70 kg}
tumour:
  clones:
    main: {fraction: 1, her2: 3+}
treatment:
  - {drug: t-dm1, dose: 3.6 mg/kg, every: 21 d, cycles: 1}
run: {duration: 21 d}
"""
CULTURE = """\
format: 1
name: well
culture: {medium: 100 uL}
tumour:
  clones:
    main: {cell_line: sk-br-3}
treatment:
  - {drug: t-dm1, concentration: 1 nM}
run: {duration: 72 h}
"""


def written(folder: Path, text: str | bytes, name: str = "x.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(folder: Path, text: str | bytes, overrides: Sequence[str] = ()) -> Scenario:
    return load_scenario(written(folder, text), overrides)


def run(folder: Path, text: str, overrides: Sequence[str] = ()) -> Resolved:
    return resolve(load(folder, text, overrides))


def problems(folder: Path, text: str | bytes, overrides: Sequence[str] = ()) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        load(folder, text, overrides)
    assert caught.value.exit_code == 1
    return caught.value.problems


def changed(old: str, new: str, text: str = PATIENT) -> str:
    assert old in text
    return text.replace(old, new)
