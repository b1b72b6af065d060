"""Clones acquired at division: by keyed luck, at the stated chance, in chains; and the tree that the table tells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tdm1sim import luck
from tdm1sim.engine import ENGINES
from tdm1sim.engine.events import next_clone, rules_of
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.lineages import became, clone_tree, lineages
from tdm1sim.parameters import Clone, Parameters
from tdm1sim.recorder import CELLS, Record
from tests.runs import CULTURE_VALUES, clone, culture, patient

STEADY = {**CULTURE_VALUES, "cv_cycle": 0.0}
"""Every cell divides after exactly one doubling time."""
DOUBLING = CULTURE_VALUES["doubling"]


def kinds(chance: float, **traits: float) -> list[Clone]:
    """A clone that becomes another, which is not there at the start."""
    return [
        clone(STEADY, name="a", becomes=(("b", chance),)),
        clone(STEADY, name="b", fraction=0.0, **traits),
    ]


def growing(clones: Sequence[Clone], cells: int = 300, generations: int = 4, **fields: float) -> Parameters:
    """An untreated culture in which nothing dies: each founder has exactly 2**generations descendants at the end."""
    hours = generations * DOUBLING
    return culture(clones, STEADY, exposures=(), cells=cells, duration=hours, record_every=hours, **fields)


def cells_of(record: Record) -> pd.DataFrame:
    return pd.DataFrame(record.cells, columns=list(CELLS))


def run(parameters: Parameters, engine: str = "numpy") -> pd.DataFrame:
    return cells_of(run_replicate(Task("run", 0.0, parameters, 1, engine)))


# ---------------------------------------------------------------- chance


def test_each_daughter_spends_her_own_luck() -> None:
    rules = rules_of(growing(kinds(0.3)), kinds(0.3)[0])
    keys = luck.founder_keys(7, 1, 200_000).tolist()
    daughters = [[next_clone(0, luck.daughter_key(key, which), rules) for key in keys] for which in (0, 1)]
    first, second = np.array(daughters)
    # Binomial, 200,000 births: SD 0.0010; 4.5 SD leave one false alarm in 150,000, and there are three checks.
    for share, expected in ((first.mean(), 0.3), (second.mean(), 0.3), ((first & second).mean(), 0.09)):
        assert share == pytest.approx(expected, abs=4.5 * math.sqrt(expected * (1 - expected) / len(keys)))


def test_several_targets_share_one_draw_by_their_chances() -> None:
    clones = [
        clone(STEADY, name="a", becomes=(("b", 0.2), ("c", 0.1), ("d", 0.7))),
        *(clone(STEADY, name=name, fraction=0.0) for name in "bcd"),
    ]
    rules = rules_of(growing(clones), clones[0])
    keys = luck.founder_keys(3, 1, 100_000).tolist()
    found = np.bincount([next_clone(0, key, rules) for key in keys], minlength=4) / len(keys)
    # SD 0.0014 at most; 4.5 SD.
    assert found == pytest.approx([0.0, 0.2, 0.1, 0.7], abs=0.0065)


def test_a_higher_chance_takes_the_same_daughters_and_more() -> None:
    keys = luck.founder_keys(5, 1, 20_000).tolist()
    low, high = (rules_of(growing(kinds(p)), kinds(p)[0]) for p in (0.01, 0.05))
    few = {key for key in keys if next_clone(0, key, low)}
    many = {key for key in keys if next_clone(0, key, high)}
    assert few
    assert few < many


def test_nobody_becomes_where_nothing_is_said() -> None:
    rules = rules_of(growing(kinds(0.0)), kinds(0.0)[0])
    assert {next_clone(0, key, rules) for key in luck.founder_keys(1, 1, 1000).tolist()} == {0}


def moments(p: float, generations: int) -> tuple[float, float]:
    """Return mean and variance of the changed cells among the 2**generations descendants of one unchanged founder.

    Closed form: a cell is unchanged when none of its ancestors since the founder changed, (1 - p)**generations. The
    variance by its recursion over the first division: each of two daughters changes, with all that come of her, or
    begins the same story one generation shorter.
    """
    mean, variance = 0.0, 0.0
    for generation in range(1, generations + 1):
        size = 2.0 ** (generation - 1)
        daughter = p * size + (1 - p) * mean
        variance = 2.0 * (p * size**2 + (1 - p) * (variance + mean**2) - daughter**2)
        mean = 2.0 * daughter
    assert mean == pytest.approx(2.0**generations * (1 - (1 - p) ** generations))
    return mean, variance


def families(cells: pd.DataFrame) -> np.ndarray:
    """Return the changed living cells of each founder's family."""
    living = cells[cells["fate"] == "surviving"]
    founder = living["cell_id"].str.partition(".")[0].astype(int)
    counts: np.ndarray = (living["clone"] == "b").groupby(founder).sum().to_numpy()
    return counts


