"""What people get wrong, on the real scenario reader: exit code 1, where, and what to do instead."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]

GOOD = """\
format: 1
name: {name}
question: Does it run?
patient: {{weight: 70 kg}}
tumour:
  cells: 20
  geometry: well_mixed
  growth: {{doubling: 25 d}}
  clones:
    main: {{fraction: 1, her2: 3+}}
treatment:
  - {{drug: t-dm1, dose: 3.6 mg/kg, every: 21 d, cycles: 1}}
run: {{duration: 1 d, dt: 1 h, seed: 1, replicates: 2, capacity: 1000}}
record: {{every: 12 h, traces: 1}}
"""


def good(name: str = "mine", **changes: str) -> str:
    """A scenario that runs, with some of its texts replaced."""
    text = GOOD.format(name=name)
    for old, new in changes.items():
        assert PLACES[old] in text
        text = text.replace(PLACES[old], new)
    return text


PLACES = {
    "weight": "70 kg",
    "cells": "cells: 20",
    "geometry": "geometry: well_mixed",
    "her2": "her2: 3+",
    "fraction": "fraction: 1,",
    "drug": "drug: t-dm1",
    "dose": "3.6 mg/kg",
    "duration": "duration: 1 d",
    "question": "question: Does it run?",
    "seed": "seed: 1",
}

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

BAD: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "empty file": ("", ("empty",)),
    "only a comment": ("# nothing yet\n", ("empty",)),
    "not YAML": ("tumour: {cells: [1, 2\nname: x: y", ("scenario.yaml:",)),
    "a list": ("- 1\n- 2\n", ("scenario.yaml",)),
    "wrong type": (good(cells="cells: many"), ("tumour.cells", "many")),
    "unknown key": (good(cells="cels: 20"), ("tumour.cels", "did you mean", "cells")),
    "duplicate key": (good(cells="cells: 20\n  cells: 30"), ("cells", ":7:")),
    "missing unit": (good(duration="duration: 21"), ("run.duration", "21 d")),
    "wrong unit": (good(dose="3.6 kg"), ("dose", "mg/kg")),
    "negative dose": (good(dose="-3.6 mg/kg"), ("dose", "-3.6")),
    "NaN": (good(fraction="fraction: .nan,"), ("fraction", "NaN")),
    "NaN with a unit": (good(dose="nan mg/kg"), ("dose", "nan")),
    "infinity": (good(cells="cells: .inf"), ("tumour.cells", "inf")),
    "infinity with a unit": (good(duration="duration: inf d"), ("run.duration", "inf")),
    "fractions do not sum to one": (good(fraction="fraction: 0.7,"), ("fraction", "0.7")),
    "unknown cell line": (good(her2="cell_line: sk-br3"), ("cell_line", "sk-br-3")),
    "unknown drug": (good(drug="drug: t-dm2"), ("drug", "t-dm1")),
    "unknown class": (good(her2="her2: 4+"), ("her2", "3+")),
    "a bare number for her2": (good(her2="her2: 1e6"), ("her2", "receptors")),
    "zero cells": (good(cells="cells: 0"), ("tumour.cells", "0")),
    "more cells than any machine holds": (good(cells="cells: 1e12"), ("tumour.cells", "B")),
    "extends itself": (good(question="extends: scenario"), ("extends",)),
    "extends out of the folder": (good(question="extends: ../other/secret"), ("extends",)),
    "extends an absolute path": (good(question="extends: /etc/passwd"), ("extends",)),
    "extends nothing": (good(question="extends: her2_positiv"), ("extends", "her2_positive")),
    "YAML bomb": (BOMB + good(), ("scenario.yaml",)),
    "tag": (good(question="question: !!python/object/apply:os.system [echo]"), ("tag",)),
    "nesting of 5,000": ("a: " + "[" * 5000 + "]" * 5000, ("scenario.yaml",)),
    "mappings nested 5,000 deep": ("{a: " * 5000 + "1" + "}" * 5000, ("scenario.yaml",)),
    "not UTF-8": (good().encode() + b"# \xff\xfe\n", ("UTF-8",)),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), ("scenario.yaml",)),
    "a later feature": (good(geometry="geometry: vessel"), ("geometry", "well_mixed")),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str | bytes, name: str = "scenario.yaml") -> str:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


@pytest.mark.parametrize("case", BAD)
def test_wrong_input_ends_with_1_and_says_where_and_what(here: Path, tdm1sim: Program, case: str) -> None:
    text, pieces = BAD[case]
    done = tdm1sim("run", write(text), "--jobs", "1")
    assert done.code == 1, done.err
    assert done.out == ""
    for piece in ("scenario.yaml", *pieces):
        assert piece.lower() in done.err.lower()
    assert "Traceback" not in done.err
    assert "defect" not in done.err
    assert max(len(line) for line in done.err.splitlines()) < 1000  # a picture is not printed back
    assert {path.name for path in here.iterdir()} == {"scenario.yaml"}


@pytest.mark.parametrize("case", ["unknown key", "nesting of 5,000", "not UTF-8", "YAML bomb"])
def test_the_same_from_a_process_of_its_own(here: Path, process: Program, case: str) -> None:
    done = process("validate", write(BAD[case][0]))
    assert done.code == 1
    assert "scenario.yaml" in done.err
    assert "Traceback" not in done.err


def test_the_good_scenario_is_good(here: Path, tdm1sim: Program) -> None:
    """The companion: each case above fails for its own change, not for the text they share."""
    assert tdm1sim("validate", write(good())) == Ending(0, "scenario.yaml: OK\n", "")


@pytest.mark.parametrize("name", ["missing.yaml", "her2_positiv", "no/such/folder/x.yaml", "."])
def test_a_file_that_is_not_there(here: Path, tdm1sim: Program, name: str) -> None:
    done = tdm1sim("run", name)
    assert done.code == 1
    assert name in done.err
    assert "Traceback" not in done.err


def test_a_bundled_name_misspelt_gets_the_nearest(here: Path, tdm1sim: Program) -> None:
    assert "her2_positive" in tdm1sim("validate", "her2_positiv").err


def test_every_problem_of_a_file_comes_at_once_with_its_place(here: Path, tdm1sim: Program) -> None:
    name = write(good(cells="cels: 20", dose="3.6", drug="drug: t-dm2", duration="duration: 21"))
    done = tdm1sim("validate", name)
    assert done.code == 1
    problems = done.err.splitlines()
    for place, path in (
        ("6:", "tumour.cels"),
        ("12:", "treatment.0.drug"),
        ("12:", "dose"),
        ("13:", "run.duration"),
    ):
        assert any(line.startswith(f"scenario.yaml:{place}") and path in line for line in problems), (
            place,
            path,
        )


def test_validate_as_json_tells_programs_the_same(here: Path, tdm1sim: Program) -> None:
    bad, fine = write(good(cells="cels: 20"), "bad.yaml"), write(good(), "fine.yaml")
    done = tdm1sim("validate", bad, fine, "--json")
    first, second = (json.loads(line) for line in done.out.splitlines())
    assert done.code == 1
    assert (first["ok"], second["ok"]) == (False, True)
    assert first["problems"][0]["line"] == 6
    assert first["problems"][0]["path"] == "tumour.cels"


@pytest.mark.parametrize(
    ("word", "piece"),
    [
        ("run.duraton=3 d", "duration"),
        ("run.duration", "="),
        ("run.duration=3", "3 d"),
        ("tumour.clones.mian.her2=2+", "main"),
        ("treatment.7.dose=1 mg/kg", "treatment"),
        ("parameters.C_X=3 nM", "C_X"),
        ("=3", ""),
        ("", ""),
    ],
)
def test_a_wrong_override_says_so(here: Path, tdm1sim: Program, word: str, piece: str) -> None:
    done = tdm1sim("validate", write(good()), "--set", word)
    assert done.code in {1, 2}
    assert piece in done.err
    assert "Traceback" not in done.err
    assert "defect" not in done.err


@pytest.mark.parametrize("option", [("--cells", "0"), ("--cells", "-5"), ("--replicates", "0"), ("--seed", "-1")])
def test_the_named_options_are_checked_like_the_file(here: Path, tdm1sim: Program, option: tuple[str, str]) -> None:
    done = tdm1sim("validate", write(good()), *option)
    assert done.code == 1
    assert {"--cells": "tumour.cells", "--replicates": "run.replicates", "--seed": "run.seed"}[option[0]] in done.err
