"""Runs that several tests look at, and what is compared of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.lives import CAUSES
from tdm1sim.parameters import Parameters
from tdm1sim.population import NAMES
from tdm1sim.recorder import CLONES, FLOWS, TIMESERIES, Record, Recorder
from tdm1sim.world import World

CLOSE = 1e-9
"""Relative: a thousand steps of rounding, and products of matrices in another order."""
TABLES = {"timeseries": TIMESERIES, "flows": FLOWS, "clones": CLONES}


@dataclass
class Life:
    """One cell, dead or alive: how it ended ("" where it lives), its clone and its columns."""

    cause: str
    end: float
    clone: str
    values: np.ndarray


@dataclass
class Lived:
    """What is left of a run."""

    engine: Engine
    record: Record
    lives: dict[str, Life]


def run(parameters: Parameters, engine: str | Any, threads: int = 1, few: int = 0) -> Lived:
    """Run one replicate to its end, with records; `engine` is a name, or makes an engine of a world.

    Windows are long here however few the cells are, unless `few` says otherwise.
    """
    world = World(parameters, followed=True, few=few)
    made: Engine = engine_of(engine, world, threads) if isinstance(engine, str) else engine(world)
    recorder, outcome = Recorder(made), "completed"
    recorder.look()
    while not world.finished:
        made.advance_window()
        recorder.look()
        if made.living() > parameters.plan.capacity:
            outcome = "capacity_reached"
            break
    if outcome == "completed" and made.living() == 0:
        outcome = "cleared"
    lives = lives_of(made)
    return Lived(made, recorder.finish(outcome), lives)


def lives_of(made: Engine) -> dict[str, Life]:
    """Return every cell that ever lived, by lineage name."""
    kept, clones = made.world.tally.lives, made.clones
    fields = kept.rows.dtype.names or ()
    found: dict[str, Life] = {}
    for kept_row, path in zip(kept.rows.tolist(), kept.names, strict=True):
        row = dict(zip(fields, kept_row, strict=True))
        assert path not in found, path
        values = np.array([row.get(name, 0.0) for name in NAMES])
        found[path] = Life(CAUSES[row["cause"]], row["end"], clones[row["clone"]].name, values)
    for i, kind in enumerate(clones):
        columns = np.array([made.column(i, name) for name in NAMES]).T
        for path, values in zip(made.names(i, range(len(columns))), columns, strict=True):
            assert path not in found, path
            found[path] = Life("", made.world.t, kind.name, values)
    return found


def far(a: float, b: float, scale: float = 0.0) -> float:
    """Return how far two numbers are apart, relative to the larger, or to `scale` where that is larger."""
    if a == b:  # also both infinite
        return 0.0
    return abs(a - b) / max(abs(a), abs(b), scale)


def differences(one: Lived, other: Lived, close: float = CLOSE) -> list[str]:
    """Return in what two runs differ: no line where they lived the same lives and recorded the same."""
    told: list[str] = []
    if one.lives.keys() != other.lives.keys():
        told.append(f"{len(one.lives.keys() ^ other.lives.keys())} cells lived in one run only")
    for path in one.lives.keys() & other.lives.keys():
        a, b = one.lives[path], other.lives[path]
        if (a.cause, a.clone) != (b.cause, b.clone) or far(a.end, b.end, 1.0) > close:
            told.append(f"{path}: {a.cause or 'alive'} {a.clone} {a.end!r} - {b.cause or 'alive'} {b.clone} {b.end!r}")
        # a molecule, an hour, a clock of hazard: below 1 nothing is told apart more finely than by `close`
        apart = [far(x, y, 1.0) for x, y in zip(a.values.tolist(), b.values.tolist(), strict=True)]
        if max(apart) > close:
            told.append(f"{path}: {NAMES[int(np.argmax(apart))]} {max(apart):.2g}")
    for name, columns in TABLES.items():
        told += table_differences(name, columns, getattr(one.record, name), getattr(other.record, name), close)
    for name in ("outcome", "born", "steps"):
        if getattr(one.record, name) != getattr(other.record, name):
            told.append(f"{name}: {getattr(one.record, name)} - {getattr(other.record, name)}")
    for name in ("ends", "living", "bands"):
        if not np.array_equal(getattr(one.record, name), getattr(other.record, name)):
            told.append(name)
    return told


def table_differences(
    name: str, columns: tuple[str, ...], ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], close: float
) -> list[str]:
    """Return in which columns two tables differ, each against its own largest number."""
    if len(ours) != len(theirs):
        return [f"{name}: {len(ours)} - {len(theirs)} rows"]
    told = []
    for n, column in enumerate(columns):
        a, b = [row[n] for row in ours], [row[n] for row in theirs]
        numbers = [x for x in (*a, *b) if isinstance(x, float) and np.isfinite(x)]
        top = max(map(abs, numbers), default=0.0)
        apart = max(_far(x, y, 1e-3 * top) for x, y in zip(a, b, strict=True))
        if apart > close:
            told.append(f"{name}.{column}: {apart:.2g}")
    return told


def _far(x: Any, y: Any, scale: float) -> float:
    if isinstance(x, float) and isinstance(y, float) and not (np.isnan(x) and np.isnan(y)):
        return far(x, y, scale)
    return 0.0 if x == y or (x != x and y != y) else float("inf")


def with_plan(parameters: Parameters, **fields: Any) -> Parameters:
    """Return the run with another plan."""
    return replace(parameters, plan=replace(parameters.plan, **fields))
