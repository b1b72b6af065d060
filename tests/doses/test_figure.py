"""The figure of dose-response: every number where it belongs, words apart and on the page."""

from __future__ import annotations

import numpy as np
import pytest

from tdm1sim.doses import Curve, Wanted, asked_of, curve_of
from tdm1sim.figures import dose_curves, reading
from tdm1sim.figures.style import DPI
from tdm1sim.figures.words import plain
from tdm1sim.scenario import load_scenario
from tests.figures.sheets import boxes, overlaps, words_on


@pytest.fixture(scope="module")
def curves() -> list[Curve]:
    scenario = load_scenario("in_vitro_sk_br_3", ["tumour.cells=60", "run.replicates=2", "run.dt=2 h"])
    wanted = Wanted(("sk-br-3", "jurkat", "bt-474"), readout="atp", at=48.0, doses=(0.01, 0.1, 1.0, 10.0, 100.0))
    return [curve_of(asked) for asked in asked_of(scenario, wanted)]


def test_means_intervals_and_published_points_are_drawn(curves: list[Curve]) -> None:
    ax = dose_curves.page(curves).axes[0]
    drawn = {line.get_gid(): line for line in ax.lines if line.get_gid()}
    for curve in curves:
        means = drawn[f"means-{curve.asked.name}"]
        assert np.allclose(means.get_xdata(), curve.doses)
        assert np.allclose(means.get_ydata(), curve.of_untreated.mean(axis=0))
    assert len(drawn["measured-sk_br_3_curve"].get_xdata()) == 8
    assert len(drawn["measured-jurkat_curve"].get_xdata()) == 9
    ranges = {collection.get_gid() for collection in ax.collections}
    assert {f"interval-{curve.asked.name}" for curve in curves} <= ranges


def test_published_doses_are_in_nM(curves: list[Curve]) -> None:
    """0.00149 ug/mL of 148 kg/mol is 0.01007 nM."""
    points = dose_curves.published(curves)[0]
    assert points.doses[0] == pytest.approx(0.00149 / 0.148, rel=1e-12)
    assert (points.hours, points.calibration, points.ic50) == (72.0, True, 0.13)


def test_words_stay_apart_and_on_the_page(curves: list[Curve]) -> None:
    sheet = dose_curves.page(curves)
    sheet.draw_without_rendering()
    found = boxes(sheet)
    assert overlaps(found) == []
    wide, tall = sheet.get_figwidth() * sheet.dpi, sheet.get_figheight() * sheet.dpi
    assert sheet.dpi == DPI
    # ticks beyond the limits of an axis have a place too, but are not drawn; no tick has a letter
    told = [(words, box) for words, box in found if any(letter.isalpha() for letter in words)]
    assert len(told) > 6
    assert [words for words, box in told if box.x0 < 0 or box.y0 < 0 or box.x1 > wide or box.y1 > tall] == []


def test_the_caption_says_which_cells_and_doses_every_curve_is_of(curves: list[Curve]) -> None:
    told = dose_curves.caption(curves)
    assert "5 concentrations of T-DM1 from 0.01 to 100 nM" in told
    assert "Treatment:" not in told, "that of a single run would name one of the concentrations"
    for curve in curves:
        receptors = float(next(iter(reading.her2_of(curve.results).values()))[1])
        assert f"{plain(receptors)} receptors per cell" in told


def test_the_slide_says_what_no_ic50_is_to_be_without(curves: list[Curve]) -> None:
    told = words_on(dose_curves.page(curves))
    for words in ("from 0 to 48 h, read at 48 h", "8,000 cells per well in 100 µL", "never clinical advice"):
        assert words in told
        assert words in dose_curves.caption(curves)
    assert dose_curves.title(curves).startswith("T-DM1 halves the ATP signal in 48 h at")
