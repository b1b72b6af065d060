"""Where values were drawn, every kind of figure shows what they would say, or says that it does not."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Page
from matplotlib.text import Text

from tdm1sim.figures import (
    FIGURES,
    Figure,
    attribution,
    dm1_bands,
    fates,
    limits,
    page,
    reading,
    style,
    sweep,
    sweep_map,
)
from tdm1sim.figures.limits import CENTRAL, central
from tdm1sim.results import Results
from tdm1sim.sweeping.folder import SweepResults
from tdm1sim.sweeping.planning import Column
from tdm1sim.uncertainty import peaks
from tests.figures import synthetic
from tests.figures.drawn import FACTORS, with_draws
from tests.figures.look_alike import FakeResults
from tests.figures.sheets import all_axes, by_gid, flat, overlaps, words_on
from tests.figures.test_styles import FIRST, cut_off, places

STORIES = ("patient", "culture", "untreated", "pertuzumab", "population", "trafficking", "acquired", "attributed")
EMPTY = {("untreated", "exposure"), ("pertuzumab", "exposure")}
"""Pages on which there is no curve, because nothing was given whose level is recorded."""
WHOLE = ("patient", "culture", "untreated")
"""Stories of which every figure is drawn; of the others those that need them, and one more."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield every figure that is drawn here, each kind at least once."""
    own = {"acquired": "clone_tree", "attributed": "attribution", "trafficking": "proteolysis_activity"}
    for story in STORIES:
        wanted = FIGURES if story in WHOLE else ("exposure", own.get(story, "clones"))
        yield from ((story, name) for name in wanted if FIGURES[name].applies(synthetic.ALL[story]()))  # type: ignore[arg-type]


PAGES = list(pages())


@functools.cache
def drawn(story: str) -> FakeResults:
    return with_draws(synthetic.ALL[story]())


@functools.cache
def sheet_of(story: str, name: str, how: str = "slide") -> Page:
    with style.using(how):
        sheet = page(name, drawn(story))
    with style.using(how), style.look():
        sheet.draw_without_rendering()
    return sheet


def ignorance_on(sheet: Page) -> list[Any]:
    """The artists that show what other values would say."""
    return sheet.findobj(lambda artist: str(artist.get_gid() or "").startswith("ignorance"))


def says_so(sheet: Page, count: int) -> bool:
    """Whether the page says that it shows no range over the draws."""
    return any(flat(central(count)) in flat(text.get_text()) for text in sheet.findobj(Text))


def holds(sheet: Page, count: int = len(FACTORS)) -> bool:
    """The rule: ignorance is on the page, or the page says that it is not."""
    return bool(ignorance_on(sheet)) or says_so(sheet, count)


# The rule --------------------------------------------------------------------------------------------------------


def test_every_kind_of_figure_has_a_story_here() -> None:
    assert {name for _, name in PAGES} == set(FIGURES)


@pytest.mark.parametrize(("story", "name"), [pair for pair in PAGES if pair not in EMPTY])
def test_every_figure_shows_ignorance_or_says_that_it_does_not(story: str, name: str) -> None:
    sheet = sheet_of(story, name)
    assert holds(sheet)
    assert says_so(sheet, len(FACTORS)) == (name in CENTRAL), "either, not both"
    told = FIGURES[name].caption(drawn(story))
    assert (central(len(FACTORS)) if name in CENTRAL else f"middle 95 % of {len(FACTORS)} draws") in told


@pytest.mark.parametrize(("story", "name"), sorted(EMPTY))
def test_what_shows_no_curve_has_nothing_to_be_unsure_of(story: str, name: str) -> None:
    assert not [line for ax in sheet_of(story, name).axes for line in ax.get_lines() if line.get_gid()]


@pytest.mark.parametrize("name", FIGURES)
def test_without_draws_nothing_of_it_is_there(name: str) -> None:
    sheet = page(name, synthetic.ALL[FIRST[name]]())
    assert not ignorance_on(sheet)
    assert "draws" not in words_on(sheet)


