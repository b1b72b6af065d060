"""What README and docs say of the evidence is what the command found, and what it finds again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.cli.evidence_tables import report, sentences
from tdm1sim.evidence import Comparison, Line, Row, compare
from tdm1sim.evidence.comparison import measurement

ROOT = Path(__file__).resolve().parents[2]
FOUND: dict[str, Any] = json.loads((ROOT / "docs" / "evidence.json").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
CATALOGUE = load_catalogue()
CHEAP = {"plasma", "pulse_chase", "processing_rates", "time_in_arrest", "tumour_uptake"}


def told() -> Comparison:
    """Return the comparison that the stored file holds."""
    by_id = {row["id"]: row for row in FOUND["rows"]}
    lines = []
    for entry in CATALOGUE.published.values():
        rows = []
        for id_ in entry.rows:
            row = {**by_id[id_]}
            row["fold_error"] = float("inf") if row["fold_error"] is None else row["fold_error"]
            rows.append(Row(**row))
        lines.append(Line(entry, tuple(rows)))
    return Comparison(tuple(lines))


def test_the_file_holds_every_entry_with_what_was_measured() -> None:
    assert [row["id"] for row in FOUND["rows"]] == [id_ for e in CATALOGUE.published.values() for id_ in e.rows]
    for entry in CATALOGUE.published.values():
        for row in (row for row in FOUND["rows"] if row["id"] in entry.rows):
            measured = measurement(CATALOGUE.evidence[row["id"]], entry.divide_by)[0]
            assert row["measured"] == pytest.approx(measured, rel=1e-5)
            assert row["used_for"] == entry.used_for


def test_its_summaries_follow_from_its_rows() -> None:
    again = told()
    for use in ("prediction", "calibration"):
        assert again.summary(use)["rows"] == FOUND[use]["rows"]  # type: ignore[arg-type]
        for key in ("median_fold_error", "within_2_fold"):
            assert again.summary(use)[key] == pytest.approx(FOUND[use][key], rel=2e-3)  # type: ignore[arg-type]


@pytest.mark.parametrize("page", [README, PAGE], ids=["README", "evidence.md"])
def test_pages_quote_the_sentences_as_printed(page: str) -> None:
    for sentence in sentences(told()):
        assert f"    {sentence}\n" in page


def test_the_page_quotes_the_table_as_printed() -> None:
    from io import StringIO

    from rich.console import Console

    out = StringIO()
    console = Console(file=out, width=80, highlight=False)
    for part in report(told())[:4]:
        console.print(part)
    for line in out.getvalue().splitlines():
        assert line.rstrip() in PAGE, line


def test_cheap_rows_are_found_again() -> None:
    names = [n for n, e in CATALOGUE.published.items() if CATALOGUE.experiments[e.experiment].protocol in CHEAP]
    by_id = {row["id"]: row for row in FOUND["rows"]}
    rows = compare(entries=names).rows()
    assert len(rows) > 120
    for row in rows:
        assert row.simulated == pytest.approx(by_id[row.id]["simulated"], rel=1e-3, abs=1e-6), row.id


def test_companion_another_number_is_noticed() -> None:
    line = told().lines[0]
    worse = Line(line.entry, (Row("x", "", "", 1.0, None, None, 50.0, 50.0, "prediction", ""),) * 200)
    changed = sentences(Comparison((*told().lines, worse)))
    assert any(f"    {sentence}\n" not in README for sentence in changed)
