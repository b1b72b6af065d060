"""What is measured is what is meant: the Mesa twin, the kernel's seconds, the yardstick, the processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from tdm1sim.benching import child, kernels, processes, yardstick
from tdm1sim.benching.kernels import Stopwatch, entered, kernel_seconds, watched
from tdm1sim.benching.laps import Runner, engine_for, lap, parameters_of
from tdm1sim.benching.targets import Finding
from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.ensemble import Task
from tdm1sim.errors import MachineError
from tdm1sim.mechanisms.cell import State
from tdm1sim.model import MesaEngine, PlainAgent
from tdm1sim.world import World
from tests.benching.tiny import SIZES
from tests.verification import reference

# One plain Mesa agent per cell ---------------------------------------------------------------------------


def lived(engine: Engine) -> Engine:
    while not engine.world.finished:
        engine.advance_window()
    return engine


def states(engine: Engine) -> dict[int, list[float]]:
    """Every state of every cell, by its key."""
    columns = np.stack([engine.column(0, name) for name in State._fields], axis=1).tolist()
    return dict(zip(engine.keys(0).tolist(), columns, strict=True))


def busy_world() -> World:
    """A world in which cells divide and die within a day."""
    parameters = parameters_of(40, 30.0)
    values = {**parameters.values, "kap": 2.0, "C_A": 60.0}
    clones = tuple(replace(clone, doubling=40.0) for clone in parameters.clones)
    return World(replace(parameters, values=values, clones=clones))


def test_mesas_agents_live_the_lives_of_the_twin() -> None:
    ours, twin = lived(MesaEngine(busy_world())), lived(engine_of("twin", busy_world()))
    assert ours.world.tally.died == twin.world.tally.died
    assert ours.world.tally.born == twin.world.tally.born > 0
    assert sum(ours.world.tally.died.values()) > 0
    theirs = states(twin)
    assert states(ours).keys() == theirs.keys()
    for key, state in states(ours).items():
        assert state == pytest.approx(theirs[key], rel=1e-9, abs=1e-9)


def test_mesa_holds_one_agent_per_living_cell_and_steps_each() -> None:
    engine = MesaEngine(busy_world())
    lived(engine)
    agents = list(engine.model.agents)
    assert all(isinstance(agent, PlainAgent) for agent in agents)
    assert {id(agent.cell) for agent in agents} == {id(cell) for cell in engine.cells[0]}
    assert engine.model.steps == len(engine.world.times) - 1


def test_companion_an_agent_that_mesa_does_not_step_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = MesaEngine(busy_world())
    monkeypatch.setattr(PlainAgent, "step", lambda _: None)
    lived(engine)
    assert engine.world.tally.born == 0


# Laps ----------------------------------------------------------------------------------------------------


def test_a_lap_counts_every_step_of_every_living_cell() -> None:
    found = lap(Runner("numpy", 30, 3.0))
    engine = engine_for(Runner("numpy", 30, 3.0))
    count = 0
    while not engine.world.finished:
        count += engine.living()
        engine.advance()  # type: ignore[attr-defined]
    assert found.steps == pytest.approx(count, rel=0.02)  # within a window those it began with are counted
    assert found.cpu > 0.0
    assert found.per_wall == found.steps / found.wall


def test_drawing_founders_is_not_in_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.engine.numpy_engine import NumpyEngine

    settle = NumpyEngine.settle_in

    def slow(self: NumpyEngine) -> None:
        time.sleep(1.0)
        settle(self)

    monkeypatch.setattr(NumpyEngine, "settle_in", slow)
    assert lap(Runner("numpy", 10, 0.05)).wall < 0.9


# Kernel seconds ------------------------------------------------------------------------------------------


def tasks() -> list[Task]:
    return [Task("run", 0.0, parameters_of(200, 12.0), n, "compiled") for n in (1, 2)]


def test_the_stopwatch_adds_up() -> None:
    watch = Stopwatch()

    def work(n: int) -> int:
        return sum(range(n))

    assert watch.around(work)(300_000) == sum(range(300_000))
    assert watch.calls == 1
    assert 0.0 < watch.seconds < 2.0


def test_kernel_seconds_are_part_of_all_cpu_seconds() -> None:
    some = tasks()
    kernel_seconds(some)  # compiles or loads
    begun = time.process_time()
    found = kernel_seconds(some)
    assert 0.0 < found < time.process_time() - begun


def test_every_compiled_function_that_the_engine_calls_is_watched() -> None:
    from tdm1sim.engine.compiled import engine

    kernel_seconds(tasks()[:1])
    before = {name: thing for name, thing in vars(engine).items() if entered(thing)}
    assert {"see_ahead", "total", "count_arena"} <= before.keys()
    with watched() as watch:
        assert not any(getattr(engine, name) is thing for name, thing in before.items())
        lived(engine_of("compiled", World(parameters_of(50, 2.0))))
    assert watch.calls > 0
    assert all(getattr(engine, name) is thing for name, thing in before.items())


def test_companion_runs_of_another_engine_have_no_kernel() -> None:
    with pytest.raises(MachineError, match="no compiled function"):
        kernel_seconds([Task("run", 0.0, parameters_of(20, 1.0), 1, "numpy")])


def test_what_runs_cost_beside_their_kernels_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = kernels.ensemble(SIZES)
    run = kernels.run_replicate

    def wasteful(task: Task) -> object:
        time.sleep(0.4)
        return run(task)

    monkeypatch.setattr(kernels, "run_replicate", wasteful)
    assert honest.low is not None
    assert honest.low >= 1.0
    assert (kernels.ensemble(SIZES).value or 0.0) > (honest.value or 0.0)


# The yardstick -------------------------------------------------------------------------------------------


def test_the_engines_step_is_close_to_lsoda_and_the_cells_are_worth_comparing() -> None:
    hours = 240.0
    assert (yardstick.survival_error(hours).value or 1.0) < 2.0e-3
    parameters = parameters_of(3, hours)
    kinds, times = yardstick.kinds_of(parameters), World(parameters).times
    left = np.exp(-yardstick.stepped(parameters, kinds, times))[-1]
    assert left.min() < 0.1
    assert left.max() > 0.9
    assert ((left > 0.1) & (left < 0.9)).any()


def test_companion_a_coarser_step_is_noticed() -> None:
    parameters = parameters_of(3, 120.0)
    kinds, times = yardstick.kinds_of(parameters)[-9:], World(parameters).times
    fine = np.exp(-yardstick.stepped(parameters, kinds, times))
    coarse = np.exp(-yardstick.stepped(parameters, kinds, times[::12]))
    assert np.abs(fine[::12] - coarse).max() > 0.01


def test_the_yardstick_writes_the_equations_that_the_verification_writes() -> None:
    """Both were written from the model's page: a slip in one shows against the other."""
    parameters = parameters_of(3, 48.0)
    clone, kind = parameters.clones[0], yardstick.kinds_of(parameters)[4]
    growth = np.log(2.0) / clone.doubling
    cell = reference.Cell(
        R0=kind.her2,
        count=1.0,
        v={**parameters.values, "kpino": clone.kpino, "V": clone.volume},
        mdr1=kind.mdr1,
        phi=clone.phi,
        slc46a3=clone.slc46a3,
        mu=growth,
        ke_fold=clone.ke / parameters.values["ke"],
        kr_fold=clone.kr / parameters.values["kr"],
    )
    y = np.array([3e5, 2e5, 2e4, 1e4, 4e3, 6e5, 3e4, 1e4, 5e4, 2e6, 0.0])
    ours = yardstick.derivative(parameters, kind)(30.0, y)[:10]
    supply = World(parameters).shared.supply
    a, d = (yardstick.SHARE * yardstick.level(pieces, 30.0) for pieces in supply)
    theirs, _ = cell.derivative(y[:10], a, d, 0.0)
    assert ours == pytest.approx(theirs, rel=1e-9)


