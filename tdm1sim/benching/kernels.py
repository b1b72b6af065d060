"""Many runs at once: what they take against what their compiled functions alone take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from tdm1sim.benching.laps import parameters_of
from tdm1sim.benching.sizes import Sizes
from tdm1sim.benching.targets import Finding
from tdm1sim.engine import engine_of
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.errors import MachineError
from tdm1sim.recorder import Recorder
from tdm1sim.workers import in_order
from tdm1sim.world import World

THREADS = 2
_PACKAGE = "tdm1sim.engine.compiled"


class Stopwatch:
    """CPU seconds of this thread inside the functions it was put around; `calls` counts them."""

    def __init__(self) -> None:
        self.seconds, self.calls = 0.0, 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        def timed(*given: Any) -> Any:
            begun = time.thread_time()
            try:
                return function(*given)
            finally:
                self.seconds += time.thread_time() - begun
                self.calls += 1

        return timed


def entered(thing: Any) -> bool:
    """Whether something is a compiled function that Python calls (numba itself need not be imported to tell)."""
    options = getattr(thing, "targetoptions", None)
    return isinstance(options, dict) and hasattr(thing, "py_func") and not options.get("no_cpython_wrapper")


@contextmanager
def watched() -> Iterator[Stopwatch]:
    """Time every compiled function in the rooms of the compiled engine; all must have been compiled before."""
    watch = Stopwatch()
    rooms = [module for name, module in sys.modules.items() if name.startswith(_PACKAGE)]
    found = [(room, name, thing) for room in rooms for name, thing in vars(room).items() if entered(thing)]
    try:
        for room, name, thing in found:
            setattr(room, name, watch.around(thing))
        yield watch
    finally:
        for room, name, thing in found:
            setattr(room, name, thing)


def kernel_seconds(tasks: list[Task]) -> float:
    """Return the CPU seconds of the compiled functions of some runs, done one after the other on one thread.

    Raises
    ------
    MachineError
        No compiled function was seen: there is nothing to compare with.
    """
    with watched() as watch:
        for task in tasks:
            world = World(task.parameters, task.replicate, followed=task.replicate == 1)
            engine = engine_of(task.engine, world, task.threads)
            for name, thing in list(vars(engine).items()):
                if entered(thing):  # the kernel is made for the run and held by its engine
                    setattr(engine, name, watch.around(thing))
            recorder = Recorder(engine, full=True)
            recorder.look()
            while not world.finished:
                engine.advance_window()
                recorder.look()
            recorder.finish("completed")
    if not watch.calls:
        message = "no compiled function was seen at work, so there is no kernel time to compare with"
        raise MachineError(message)
    return watch.seconds


def ensemble(sizes: Sizes, told: Callable[[], None] = lambda: None) -> Finding:
    """Return wall seconds x 2 of many runs on two threads, over the CPU seconds of their compiled functions.

    Founders, books, records and tables of each run are in the wall time and not in the other: they are the overhead.
    """
    parameters = parameters_of(sizes.few, sizes.whole_hours, sizes.runs)
    tasks = [Task("run", 0.0, parameters, n, "compiled") for n in range(1, sizes.runs + 1)]
    run_replicate(tasks[0])
    alone = kernel_seconds(tasks)
    told()
    ratios, spent = [], []
    for _ in range(sizes.rounds):
        begun, cpu = time.perf_counter(), time.process_time()
        for _ in in_order(run_replicate, tasks, THREADS, threads=True):
            pass
        ratios.append(THREADS * (time.perf_counter() - begun) / alone)
        spent.append((time.process_time() - cpu) / alone)
        told()
    note = f"compiled functions alone take {alone:.3g} CPU-s on one thread; all CPU seconds of the runs are "
    return Finding.of(ratios, f"{note}{median(spent):.3g} times that")
