"""M7, M8 as drawn: bars, intervals and shares are those of the summary, and the title is the finding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tdm1sim.figures import FIGURES, applicable, attribution, page, style
from tests.figures import look_alike, synthetic
from tests.figures.sheets import by_gid, results_of, sheet_of, words_on


@pytest.fixture
def found() -> dict[str, Any]:
    summary: dict[str, Any] = results_of("attributed").summary["attribution"]
    return summary


@pytest.mark.parametrize("measure", list(attribution.MEASURES))
def test_M7_bars_and_intervals_are_those_of_the_summary(measure: str, found: dict[str, Any]) -> None:
    sheet = sheet_of("attributed", "attribution")
    game = found if measure == "live_cells" else found[measure]
    means = [game["arms"][player]["effect"]["mean"] for player in ("payload", "blockade", "adcc")]
    containers = [c for c in sheet.axes[0].containers if c[0].get_gid() == measure]
    assert [patch.get_height() for patch in containers[0]] == pytest.approx(means)
    (lines,) = by_gid(sheet, f"{measure}-interval")
    ends = [segment[:, 1].tolist() for segment in lines.get_segments()]
    wanted = [
        [game["arms"][player]["effect"]["low"], game["arms"][player]["effect"]["high"]]
        for player in ("payload", "blockade", "adcc")
    ]
    np.testing.assert_allclose(ends, wanted)


def test_negative_shares_are_shown_with_their_sign() -> None:
    words = words_on(sheet_of("attributed", "attribution"))
    assert "103 %" in words
    assert "−3.0 %" in words
    low, _ = sheet_of("attributed", "attribution").axes[0].get_ylim()
    assert low < -0.03 * 1.35 - 0.02


def test_M7_the_title_tells_the_shares_and_what_is_only_chance() -> None:
    title = FIGURES["attribution"].title
    assert title(results_of("attributed")) == (
        "Of the effect on living cells in 21 days: payload 103 % and HER2 blockade −3.0 %; ADCC nothing"
    )
    assert title(synthetic.attributed(blockade=0.01)) == (
        "Of the effect on living cells in 21 days: payload 99 %; HER2 blockade within chance of 0; ADCC nothing"
    )
    assert "HER2 blockade 1.0 %" in title(synthetic.attributed(blockade=0.01, half=None))


def test_M8_the_title_of_a_her2_low_tumour_has_no_blockade() -> None:
    title = FIGURES["attribution"].title(results_of("attributed_low"))
    assert title.endswith("payload 100 %; HER2 blockade and ADCC nothing")


def test_what_is_left_beside_the_arms_is_drawn_only_where_there_is_some() -> None:
    assert attribution.parts(results_of("attributed")) == ("payload", "blockade", "adcc")
    assert attribution.parts(synthetic.attributed(other=0.1))[-1] == "other"
    assert "other (shedding, inhibitors)" in words_on(page("attribution", synthetic.attributed(other=0.1)))
    assert "other (shedding, inhibitors) 10 %" in FIGURES["attribution"].title(synthetic.attributed(other=0.1))


def nothing(results: look_alike.FakeResults) -> look_alike.FakeResults:
    """The same with effects that chance explains: no shares."""
    found = results.summary["attribution"]
    for game in (found, found["cell_number"], found["killing"]):
        game["effect"] = {"mean": 0.01, "low": -0.02, "high": 0.04}
        for part in (*game["arms"].values(), game["other"]):
            part["share"] = None
    return results


def test_without_an_effect_the_title_says_that_there_is_nothing_to_share() -> None:
    results = nothing(synthetic.attributed())
    assert FIGURES["attribution"].title(results) == (
        "No effect on living cells to share out in 21 days: ln(untreated / treated) is 0.010 (-0.020 to 0.040)"
    )
    assert "–" in words_on(page("attribution", results))
    assert "shares:" not in FIGURES["attribution"].caption(results)


def test_a_measure_that_is_not_defined_is_left_out_and_named() -> None:
    results = synthetic.attributed()
    gone = {"mean": None, "low": None, "high": None}
    game = results.summary["attribution"]["cell_number"]
    game["effect"] = gone
    for part in (*game["arms"].values(), game["other"]):
        part.update(effect=gone, share=None)
    sheet = page("attribution", results)
    assert by_gid(sheet, "cell_number") == []
    assert "Not shown: living cells at the end, because one arm leaves no living cell." in words_on(sheet)


def test_it_is_drawn_where_it_was_asked_for_only() -> None:
    assert "attribution" in applicable(results_of("attributed"))
    assert "attribution" not in applicable(results_of("patient"))


def test_measures_are_told_apart_without_colour() -> None:
    looks = [style.MEANING[name] for name in attribution.MEASURES]
    assert len({look.hatch for look in looks}) == len(looks)
    assert len({look.colour for look in looks}) == len(looks)


def test_the_caption_holds_every_share_with_its_interval() -> None:
    caption = FIGURES["attribution"].caption(results_of("attributed"))
    assert "Effect on living cells over time 0.640 (0.620 to 0.660); shares: payload 1.030 (1.010 to 1.050)" in caption
    assert "HER2 blockade -0.030 (-0.050 to -0.010)" in caption
    assert "Shapley" in caption
