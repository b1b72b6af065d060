"""The page about dose-response shows what the program prints."""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tdm1sim.cli import dose_tables
from tdm1sim.cli.main import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "dose_response.md").read_text(encoding="utf-8")


def block_after(page: str, words: str) -> str:
    """The first indented block after some words."""
    lines = page.partition(words)[2].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("    "))
    end = next(i for i in range(start, len(lines)) if lines[i] and not lines[i].startswith("    "))
    return textwrap.dedent("\n".join(lines[start:end])).strip()


@pytest.mark.slow
def test_the_example_is_what_it_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = block_after(PAGE, "table, the figure and every file state them.")
    assert command.startswith("tdm1sim dose-response in_vitro_sk_br_3")
    assert main([*command.split()[1:], "--jobs", "1", "--formats", "svg"]) == 0
    assert capsys.readouterr().out.strip() == block_after(PAGE, "\nprints\n")


@pytest.mark.parametrize(
    ("on_the_fall", "told"),
    [(0, ["None of the doses lies on the fall"]), (1, ["Only 1 of the doses lies on the fall"]), (2, [])],
)
def test_too_few_doses_on_the_fall_are_told(on_the_fall: int, told: list[str]) -> None:
    known = SimpleNamespace(value=80.0, why="")
    fit = SimpleNamespace(ic50=known, middle=known, slope=known, on_the_fall=on_the_fall)
    curve: Any = SimpleNamespace(fit=fit)
    assert [line.partition(":")[0] for line in dose_tables._reasons(curve)] == told