def test_neutral_growth_carries_the_mutants_of_luria_and_delbruck() -> None:
    """Chance 0.02 per daughter, 4 generations, 600 founders: the mean and its error are exact, not estimated."""
    p, generations, founders = 0.02, 4, 600
    cells = run(growing(kinds(p), cells=founders, generations=generations))
    counts = families(cells)
    assert counts.size == founders
    assert (cells["fate"] == "surviving").sum() == founders * 2**generations
    mean, variance = moments(p, generations)
    # 4 SD of the mean over independent families: one false alarm in 15,000.
    assert counts.mean() == pytest.approx(mean, abs=4.0 * math.sqrt(variance / founders))
    # Jackpots: an early change has many descendants, so families scatter far more than by Poisson's law.
    assert variance > 2.5 * mean
    assert counts.var() > 1.5 * counts.mean()


def test_companion_a_chance_half_as_large_again_is_noticed() -> None:
    p, generations, founders = 0.02, 4, 600
    counts = families(run(growing(kinds(1.5 * p), cells=founders, generations=generations)))
    mean, variance = moments(p, generations)
    assert abs(counts.mean() - mean) > 4.0 * math.sqrt(variance / founders)


# ---------------------------------------------------------------- traits and pairing


def test_chains_go_one_clone_at_a_division() -> None:
    clones = [
        clone(STEADY, name="a", becomes=(("b", 1.0),)),
        clone(STEADY, name="b", fraction=0.0, becomes=(("c", 1.0),)),
        clone(STEADY, name="c", fraction=0.0),
    ]
    cells = run(growing(clones, cells=10, generations=3))
    depth = cells["cell_id"].str.partition(".")[2].str.len()
    for generation, name in enumerate("abcc"):
        assert set(cells.loc[depth == generation, "clone"]) == {name}
    tree = clone_tree(cells)
    assert tree["clone"].value_counts().to_dict() == {"b": 20, "c": 40, "a": 1}
    roots = tree.set_index("lineage")
    assert roots.loc["founders:a", ["living", "living_descendants"]].tolist() == [0, 80]
    assert set(tree[tree["clone"] == "c"]["parent"]) == set(tree[tree["clone"] == "b"]["lineage"])


def test_the_traits_of_the_new_clone_are_those_of_the_cell() -> None:
    cells = run(growing(kinds(0.2, mdr1=10.0, slc46a3=0.3, her2=1e5, pten_deficient=True), cells=40, generations=2))
    by_id = cells.set_index("cell_id")
    new = cells[became(cells)]
    assert len(new) > 5
    mothers = by_id.loc[new["parent_id"]]
    assert set(new["clone"]) == {"b"}
    assert set(mothers["clone"]) == {"a"}
    assert new["mdr1"].to_numpy() == pytest.approx(10.0 * mothers["mdr1"].to_numpy())
    assert new["slc46a3"].to_numpy() == pytest.approx(0.3 * mothers["slc46a3"].to_numpy())
    assert new["her2_per_cell"].to_numpy() == pytest.approx(0.1 * mothers["her2_per_cell"].to_numpy())
    assert set(new["pten"]) == {"deficient"}
    assert new["tolerance"].tolist() == mothers["tolerance"].tolist()


def test_the_rates_of_the_new_clone_hold_from_the_birth_on() -> None:
    """A cell that becomes one of a clone that divides twice as fast divides twice as fast."""
    parameters = growing([kinds(0.5)[0], clone(STEADY, name="b", fraction=0.0, doubling=DOUBLING / 2)], cells=60)
    cells = run(parameters)
    divided = cells[(cells["cause"] == "division") & (cells["birth_h"] > 0)]
    life = divided["end_h"] - divided["birth_h"]
    assert life[divided["clone"] == "a"].to_numpy() == pytest.approx(DOUBLING, abs=1e-6)
    assert life[divided["clone"] == "b"].to_numpy() == pytest.approx(DOUBLING / 2, abs=1e-6)


def test_the_same_daughters_become_whatever_the_treatment() -> None:
    clones = [clone(name="a", becomes=(("b", 0.2),), doubling=100.0), clone(name="b", fraction=0.0, mdr1=10.0)]
    tables = [run(patient(clones, dose=dose, cells=120, duration=300.0)) for dose in (0.0, 100.0)]
    died = [(~table["fate"].isin(["divided", "surviving"])).sum() for table in tables]
    assert died[1] > died[0] + 20, "doses differ"
    bare, treated = (table[table["parent_id"] != ""].set_index("cell_id")["clone"] for table in tables)
    both = bare.index.intersection(treated.index)
    assert len(both) > 100
    assert bare[both].tolist() == treated[both].tolist()
    other = run(patient(clones, dose=100.0, cells=120, duration=300.0, seed=2)).set_index("cell_id")["clone"]
    shared = both.intersection(other.index)
    assert bare[shared].tolist() != other[shared].tolist(), "another seed is other luck"


