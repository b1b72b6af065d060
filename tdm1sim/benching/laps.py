"""Engines timed against each other: the same cells, turn by turn, so that a busy moment meets them all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tdm1sim.engine import engine_of
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.world import World

if TYPE_CHECKING:
    from tdm1sim.engine.base import Engine
    from tdm1sim.parameters import Parameters
    from tdm1sim.scenario import Resolved

SCENARIO = "her2_positive"
"""What is run: one dose for a well-mixed tumour, the first bundled story."""


@dataclass(frozen=True, slots=True)
class Runner:
    """An engine and its task.

    Attributes
    ----------
    engine : str
        Name of an engine, or ``mesa``: one plain Mesa agent per cell.
    cells, hours : int, float
        Of the run.
    threads : int
        Of the compiled engine.
    precision : str
        ``double`` or ``single``.
    """

    engine: str
    cells: int
    hours: float
    threads: int = 1
    precision: str = "double"


@dataclass(frozen=True, slots=True)
class Lap:
    """One run: cell-steps, and the CPU and wall seconds they took."""

    steps: int
    cpu: float
    wall: float

    @property
    def per_cpu(self) -> float:
        """Cell-steps per CPU-second, all threads together."""
        return self.steps / self.cpu

    @property
    def per_wall(self) -> float:
        """Cell-steps per second."""
        return self.steps / self.wall


@lru_cache(maxsize=32)  # reading a scenario costs more than a small lap
def resolved(cells: int, hours: float, replicates: int = 1, precision: str = "double") -> Resolved:
    """Return `SCENARIO` at another size, with room to grow."""
    changes = [
        f"tumour.cells={cells}",
        f"run.duration={hours!r} h",
        f"run.replicates={replicates}",
        f"run.capacity={4 * cells + 1000}",
        f"run.precision={precision}",
    ]
    return resolve(load_scenario(SCENARIO, changes))


def parameters_of(cells: int, hours: float, replicates: int = 1, precision: str = "double") -> Parameters:
    """Return the parameters of it."""
    return resolved(cells, hours, replicates, precision).parameters


def engine_for(runner: Runner) -> Engine:
    """Return the engine with its founders drawn."""
    world = World(parameters_of(runner.cells, runner.hours, precision=runner.precision))
    if runner.engine == "mesa":
        from tdm1sim.model import MesaEngine

        return MesaEngine(world)
    return engine_of(runner.engine, world, runner.threads)


def lap(runner: Runner) -> Lap:
    """Run once and time it; drawing the founders and reading the scenario are not in the time."""
    engine = engine_for(runner)
    world, steps = engine.world, 0
    gc.collect()  # what the lap before left behind is not this one's
    wall, cpu = time.perf_counter(), time.process_time()
    while not world.finished:
        before, living = world.position, engine.living()
        engine.advance_window()
        steps += living * (world.position - before)
    return Lap(steps, time.process_time() - cpu, time.perf_counter() - wall)


def interleaved(
    runners: Mapping[str, Runner], rounds: int, told: Callable[[], None] = lambda: None
) -> dict[str, list[Lap]]:
    """Return the laps of each runner: every round is one lap of each, in order.

    Parameters
    ----------
    runners : mapping of str to Runner
        By name.
    rounds : int
        Laps of each.
    told : callable
        Called after each lap.
    """
    for runner in runners.values():  # load, or compile, outside the time
        lap(Runner(runner.engine, 300, min(runner.hours, 6.0), runner.threads, runner.precision))
    laps: dict[str, list[Lap]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            laps[name].append(lap(runner))
            told()
    return laps