def test_companion_a_new_figure_with_neither_breaks_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(results: Results, ax: Axes) -> Axes:
        ax.plot(reading.times(results), fates.living(results).mean, gid="living")
        return ax

    monkeypatch.setitem(FIGURES, "bare", Figure(bare, lambda _: "Cells live", lambda _: "Cells."))
    assert not holds(page("bare", drawn("patient")))  # type: ignore[arg-type]


def test_companion_a_figure_that_forgets_its_band_breaks_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdm1sim.figures.curves.ignorance", lambda *_, **__: None)
    assert not holds(page("drug_path", drawn("patient")))  # type: ignore[arg-type]


def test_companion_a_removed_line_breaks_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIMITS", tuple(limit for limit in limits.LIMITS if limit.name != "central"))
    assert not holds(page("three_lives", drawn("patient")))  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["slide", "paper", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_the_pages_keep_their_order(name: str, how: str) -> None:
    sheet = sheet_of(FIRST[name], name, how)
    assert overlaps(places(sheet), 2.0 * sheet.dpi / style.DPI) == []
    assert cut_off(sheet) == []


# What is drawn ---------------------------------------------------------------------------------------------------


def test_the_way_of_the_drug_has_the_bands_of_the_table() -> None:
    results, sheet = drawn("patient"), sheet_of("patient", "drug_path")
    table = results.uncertainty
    assert table is not None
    for column in dict.fromkeys(name.removesuffix("_median") for name in _stations(table)):
        (patch,) = by_gid(sheet, f"ignorance-{column}")
        rows = table[table["quantity"] == f"{column}_median"]
        heights = patch.get_paths()[0].vertices[:, 1]
        assert heights.max() == pytest.approx(rows["model_high"].max())
        at = patch.get_paths()[0].vertices[:, 0]
        assert at.max() * 24.0 == pytest.approx(rows["time_h"].max())


def _stations(table: pd.DataFrame) -> Iterator[str]:
    return (name for name in table["quantity"].unique() if name.endswith(("molecules_median", "nM_median")))


def test_companion_other_bands_are_another_picture() -> None:
    results = drawn("patient")
    assert results.uncertainty is not None
    wider = replace(results, uncertainty=results.uncertainty.assign(model_high=2.0 * results.uncertainty["model_high"]))
    (one,), (two,) = (by_gid(page("drug_path", some), "ignorance-dm1_cytosol_nM") for some in (results, wider))  # type: ignore[arg-type]
    assert two.get_paths()[0].vertices[:, 1].max() == pytest.approx(2.0 * one.get_paths()[0].vertices[:, 1].max())


def test_the_outline_of_the_cells_has_the_shares_of_the_table() -> None:
    results, sheet = drawn("patient"), sheet_of("patient", "dm1_bands")
    borders = peaks.bins(results)  # type: ignore[arg-type]
    band = peaks.band(results.uncertainty, borders)
    assert band is not None
    (patch,) = by_gid(sheet, dm1_bands.OUTLINE)
    values, edges, baseline = patch.get_data()
    np.testing.assert_array_equal(edges, borders)
    np.testing.assert_allclose(values, 100.0 * band[1])
    np.testing.assert_allclose(baseline, 100.0 * band[0])
    own = sum(dm1_bands.histogram(results).values())  # type: ignore[arg-type]
    np.testing.assert_allclose(band[0], np.quantile(FACTORS, 0.025) * own, atol=1e-12)
    np.testing.assert_allclose(band[1], np.quantile(FACTORS, 0.975) * own, atol=1e-12)


def test_the_borders_of_the_bands_are_as_unsure_as_the_summary_says() -> None:
    results, sheet = drawn("patient"), sheet_of("patient", "dm1_bands")
    for name in ("low", "high"):
        (span,) = by_gid(sheet, f"ignorance-edge-{name}")
        at = span.get_paths()[0].vertices[:, 0]
        bands = results.summary["bands"]
        assert at.min() == pytest.approx(bands[f"{name}_nM_model_low"])
        assert at.max() == pytest.approx(bands[f"{name}_nM_model_high"])
    least = 100.0 * results.summary["bands"]["intermediate"]["model_low"]
    assert f" {least:.0f} to " in words_on(sheet)


def test_parts_of_the_effect_have_bars_of_the_summary() -> None:
    results, sheet = drawn("attributed"), sheet_of("attributed", "attribution")
    for measure, game in attribution.games(results).items():  # type: ignore[arg-type]
        patches = sorted(by_gid(sheet, f"ignorance-{measure}"), key=lambda patch: patch.get_x())
        names = attribution.parts(results)  # type: ignore[arg-type]
        assert len(patches) == len(names)
        for patch, name in zip(patches, names, strict=True):
            effect = attribution.part(game, name)["effect"]
            assert patch.get_y() == pytest.approx(effect["model_low"])
            assert patch.get_y() + patch.get_height() == pytest.approx(effect["model_high"])
    shares = attribution.every_share("x", attribution.games(results)["live_cells"])  # type: ignore[arg-type]
    assert "; other values " in shares


# Sweeps ----------------------------------------------------------------------------------------------------------

MEASURE = "cell_number_ratio"
BASE = """\
format: 1
tumour:
  transport: {permeability: 259 um/d, krogh_radius: 75 um}
  clones: {main: {her2: {receptors: 1e6}}}
treatment: [{drug: t-dm1, dose: 3.6 mg/kg}]
"""
MDR1 = Column("tumour.clones.*.mdr1", "tumour.clones.*.mdr1", "", numeric=True, log=True)
DOSE = Column("treatment.t-dm1.dose_mg_kg", "treatment.t-dm1.dose", "mg/kg", numeric=True, log=False)
PTEN = Column("tumour.clones.*.pten", "tumour.clones.*.pten", "", numeric=False, log=False)
HER2 = Column("tumour.clones.*.her2", "tumour.clones.*.her2", "", numeric=False, log=False)
VALUES: dict[str, list[Any]] = {
    MDR1.name: [1.0, 3.0, 9.0, 27.0],
    DOSE.name: [1.2, 2.4, 3.6],
    PTEN.name: ["intact", "deficient"],
    HER2.name: ["3+", "2+"],
}


def swept(*columns: Column, design: str = "grid") -> SweepResults:
    """A sweep with draws: what is left grows with every axis, and is 15 % less or 30 % more with other values."""
    rows = [{}]
    for column in columns:
        rows = [{**row, column.name: value} for row in rows for value in VALUES[column.name]]
    table = pd.DataFrame(rows)
    steps = sum(table[column.name].map(VALUES[column.name].index) for column in columns)
    mean = 0.55 + 0.2 * steps.astype(float)
    ends = {"mean": mean, "low": 0.97 * mean, "high": 1.03 * mean, "model_low": 0.85 * mean, "model_high": 1.3 * mean}
    table = table.assign(point=range(1, len(table) + 1), **{f"{MEASURE}_{part}": value for part, value in ends.items()})
    replicates = pd.concat(
        [table[["point"]].assign(replicate=n, **{MEASURE: mean * (1.0 + 0.01 * n)}) for n in (1, 2, 3)]
    )
    manifest: dict[str, Any] = {
        "kind": "sweep",
        "design": design,
        "scenario": "her2_positive",
        "setting": "patient",
        "replicates": 3,
        "replicates_until": None,
        "cells_start": 100,
        "duration_h": 504.0,
        "points": len(table),
        "axes": [],
        "seed": 1,
        "tdm1sim": "0",
        "citations": ["lu_2014"],
        "uncertain": {"draws": len(FACTORS)},
    }
    return SweepResults(table, replicates, columns, manifest, BASE, None)


KINDS = {
    "line": lambda: swept(MDR1),
    "map": lambda: swept(MDR1, DOSE),
    "many": lambda: swept(MDR1, DOSE, PTEN, design="lhs"),
}
SWEEPS = {**KINDS, "words": lambda: swept(PTEN), "lines": lambda: swept(MDR1, PTEN), "cells": lambda: swept(PTEN, HER2)}


def test_every_kind_of_sweep_is_here_or_has_a_test_of_its_own() -> None:
    # without draws `resistances`, with them `ranges`, which tests/figures/test_sweep_ranges.py is about
    assert set(KINDS) | {"resistances", "ranges"} == set(sweep._KINDS)
    assert {sweep.kind_of(make()) for make in KINDS.values()} == set(KINDS)


@pytest.mark.parametrize("how", ["slide", "paper", "dark"])
@pytest.mark.parametrize("name", list(SWEEPS))
def test_every_sweep_shows_ignorance(name: str, how: str) -> None:
    with style.using(how):
        sheet = sweep.page(SWEEPS[name](), MEASURE)
    assert ignorance_on(sheet)
    assert f"middle 95 % of {len(FACTORS)} draws" in sweep.caption(SWEEPS[name](), MEASURE)
    if how == "slide":
        assert f"middle 95 % of {len(FACTORS)} draws" in words_on(sheet)


def test_a_map_too_large_for_numbers_says_that_it_has_none() -> None:
    many = replace(HER2, name="wide", path="wide")
    VALUES["wide"] = [f"w{i}" for i in range(sweep_map.MOST_ACROSS + 1)]
    sheet = sweep.page(swept(PTEN, many), MEASURE)
    assert says_so(sheet, len(FACTORS))
    assert not ignorance_on(sheet)


def test_the_ground_of_a_contour_is_where_the_table_says_it_may_lie() -> None:
    results = KINDS["map"]()
    sheet = sweep.page(results, MEASURE)
    assert sweep_map.level_of(results, MEASURE) == 1.0
    (ground,) = by_gid(sheet, sweep_map.GROUND)
    table = results.table
    inside = (table[f"{MEASURE}_model_low"] <= 1.0) & (table[f"{MEASURE}_model_high"] >= 1.0)
    assert 0 < inside.sum() < len(table)
    for (_, row), within in zip(table.iterrows(), inside, strict=True):
        point = (float(row[MDR1.name]), float(row[DOSE.name]))
        assert any(path.contains_point(point, radius=1e-6) for path in ground.get_paths()) == bool(within)
    assert f"{int(inside.sum())} of {len(table)} points" in words_on(sheet)


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_edges_of_the_ground_are_contours_of_the_ends(end: str) -> None:
    results = KINDS["map"]()
    (edge,) = by_gid(sweep.page(results, MEASURE), f"ignorance-{end}")
    across, up, values = sweep_map.grid(results, MEASURE, f"model_{end}")
    for x, y in np.concatenate([path.vertices for path in edge.get_paths()]):
        column = [np.interp(np.log(x), np.log(across), row) for row in values]
        assert np.interp(y, up, column) == pytest.approx(1.0, abs=2e-3)


def test_companion_with_other_ends_the_ground_is_elsewhere() -> None:
    results = KINDS["map"]()
    shifted = replace(
        results, table=results.table.assign(**{f"{MEASURE}_model_low": 0.0, f"{MEASURE}_model_high": 9.0})
    )
    (one,), (two,) = (by_gid(sweep.page(some, MEASURE), sweep_map.GROUND) for some in (results, shifted))
    assert sum(len(path.vertices) for path in one.get_paths()) != sum(len(path.vertices) for path in two.get_paths())
    assert sweep_map.unsure(shifted, MEASURE, 1.0).all()
    assert not by_gid(sweep.page(shifted, MEASURE), "ignorance-low"), "no edge where the whole map is in doubt"


def test_a_map_of_words_has_its_ranges_in_numbers() -> None:
    sheet = sweep.page(SWEEPS["cells"](), MEASURE)
    low, high = sweep_map.bounds(SWEEPS["cells"](), MEASURE)
    for i, j in np.ndindex(*low.shape):
        (text,) = by_gid(sheet, f"ignorance-cell-{i}-{j}")
        assert flat(text.get_text()) == f"{low[i, j]:.2f} to {high[i, j]:.2f}"


def test_dots_of_a_design_have_lines_of_the_table() -> None:
    results = KINDS["many"]()
    sheet = sweep.page(results, MEASURE)
    for i in range(3):
        (lines,) = by_gid(sheet, f"ignorance-points-{i}")
        ends = np.array([segment[:, 1] for segment in lines.get_segments()])
        expected = results.table[[f"{MEASURE}_model_low", f"{MEASURE}_model_high"]].to_numpy()
        np.testing.assert_allclose(ends, expected)
        panel = next(ax for top in sheet.axes for ax in all_axes(top) if lines in ax.collections)
        assert panel.get_ylim()[1] >= expected.max()
