"""How fast the engines are, and against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tdm1sim.benching.laps import Lap, Runner, interleaved
from tdm1sim.benching.sizes import Sizes
from tdm1sim.benching.targets import Finding

BUSY = 1.15
"""Wall over CPU seconds of single-threaded work from which the machine is called busy."""
NUMBA = "needs numba, which is not installed"
TWO = "needs two CPUs"


@dataclass(frozen=True, slots=True)
class Speed:
    """Cell-steps per CPU-second of an engine: median and span of its laps."""

    runner: Runner
    value: float
    low: float
    high: float

    def as_record(self) -> dict[str, Any]:
        """Return it as ``bench.json`` has it."""
        r = self.runner
        task = {"engine": r.engine, "cells": r.cells, "hours": r.hours, "threads": r.threads, "precision": r.precision}
        return {**task, "cell_steps_per_cpu_s": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one contest gave: findings by target, speeds, and how busy the machine was (1: not at all)."""

    findings: dict[str, Finding]
    speeds: tuple[Speed, ...]
    busy: float


def runners_of(sizes: Sizes, *, compiles: bool, cores: int) -> dict[str, Runner]:
    """Return who takes part, where numba may be missing and there may be one core only."""
    taking = {
        "mesa": Runner("mesa", sizes.few, sizes.slow_hours),
        "twin": Runner("twin", sizes.few, sizes.slow_hours),
        "numpy": Runner("numpy", sizes.middle, sizes.hours),
    }
    if compiles:
        taking["few"] = Runner("compiled", sizes.few, sizes.hours)
        taking["middle"] = Runner("compiled", sizes.middle, sizes.hours)
        taking["many"] = Runner("compiled", sizes.many, sizes.hours)
        taking["single"] = Runner("compiled", sizes.many, sizes.hours, precision="single")
        if cores > 1:
            taking["two"] = Runner("compiled", sizes.many, sizes.hours, threads=2)
    return taking


def contest(
    sizes: Sizes, *, compiles: bool = True, cores: int = 2, told: Callable[[], None] = lambda: None
) -> Measured:
    """Time all engines turn by turn.

    Parameters
    ----------
    sizes : Sizes
        How large.
    compiles : bool
        Whether numba is there.
    cores : int
        CPUs this program may use.
    told : callable
        Called after each lap.
    """
    runners = runners_of(sizes, compiles=compiles, cores=cores)
    laps = interleaved(runners, sizes.rounds, told)
    speeds = tuple(_speed(runner, laps[name]) for name, runner in runners.items())
    alone = [lap for name, mine in laps.items() if runners[name].threads == 1 for lap in mine]
    busy = sum(lap.wall for lap in alone) / max(sum(lap.cpu for lap in alone), 1e-9)
    return Measured(findings_of(laps), speeds, busy)


def findings_of(laps: Mapping[str, Sequence[Lap]]) -> dict[str, Finding]:
    """Return the ratios between the laps of the same round."""

    def ratio(over: str, under: str, measure: str = "per_cpu") -> Finding:
        if over not in laps or under not in laps:
            return Finding(None, note=TWO if "many" in laps else NUMBA)
        pairs = zip(laps[over], laps[under], strict=True)
        return Finding.of([getattr(a, measure) / getattr(b, measure) for a, b in pairs])

    return {
        "compiled_to_mesa": ratio("few", "mesa"),
        "compiled_to_numpy": ratio("middle", "numpy"),
        "many_to_middle": ratio("many", "middle"),
        "two_threads": ratio("two", "many", "per_wall"),
        "single_to_double": ratio("single", "many"),
    }


def _speed(runner: Runner, laps: Sequence[Lap]) -> Speed:
    found = [lap.per_cpu for lap in laps]
    return Speed(runner, median(found), min(found), max(found))
