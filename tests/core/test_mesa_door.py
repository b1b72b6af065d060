"""`TumourModel` is a Mesa model like any other; its cells are views."""

from __future__ import annotations

import gc

import pytest

from tdm1sim import Cell, TumourModel, load_scenario
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.errors import InputError
from tdm1sim.scenario import resolve

SMALL = ["tumour.cells=80", "run.replicates=1", "run.duration=10 d"]


@pytest.fixture
def model() -> TumourModel:
    return TumourModel(load_scenario("her2_positive", SMALL))


def finish(model: TumourModel) -> TumourModel:
    while model.running:
        model.step()
    return model


def test_it_runs_like_the_command_line(model: TumourModel) -> None:
    record = run_replicate(Task("run", 0.0, resolve(load_scenario("her2_positive", SMALL)).parameters, 1, "auto"))
    finish(model)
    assert model.live_cells == record.timeseries[-1][2]
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame.live_cells.iloc[-1] == model.live_cells
    assert frame.time_h.iloc[-1] == 240.0


def test_no_agents_until_somebody_looks(model: TumourModel) -> None:
    finish(model)
    gc.collect()
    # By type: isinstance asks the object, and a weak reference to something gone cannot answer.
    assert not [o for o in gc.get_objects() if type(o) is Cell and o.model is model]


def test_select_get_and_agg_work(model: TumourModel) -> None:
    for _ in range(60):
        model.step()
    agents = model.agents
    assert len(agents) == model.live_cells
    rich = agents.select(lambda cell: cell.her2_per_cell > 1e6)
    assert 0 < len(rich) < len(agents)
    assert min(agents.get("dm1_cytosol_nM")) > 0.0
    assert agents.agg("conjugate_molecules", max) > 0.0


def test_looking_changes_nothing() -> None:
    watched, alone = (TumourModel(load_scenario("her2_positive", SMALL)) for _ in range(2))
    while watched.running:
        watched.step()
        watched.agents.get("dm1_cytosol_nM")
    assert watched.live_cells == finish(alone).live_cells
    assert watched.world.tally.died == alone.world.tally.died


def test_a_view_says_when_and_why_its_cell_ended(model: TumourModel) -> None:
    founders = list(model.agents)
    finish(model)
    ended = [cell for cell in founders if not cell.alive]
    assert {cell.fate for cell in ended} >= {"apoptosis", "mitotic_catastrophe"}
    for cell in ended:
        assert cell.cause
        assert 0.0 < cell.end_h <= 240.0
        assert cell.dm1_peak_nM >= 0.0
    living = [cell for cell in founders if cell.alive]
    assert all((cell.cause, cell.end_h, cell.fate) == ("", None, "surviving") for cell in living)


def test_traits_can_be_set_and_matter(model: TumourModel) -> None:
    cells = {cell.unique_id: cell for cell in model.agents}
    pumping, plain = cells["0"], TumourModel(load_scenario("her2_positive", SMALL))
    pumping.mdr1 = 30.0
    pumping.slc46a3 = 0.5
    pumping.her2_per_cell = 5e5
    pumping.pten = "deficient"
    twin = {cell.unique_id: cell for cell in plain.agents}["0"]
    for _ in range(70):
        model.step()
        plain.step()
    assert (pumping.mdr1, pumping.pten) == (30.0, "deficient")
    assert pumping.dm1_cytosol_nM < 0.3 * twin.dm1_cytosol_nM


@pytest.mark.parametrize(
    ("name", "value"), [("mdr1", -1.0), ("her2_per_cell", float("nan")), ("pten", "gone"), ("slc46a3", float("inf"))]
)
def test_impossible_traits_are_refused(model: TumourModel, name: str, value: object) -> None:
    cell = next(iter(model.agents))
    with pytest.raises(InputError, match=f"{name}: found"):
        setattr(cell, name, value)


def test_removed_cells_are_gone_and_counted(model: TumourModel) -> None:
    for _ in range(60):
        model.step()
    cell = next(iter(model.agents))
    before = model.live_cells
    cell.remove()
    cell.remove()
    assert model.live_cells == before - 1
    assert (cell.alive, cell.cause, cell.fate) == (False, "removed", "surviving")
    assert len(model.agents) == before - 1
    with pytest.raises(InputError, match="no longer alive"):
        cell.mdr1 = 2.0
    assert model.engine.balance() < 1e-12


def test_agents_cannot_be_replaced(model: TumourModel) -> None:
    with pytest.raises(AttributeError, match="views"):
        model.agents = []


def test_daughters_appear_with_their_lineage() -> None:
    model = TumourModel(load_scenario("untreated", [*SMALL, "tumour.growth.doubling=3 d"]))
    finish(model)
    names = {cell.unique_id for cell in model.agents}
    assert any("." in name for name in names)
    assert len(names) == model.live_cells
