"""The tree of clones: bands are shares of the living cells, each inside the one it arose in; marks are becomings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tdm1sim.figures import FIGURES, applicable, clone_tree, page, reading
from tdm1sim.figures.words import spoken
from tests.figures import synthetic
from tests.figures.sheets import by_gid, results_of, sheet_of, words_on


def test_it_is_drawn_unasked_where_something_arose() -> None:
    assert "clone_tree" not in applicable(results_of("three_clones"))
    assert "clone_tree" in applicable(results_of("acquired"))
    assert clone_tree.unasked(results_of("acquired"))
    assert not clone_tree.unasked(synthetic.acquired(arose=False))


def test_bands_add_up_to_all_living_cells_at_all_times() -> None:
    results = results_of("acquired")
    cells, times = results.cells, reading.times(results)
    strips = clone_tree.stack(results)
    np.testing.assert_allclose(strips[0][1], 0.0)
    np.testing.assert_allclose(strips[-1][2], 100.0)
    for (_, _, top), (_, floor, _) in itertools.pairwise(strips):
        np.testing.assert_array_equal(top, floor)
    for i in (0, len(times) // 2, len(times) - 1):
        t = times[i]
        alive = (cells["birth_h"] <= t) & ((cells["end_h"] > t) | (cells["fate"] == "surviving"))
        total = sum(band.living[i] for band in clone_tree.bands(results))
        assert total == alive.sum() > 0
        for clone in ("sensitive", "mdr1_high", "her2_loss"):
            drawn = sum(top[i] - floor[i] for band, floor, top in strips if band.clone == clone)
            assert drawn == pytest.approx(100.0 * (alive & (cells["clone"] == clone)).sum() / alive.sum())


def test_a_lineage_lies_inside_the_one_it_arose_in() -> None:
    results = results_of("acquired")
    tree = clone_tree.tree(results).set_index("lineage")
    order = [band.lineage for band, _, _ in clone_tree.stack(results)]
    inner = tree[tree["parent"].notna()]
    assert set(inner["clone"]) == {"mdr1_high", "her2_loss"}
    for lineage, parent in inner["parent"].items():
        places = [i for i, name in enumerate(order) if name == parent]
        assert len(places) == 2
        assert places[0] < order.index(str(lineage)) < places[1]


def test_marks_stand_where_cells_became_another_clone() -> None:
    results, sheet = results_of("acquired"), sheet_of("acquired", "clone_tree")
    tree = clone_tree.tree(results)
    for clone in ("mdr1_high", "her2_loss"):
        own = tree[(tree["clone"] == clone) & tree["parent"].notna()]
        (living,), (gone,) = by_gid(sheet, f"became-{clone}-living"), by_gid(sheet, f"became-{clone}-gone")
        alive = own["living_descendants"] > 0
        np.testing.assert_allclose(living.get_xdata(), own.loc[alive, "arose_h"] / 24.0)
        np.testing.assert_allclose(gone.get_xdata(), own.loc[~alive, "arose_h"] / 24.0)
        assert len(living.get_xdata()) > 0
        text = f"arose {len(own)} times: {alive.sum()} live on (▼), {(~alive).sum()} do not (▽)"
        assert text in words_on(sheet)


def test_the_title_counts_what_is_drawn() -> None:
    title = FIGURES["clone_tree"].title(results_of("acquired"))
    tree = clone_tree.tree(results_of("acquired"))
    most = tree[tree["parent"].notna()]["clone"].value_counts()
    assert title.startswith(f"{spoken(most.index[0])} arose {most.iloc[0]} times, first after ")
    nobody = synthetic.acquired(arose=False)
    assert (
        FIGURES["clone_tree"].title(nobody).startswith("No cell of the first replicate became MDR1 high and HER2 loss")
    )
    page("clone_tree", nobody)


def test_where_all_have_died_the_title_says_so() -> None:
    results = synthetic.acquired()
    results.cells["fate"] = results.cells["fate"].replace("surviving", "mitotic_catastrophe")
    assert "none of these lineages is left after 21 days" in FIGURES["clone_tree"].title(results)
    assert not np.isnan(clone_tree.stack(results)[-1][2]).any()
    page("clone_tree", results)


def test_many_lineages_are_pooled_where_they_arose(monkeypatch: pytest.MonkeyPatch) -> None:
    results = synthetic.acquired()
    whole = sum(band.living for band in clone_tree.bands(results))
    monkeypatch.setattr(clone_tree, "MOST", 2)
    few = clone_tree.bands(results)
    assert len(few) == len(clone_tree.tree(results)["lineage"][clone_tree.tree(results)["parent"].isna()]) + 2
    np.testing.assert_array_equal(sum(band.living for band in few), whole)
    assert "smaller ones are part of those they arose in" in FIGURES["clone_tree"].caption(results)
    assert clone_tree.stack(results)[-1][2][-1] == pytest.approx(100.0)


def test_companion_a_cell_moved_to_another_clone_is_noticed() -> None:
    results = synthetic.acquired()
    before = clone_tree._end_shares(results)
    last = results.cells.index[(results.cells["fate"] == "surviving") & (results.cells["clone"] == "mdr1_high")][-1]
    results.cells.loc[last, "clone"] = "her2_loss"
    assert clone_tree._end_shares(results) != before
