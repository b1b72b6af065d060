"""What happens to one cell inside one step, in order of time: this is where chance is spent.

Every engine calls the same functions with plain numbers, only for cells to which something happens; the compiled
engine compiles them, so they use numbers, named tuples and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, MutableSequence, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
_APOPTOSIS, _NK = INDEX["clock_apoptosis"], INDEX["clock_nk"]
_EXIT, _SLIP = INDEX["clock_exit"], INDEX["clock_slip"]
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
# Stages and ends as plain numbers: what a compiled engine can compare.
_CYCLING, _COMMITTED = float(Stage.CYCLING), float(Stage.COMMITTED)
_ARRESTED, _MULTINUCLEATED = float(Stage.ARRESTED), float(Stage.MULTINUCLEATED)


class End(IntEnum):
    """How a cell's life ends inside a step; the names are the causes of ``cells.csv``."""

    NONE = 0
    INTERPHASE_APOPTOSIS = 1
    NK = 2
    DEATH_IN_ARREST = 3
    DEATH_AFTER_SLIPPAGE = 4
    DIVISION = 5


CAUSES = tuple(end.name.lower() for end in End)
_NONE, _BY_APOPTOSIS, _BY_NK, _IN_ARREST, _AFTER_SLIPPAGE, _DIVISION = (int(end) for end in End)


class Medians(NamedTuple):
    """What a clone's cells have in the middle; `pten` and `coupled` are 1 or 0."""

    her2: float
    mdr1: float
    slc46a3: float
    pten: float
    coupled: float


class Rules(NamedTuple):
    """What events of a clone's cells need; `others` and `chances` are the clones a daughter may become."""

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
    medians: Medians
    others: NDArray[np.int64]
    chances: NDArray[np.float64]


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
    """Where it stands at the end: `end` is `End.NONE` if it lives on, else how and when (h into the step) it ended."""

    end: int
    time: float
    y: float
    clock_apoptosis: float
    clock_nk: float
    clock_exit: float
    clock_slip: float
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
        medians=Medians(
            clone.her2,
            clone.mdr1,
            clone.slc46a3,
            float(not clone.pten_deficient),
            float(clone.her2_driven and not clone.pten_deficient),
        ),
        others=np.array([names.index(name) for name, _ in clone.becomes], dtype=np.int64),
        chances=np.array([chance for _, chance in clone.becomes], dtype=np.float64),
    )


def _to_gate(y: float, gate: float, push: Push, pace: float, times: CycleTimes) -> float:
    """Return the hours until the cycle position reaches a gate (which lies beyond G1)."""
    in_G1 = max(times.G1 - y, 0.0) / push.speed
    return in_G1 + max(gate - max(y, times.G1), 0.0) / pace


def _advance(y: float, hours: float, push: Push, pace: float, times: CycleTimes) -> float:
    in_G1 = min(hours, max(times.G1 - y, 0.0) / push.speed)
    return y + push.speed * in_G1 + pace * (hours - in_G1)


def _wait(clock: float, rate: float) -> float:
    """Return the hours until a clock that runs down at `rate` (1/h) strikes."""
    return max(clock, 0.0) / rate if rate > 0.0 else math.inf


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
        How it ended, or `End.NONE`.
    """
    y, apoptosis, nk, leave, slip, stage = start
    times, t = rules.times, 0.0
    k_apoptosis, k_nk = push.apoptosis / h, push.nk / h
    while True:
        k_leave, k_slip = _rates(stage, push, rules)
        waits = _wait(apoptosis, k_apoptosis), _wait(nk, k_nk), _wait(leave, k_leave), _wait(slip, k_slip)
        gate = times.checkpoint if stage == _CYCLING else times.end
        to_gate = _to_gate(y, gate, push, pace, times) if stage < _ARRESTED else math.inf
        wait = min(waits[0], waits[1], waits[2], waits[3], to_gate)
        happens = t + wait <= h
        hours = wait if happens else h - t
        t += hours
        apoptosis -= k_apoptosis * hours
        nk -= k_nk * hours
        leave -= k_leave * hours
        slip -= k_slip * hours
        if stage < _ARRESTED:
            y = _advance(y, hours, push, pace, times)
        if not happens:
            return Outcome(_NONE, h, y, apoptosis, nk, leave, slip, stage)
        if wait == waits[3]:
            stage, slip = _MULTINUCLEATED, math.inf
            leave = luck.clock(Decision.DEATH_AFTER_SLIPPAGE, key)
        elif wait == waits[0] or wait == waits[1] or wait == waits[2]:
            return Outcome(_struck(wait, waits, stage), t, y, apoptosis, nk, leave, slip, stage)
        elif stage == _COMMITTED:
            return Outcome(_DIVISION, t, y, apoptosis, nk, leave, slip, stage)
        else:
            y = times.checkpoint
            x = push.x0 + (push.x1 - push.x0) * (t / h)
            if luck.uniform(Decision.ARREST, key) < arrest_probability(x, rules.C_M, rules.n):
                stage = _ARRESTED
                leave = luck.clock(Decision.DEATH_IN_ARREST, key)
                slip = luck.clock(Decision.SLIPPAGE, key)
            else:
                stage = _COMMITTED


def _rates(stage: float, push: Push, rules: Rules) -> tuple[float, float]:
    """Return the hazards of death in, or after, arrest and of slippage, 1/h."""
    if stage == _ARRESTED:
        return rules.kdm * push.factor, rules.kslip
    return (rules.kmc * push.factor if stage == _MULTINUCLEATED else 0.0), 0.0


def _struck(wait: float, waits: tuple[float, float, float, float], stage: float) -> int:
    """Return how the cell ends by the clock that strikes first."""
    if wait == waits[0]:
        return _BY_APOPTOSIS
    if wait == waits[1]:
        return _BY_NK
    return _IN_ARREST if stage == _ARRESTED else _AFTER_SLIPPAGE


def settle(values: MutableSequence[float], outcome: Outcome, rules: Rules) -> None:
    """Write a surviving outcome into the cell's columns."""
    stage = outcome.stage
    values[_Y] = outcome.y
    values[_APOPTOSIS] = outcome.clock_apoptosis
    values[_NK] = outcome.clock_nk
    values[_EXIT] = outcome.clock_exit
    values[_SLIP] = outcome.clock_slip
    values[_STAGE] = stage
    cycling = stage < _ARRESTED
    values[_GROWING] = 1.0 if cycling else 0.0
    values[_K_SLIP] = rules.kslip if stage == _ARRESTED else 0.0
    values[_K_EXIT] = 0.0 if cycling else (rules.kdm if stage == _ARRESTED else rules.kmc)
    values[_GATE] = math.inf
    if cycling:
        values[_GATE] = rules.times.checkpoint if stage == _CYCLING else rules.times.end


