"""The tornado: bars in order and in the colour of how sure they are, words apart and on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.colors import to_hex

from tdm1sim.figures import style, tornado
from tdm1sim.sensitivity import Index, Study, study_of
from tests.figures.sheets import boxes, by_gid, overlaps, words_on
from tests.sensitivity.small import plan_of

NAMES = ("C_M", "colony", "kdm", "kmc", "KD", "kslip", "sigma_tolerance", "q", "kSLC", "T", "cv_cycle", "kr")


@pytest.fixture(scope="module")
def study() -> Study:
    """One real study; its numbers are then made large and distinct, so that every kind of bar is there."""
    found = study_of(plan_of(NAMES, blocks=2))
    indices = [made_up(one, rank) for rank, one in enumerate(found.indices["live_ratio"])]
    return replace(found, indices={"live_ratio": sorted(indices, key=lambda one: -one.strength)})


def made_up(index: Index, rank: int) -> Index:
    if index.factor.symbol == "colony":
        return replace(index, strength=0.0, strength_conf=0.0, mean=0.0, low=0.0, high=0.0)
    strength = 1.2 / (rank + 1.0)
    mean = strength * (-1.0 if rank % 2 else 1.0) * (0.2 if rank == 4 else 1.0)
    return replace(index, strength=strength, strength_conf=0.1, mean=mean, low=mean - 0.3, high=mean + 0.3)


def test_bars_are_the_means_in_the_colour_of_their_status(study: Study) -> None:
    sheet = tornado.page(study, "live_ratio")
    bars = tornado.shown(study, "live_ratio")
    assert [bar.factor.symbol for bar in bars] == [one.factor.symbol for one in study.indices["live_ratio"][:10]]
    assert "colony" not in {bar.factor.symbol for bar in bars}
    for place, bar in enumerate(bars):
        (drawn,) = by_gid(sheet, f"mean-{bar.factor.symbol}")
        assert drawn.get_width() == pytest.approx(bar.mean)
        assert drawn.get_y() + drawn.get_height() / 2.0 == pytest.approx(place)
        assert to_hex(drawn.get_facecolor()) == style.MEANING[bar.factor.entry.status].colour.lower()


def test_words_stay_apart_and_on_the_page(study: Study) -> None:
    sheet = tornado.page(study, "live_ratio")
    sheet.draw_without_rendering()
    found = boxes(sheet)
    assert overlaps(found) == []
    wide, tall = sheet.get_figwidth() * sheet.dpi, sheet.get_figheight() * sheet.dpi
    assert [words for words, box in found if box.x0 < 0 or box.y0 < 0 or box.x1 > wide or box.y1 > tall] == []


def test_title_and_words_are_the_finding(study: Study) -> None:
    first = study.indices["live_ratio"][0].factor
    title = tornado.title(study, "live_ratio")
    assert title.startswith(f"{first.symbol}, ")
    assert "change the live cells per founder at the end most: by +1.2, −0.6 and +0.4 between their bounds" in title
    told = words_on(tornado.page(study, "live_ratio"))
    for words in (
        first.entry.name,
        "both ways",
        "Screening, not proof",
        "1 without any effect",
        "never clinical advice",
    ):
        assert words in told
    assert f"- {first.symbol} ({first.entry.status}" in tornado.caption(study, "live_ratio")


def test_nothing_and_too_little_are_titles_too(study: Study) -> None:
    still = [replace(one, strength=0.0, mean=0.0) for one in study.indices["live_ratio"]]
    nothing = replace(study, indices={"live_ratio": still})
    assert tornado.title(nothing, "live_ratio").startswith("Nothing that was varied moves")
    tornado.page(nothing, "live_ratio").draw_without_rendering()
    vague = [replace(one, strength_conf=9.0) for one in study.indices["live_ratio"]]
    assert "too few runs" in tornado.title(replace(study, indices={"live_ratio": vague}), "live_ratio")


def test_one_column_has_symbols_and_the_caption_what_they_mean(study: Study) -> None:
    from tdm1sim.figures import style

    first = study.indices["live_ratio"][0].factor
    for how, wide, meaning in (("paper", 85.0, False), ("paper-double", 175.0, True)):
        with style.using(how):
            sheet = tornado.page(study, "live_ratio")
        assert sheet.get_figwidth() * 25.4 == pytest.approx(wide)
        told = words_on(sheet)
        assert first.symbol in told
        assert (first.entry.name in told) == meaning
    assert first.entry.name in tornado.caption(study, "live_ratio")
