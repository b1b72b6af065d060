"""Resistances over their ranges with draws: every bar is a paired difference, chance and ignorance apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tdm1sim.figures import style, sweep, sweep_ranges
from tdm1sim.sweeping.folder import SweepResults
from tdm1sim.sweeping.mechanisms import COLUMNS, NONE
from tests.figures.sheets import by_gid, overlaps
from tests.figures.test_styles import cut_off, places

MEASURE = "cell_number_ratio"
POINTS = (
    (NONE, "", np.nan, 1.0),
    ("mdr1_high", "mdr1", 3.0, 3.0),
    ("mdr1_high", "mdr1", 30.0, 30.0),
    ("slc46a3_loss", "slc46a3", 0.3, 3.33),
    ("slc46a3_loss", "slc46a3", 0.0, np.nan),
    ("pten_deficient", "pten", np.nan, np.nan),
)
BASE = """\
format: 1
tumour:
  transport: {permeability: 259 um/d, krogh_radius: 75 um}
  clones: {main: {her2: {receptors: 1e6}}}
"""


def results() -> SweepResults:
    """Six points, three replicates, four draws; luck that all points share cancels in differences."""
    luck, ignorance = np.array([0.0, 0.2, -0.1]), np.array([0.0, 0.3, -0.2, 0.1])
    effect = np.array([0.0, 0.4, 0.9, 0.1, 0.6, 0.02])
    rows, replicates, draws = [], [], []
    for i, point in enumerate(POINTS):
        own = 0.6 + effect[i] + luck + 0.01 * i * np.array([1.0, -1.0, 0.0])
        other = 0.6 + effect[i] * (1.0 + ignorance)
        told = dict(zip(("resistance", "sets", "value", "fold"), point, strict=True))
        bounds = dict(zip(("mean", "low", "high"), (own.mean(), own.min(), own.max()), strict=True))
        rows.append({"point": i + 1, **told, **{f"{MEASURE}_{part}": value for part, value in bounds.items()}})
        replicates += [{"point": i + 1, "replicate": n + 1, MEASURE: value} for n, value in enumerate(own)]
        draws += [{"point": i + 1, "draw": n + 1, MEASURE: value} for n, value in enumerate(other)]
    manifest: dict[str, Any] = {
        "kind": "resistances",
        "design": "one at a time",
        "scenario": "her2_positive",
        "setting": "patient",
        "replicates": 3,
        "replicates_until": None,
        "cells_start": 100,
        "duration_h": 504.0,
        "points": len(POINTS),
        "axes": [],
        "seed": 1,
        "tdm1sim": "0",
        "citations": ["lu_2014"],
        "uncertain": {"draws": 4},
    }
    return SweepResults(pd.DataFrame(rows), pd.DataFrame(replicates), COLUMNS, manifest, BASE, pd.DataFrame(draws))


def test_bars_are_paired_differences() -> None:
    shown = {(bar.name, bar.value): bar for bar in sweep_ranges.bars(results(), MEASURE)}
    assert list(shown) == [
        ("mdr1_high", "×3"),
        ("mdr1_high", "×30"),
        ("slc46a3_loss", "×0.3"),
        ("slc46a3_loss", "lost"),
        ("pten_deficient", "deficient"),
    ]
    strong = shown["mdr1_high", "×30"]
    assert strong.mean == pytest.approx(0.9)
    assert strong.high - strong.low == pytest.approx(2 * 4.302653 * 0.02 / 3**0.5, rel=1e-4)  # not that of luck
    assert strong.model_low == pytest.approx(np.quantile(0.9 * np.array([1.0, 1.3, 0.8, 1.1]), 0.025))
    assert strong.model_high == pytest.approx(np.quantile(0.9 * np.array([1.0, 1.3, 0.8, 1.1]), 0.975))


def test_the_picture_draws_them() -> None:
    found, sheet = results(), sweep.page(results(), MEASURE)
    assert sweep.kind_of(found) == "ranges"
    for bar in sweep_ranges.bars(found, MEASURE):
        (mean,) = by_gid(sheet, f"mean-{bar.name}-{bar.value}")
        assert list(mean.get_xdata()) == [pytest.approx(bar.mean)]
        (model,) = by_gid(sheet, f"ignorance-{bar.name}-{bar.value}")
        box = model.get_bbox()
        assert (box.x0, box.x1) == (pytest.approx(bar.model_low), pytest.approx(bar.model_high))
        (chance,) = by_gid(sheet, f"chance-{bar.name}-{bar.value}")
        assert chance.get_segments()[0][:, 0].tolist() == [pytest.approx(bar.low), pytest.approx(bar.high)]
    (ax,) = sheet.axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["×3", "×30", "×0.3", "lost", "deficient"]
    assert {text.get_text() for text in by_gid(sheet, "mechanism")} == {"more MDR1", "less SLC46A3", "PTEN deficient"}
    key = [text.get_text() for text in ax.get_legend().get_texts()]
    assert key == ["mean, 95 % interval (chance alone)", "ignorance: middle 95 % of 4 draws"]


def test_finding_and_limits_do_not_rank() -> None:
    title, told = sweep.title(results(), MEASURE), sweep.caption(results(), MEASURE)
    assert "0.63 without resistance" in title
    assert "times as wide as chance" in title
    assert "lengths do not rank mechanisms" in told
    assert "4 draws" in told
    assert "paired" in told


def test_without_draws_it_is_the_other_figure() -> None:
    found = results()
    bare = replace(found, manifest={k: v for k, v in found.manifest.items() if k != "uncertain"}, draws=None)
    assert sweep.kind_of(bare) == "resistances"
    assert "times as wide" not in sweep.title(bare, MEASURE)


@pytest.mark.parametrize("how", style.STYLES)
def test_nothing_overlaps_or_is_cut_off(how: str) -> None:
    with style.using(how):
        sheet = sweep.page(results(), MEASURE)
        with style.look():
            sheet.draw_without_rendering()
    assert not cut_off(sheet)
    assert not overlaps(places(sheet), 2.0 * sheet.dpi / style.DPI)
