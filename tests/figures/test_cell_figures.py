"""Three lives, and every cell by HER2, payload and fate: the cells and traces of the tables, chosen by stated rules."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tdm1sim.figures import FIGURES, applicable, cell_scatter, page, style, three_lives
from tdm1sim.figures.words import plain
from tests.figures import synthetic
from tests.figures.look_alike import FakeResults
from tests.figures.sheets import all_axes, by_gid, results_of, sheet_of, words_on


def nearest(results: FakeResults, fate: str) -> str:
    """The cell that the rule chooses, worked out a second time."""
    cells = results.cells[results.cells["fate"] == fate]
    middle = cells["dm1_peak_nM"].median()
    traced = cells[cells["cell_id"].isin(results.traces["cell_id"])]
    far = [abs(np.log(peak / middle)) for peak in traced["dm1_peak_nM"]]
    return str(traced["cell_id"].iloc[far.index(min(far))])


def test_lives_are_chosen_by_the_rule() -> None:
    results = results_of("patient")
    lives = three_lives.chosen(results)
    assert [life.fate for life in lives] == ["apoptosis", "mitotic_catastrophe", "surviving"]
    assert [life.cell for life in lives] == [nearest(results, life.fate) for life in lives]


def test_another_choice_is_noticed() -> None:
    """The companion: with other peaks the rule chooses another cell."""
    results = synthetic.patient()
    before = nearest(results, "surviving")
    results.cells.loc[results.cells["cell_id"] == before, "dm1_peak_nM"] = 5.0
    assert nearest(results, "surviving") != before
    assert three_lives.chosen(results)[-1].cell == nearest(results, "surviving")


def test_a_cell_whose_arrest_no_record_saw_is_left_to_others() -> None:
    """Its line would leave an arrest that it never entered; it is still taken where it is the only one."""
    results = synthetic.patient()
    before = three_lives.chosen(results)[1]
    traces = results.traces.copy()
    hidden = (traces["cell_id"] == before.cell) & (traces["stage"] == "arrested")
    assert hidden.any()
    traces.loc[hidden, "stage"] = "cycling"
    now = three_lives.chosen(dataclasses.replace(results, traces=traces))[1]
    assert now.cell != before.cell
    assert {"arrested", "multinucleated"} <= {event for event, _ in now.events}
    caught = results.cells.loc[results.cells["fate"] == "mitotic_catastrophe", "cell_id"]
    alone = traces[~traces["cell_id"].isin(caught) | (traces["cell_id"] == before.cell)]
    assert three_lives.chosen(dataclasses.replace(results, traces=alone))[1].cell == before.cell


def test_lives_are_drawn_as_the_traces_have_them() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "three_lives")
    for life in three_lives.chosen(results):
        own = results.traces[results.traces["cell_id"] == life.cell]
        (line,) = by_gid(sheet, f"life-{life.fate}")
        np.testing.assert_allclose(line.get_xdata(), own["time_h"] / 24.0)
        drawn = np.nan_to_num(np.asarray(line.get_ydata()))
        np.testing.assert_allclose(drawn, own["dm1_cytosol_nM"])
    low, high = sorted(line.get_ydata()[0] for line in by_gid(sheet, "band-edge"))
    assert (low, high) == (80.0, 2200.0)


def test_marks_stand_where_the_tables_say() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "three_lives")
    cells = results.cells.set_index("cell_id")
    died, caught, lived = three_lives.chosen(results)
    for life, event in ((died, "death"), (caught, "death"), (lived, "alive")):
        (mark,) = by_gid(sheet, f"{event}-{life.fate}")
        assert mark.get_xdata()[0] == pytest.approx(cells.loc[life.cell, "end_h"] / 24.0)
    own = results.traces[results.traces["cell_id"] == caught.cell]
    for stage in ("arrested", "multinucleated"):
        (mark,) = by_gid(sheet, f"{stage}-mitotic_catastrophe")
        assert mark.get_xdata()[0] == pytest.approx(own.loc[own["stage"] == stage, "time_h"].min() / 24.0)
    told = words_on(sheet)
    assert all(word in told for word in ("arrested in mitosis", "out of arrest", "death", "alive"))
    assert "division" not in told, "none of them divided"


def family() -> FakeResults:
    """A run of which one traced founder divides, its daughter too, and a granddaughter lives."""
    results = synthetic.patient()
    kept = results.cells[results.cells["fate"].isin(["apoptosis", "mitotic_catastrophe"])]
    mother = {"clone": "main", "her2_per_cell": 8e5, "stage_end": "committed", "band": "low", "parent_id": ""}
    rows = [
        {**mother, "cell_id": "1", "fate": "divided", "birth_h": 0.0, "end_h": 96.0, "dm1_peak_nM": 200.0},
        {**mother, "cell_id": "1.0", "fate": "divided", "birth_h": 96.0, "end_h": 240.0, "dm1_peak_nM": 100.0},
        {**mother, "cell_id": "1.00", "fate": "surviving", "birth_h": 240.0, "end_h": 504.0, "dm1_peak_nM": 60.0},
    ]
    cells = pd.concat([kept[kept["cell_id"] != "1"], pd.DataFrame(rows)], ignore_index=True)
    parts = [("1", 0.0, 90.0, 200.0), ("1.0", 96.0, 234.0, 100.0), ("1.00", 240.0, 504.0, 60.0)]
    traced = [
        pd.DataFrame({"time_h": np.arange(a, b + 1.0, 6.0), "cell_id": one, "stage": "cycling", "dm1_cytosol_nM": nM})
        for one, a, b, nM in parts
    ]
    others = results.traces[results.traces["cell_id"].isin(kept["cell_id"]) & (results.traces["cell_id"] != "1")]
    traces = pd.concat([others, *(part.assign(replicate=1, clone="main") for part in traced)], ignore_index=True)
    return dataclasses.replace(results, cells=cells, traces=traces)


def test_a_line_follows_daughters_and_marks_divisions() -> None:
    results = family()
    sheet, life = page("three_lives", results), three_lives.chosen(results)[-1]
    assert life.cell == "1.00"
    assert [event for event in life.events if event[0] == "division"] == [("division", 96.0), ("division", 240.0)]
    (line,) = by_gid(sheet, "life-surviving")
    assert line.get_xdata()[0] == 0.0
    assert line.get_xdata()[-1] == 21.0
    marks = by_gid(sheet, "division-surviving")
    assert sorted(mark.get_xdata()[0] for mark in marks) == [4.0, 10.0]
    title = FIGURES["three_lives"].title(results)
    assert title.endswith("one lives, divided twice (200 nM)")
    assert "division" in words_on(sheet)


def test_traces_of_one_fate_make_no_figure() -> None:
    results = results_of("patient")
    assert "three_lives" in applicable(results)
    survivors = results.cells.loc[results.cells["fate"] == "surviving", "cell_id"]
    few = dataclasses.replace(results, traces=results.traces[results.traces["cell_id"].isin(survivors)])
    assert "three_lives" not in applicable(few)
    none = dataclasses.replace(results, traces=results.traces.iloc[:0])
    assert "three_lives" not in applicable(none)
    assert "three_lives" not in applicable(results_of("untreated"))


def test_the_caption_of_lives_says_how_they_were_chosen() -> None:
    told = FIGURES["three_lives"].caption(results_of("patient"))
    assert "the cell whose highest level is nearest to the median of all cells with that fate" in told
    assert "Of the 60 traced founders" in told


def drawn_cells(results: FakeResults) -> dict[str, np.ndarray]:
    sheet = page("cell_scatter", results)
    found = {fate: by_gid(sheet, f"cells-{fate}") for fate in cell_scatter.MARKERS}
    return {fate: np.asarray(some[0].get_offsets()) for fate, some in found.items() if some}


@pytest.mark.parametrize("story", ["patient", "three_clones", "one_replicate"])
def test_cells_stand_where_the_table_has_them(story: str) -> None:
    results = results_of(story)
    cells = cell_scatter.drawn(results)
    for fate, points in drawn_cells(results).items():
        own = cells[cells["fate"] == fate]
        np.testing.assert_allclose(points[:, 0], own["her2_per_cell"])
        np.testing.assert_allclose(points[:, 1], own["dm1_peak_nM"])


def test_a_moved_cell_is_noticed() -> None:
    results = synthetic.one_replicate()
    before = drawn_cells(results)
    first = results.cells.index[results.cells["fate"] == "surviving"][0]
    results.cells.loc[first, "her2_per_cell"] *= 1.5
    assert not np.allclose(before["surviving"], drawn_cells(results)["surviving"])


def test_few_cells_are_all_drawn_and_of_many_evenly_spaced_ones() -> None:
    small, large = results_of("one_replicate"), results_of("patient")
    counted = small.cells[small.cells["fate"] != "divided"]
    assert len(cell_scatter.drawn(small)) == len(counted) < cell_scatter.MOST
    assert "all are drawn" in FIGURES["cell_scatter"].caption(small)
    many, rows = large.cells[large.cells["fate"] != "divided"], cell_scatter.drawn(large)
    assert len(many) > len(rows) == cell_scatter.MOST
    places = many.index.get_indexer(rows.index)
    assert set(np.diff(places)) == {1, 2}
    told = FIGURES["cell_scatter"].caption(large)
    assert f"The {len(many):,} cells" in told
    assert "1,500 are drawn, evenly spaced" in told


def test_cells_without_payload_stand_at_the_foot_and_the_axis_says_so() -> None:
    results = synthetic.one_replicate()
    first = results.cells.index[results.cells["fate"] == "surviving"][0]
    results.cells.loc[first, "dm1_peak_nM"] = 0.0
    sheet = page("cell_scatter", results)
    (main, _) = sheet.axes[0].child_axes
    assert drawn_cells(results)["surviving"][:, 1].min() == pytest.approx(main.get_ylim()[0])
    assert "foot:" in main.get_ylabel()
    assert "foot" not in page("cell_scatter", results_of("one_replicate")).axes[0].child_axes[0].get_ylabel()


def test_quarters_hold_every_cell_once_and_are_stacked() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "cell_scatter")
    cells = results.cells[results.cells["fate"] != "divided"].sort_values("her2_per_cell", kind="stable")
    found = cell_scatter.quarters(results)
    assert len(found) == 4
    for (low, high, shares), rows in zip(found, np.array_split(np.arange(len(cells)), 4), strict=True):
        own = cells.iloc[rows]
        assert (low, high) == (own["her2_per_cell"].min(), own["her2_per_cell"].max())
        assert sum(shares.values()) == pytest.approx(1.0)
        assert shares["surviving"] == pytest.approx((own["fate"] == "surviving").mean())
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in by_gid(sheet, "quarter-surviving")]
    np.testing.assert_allclose(tops, [100.0 * shares["surviving"] for _, _, shares in found])
    (main, strip) = [ax for ax in all_axes(sheet.axes[0]) if ax.axison]
    assert main.get_xlim() == strip.get_xlim()


def test_the_title_compares_the_dead_with_the_living() -> None:
    results = results_of("patient")
    cells = results.cells[results.cells["fate"] != "divided"]
    dead, alive = (cells[(cells["fate"] != "surviving") == side] for side in (True, False))
    title = FIGURES["cell_scatter"].title(results)
    for some in (dead, alive):
        assert f"{plain(float(some['dm1_peak_nM'].median()), 2)} nM" in title
    assert "Cells that die have" in title
    assert FIGURES["cell_scatter"].title(results_of("cleared")).startswith("Every cell dies: in the median")


def test_fates_are_told_apart_without_colour() -> None:
    marks = [marker for marker, _, _ in cell_scatter.MARKERS.values()]
    assert len(set(marks)) == len(marks)
    assert len({style.MEANING[fate].hatch for fate in cell_scatter.MARKERS}) == len(marks)
    told = words_on(sheet_of("patient", "cell_scatter"))
    for _, sign, _ in list(cell_scatter.MARKERS.values())[:3]:
        assert sign in told


def test_lives_are_told_apart_without_colour() -> None:
    assert set(three_lives.LINES) == set(three_lives.FATES)
    assert len(set(map(str, three_lives.LINES.values()))) == len(three_lives.FATES)
    sheet = sheet_of("patient", "three_lives")
    for fate in three_lives.FATES:
        (line,) = by_gid(sheet, f"life-{fate}")
        assert line.is_dashed() == (fate != "surviving")


@pytest.mark.parametrize("name", ["three_lives", "cell_scatter"])
def test_a_run_of_another_payload_is_told_in_its_words(name: str) -> None:
    results = results_of("t_dxd")
    told = f"{FIGURES[name].title(results)} {FIGURES[name].caption(results)} {words_on(sheet_of('t_dxd', name))}"
    assert "DM1" not in told
    assert "DXd" in told
    assert "mito" not in told