def renew(values: NDArray[np.float64], rules: Rules) -> None:
    """Write anew what `settle` derives from a cell's stage, in columns of shape (WIDTH, cells)."""
    stage = values[_STAGE]
    values[_K_SLIP] = np.where(stage == _ARRESTED, rules.kslip, 0.0)
    values[_K_EXIT] = np.where(stage == _ARRESTED, rules.kdm, np.where(stage == _MULTINUCLEATED, rules.kmc, 0.0))
    gate = np.where(stage == _CYCLING, rules.times.checkpoint, rules.times.end)
    values[_GATE] = np.where(stage < _ARRESTED, gate, math.inf)


def next_clone(clone: int, key: int, rules: Rules) -> int:
    """Return the clone of a daughter: its mother's, or one it becomes by its own luck."""
    if len(rules.others) > 0:
        u = luck.uniform(Decision.BECOMES, key)
        for i in range(len(rules.others)):
            if u < rules.chances[i]:
                return int(rules.others[i])
            u -= rules.chances[i]
    return clone


def turn_into(values: MutableSequence[float], old: Medians, new: Medians) -> None:
    """Give a cell the traits of another clone, keeping its own deviation from the clone's median."""
    values[_R0] = _scaled(values[_R0], old.her2, new.her2)
    values[_MDR1] = _scaled(values[_MDR1], old.mdr1, new.mdr1)
    values[_SLC] = _scaled(values[_SLC], old.slc46a3, new.slc46a3)
    values[_PTEN] = new.pten
    values[_COUPLED] = new.coupled


def _scaled(value: float, old: float, new: float) -> float:
    return value * new / old if old > 0.0 else new


def daughter(
    cell: MutableSequence[float],
    mother: Sequence[float],
    key: int,
    outcome: Outcome,
    push: Push,
    rules: Rules,
    born: float,
    h: float,
) -> None:
    """Write the columns of a newborn cell at the end of the step in which its mother divided.

    Parameters
    ----------
    cell : sequence of float
        Where they go; all are written.
    mother : sequence of float
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
    for i in range(len(mother)):
        cell[i] = mother[i]
    for i in _HALVED:
        cell[i] = 0.5 * mother[i]
    pace = 1.0 / (rules.cycle_median * math.exp(rules.cycle_sigma * luck.normal(Decision.CYCLE_LENGTH, key)))
    left = h - outcome.time
    slowed = push.speed * pace / mother[_PACE]
    cell[_PACE] = pace
    level = cell[_PC] * rules.nM
    hazard = apoptosis_hazard(level / cell[_TOLERANCE], rules.kap, rules.inv_C_A, K) * push.factor
    met = adcc_hazard(cell[_C], rules.k_NK, rules.inv_K_NK, K)
    cell[_PEAK] = level
    cell[_BIRTH] = born
    apoptosis = luck.clock(Decision.APOPTOSIS, key) - hazard * left
    nk = luck.clock(Decision.NK, key) - met * left
    y = _advance(0.0, left, Push(0.0, 0.0, 1.0, slowed, 0.0, 0.0), pace, rules.times)
    settle(cell, Outcome(_NONE, h, y, apoptosis, nk, math.inf, math.inf, _CYCLING), rules)
