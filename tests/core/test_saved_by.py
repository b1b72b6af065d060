"""R7, ``saved_by``: traits restored to normal one at a time on common luck, against runs of the changed scenario."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tdm1sim import load_scenario, saved_by
from tdm1sim.ensemble import Task, run_replicate, simulate_resolved, tasks_of
from tdm1sim.parameters import Parameters
from tdm1sim.recorder import CELLS, Record
from tdm1sim.results import Results
from tdm1sim.saved_by import TRAITS, carries, normal, restorations, saviours
from tdm1sim.scenario import Resolved, resolve
from tests import runs

MIXED = "mixed_resistance"
SIZE = ("tumour.cells=200", "run.replicates=1", "run.duration=24 d", "record.every=24 h")
CARRIED = {
    "sensitive": (),
    "her2_loss": ("her2",),
    "mdr1_high": ("mdr1",),
    "slc46a3_loss": ("slc46a3",),
    "pten_deficient": ("pten",),
}


def scenario(name: str = MIXED, *overrides: str, asked: bool = True) -> Resolved:
    found = resolve(load_scenario(name, [*SIZE, *overrides]))
    plan = replace(found.parameters.plan, saved_by=asked)
    return replace(found, parameters=replace(found.parameters, plan=plan))


@lru_cache(maxsize=1)
def mixed() -> Results:
    return simulate_resolved(scenario())


def founder_of(cells: pd.DataFrame) -> pd.Series:
    return cells.cell_id.str.partition(".")[0].astype(int)


def survivors(cells: pd.DataFrame) -> set[int]:
    """Founders with a living cell at the end, read from the rows of cells.csv."""
    return set(founder_of(cells[cells.fate == "surviving"]))


def lines(results: Results) -> dict[int, str]:
    """What cells.csv says of each founder line that survives."""
    cells = results.cells[results.cells.saved_by.notna()]
    return dict(zip(founder_of(cells), cells.saved_by, strict=True))


# What is normal --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trait", "changed"),
    [
        ("her2", {"her2": 1.0e5}),
        ("mdr1", {"mdr1": 10.0}),
        ("mdr1", {"mdr1_sigma": 0.5}),
        ("slc46a3", {"slc46a3": 0.0}),
        ("slc46a3", {"slc46a3_sigma": 0.3}),
        ("pten", {"pten_deficient": True}),
        ("internalization", {"ke": 0.014, "ke_normal": 0.14}),
        ("recycling", {"kr": 12.0, "kr_normal": 1.2}),
        ("lysosome", {"phi": 0.1}),
    ],
)
def test_R7_each_trait_is_restored_and_no_other(trait: str, changed: dict[str, Any]) -> None:
    sound = runs.clone(ke_normal=changed.get("ke_normal"), kr_normal=changed.get("kr_normal"))
    ill = replace(sound, **changed)
    assert normal(ill, trait) == sound
    assert [name for name in TRAITS if carries(ill, name)] == [trait]
    assert not any(carries(sound, name) for name in TRAITS)


def test_more_her2_than_3_plus_is_normal_too() -> None:
    assert not carries(runs.clone(her2=2.0e6), "her2")


def test_only_traits_that_some_clone_carries_are_run() -> None:
    assert list(restorations(scenario().parameters)) == ["her2", "mdr1", "slc46a3", "pten"]
    assert restorations(scenario("her2_positive").parameters) == {}
    arms = [task.arm for task in tasks_of(scenario(MIXED, "run.replicates=2").parameters, "auto")]
    assert arms == ["run", "run", *(f"restored:{trait}" for trait in ("her2", "mdr1", "slc46a3", "pten"))]


@pytest.mark.parametrize("name", ["fast_recycling", "poor_internalization"])
def test_a_fold_is_undone_also_in_a_scenario_read_back(name: str, tmp_path: Path) -> None:
    found = scenario(name)
    (tmp_path / "again.yaml").write_text(found.text, encoding="utf-8")
    again = resolve(load_scenario(tmp_path / "again.yaml"))
    (trait,) = restorations(found.parameters)
    base = resolve(load_scenario("her2_positive")).parameters.clones[0]
    for parameters in (found.parameters, again.parameters):
        (clone,) = restorations(parameters)[trait].clones
        assert (clone.ke, clone.kr) == pytest.approx((base.ke, base.kr), rel=1e-12)


# The column ------------------------------------------------------------------------------------------------------


def test_the_column_is_there_only_where_asked() -> None:
    assert tuple(mixed().cells.columns) == (*CELLS, "saved_by")
    bare = simulate_resolved(scenario(asked=False))
    assert tuple(bare.cells.columns) == CELLS
    pd.testing.assert_frame_equal(bare.cells, mixed().cells[list(CELLS)])
    assert bare.summary == mixed().summary


def test_R7_lines_that_survive_have_an_entry_and_no_others() -> None:
    cells = mixed().cells
    assert set(lines(mixed())) == survivors(cells)
    assert cells.groupby(founder_of(cells)).saved_by.nunique(dropna=False).max() == 1


def test_R7_a_line_is_saved_only_by_what_it_carries() -> None:
    cells = mixed().cells
    clones = cells[cells.fate == "surviving"].groupby(founder_of(cells)).clone.unique()
    entries = lines(mixed())
    for founder, text in entries.items():
        carried = {trait for clone in clones[founder] for trait in CARRIED[clone]}
        assert set(text.split("+")) - {"none"} <= carried
    assert {"her2", "mdr1", "slc46a3", "none"} <= set(entries.values())


@pytest.mark.parametrize("trait", ["her2", "mdr1", "slc46a3"])
def test_R7_the_entries_are_those_of_the_scenario_with_the_trait_written_normal(trait: str) -> None:
    """An oracle by another way: the clone's resistance taken out of the file, survivors read from its cells.csv."""
    clone = next(name for name, traits in CARRIED.items() if traits == (trait,))
    changed = simulate_resolved(scenario(MIXED, f"tumour.clones.{clone}.resistance=[]", asked=False))
    alive, cells = survivors(changed.cells), mixed().cells
    carrying = set(founder_of(cells[(cells.fate == "surviving") & (cells.clone == clone)]))
    saved = {founder for founder, text in lines(mixed()).items() if trait in text.split("+")}
    assert saved == carrying - alive
    assert saved


