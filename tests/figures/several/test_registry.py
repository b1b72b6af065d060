"""Figures of several runs: which there are, that their arms can be run and paired, what stands on every page."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest
from matplotlib.text import Text

from tdm1sim.comparing import arms_of
from tdm1sim.errors import UsageError
from tdm1sim.figures import limits, slide, style
from tdm1sim.figures.limits import central
from tdm1sim.figures.several import SEVERAL, check, page
from tdm1sim.scenario import bundled, load_scenario
from tests.figures.several.small import runs_of, sheet_of, with_scenario
from tests.figures.sheets import flat, overlaps, words_on
from tests.figures.test_styles import ENOUGH, contrast, cut_off, places, texts

pytestmark = pytest.mark.xdist_group("several")  # one worker: runs are kept and shared

NAMES = [
    "her2_positive_low",
    "reversal",
    "t_dm1_t_dxd",
    "naked",
    "shed_with_antibody",
    "cyp3a4",
    "codosing_uptake",
    "trafficking",
]
LINES = {
    "her2_positive_low": (
        "Shares depend on E_T and q",
        "HER2 drives no cell of the HER2-low tumour",
        "HER2-low tumours",
    ),
    "reversal": ("P-gp inhibitors have disappointed", "PIK3CA mutants did no worse", "folds were chosen"),
    "t_dm1_t_dxd": ("T-DXd is not calibrated here", "reaches all others alike", "where it is not licensed"),
    "naked": ("NSABP B-47", "do not rank it with trastuzumab", "HER2 drives no cell of the HER2-low tumour"),
    "shed_with_antibody": ("The rate of shedding is assumed",),
    "cyp3a4": ("no word on safety", "DM1 in plasma does not feed the cells", "not seen in EMILIA"),
    "codosing_uptake": ("Which antibodies compete is put in",),
    "trafficking": ("Impaired trafficking is assumed", "this model's thresholds"),
}
"""Parts of the limit lines that each must carry, written down a second time."""


def test_the_names_are_those_of_the_gallery() -> None:
    assert list(SEVERAL) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_arm_is_a_bundled_scenario_and_all_can_be_paired(name: str) -> None:
    arms = SEVERAL[name].arms
    assert len({one.name for one in arms}) == len(arms) >= 2
    assert all(re.fullmatch(r"[a-z0-9_]+", one.name, re.IGNORECASE) for one in arms)
    assert {one.scenario for one in arms} <= set(bundled())
    assert arms_of([load_scenario(one.scenario, one.overrides) for one in arms]).aligned == ()


def test_companion_an_arm_of_another_size_is_noticed() -> None:
    one, other = SEVERAL["cyp3a4"].arms
    told = arms_of([load_scenario(one.scenario, one.overrides), load_scenario(other.scenario, ("tumour.cells=7",))])
    assert told.aligned != ()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_its_finding_its_limits_and_a_caption_to_repeat_it(name: str) -> None:
    figure, runs = SEVERAL[name], runs_of(name)
    drawn, told = words_on(sheet_of(name)), flat(figure.caption(runs))
    title = figure.title(runs)
    assert flat(title) in drawn
    assert re.search(r"\d", title)
    assert not re.search(r"\bnan\b|\binf\b|None|unknown", title + told)
    for line in (*LINES[name], limits.CELLS, limits.ADVICE, "vessel permeability 259 µm/d"):
        assert line in drawn, line
        assert line in told, line
    for one in figure.arms:
        assert f"{one.name}: scenario `{one.scenario}`" in told
        assert all(text in told for text in one.changes)
    for fact in ("founder cells, seed 1", "tdm1sim cite", "receptors per cell"):
        assert fact in told
    assert "chance alone" in told or name == "cyp3a4"


GONE = {
    "put_in": "naked",
    "bystander": "t_dm1_t_dxd",
    "pten": "reversal",
    "shedding": "shed_with_antibody",
    "trafficking": "trafficking",
    "cyp3a4": "cyp3a4",
    "shares": "her2_positive_low",
}


@pytest.mark.parametrize(("gone", "name"), GONE.items())
def test_companion_a_removed_limit_line_is_noticed(gone: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIMITS", tuple(limit for limit in limits.LIMITS if limit.name != gone))
    told = flat(SEVERAL[name].caption(runs_of(name)))
    assert [line for line in LINES[name] if line not in told]


@pytest.mark.parametrize("how", style.STYLES)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_overlaps_is_cut_off_or_too_faint(name: str, how: str) -> None:
    sheet = sheet_of(name, how)
    assert not cut_off(sheet)
    assert not overlaps(places(sheet), 2.0 * sheet.dpi / style.DPI)
    assert all(contrast(text.get_color(), sheet.get_facecolor()) >= ENOUGH for text in texts(sheet))


def test_companion_words_that_meet_are_noticed() -> None:
    sheet = page("reversal", runs_of("reversal"))
    notes = [text for text in sheet.findobj(Text) if text.get_gid() == "note"]
    notes[1].xy = notes[0].xy  # type: ignore[attr-defined]
    sheet.draw_without_rendering()
    assert overlaps(places(sheet))


@pytest.mark.parametrize("name", NAMES)
def test_axes_say_what_they_count(name: str) -> None:
    said = words_on(sheet_of(name))
    units = ("per founder", "ln(untreated / treated)", "(nM)", "(ng/mL)")
    assert any(unit in said for unit in units)
    assert "time (days)" in said or any(unit in said for unit in units[:2])


def test_runs_that_cannot_be_paired_are_refused() -> None:
    runs = runs_of("cyp3a4")
    with pytest.raises(UsageError, match="no results for the arms: cyp3a4_inhibitor"):
        page("cyp3a4", {"her2_positive": runs["her2_positive"]})
    for key, value in (("seed", 2), ("replicates", 4), ("cells_start", 41), ("duration_h", 1.0)):
        with pytest.raises(UsageError, match=f"cyp3a4_inhibitor and her2_positive cannot be paired: {key} is"):
            check(SEVERAL["cyp3a4"].arms, with_scenario(runs, "cyp3a4_inhibitor", **{key: value}))


def test_a_paper_is_printed_with_its_own_dots(tmp_path: object) -> None:
    from pathlib import Path

    runs = runs_of("codosing_uptake")
    with style.using("paper"):
        files = slide.save(page("codosing_uptake", runs), Path(str(tmp_path)), "x", "t", "c", ("png",))
    assert int.from_bytes(files[0].read_bytes()[16:20], "big") == pytest.approx(85.0 / 25.4 * 600.0, abs=2.0)


@pytest.mark.parametrize("name", NAMES)
def test_where_values_were_drawn_each_says_that_it_shows_no_range(name: str) -> None:
    runs = runs_of(name)
    table = pd.DataFrame({"time_h": [0.0], "quantity": ["live_cells"], "model_low": [1.0], "model_high": [2.0]})
    drawn = {
        arm: dataclasses.replace(
            results, uncertainty=table, manifest={**results.manifest, "uncertain": {"draws": 7, "values": []}}
        )
        for arm, results in runs.items()
    }
    assert central(7) in flat(words_on(page(name, drawn)))
    assert central(7) in SEVERAL[name].caption(drawn)
    assert central(7) not in flat(words_on(sheet_of(name))), "without draws there is nothing to say"
