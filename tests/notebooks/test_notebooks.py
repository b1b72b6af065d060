"""The notebooks run from top to bottom as they stand, and say what they are for."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
PAGES = sorted(FOLDER.glob("*.py"))


def cells_of(text: str) -> list[tuple[str, str]]:
    """Return the cells of a notebook in percent format: ``markdown`` or ``code``, and what is in it."""
    _, *parts = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)
    kinds = ["markdown" if "[markdown]" in mark else "code" for mark in parts[::2]]
    return list(zip(kinds, parts[1::2], strict=True))


def run(page: Path) -> tuple[dict[str, Any], str]:
    """Run the code of a notebook, cell after cell; return its names and what it printed."""
    space: dict[str, Any] = {"__name__": "__main__"}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for number, (kind, text) in enumerate(cells_of(page.read_text(encoding="utf-8"))):
            if kind == "code":
                exec(compile(text, f"{page.name} cell {number}", "exec"), space)  # noqa: S102 - our own page
    return space, said.getvalue()


def test_there_are_two_and_words_stand_before_every_code() -> None:
    assert [page.stem for page in PAGES] == ["lecture", "what_if"]
    for page in PAGES:
        cells = cells_of(page.read_text(encoding="utf-8"))
        assert cells[0][0] == "markdown"
        assert cells[0][1].startswith("# # ")
        assert all(
            line.startswith("#") for kind, text in cells if kind == "markdown" for line in text.split("\n") if line
        )


@pytest.mark.slow
def test_the_lecture_has_ten_figures_each_with_its_finding() -> None:
    space, said = run(FOLDER / "lecture.py")
    assert len(space["shown"]) == 10
    assert len(said.strip().splitlines()) == 10
    assert "6 cell_scatter: Cells that die have" in said
    positive, resistant = (space[name].summary["cell_number_ratio"]["mean"] for name in ("positive", "resistant"))
    assert resistant > positive


@pytest.mark.slow
def test_the_what_if_is_clear_of_chance() -> None:
    space, said = run(FOLDER / "what_if.py")
    living = space["living"]
    assert living["low"] > 0.0
    assert living["model_low"] < living["mean"] < living["model_high"]
    assert "clear of chance: yes" in said


def test_companion_a_cell_that_fails_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "broken.py"
    page.write_text("# %% [markdown]\n# # Broken\n\n# %%\n1 / 0\n", encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        run(page)