def test_two_traits_can_both_be_needed() -> None:
    """HER2 at a tenth and MDR1 tenfold in the same cells: some lines die when either is restored."""
    double = "tumour.clones={both: {fraction: 1, her2: 3+, resistance: [her2_loss, mdr1_high]}}"
    entries = set(lines(simulate_resolved(scenario("her2_positive", double))).values())
    assert entries <= {"none", "her2", "mdr1", "her2+mdr1"}
    assert "none" in entries
    assert len(entries) > 1


def test_jobs_change_no_byte_and_the_file_reads_back(tmp_path: Path) -> None:
    written = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        simulate_resolved(scenario(MIXED, "tumour.cells=40", "run.duration=6 d"), jobs=jobs).write(folder)
        written.append((folder / "cells.csv").read_bytes())
    assert written[0] == written[1]
    back = Results.read(tmp_path / "1").cells
    assert "none" in set(back.saved_by.dropna())
    assert set(founder_of(back[back.saved_by.notna()])) == survivors(back)


def test_a_run_that_stops_at_its_capacity_says_nothing_and_says_so() -> None:
    size = ("tumour.cells=40", "run.duration=10 d", "run.capacity=45", "tumour.growth.doubling=30 h")
    results = simulate_resolved(scenario(MIXED, *size))
    assert results.summary["outcome"] == "capacity_reached"
    assert results.cells.saved_by.isna().all()
    assert any("saved_by is empty" in warning for warning in results.manifest["warnings"])


# Common luck -----------------------------------------------------------------------------------------------------


def first(parameters: Parameters, arm: str = "run", **plan: Any) -> Record:
    changed = replace(parameters, plan=replace(parameters.plan, **plan))
    return run_replicate(Task(arm, 0.0, changed, 1, "auto"))


def living_lines(record: Record) -> NDArray[np.bool_]:
    return np.asarray(record.lines.any(axis=0))


def rescued(run: Record, restored: Record) -> float:
    """The share of the lines that live with a resistance gone among those that are dead with it: next to none."""
    alive, with_it = living_lines(restored), living_lines(run)
    return float((alive & ~with_it).sum() / max(alive.sum(), 1))


def test_R7_taking_a_resistance_away_brings_hardly_a_line_to_life() -> None:
    parameters = scenario("mdr1_high").parameters
    run, restored = first(parameters), first(restorations(parameters)["mdr1"], "restored:mdr1")
    assert rescued(run, restored) < 0.05
    assert living_lines(restored).sum() < 0.8 * living_lines(run).sum()


def test_companion_with_other_luck_it_seems_to() -> None:
    parameters = scenario("mdr1_high").parameters
    run, restored = first(parameters), first(restorations(parameters)["mdr1"], "restored:mdr1", seed=2)
    assert rescued(run, restored) >= 0.05


def test_a_restoration_that_changes_nothing_saves_nobody() -> None:
    parameters = scenario().parameters
    run = first(parameters)
    same = first(parameters, "restored:mdr1")
    assert set(saviours(run, {"mdr1": same}, parameters.clones).values()) == {"none"}


def test_companion_with_other_luck_it_seems_to_save() -> None:
    parameters = scenario("mdr1_high").parameters
    run = first(parameters)
    same = first(parameters, "restored:mdr1", seed=2)
    assert set(saviours(run, {"mdr1": same}, parameters.clones).values()) == {"none", "mdr1"}


def test_companion_without_the_trait_nobody_is_saved_by_it() -> None:
    results = simulate_resolved(scenario("her2_positive"))
    assert set(lines(results).values()) == {"none"}
    assert saved_by.COLUMN in results.cells
