"""What happens to one cell inside one step, in order of time: this is where chance is spent.

Every engine calls the same functions with plain numbers, only for cells to which something happens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tdm1sim import luck
from tdm1sim.luck import Decision
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.death import apoptosis_hazard, arrest_probability
from tdm1sim.mechanisms.immune import adcc_hazard
from tdm1sim.parameters import Clone, Parameters
from tdm1sim.pools import K
from tdm1sim.population import COLUMNS, INDEX, CycleTimes, Stage, cycle_scale

_HALVED = tuple(i for i, column in enumerate(COLUMNS) if column.daughters == "half")
_Y, _PEAK, _PC, _C = INDEX["y"], INDEX["peak"], INDEX["Pc"], INDEX["C"]
_CLOCKS = tuple(INDEX[f"clock_{name}"] for name in ("apoptosis", "nk", "exit", "slip"))
_PACE, _GROWING, _K_EXIT, _K_SLIP = INDEX["pace"], INDEX["growing"], INDEX["k_exit"], INDEX["k_slip"]
_GATE, _STAGE, _BIRTH = INDEX["gate"], INDEX["stage"], INDEX["birth"]
_R0, _MDR1, _SLC, _TOLERANCE, _COUPLED, _PTEN = (
    INDEX["R0"],
    INDEX["mdr1"],
    INDEX["slc46a3"],
    INDEX["tolerance"],
    INDEX["coupled"],
    INDEX["pten"],
)


class Rules(NamedTuple):
    """What events of a clone's cells need."""

    times: CycleTimes
    C_M: float
    n: float
    kdm: float
    kslip: float
    kmc: float
    kap: float
    inv_C_A: float
    k_NK: float
    inv_K_NK: float
    nM: float
    cycle_median: float
    cycle_sigma: float
    becomes: tuple[tuple[int, float], ...]


class Start(NamedTuple):
    """A cell at the start of the step in which something happens to it."""

    y: float
    clock_apoptosis: float
    clock_nk: float
    clock_exit: float
    clock_slip: float
    stage: float


class Push(NamedTuple):
    """The forces on it during the step (one row of `tdm1sim.mechanisms.cell.Pressure`)."""

    apoptosis: float
    nk: float
    factor: float
    speed: float
    x0: float
    x1: float


class Outcome(NamedTuple):
    """Where it stands at the end: `cause` is empty if it lives on, else why and when (h into the step) it ended."""

    cause: str
    time: float
    y: float
    clocks: tuple[float, float, float, float]
    stage: float


def kill_rate(values: Mapping[str, float]) -> float:
    """Return the rate at which NK cells kill a fully engaged cell, 1/h; 0 with that arm switched off."""
    return values["kNK"] * values["NK"] * values["arm_adcc"]


def rules_of(parameters: Parameters, clone: Clone) -> Rules:
    """Collect the constants of a clone's events."""
    v = dict(parameters.values)
    names = [other.name for other in parameters.clones]
    median, sigma = cycle_scale(v["cv_cycle"])
    return Rules(
        times=CycleTimes.of(clone, v, parameters.payload),
        C_M=v["C_M"],
        n=v["n"],
        kdm=v["kdm"],
        kslip=v["kslip"],
        kmc=v["kmc"],
        kap=v["kap"],
        inv_C_A=1.0 / v["C_A"],
        k_NK=kill_rate(v),
        inv_K_NK=1.0 / v["K_NK"],
        nM=1.0 / (clone.volume * MOLECULES_PER_NM_PL),
        cycle_median=median,
        cycle_sigma=sigma,
        becomes=tuple((names.index(name), chance) for name, chance in clone.becomes),
    )


def _to_gate(y: float, gate: float, push: Push, pace: float, times: CycleTimes) -> float:
    """Return the hours until the cycle position reaches a gate (which lies beyond G1)."""
    in_G1 = max(times.G1 - y, 0.0) / push.speed
    return in_G1 + max(gate - max(y, times.G1), 0.0) / pace


def _advance(y: float, hours: float, push: Push, pace: float, times: CycleTimes) -> float:
    in_G1 = min(hours, max(times.G1 - y, 0.0) / push.speed)
    return y + push.speed * in_G1 + pace * (hours - in_G1)


def live_through(start: Start, push: Push, pace: float, key: int, rules: Rules, h: float) -> Outcome:
    """Follow one cell through a step and every event in it.

    Parameters
    ----------
    start : Start
        Before the step.
    push : Push
        Forces during the step.
    pace : float
        The cell's speed through the cycle.
    key : int
        Its luck.
    rules : Rules
        Its clone's constants.
    h : float
        Step, h.

    Returns
    -------
    Outcome
        With cause ``interphase_apoptosis``, ``nk``, ``death_in_arrest``, ``death_after_slippage``, ``division`` or
        empty.
    """
    y, *clocks, stage = start
    times, t = rules.times, 0.0
    while True:
        cycling = stage < Stage.ARRESTED
        hazards = _hazards(stage, push, rules, h)
        gate = times.checkpoint if stage == Stage.CYCLING else times.end
        waits = [max(c, 0.0) / rate if rate > 0.0 else math.inf for c, rate in zip(clocks, hazards, strict=True)]
        to_gate = _to_gate(y, gate, push, pace, times) if cycling else math.inf
        wait = min(*waits, to_gate)
        happens = t + wait <= h
        hours = wait if happens else h - t
        t += hours
        clocks = [c - rate * hours if rate > 0.0 else c for c, rate in zip(clocks, hazards, strict=True)]
        if cycling:
            y = _advance(y, hours, push, pace, times)
        if not happens:
            return Outcome("", h, y, _four(clocks), stage)
        if wait == waits[_SLIP]:
            stage = float(Stage.MULTINUCLEATED)
            clocks[_SLIP], clocks[_EXIT] = math.inf, luck.clock(Decision.DEATH_AFTER_SLIPPAGE, key)
        elif wait in waits:
            return Outcome(_cause(waits.index(wait), stage), t, y, _four(clocks), stage)
        elif stage == Stage.COMMITTED:
            return Outcome("division", t, y, _four(clocks), stage)
        else:
            y = times.checkpoint
            x = push.x0 + (push.x1 - push.x0) * (t / h)
            if luck.uniform(Decision.ARREST, key) < arrest_probability(x, rules.C_M, rules.n):
                stage = float(Stage.ARRESTED)
                clocks[_EXIT] = luck.clock(Decision.DEATH_IN_ARREST, key)
                clocks[_SLIP] = luck.clock(Decision.SLIPPAGE, key)
            else:
                stage = float(Stage.COMMITTED)


