"""Arms of a paired comparison: the same luck, one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from tdm1sim.engine import engine_of
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.intervals import Interval, of_values
from tdm1sim.parameters import Parameters
from tdm1sim.recorder import FLOWS, TIMESERIES, Record
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.world import World


@lru_cache(maxsize=64)
def parameters_of(scenario: str, overrides: tuple[str, ...] = ()) -> Parameters:
    """Return a bundled scenario's parameters."""
    return resolve(load_scenario(scenario, list(overrides))).parameters


@lru_cache(maxsize=64)
def records_of(scenario: str, overrides: tuple[str, ...] = ()) -> tuple[Record, ...]:
    """Run all replicates of a bundled scenario as it stands (8 x 2,000 cells), two at a time."""
    from joblib import Parallel, delayed

    parameters = parameters_of(scenario, overrides)
    tasks = [Task("run", 0.0, parameters, n + 1, "auto") for n in range(parameters.plan.replicates)]
    return tuple(Parallel(n_jobs=2)(delayed(run_replicate)(task) for task in tasks))


def column(record: Record, name: str) -> np.ndarray:
    """Return a column of the time series of one replicate."""
    i = TIMESERIES.index(name)
    return np.array([row[i] for row in record.timeseries], dtype=np.float64)


def flow(record: Record, name: str, hours: float) -> float:
    """Return a cumulative flow (molecules per founder) at a time."""
    i = FLOWS.index(name)
    return float(next(row[i] for row in record.flows if abs(row[1] - hours) < 1e-9))


def lives_of(record: Record) -> list[dict[str, Any]]:
    """Return the rows of ``cells.csv``."""
    columns = [column.tolist() for column in record.cells.values()]
    return [dict(zip(record.cells, row, strict=True)) for row in zip(*columns, strict=True)]


def live(record: Record) -> float:
    """Return living cells per founder at the end."""
    counts = column(record, "live_cells")
    return float(counts[-1] / counts[0])


def auc(record: Record) -> float:
    """Return the area under living cells per founder, days."""
    counts = column(record, "live_cells")
    return float(np.trapezoid(counts / counts[0], column(record, "time_h")) / 24.0)


def paired(a: Sequence[float], b: Sequence[float]) -> Interval:
    """Return the mean paired difference a - b and its 95 % interval."""
    return of_values([x - y for x, y in zip(a, b, strict=True)])


def without_payload(parameters: Parameters) -> Parameters:
    """Return the run with an antibody whose payload is switched off: blockade remains."""
    return replace(parameters, values={**parameters.values, "arm_payload": 0.0})


def mean_activity(parameters: Parameters, hours: float, **plan: Any) -> float:
    """Return the mean PI3K activity of living cells at a time."""
    run = engine_of("numpy", World(replace(parameters, plan=replace(parameters.plan, **plan))))
    while run.world.t < hours:
        run.advance()
    return float(np.mean(run.pi3k(0)))
