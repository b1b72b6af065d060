"""Run the engine and look at one kind of cell per clone: the other side of the comparison."""

from __future__ import annotations

import numpy as np

from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.engine.rates import Around, clone_rates, rates_of
from tdm1sim.mechanisms.cell import State, Traits, braking, cell_step, way_out
from tdm1sim.parameters import Culture, Parameters
from tdm1sim.pools import K
from tdm1sim.population import CycleTimes
from tdm1sim.surroundings.exponential import kinetics_of, load, room_for, transition
from tdm1sim.surroundings.pieces import level
from tdm1sim.world import World
from tests.verification.reference import STATES, Cell, integrate


def course(parameters: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray, Engine, float]:
    """Return times, states (times, clones, 10), what is around the cells (times, 4), engine, smallest amount."""
    engine = engine_of("numpy", World(parameters))
    clones = range(len(parameters.clones))

    def look() -> list[list[float]]:
        return [[float(engine.column(i, name).mean()) for name in STATES] for i in clones]

    world = engine.world
    shared = world.shared

    def outside() -> list[float]:
        return [shared.antibody_nM, shared.carried / shared.capacity, shared.payload_nM, shared.ecd_nM]

    times, states, free, least = [0.0], [look()], [outside()], 0.0
    while not world.finished:
        engine.advance()
        times.append(world.t)
        states.append(look())
        free.append(outside())
        amounts = (shared.amount, shared.carried, shared.payload, shared.ecd)
        least = min(least, *amounts, *(engine.column(i, n).min() for i in clones for n in STATES))
    return np.array(times), np.array(states), np.array(free), engine, least


def worst_errors(parameters: Parameters) -> dict[str, float]:
    """Return the largest error of each state and of what is around the cells, relative to its own peak.

    Around them are free antibody `a`, payload on it `d`, payload that cells gave off `p`, and shed ectodomain `e`.
    """
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
        amounts=(shared.amount, shared.carried, shared.payload, shared.ecd),
        capacity=(shared.capacity, shared.capacity, shared.payload_capacity, shared.capacity),
        supply=lambda t: tuple(shared.inflow * level(table, t) for table in shared.supply),
        loss=(shared.loss, shared.loss, shared.payload_loss, shared.loss),
        breaks=shared.breakpoints(),
        change=lambda t, amounts: changed(parameters, shared.capacity, t, amounts),
    )
    errors = np.abs(states - expected).max(axis=0) / expected.max(axis=0)
    result = dict(zip(STATES, errors.max(axis=0).tolist(), strict=True))
    result |= dict(
        zip("adpe", (np.abs(free - expected_free).max(axis=0) / expected_free.max(axis=0)).tolist(), strict=True)
    )
    return result


def changed(parameters: Parameters, capacity: float, t: float, amounts: np.ndarray) -> np.ndarray:
    """Return what is around the cells after a change of medium at `t`, molecules."""
    where, DAR = parameters.surroundings, parameters.values["DAR"]
    if isinstance(where, Culture):
        fresh = any(e.end == t for e in where.exposures)
        amounts = amounts * (not fresh)
        for e in where.exposures:
            if e.site == "IV" and (e.start == t or (fresh and e.start < t < e.end)):
                amounts = amounts + e.concentration * capacity * np.array([1.0, DAR * e.conjugate, 0.0, 0.0])
    return amounts


def one_cell(parameters: Parameters, means: np.ndarray, h: float) -> np.ndarray:
    """Step one undying cell through given mean concentrations (nM) of equal steps; return states (steps + 1, 10)."""
    clone, v = parameters.clones[0], {**parameters.values, "kap": 0.0}
    kinetics, room = kinetics_of(parameters), room_for(1)
    ratio = clone.ke / (clone.kr + clone.ks)
    nothing = dict.fromkeys(State._fields, 0.0) | dict.fromkeys(("clock_apoptosis", "clock_nk"), np.inf)
    state = State(**{**nothing, "R": clone.her2, "Re": clone.her2 * ratio, "clock_exit": np.inf, "clock_slip": np.inf})
    traits = Traits(clone.her2, clone.mdr1, clone.slc46a3, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0)
    constants = clone_rates(v, clone, CycleTimes.of(clone, v, "microtubule"))._replace(syn_mu=0.0)
    width = len(STATES)
    out = [state[:width]]
    for a in means.tolist():
        matrices = transition(kinetics, h, a, room)
        load(matrices, v["DAR"] * a)
        rates = rates_of(constants, matrices[0], Around(h, a, v["DAR"] * a))
        state, _, _ = cell_step(state, traits, rates, K, way_out(v["kin"]), braking(v["C_T"]))
        out.append(state[:width])
    return np.array(out)
