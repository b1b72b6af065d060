"""What looking at every picture found, as rules: sizes of findings, labels in one column, names of bands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tdm1sim.figures import FIGURES, cell_scatter, drug_path, labels, narrow, style, texts
from tdm1sim.figures.slide import blank
from tdm1sim.figures.words import spoken
from tests.figures.sheets import PAGES, by_gid, results_of, sheet_of, words_on
from tests.figures.test_styles import cut_off, drawn

SMALLEST = 19.0
"""Letters of a finding, points: at 17 four titles looked like captions beside the others."""
DOCS = Path(__file__).resolve().parents[2] / "docs"
FINDINGS = re.findall(r"^\| `(\w+)` \| \d+ \| (.+) \|$", (DOCS / "side_by_side.md").read_text(encoding="utf-8"), re.M)
"""Names and findings of the figures of several runs at their full size."""


def letters_of(title: str) -> float:
    """Letters of a title on a slide with a key, points."""
    with style.look():
        sheet, ax = blank(title, 3.0, key=True)
        ax.legend(handles=ax.plot([0.0], [0.0], label="key"))
        labels.dress(ax, title, ["limits"])
    (drawn_title,) = by_gid(sheet, "title")
    return float(drawn_title.get_fontsize())


def test_findings_of_several_runs_are_there() -> None:
    assert len(FINDINGS) == 8


@pytest.mark.parametrize(("name", "finding"), FINDINGS)
def test_a_finding_of_several_runs_is_written_large(name: str, finding: str) -> None:
    assert letters_of(finding) >= SMALLEST, name


def test_companion_a_longer_finding_is_smaller() -> None:
    _, finding = next(one for one in FINDINGS if one[0] == "naked")
    assert letters_of(f"{finding}, as they do in every tumour of this kind") < SMALLEST


@pytest.mark.parametrize(("story", "name"), [one for one in PAGES if one[0] == "patient"])
def test_a_finding_of_one_run_is_written_large(story: str, name: str) -> None:
    (title,) = by_gid(sheet_of(story, name), "title")
    assert title.get_fontsize() >= SMALLEST


def in_one_column(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The bands of a run whose first bar holds cells with less DM1 than its axis has, drawn for one column."""
    long = "peak {payload} in the cytosol, total (nM; first bar: 17 or less)"
    monkeypatch.setitem(texts.ENGLISH, "peak_payload_in_cytosol", long + "{first}")
    return drawn("dm1_bands", "patient", "paper")


def test_a_long_label_has_two_lines_in_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = in_one_column(monkeypatch)
    assert not cut_off(sheet)
    assert "\n" in sheet.axes[0].get_xlabel()


def test_companion_a_label_on_one_line_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "x_label", lambda ax, text, _: ax.set_xlabel(text))
    assert cut_off(in_one_column(monkeypatch))


def test_bands_and_strips_are_named() -> None:
    words = {story: words_on(sheet_of("patient", story)) for story in (cell_scatter.NAME, drug_path.NAME)}
    assert "quarters of cells by HER2" in words[cell_scatter.NAME]
    assert "median, middle 90 %" in words[drug_path.NAME]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("her2_loss", "HER2 loss"),
        ("slc46a3_loss", "SLC46A3 loss"),
        ("pten_deficient", "PTEN deficient"),
        ("HER2_3plus", "HER2 3+"),
        ("HER2_0", "HER2 0"),
        ("sensitive", "sensitive"),
        ("$1", "$1"),
        ("sk_br_3", "sk_br_3"),
    ],
)
def test_names_are_said_as_people_say_them(name: str, said: str) -> None:
    assert spoken(name) == said


def test_a_clone_is_called_by_its_spoken_name() -> None:
    sheet = sheet_of("three_clones", "clones")
    assert "_" not in words_on(sheet).split("Patient tumour")[0]
    assert FIGURES["clones"].title(results_of("three_clones")).startswith("The MDR1 high clone grows")
