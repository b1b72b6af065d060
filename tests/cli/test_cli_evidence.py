"""``tdm1sim evidence`` as people call it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim.cli.evidence_tables import spans
from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_table_and_files(tdm1sim: Program) -> None:
    done = tdm1sim("evidence", "--only", "krop", "--jobs", "1", "--formats", "svg")
    assert done.code == 0
    assert "Krop 2010, Cmax (ug/mL)" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    folder = Path("results/evidence")
    assert sorted(path.name for path in folder.iterdir()) == ["evidence.json", "figures", "manifest.json"]
    assert sorted(path.name for path in (folder / "figures").iterdir()) == ["evidence.md", "evidence.svg"]


def test_style_is_that_of_the_page(tdm1sim: Program) -> None:
    words = ("evidence", "--only", "krop", "--jobs", "1", "--formats", "svg", "--quiet", "--force")
    for style, wide in (("paper", 85.0), ("paper-double", 175.0)):
        assert tdm1sim(*words, "--style", style).code == 0
        drawn = Path("results/evidence/figures/evidence.svg").read_text(encoding="utf-8")
        assert width_of(drawn) == pytest.approx(wide, abs=0.01)
    assert tdm1sim(*words, "--style", "poster").code == 2


def width_of(svg: str) -> float:
    """Width of a page, mm."""
    found = re.search(r'<svg[^>]* width="([0-9.]+)pt"', svg)
    assert found is not None
    return float(found[1]) / 72.0 * 25.4


def test_json_is_the_file(tdm1sim: Program) -> None:
    done = tdm1sim("evidence", "--only", "marianne", "--jobs", "1", "--no-figures", "--json", "--out", "there")
    said = json.loads(done.out)
    assert said == json.loads(Path("there/evidence/evidence.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in said["rows"]] == ["b036", "b037", "b038"]
    assert said["prediction"]["rows"] == 3
    assert said["calibration"]["rows"] == 0


def test_nothing_is_overwritten_unless_asked(tdm1sim: Program) -> None:
    words = ("evidence", "--only", "b036", "--jobs", "1", "--no-figures", "--quiet")
    assert tdm1sim(*words) == Ending(0, "", "")
    again = tdm1sim(*words)
    assert again.code == 1
    assert "--force" in again.err
    assert tdm1sim(*words, "--force").code == 0


def test_only_something_that_is_not_there(tdm1sim: Program) -> None:
    done = tdm1sim("evidence", "--only", "penguin", "--no-figures")
    assert done.code == 2
    assert "penguin" in done.err
    assert not Path("results").exists()


def test_two_tables_at_once_are_refused(tdm1sim: Program) -> None:
    assert tdm1sim("evidence", "--unused", "--folds").code == 2


def test_unused_rows_are_listed_with_their_reason(tdm1sim: Program) -> None:
    done = tdm1sim("evidence", "--unused")
    assert done.code == 0
    assert "never a target" in " ".join(done.out.split())
    groups = [json.loads(line) for line in tdm1sim("evidence", "--unused", "--json").out.splitlines()]
    assert sum(len(group["rows"]) for group in groups) > 200


def test_rows_are_written_as_spans() -> None:
    assert spans(["c004", "c005", "c001", "b002", "c006"]) == "b002, c001, c004-c006"
