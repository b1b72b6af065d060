"""Run the engine and look at one kind of cell per clone: the other side of the comparison."""

from __future__ import annotations

import numpy as np

from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine, rates_of, turnover_of
from tdm1sim.mechanisms.cell import State, Traits, cell_step
from tdm1sim.parameters import Culture, Parameters
from tdm1sim.pools import K
from tdm1sim.surroundings.exponential import Kinetics, transition
from tdm1sim.world import World
from tests.verification.reference import STATES, Cell, integrate


def course(parameters: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray, Engine, float]:
    """Return times, states (times, clones, 7), free conjugate (times,), the engine and the smallest amount seen."""
    engine = engine_of("numpy", World(parameters))
    clones = range(len(parameters.clones))

    def look() -> list[list[float]]:
        return [[float(engine.column(i, name).mean()) for name in STATES] for i in clones]

    world = engine.world
    times, states, free, least = [0.0], [look()], [world.shared.concentration], 0.0
    while not world.finished:
        engine.advance()
        times.append(world.t)
        states.append(look())
        free.append(world.shared.concentration)
        least = min(least, world.shared.amount, *(engine.column(i, n).min() for i in clones for n in STATES))
    return np.array(times), np.array(states), np.array(free), engine, least


def worst_errors(parameters: Parameters) -> dict[str, float]:
    """Return the largest error of each state, and of the free conjugate `a`, relative to its own peak."""
    times, states, free, engine, _ = course(parameters)
    shared = engine_of("numpy", World(parameters)).world.shared
    cells = [
        Cell(
            R0=clone.her2,
            count=len(engine.column(i, "R")),
            v={**parameters.values, "kpino": clone.kpino, "V": clone.volume, "returns": float(shared.returns)},
            mdr1=clone.mdr1,
            slc46a3=clone.slc46a3,
            phi=clone.phi,
            ke_fold=clone.ke / parameters.values["ke"],
            kr_fold=clone.kr / parameters.values["kr"],
        )
        for i, clone in enumerate(parameters.clones)
    ]
    expected, expected_free = integrate(
        cells,
        times,
        amount=shared.amount,
        capacity=shared.capacity,
        supply=shared.supply,
        loss=shared.loss,
        breaks=shared.breakpoints(),
        change=lambda t, amount: changed(parameters, shared.capacity, t, amount),
    )
    errors = np.abs(states - expected).max(axis=0) / expected.max(axis=0)
    result = dict(zip(STATES, errors.max(axis=0).tolist(), strict=True))
    result["a"] = float(np.abs(free - expected_free).max() / expected_free.max())
    return result


def changed(parameters: Parameters, capacity: float, t: float, amount: float) -> float:
    """Return the amount after a change of medium at `t`."""
    where = parameters.surroundings
    if isinstance(where, Culture):
        if any(e.end == t for e in where.exposures):
            amount = 0.0
        amount += sum(e.concentration * capacity for e in where.exposures if e.start == t)
    return amount


def one_cell(parameters: Parameters, means: np.ndarray, h: float) -> np.ndarray:
    """Step one undying cell through given mean concentrations (nM) of equal steps; return states (steps + 1, 7)."""
    clone, v = parameters.clones[0], {**parameters.values, "kap": 0.0}
    kinetics = Kinetics.of(parameters)
    ratio = clone.ke / (clone.kr + clone.ks)
    state = State(clone.her2, 0.0, clone.her2 * ratio, 0.0, 0.0, 0.0, 0.0, 0.0, np.inf, np.inf, np.inf, 0.0)
    traits = Traits(clone.her2, clone.mdr1, clone.slc46a3, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0)
    out = [state[:7]]
    for a in means.tolist():
        matrix = transition(kinetics, a, h)[0]
        rates = rates_of(v, clone, (turnover_of(v, clone)[0], 0.0), 1.0, matrix, a, h)
        state, _, _ = cell_step(state, traits, rates, K)
        out.append(state[:7])
    return np.array(out)
