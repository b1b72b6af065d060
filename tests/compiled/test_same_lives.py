"""The compiled engine, the NumPy engine and the twin: the same cells, fates, clones, times, columns and tables."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from tdm1sim.engine import numpy_engine
from tdm1sim.engine.compiled.engine import CompiledEngine
from tdm1sim.mechanisms.cell import State, Traits
from tdm1sim.world import FEW as FEW_LIVING
from tests.compiled.lived import Lived, differences, run
from tests.compiled.runs import CHUNKS, RUNS
from tests.core.test_engines import RUNS as EVERY_MECHANISM

pytestmark = pytest.mark.xdist_group("compiled")  # one worker: it compiles once, and runs are shared

BALANCE = 1e-12
FEW = 128
"""Cells of a chunk: its lanes are full, and its newborns homeless, after the first births."""


@cache
def compiled(name: str, threads: int = 1, chunk: int = FEW) -> Lived:
    return run(RUNS[name], lambda world: CompiledEngine(world, threads, chunk))


@cache
def by_numpy(name: str) -> Lived:
    return run(RUNS[name], "numpy")


@pytest.mark.parametrize("name", RUNS)
def test_compiled_and_numpy_live_the_same_lives(name: str) -> None:
    assert differences(compiled(name), by_numpy(name)) == []


@pytest.mark.parametrize("name", EVERY_MECHANISM)
def test_compiled_and_twin_live_the_same_lives(name: str) -> None:
    assert differences(compiled(name), run(RUNS[name], "twin")) == []


@pytest.mark.parametrize("name", RUNS)
def test_the_drug_balance_closes(name: str) -> None:
    assert compiled(name).record.balance < BALANCE


def test_the_runs_hold_what_they_are_named_for() -> None:
    assert compiled("cleared").record.outcome == "cleared"
    assert compiled("cleared").engine.living() == 0
    assert compiled("capacity reached").record.outcome == "capacity_reached"
    arenas = compiled("full chunks").engine.arenas  # type: ignore[attr-defined]
    assert len(arenas) > 10
    assert compiled("full chunks").record.born > 1000
    taken = compiled("depletion and many deaths")
    assert taken.engine.world.shared.antibody_nM < 0.35
    assert sum(life.cause not in {"", "division"} for life in taken.lives.values()) > 60
    turned = compiled("daughters of a rare clone's").lives.values()
    assert sum(life.clone == "high" for life in turned) > 20
    generations = [len(path.partition(".")[2]) for path in compiled("a division in every step").lives]
    assert max(generations) > 10


@pytest.mark.parametrize("name", ["patient", "full chunks"])
def test_companion_another_mechanism_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    true = numpy_engine.cell_step

    def leaky(s: State, c: Traits, *more: Any) -> Any:
        state, flows, pressure = true(s, c, *more)
        return state._replace(Pc=np.asarray(state.Pc) * (1.0 - 1e-8)), flows, pressure

    monkeypatch.setattr(numpy_engine, "cell_step", leaky)
    assert any("Pc" in line for line in differences(compiled(name), run(RUNS[name], "numpy")))


def test_companion_other_luck_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.engine import events
    from tdm1sim.luck import Decision, clock

    monkeypatch.setattr(
        events.luck, "clock", lambda decision, key: clock(decision, key + (decision == Decision.DEATH_IN_ARREST))
    )
    found = differences(compiled("culture"), run(RUNS["culture"], "numpy"))
    assert any("death_in_arrest" in line for line in found)


@pytest.mark.parametrize("name", CHUNKS)
def test_cells_that_nobody_follows_are_counted_the_same(name: str) -> None:
    """The arms beside a run keep no lives; the counts are those of the run."""
    from tdm1sim.ensemble import Task, run_replicate

    record = run_replicate(Task("untreated", 0.0, RUNS[name], 1, "compiled"))
    kept = run(RUNS[name], "compiled", few=FEW_LIVING).record
    assert record.counts == kept.counts
    assert record.readouts == kept.readouts
    assert np.array_equal(record.ends, kept.ends)
    assert np.array_equal(record.lines, kept.lines)


def test_more_events_than_there_is_room_for_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is written beyond the rows, which would be another's memory."""
    from tdm1sim.engine.compiled import workbench as module
    from tdm1sim.errors import MachineError

    rows = module._rows
    monkeypatch.setattr(module, "_rows", lambda room: rows(max(1, room // 500)))
    with pytest.raises(MachineError, match="has room for"):
        run(RUNS["full chunks"], lambda world: CompiledEngine(world, 1, FEW))
