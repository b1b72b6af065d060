"""In another language every label of a picture is in that language: nothing is left out of the table.

The language is English in Greek letters, so that it is as wide, breaks where English does, and is seen letter by
letter: a Latin letter inside a picture belongs to the name of data or to a unit, or it was left behind.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import string
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure as Page
from matplotlib.text import Text

from tdm1sim.catalogue import load_catalogue
from tdm1sim.comparing import changed, compare
from tdm1sim.doses import Curve, Ignorance, Wanted, asked_of, curve_of
from tdm1sim.evidence import Comparison
from tdm1sim.figures import (
    FIGURES,
    comparison,
    dose_curves,
    evidence,
    glyphs,
    labels,
    mechanism,
    page,
    pten_shield,
    several,
    style,
    sweep,
    texts,
    tornado,
)
from tdm1sim.figures.words import spoken
from tdm1sim.scenario import load_scenario
from tdm1sim.sensitivity import Study, study_of
from tests.figures import test_evidence_figure, test_ignorance_everywhere, test_pten_shield, test_sweep_ranges
from tests.figures.several.small import runs_of
from tests.figures.sheets import PAGES, flat, results_of
from tests.sensitivity.small import plan_of

GREEK = str.maketrans(string.ascii_letters, "αβψδεφγηιξκλμνοπϟρστθωςχυζ" + "ΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠϞΡΣΤΘΩϹΧΥΖ")
SENTENCES = ("title", "limits")
"""Findings and limit lines are sentences, which are English."""
UNITS = ("nM", "pM", "ng/mL", "µg/mL", "mg/kg", "IC50", "h")


def in_greek(text: str) -> str:
    """A label with its words in Greek letters, and what the run fills in as it is."""
    pieces = string.Formatter().parse(text)
    return "".join(words.translate(GREEK) + ("" if name is None else f"{{{name}}}") for words, name, _, _ in pieces)


@pytest.fixture
def greek(monkeypatch: pytest.MonkeyPatch) -> None:
    column = {name: in_greek(text) for name, text in texts.ENGLISH.items()}
    monkeypatch.setitem(texts.LANGUAGES, "greek", column)


def of_the_catalogue() -> set[str]:
    """Names of drugs, payloads, cell lines, parameters and measurements, and of the subdomains of HER2."""
    known = load_catalogue()
    drugs = {name for drug in known.drugs.values() for name in (drug.short, drug.payload_name, drug.released)}
    parameters = {name for symbol, one in known.parameters.items() for name in (symbol, one.name, f"{one.unit})")}
    measured = {label for some in (known.measured, known.published) for label in (one.label for one in some.values())}
    return drugs | parameters | measured | set(glyphs.DOMAINS) | {"MCC-", "DM1"}


DATA = sorted((flat(name) for name in of_the_catalogue() if name), key=len, reverse=True)


def left(sheet: Page, names: tuple[str, ...] = ()) -> list[str]:
    """What is drawn in Latin letters and is no name of data, unit or sentence."""
    known = sorted((*DATA, *names, *UNITS), key=len, reverse=True)
    # a name may go on in the next line after a hyphen
    names_as_drawn = (re.escape(name).replace(r"\-", r"\- ?") for name in known)
    data = re.compile("|".join(rf"(?<![^\W_]){name}(?![^\W_])" for name in names_as_drawn))
    with style.look():
        sheet.draw_without_rendering()
    return sorted({text for text in drawn(sheet) if re.search(r"[A-Za-z]", data.sub("", text))})


def drawn(sheet: Page) -> list[str]:
    """Every text that is no sentence; a key below a picture is one text, for its lines are drawn one by one."""
    keys = [ax for ax in sheet.axes if ax.get_gid() == "key"]
    lines = {id(text) for ax in keys for text in ax.texts}
    whole = [" ".join(text.get_text() for text in ax.texts) for ax in keys]
    others = [
        text.get_text()
        for text in sheet.findobj(Text)
        if text.get_visible() and id(text) not in lines and text.get_gid() not in SENTENCES
    ]
    return [flat(text) for text in (*others, *whole)]


# Every figure of one run ---------------------------------------------------------------------------------------------

WHOLE = ("patient", "culture")
"""Stories of which every figure is drawn; of the others those that have words of their own."""
OWN = {
    "untreated": ("exposure", "drug_path"),
    "pertuzumab": ("exposure",),
    "naked": ("exposure",),
    "codosing": ("exposure",),
    "adcc": ("exposure", "fates", "shed_ectodomain"),
    "population": ("fates", "clones", "pharmacokinetics"),
    "t_dxd": ("drug_path", "dm1_bands", "cell_scatter"),
    "cleared": ("cell_scatter",),
    "mdr1_inhibitor": ("mechanism",),
    "her2_low": ("mechanism",),
    "pten_deficient": ("mechanism",),
    "three_clones": ("clones",),
    "trafficking": ("proteolysis_activity",),
    "acquired": ("clone_tree",),
    "attributed": ("attribution",),
}
OF_RUNS = [(story, name) for story, name in PAGES if story in WHOLE or name in OWN.get(story, ())]
WITH_DRAWS = [("patient", name) for name in ("exposure", "drug_path", "dm1_bands", "fates", "clones")]


def clones_of(results: Any) -> tuple[str, ...]:
    return tuple(spoken(name) for name in results.scenario["tumour"]["clones"])


@pytest.mark.usefixtures("greek")
@pytest.mark.parametrize(("story", "name"), OF_RUNS)
def test_every_label_of_a_run_is_in_the_language(story: str, name: str) -> None:
    results = results_of(story)
    with texts.speaking("greek"):
        assert left(page(name, results), clones_of(results)) == []  # type: ignore[arg-type]


@pytest.mark.usefixtures("greek")
@pytest.mark.parametrize(("story", "name"), WITH_DRAWS)
def test_and_of_one_with_draws(story: str, name: str) -> None:
    results = test_ignorance_everywhere.drawn(story)
    with texts.speaking("greek"):
        assert left(page(name, results), clones_of(results)) == []  # type: ignore[arg-type]


ON_PAPER = [pair for pair in OF_RUNS if pair[0] not in {"culture", "population"}]


@pytest.mark.usefixtures("greek")
@pytest.mark.parametrize(("story", "name"), ON_PAPER)
def test_and_on_paper_where_keys_stand_below(story: str, name: str) -> None:
    results = results_of(story)
    with style.using("paper"), texts.speaking("greek"):
        assert left(page(name, results), clones_of(results)) == []  # type: ignore[arg-type]


def test_every_figure_of_one_run_is_here() -> None:
    assert {name for _, name in OF_RUNS} == set(FIGURES)


# Every other figure --------------------------------------------------------------------------------------------------

SMALL = ("tumour.cells=20", "run.replicates=2", "run.duration=24 h", "record.every=12 h", "record.traces=0")


@functools.cache
def arms() -> Any:
    return compare(changed(load_scenario("her2_positive", SMALL), ["tumour.clones.main.mdr1=10"]))


@functools.cache
def study() -> Study:
    """A small one, whose first parameter then moves the output both ways."""
    found = study_of(plan_of(("C_M", "kdm", "q"), blocks=2))
    rows = [
        dataclasses.replace(row, strength=3.0 - i, mean=(0.1, 2.0, -1.0)[i], low=-0.2, high=2.2)
        for i, row in enumerate(found.indices["live_ratio"])
    ]
    return dataclasses.replace(found, indices={"live_ratio": rows})


@functools.cache
def doses() -> list[Curve]:
    """Two lines of cells, one of which the drug does not halve, and other values."""
    scenario = load_scenario("in_vitro_sk_br_3", ["tumour.cells=30", "run.replicates=2", "run.dt=4 h"])
    wanted = Wanted(("sk-br-3", "jurkat"), readout="atp", at=48.0, doses=(0.01, 0.1, 1.0, 10.0, 100.0))
    found = [curve_of(asked) for asked in asked_of(scenario, wanted)]
    ends = np.zeros(5), np.ones(5)
    return [dataclasses.replace(curve, ignorance=Ignorance(2, *ends, 0.05, None, 0)) for curve in found]


def resistances() -> Page:
    found = test_sweep_ranges.results()
    manifest = {key: value for key, value in found.manifest.items() if key != "uncertain"}
    return sweep.page(dataclasses.replace(found, manifest=manifest, draws=None), test_sweep_ranges.MEASURE)


def missed() -> Page:
    lines = tuple(
        test_evidence_figure.fake(name, [8.0]) for name in ("static_n87", "degradation", "marianne_auc", "krop_course")
    )
    return evidence.page(Comparison(lines))


OTHERS: dict[str, tuple[Callable[[], Page], tuple[str, ...]]] = {
    "compare": (lambda: comparison.page(arms()), ("her2_positive", "mdr1_10")),
    "evidence": (missed, ()),
    "pten_shield": (lambda: pten_shield.page(test_pten_shield.contrasts(), test_pten_shield.SIZE), ()),
    "sensitivity": (lambda: tornado.page(study(), "live_ratio"), ()),
    "dose_response": (lambda: dose_curves.page(doses()), ("sk-br-3", "jurkat")),
    "resistances": (resistances, ()),
    "ranges": (lambda: sweep.page(test_sweep_ranges.results(), test_sweep_ranges.MEASURE), ()),
}
SWEPT = ("intact", "deficient")
"""Values of a scenario, which are data."""


@pytest.mark.usefixtures("greek")
@pytest.mark.parametrize("how", ["slide", "paper"])
@pytest.mark.parametrize("name", list(OTHERS))
def test_every_label_of_other_results_is_in_the_language(name: str, how: str) -> None:
    make, names = OTHERS[name]
    with style.using(how), texts.speaking("greek"):
        assert left(make(), names) == []


@pytest.mark.xdist_group("several")  # one worker: runs are kept and shared
@pytest.mark.usefixtures("greek")
@pytest.mark.parametrize("how", ["slide", "paper"])
@pytest.mark.parametrize("name", list(several.SEVERAL))
def test_every_label_of_several_runs_is_in_the_language(name: str, how: str) -> None:
    with style.using(how), texts.speaking("greek"):
        assert left(several.page(name, runs_of(name))) == []


@pytest.mark.usefixtures("greek")
@pytest.mark.parametrize("name", list(test_ignorance_everywhere.SWEEPS))
def test_every_label_of_a_sweep_is_in_the_language(name: str) -> None:
    with texts.speaking("greek"):
        assert left(sweep.page(test_ignorance_everywhere.SWEEPS[name](), "cell_number_ratio"), SWEPT) == []


@pytest.mark.usefixtures("greek")
def test_every_frame_of_the_mechanism_is_in_the_language() -> None:
    with texts.speaking("greek"):
        assert [left(frame) for frame in mechanism.frames(results_of("patient"))] == [[]] * 4  # type: ignore[arg-type]


# The test itself -----------------------------------------------------------------------------------------------------


def test_companion_english_is_noticed() -> None:
    found = left(page("fates", results_of("patient")))  # type: ignore[arg-type]
    assert {"time (days)", "cells per founder cell"} <= set(found)
    assert any(text.startswith("died by rapid (interphase) apoptosis") for text in found)
    assert not any("Fractions of cells, not of patients" in text for text in found)


@pytest.mark.usefixtures("greek")
def test_companion_one_label_left_out_of_the_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = labels.Entry
    monkeypatch.setattr(labels, "Entry", lambda text, *rest, **more: whole(f"in all {text}", *rest, **more))
    with texts.speaking("greek"):
        found = left(page("fates", results_of("patient")))  # type: ignore[arg-type]
    assert found
    assert all(text.startswith("in all ") for text in found)


def test_the_language_is_not_english() -> None:
    assert in_greek("{drug} in the medium (nM)") == "{drug} ιν τηε μεδιθμ (νΜ)"
    assert len(set(GREEK.values())) == len(GREEK) == 52
    assert not re.search(r"[A-Za-z]", "".join(chr(letter) for letter in GREEK.values() if isinstance(letter, int)))