@pytest.mark.parametrize("other", [name for name in ENGINES if name not in {"auto", "numpy"}])
def test_the_order_of_rows_does_not_matter(other: str) -> None:
    """Engines hold cells in different orders (the twin one by one, as they are born); the same cells become."""
    if other == "compiled":
        pytest.importorskip("numba")
    parameters = replace(growing(kinds(0.1, mdr1=10.0), cells=40, generations=3), values=CULTURE_VALUES)
    here, there = (run(parameters, name) for name in ("numpy", other))
    assert here["cell_id"].tolist() == there["cell_id"].tolist()
    assert here["clone"].tolist() == there["clone"].tolist()
    for cells in (here, there):
        assert set(cells.loc[cells["clone"] == "b", "mdr1"]) == {10.0}


# ---------------------------------------------------------------- the tree


def table(*rows: tuple[str, str, str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["cell_id", "parent_id", "clone", "birth_h", "fate"])


STORY = table(
    ("0", "", "a", 0.0, "divided"),
    ("0.0", "0", "b", 10.0, "divided"),
    ("0.00", "0.0", "b", 20.0, "surviving"),
    ("0.01", "0.0", "c", 20.0, "surviving"),
    ("0.1", "0", "a", 10.0, "surviving"),
    ("1", "", "b", 0.0, "apoptosis"),
    ("2", "", "a", 0.0, "divided"),
    ("2.0", "2", "a", 5.0, "divided"),
    ("2.00", "2.0", "a", 15.0, "apoptosis"),
    ("2.01", "2.0", "b", 15.0, "mitotic_catastrophe"),
    ("2.1", "2", "b", 5.0, "surviving"),
)


def test_a_tree_written_by_hand() -> None:
    tree = clone_tree(STORY).set_index("lineage")
    assert tree.index.tolist() == ["founders:a", "founders:b", "2.1", "0.0", "2.01", "0.01"]
    assert tree["clone"].tolist() == ["a", "b", "b", "b", "b", "c"]
    assert tree["arose_h"].tolist() == [0.0, 0.0, 5.0, 10.0, 15.0, 20.0]
    assert tree["cells"].tolist() == [5, 1, 1, 2, 1, 1]
    assert tree["living"].tolist() == [1, 0, 1, 1, 0, 1]
    assert tree["living_descendants"].tolist() == [4, 0, 1, 2, 0, 1]
    assert tree.loc["0.01", ["parent", "from_clone", "cell_id", "mother_id"]].tolist() == ["0.0", "b", "0.01", "0.0"]
    assert tree.loc["2.01", "parent"] == "founders:a"
    assert tree.loc[["founders:a", "founders:b"], ["parent", "cell_id", "mother_id"]].isna().all(axis=None)
    assert tree["living"].sum() == (STORY["fate"] == "surviving").sum()


def test_became_is_read_from_mother_and_daughter() -> None:
    assert STORY.loc[became(STORY), "cell_id"].tolist() == ["0.0", "0.01", "2.01", "2.1"]
    assert lineages(STORY).tolist()[:5] == ["founders:a", "0.0", "0.0", "0.01", "founders:a"]


def test_a_cell_whose_mother_is_not_in_the_table_counts_as_a_founder() -> None:
    tree = clone_tree(STORY.iloc[1:])
    assert tree["lineage"].tolist()[:2] == ["founders:b", "founders:a"]


def test_a_tree_without_acquired_clones_has_founders_only() -> None:
    tree = clone_tree(STORY[STORY["parent_id"] == ""])
    assert tree["lineage"].tolist() == ["founders:a", "founders:b"]
    assert tree["arose_h"].tolist() == [0.0, 0.0]
    assert clone_tree(STORY.iloc[:0]).empty


def test_the_tree_of_a_run_counts_every_cell_once() -> None:
    cells = run(growing(kinds(0.1), cells=50, generations=3))
    tree = clone_tree(cells)
    assert tree["cells"].sum() == len(cells)
    assert tree["living"].sum() == 50 * 8
    assert tree.loc[0, "living_descendants"] == 50 * 8
    acquired = tree[tree["parent"].notna()]
    assert len(acquired) == became(cells).sum() > 10
    assert (acquired["arose_h"] > 0).all()