# Processes -----------------------------------------------------------------------------------------------


def test_a_process_that_fails_is_told() -> None:
    with pytest.raises(MachineError, match=r"python -m tdm1sim run ended with 1"):
        processes.python("tdm1sim", "run", "no_such_scenario")


def test_help_is_timed_as_a_process() -> None:
    found = processes.help_text(SIZES)
    assert found.low is not None
    assert 0.0 < found.low <= (found.value or 0.0) < 30.0


def test_a_whole_run_tells_its_memory(capsys: pytest.CaptureFixture[str]) -> None:
    child.main(["whole", "300", "12.0", "1"])
    peak = json.loads(capsys.readouterr().out)["peak"]
    assert peak is None or peak > 20_000_000  # an interpreter with NumPy, in bytes


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system tells a process's own peak anyway")
def test_a_process_does_not_inherit_the_peak_of_the_one_that_started_it() -> None:
    held = np.ones(60_000_000)  # 480 MB
    code = "from tdm1sim.benching.child import peak_memory; print(peak_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 5_000_000 < int(done.stdout) < held.nbytes / 2


def told(monkeypatch: pytest.MonkeyPatch, peaks: list[int | None]) -> dict[str, Finding]:
    """What is made of three processes with these peaks: two small ones, the first of which may compile, and a large."""
    walls = iter((99.0, 9.0, 2.5))
    rest = iter(peaks)
    monkeypatch.setattr(processes, "python", lambda *_: (json.dumps({"peak": next(rest)}), next(walls)))
    return processes.whole_run(SIZES, 2)


def test_memory_per_cell_is_what_a_large_run_has_above_a_small_one_that_compiles_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = told(monkeypatch, [975_000_000, 200_000_000, 200_032_000])
    assert found["whole_run"].value == 2.5
    assert found["bytes_per_cell"].value == 32_000 / SIZES.many


def test_where_the_system_does_not_tell_memory_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch, [None, None, None])
    assert (found["bytes_per_cell"].value, found["whole_run"].value) == (None, 2.5)


@pytest.mark.slow
def test_the_first_compilation_fills_an_empty_cache_and_costs_more() -> None:
    found = processes.first_compilation(SIZES)
    assert found.value is not None, found.note
    assert found.value > 1.0
