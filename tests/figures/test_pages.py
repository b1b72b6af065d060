"""What stands on every figure: findings, limit lines, labels, nothing cut off."""

from __future__ import annotations

import re

import pytest

from tdm1sim.figures import (
    FIGURES,
    limits,
    page,
)
from tests.figures.sheets import (
    ADCC,
    B47,
    FOLDS,
    HER2_LOW,
    PAGES,
    PATIENTS,
    PIK3CA,
    PUT_IN,
    REVERSAL,
    SAFETY,
    TOXICITY,
    UNCALIBRATED,
    WELL_MIXED,
    all_axes,
    boxes,
    flat,
    missing,
    overlaps,
    results_of,
    sheet_of,
    words_on,
)


@pytest.mark.parametrize(("story", "name"), PAGES)
def test_a_figure_carries_its_finding_and_its_limit_lines(story: str, name: str) -> None:
    results, sheet = results_of(story), sheet_of(story, name)
    title = FIGURES[name].title(results)
    assert flat(title) in words_on(sheet)
    assert re.search(r"\d", title) or story == "untreated", "a finding has a number in it"
    assert not re.search(r"nan|inf\b|None(?! of)|unknown", title)
    assert missing(story, name, sheet, FIGURES[name].caption(results)) == []


OF_DRAWS = {"central"}
"""Lines of runs with draws, which tests/figures/test_ignorance_everywhere.py looks for and takes away."""


@pytest.mark.parametrize("gone", [limit.name for limit in limits.LIMITS if limit.name not in OF_DRAWS])
def test_a_removed_limit_line_is_noticed(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The companion: whichever line is taken out of the table, the check above complains somewhere."""
    monkeypatch.setattr(limits, "LIMITS", tuple(limit for limit in limits.LIMITS if limit.name != gone))
    story, name = {
        "bands": ("patient", "dm1_bands"),
        "her2_low": ("her2_low", "drug_path"),
        "dose": ("patient", "fates"),
        "dose_series": ("culture", "dose_response"),
        "cleared": ("cleared", "clones"),
        "shares": ("attributed", "attribution"),
        "put_in": ("attributed_low", "attribution"),
        "plasma_dm1": ("patient", "plasma_dm1"),
        "cyp3a4": ("cyp3a4_inhibitor", "exposure"),
        "reversal": ("mdr1_inhibitor", "drug_path"),
        "pten": ("pten_deficient", "clones"),
        "folds": ("mdr1_inhibitor", "fates"),
        "uncalibrated": ("t_dxd", "dm1_bands"),
        "bystander": ("t_dxd", "clones"),
        "patients": ("population", "fates"),
        "adcc": ("adcc", "fates"),
        "shedding": ("naked", "shed_ectodomain"),
        "trafficking": ("trafficking", "proteolysis_activity"),
        "becomes": ("acquired", "clone_tree"),
        "drawing": ("patient", "mechanism"),
        "lives": ("patient", "three_lives"),
        "b47": ("naked", "fates"),
        "cells": ("patient", "clones"),
        "advice": ("untreated", "exposure"),
    }[gone]
    results = results_of(story)
    assert missing(story, name, page(name, results), FIGURES[name].caption(results)) != []


def test_limit_lines_stay_away_where_they_do_not_apply() -> None:
    for story in ("patient", "untreated", "culture"):
        assert HER2_LOW.lower() not in words_on(sheet_of(story, "fates")).lower()
    assert "cleared" not in words_on(sheet_of("patient", "fates")).lower()
    assert TOXICITY not in words_on(sheet_of("untreated", "fates")).lower()
    assert HER2_LOW.lower() not in words_on(sheet_of("t_dxd", "fates")).lower(), "T-DXd is licensed for such tumours"
    assert TOXICITY not in words_on(sheet_of("naked", "fates")).lower(), "more of it does nothing"
    special = (B47, REVERSAL, PIK3CA, FOLDS, SAFETY, WELL_MIXED, UNCALIBRATED, PATIENTS, ADCC, PUT_IN)
    plain = words_on(sheet_of("patient", "fates")) + words_on(sheet_of("untreated", "clones"))
    assert [line for line in special if line.lower() in plain.lower()] == []


@pytest.mark.parametrize(("story", "name"), PAGES)
def test_axes_are_labelled_with_units(story: str, name: str) -> None:
    (main,) = sheet_of(story, name).axes
    if name == "mechanism":  # a drawing has no axes; its key says what widths are
        assert "molecules" in words_on(sheet_of(story, name))
        return
    shown = [ax for ax in all_axes(main) if ax.axison and ax.get_ylabel() != "the same in nM"]
    assert shown
    for ax in shown:
        assert ax.get_ylabel()
    by_arm = name == "attribution"  # across: ways of acting, which have no unit
    assert by_arm or any(re.search(r"\((days|hours|nM|million receptors)[;)]", ax.get_xlabel()) for ax in shown)


@pytest.mark.parametrize(("story", "name"), PAGES)
def test_words_stay_on_the_page_and_off_each_other(story: str, name: str) -> None:
    sheet = sheet_of(story, name)
    found = boxes(sheet)
    wide, tall = sheet.get_size_inches() * sheet.dpi
    outside = [w for w, box in found if box.x0 < 0 or box.y0 < 0 or box.x1 > wide or box.y1 > tall]
    ticks = {
        flat(label.get_text())
        for ax in all_axes(sheet.axes[0])
        for axis in (ax.xaxis, ax.yaxis)
        for label in axis.get_ticklabels(which="both")
    }
    assert [words for words in outside if words not in ticks] == []
    assert overlaps([(words, box) for words, box in found if words not in ticks]) == []


def test_overlapping_words_are_noticed() -> None:
    found = boxes(sheet_of("patient", "fates"))
    assert overlaps([*found, found[0]]) != []