_EXIT, _SLIP = 2, 3
"""Places among the clocks: apoptosis, NK, exit, slippage."""


def _hazards(stage: float, push: Push, rules: Rules, h: float) -> tuple[float, float, float, float]:
    """Return the present hazards of the four clocks, 1/h."""
    arrested = stage == Stage.ARRESTED
    k_exit = (rules.kdm if arrested else rules.kmc) * push.factor if stage >= Stage.ARRESTED else 0.0
    return push.apoptosis / h, push.nk / h, k_exit, rules.kslip if arrested else 0.0


def _cause(clock: int, stage: float) -> str:
    if clock == _EXIT:
        return "death_in_arrest" if stage == Stage.ARRESTED else "death_after_slippage"
    return ("interphase_apoptosis", "nk")[clock]


def _four(clocks: Sequence[float]) -> tuple[float, float, float, float]:
    a, b, c, d = clocks
    return a, b, c, d


def settle(values: list[float], outcome: Outcome, rules: Rules) -> list[float]:
    """Return the cell's columns with a surviving outcome written into them."""
    stage = outcome.stage
    values[_Y] = outcome.y
    for place, left in zip(_CLOCKS, outcome.clocks, strict=True):
        values[place] = left
    values[_STAGE] = stage
    cycling = stage < Stage.ARRESTED
    values[_GROWING] = 1.0 if cycling else 0.0
    values[_K_SLIP] = rules.kslip if stage == Stage.ARRESTED else 0.0
    values[_K_EXIT] = 0.0 if cycling else (rules.kdm if stage == Stage.ARRESTED else rules.kmc)
    if cycling:
        values[_GATE] = rules.times.checkpoint if stage == Stage.CYCLING else rules.times.end
    else:
        values[_GATE] = math.inf
    return values


def next_clone(clone: int, key: int, rules: Rules) -> int:
    """Return the clone of a daughter: its mother's, or one it becomes by its own luck."""
    if rules.becomes:
        u = luck.uniform(Decision.BECOMES, key)
        for other, chance in rules.becomes:
            if u < chance:
                return other
            u -= chance
    return clone


def turn_into(values: list[float], old: Clone, new: Clone) -> None:
    """Give a cell the traits of another clone, keeping its own deviation from the clone's median."""
    for index, name in ((_R0, "her2"), (_MDR1, "mdr1"), (_SLC, "slc46a3")):
        before, after = getattr(old, name), getattr(new, name)
        values[index] = values[index] * after / before if before > 0.0 else after
    values[_PTEN] = float(not new.pten_deficient)
    values[_COUPLED] = float(new.her2_driven and not new.pten_deficient)


def daughter(
    mother: list[float], key: int, outcome: Outcome, push: Push, rules: Rules, born: float, h: float
) -> list[float]:
    """Return the columns of a newborn cell at the end of the step in which its mother divided.

    Parameters
    ----------
    mother : list of float
        The mother's columns at the end of the step.
    key : int
        The daughter's luck.
    outcome, push : Outcome, Push
        The mother's division and the forces on her.
    rules : Rules
        Constants of the daughter's clone.
    born : float
        Time of birth, h.
    h : float
        Step, h.
    """
    cell = list(mother)
    for i in _HALVED:
        cell[i] = 0.5 * mother[i]
    pace = 1.0 / (rules.cycle_median * math.exp(rules.cycle_sigma * luck.normal(Decision.CYCLE_LENGTH, key)))
    left = h - outcome.time
    slowed = push._replace(speed=push.speed * pace / mother[_PACE])
    cell[_PACE] = pace
    level = cell[_PC] * rules.nM
    hazard = apoptosis_hazard(level / cell[_TOLERANCE], rules.kap, rules.inv_C_A, K) * push.factor
    met = adcc_hazard(cell[_C], rules.k_NK, rules.inv_K_NK, K)
    cell[_PEAK] = level
    cell[_BIRTH] = born
    clocks = (
        luck.clock(Decision.APOPTOSIS, key) - hazard * left,
        luck.clock(Decision.NK, key) - met * left,
        math.inf,
        math.inf,
    )
    y = _advance(0.0, left, slowed, pace, rules.times)
    return settle(cell, Outcome("", h, y, clocks, float(Stage.CYCLING)), rules)
