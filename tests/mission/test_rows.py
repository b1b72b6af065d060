"""Each row of the mission has a test that names its id, and a companion with the mechanism switched off."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

ROWS = (
    *(f"M{n}" for n in range(1, 11)),
    *(f"P{n}" for n in range(1, 6)),
    *(f"R{n}" for n in range(1, 8)),
    *(f"F{n}" for n in range(1, 4)),
)
"""The promises: the mechanism, the drug in the body, resistance, fate by intracellular DM1."""


def names_in(folder: Path) -> list[str]:
    """Return the names of the test functions of a folder."""
    return [
        node.name
        for path in sorted(folder.glob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def missing(names: Iterable[str]) -> list[str]:
    """Return what some row lacks."""
    names = list(names)
    found = []
    for row in ROWS:
        own = [name for name in names if row in name.split("_")]
        companions = [name for name in own if "companion" in name.split("_")]
        found += [f"{row} has no test"] if len(own) == len(companions) else []
        found += [f"{row} has no companion"] if not companions else []
    return found


def test_every_row_has_a_test_and_a_companion() -> None:
    assert missing(names_in(Path(__file__).parent)) == []


def test_companion_a_row_without_one_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_fake.py").write_text("def test_M1_binds() -> None: ...\ndef test_M10_companion() -> None: ...\n")
    lacking = missing(names_in(tmp_path))
    assert "M1 has no companion" in lacking
    assert "M1 has no test" not in lacking
    assert "M10 has no test" in lacking
    assert "P1 has no test" in lacking
