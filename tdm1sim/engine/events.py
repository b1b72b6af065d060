"""What happens to one cell inside one step, in order of time: this is where chance is spent.

Every engine calls the same functions with plain numbers, only for cells to which something happens.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tdm1sim import luck
from tdm1sim.luck import Decision
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.death import apoptosis_hazard, arrest_probability
from tdm1sim.parameters import Clone, Parameters
from tdm1sim.pools import K
from tdm1sim.population import COLUMNS, INDEX, CycleTimes, Stage, cycle_scale

_HALVED = tuple(i for i, column in enumerate(COLUMNS) if column.daughters == "half")
_Y, _PEAK, _PC = INDEX["y"], INDEX["peak"], INDEX["Pc"]
_CLOCK_APOPTOSIS, _CLOCK_EXIT, _CLOCK_SLIP = (
    INDEX["clock_apoptosis"],
    INDEX["clock_exit"],
    INDEX["clock_slip"],
)
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
    nM: float
    cycle_median: float
    cycle_sigma: float
    becomes: tuple[tuple[int, float], ...]


class Start(NamedTuple):
    """A cell at the start of the step in which something happens to it."""

    y: float
    clock_apoptosis: float
    clock_exit: float
    clock_slip: float
    stage: float


class Push(NamedTuple):
    """The forces on it during the step (one row of `tdm1sim.mechanisms.cell.Pressure`)."""

    apoptosis: float
    factor: float
    speed: float
    x0: float
    x1: float


class Outcome(NamedTuple):
    """Where it stands at the end: `cause` is empty if it lives on, else why and when (h into the step) it ended."""

    cause: str
    time: float
    y: float
    clock_apoptosis: float
    clock_exit: float
    clock_slip: float
    stage: float


def rules_of(parameters: Parameters, clone: Clone) -> Rules:
    """Collect the constants of a clone's events."""
    v = dict(parameters.values)
    names = [other.name for other in parameters.clones]
    median, sigma = cycle_scale(v["cv_cycle"])
    return Rules(
        times=CycleTimes.of(clone, v),
        C_M=v["C_M"],
        n=v["n"],
        kdm=v["kdm"],
        kslip=v["kslip"],
        kmc=v["kmc"],
        kap=v["kap"],
        inv_C_A=1.0 / v["C_A"],
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
        With cause ``interphase_apoptosis``, ``death_in_arrest``, ``death_after_slippage``, ``division`` or empty.
    """
    y, c_ap, c_exit, c_slip, stage = start
    hazard = push.apoptosis / h
    t = 0.0
    while True:
        cycling = stage < Stage.ARRESTED
        k_exit = 0.0 if cycling else (rules.kdm if stage == Stage.ARRESTED else rules.kmc) * push.factor
        k_slip = rules.kslip if stage == Stage.ARRESTED else 0.0
        gate = rules.times.M if stage == Stage.CYCLING else rules.times.end
        t_ap = max(c_ap, 0.0) / hazard if hazard > 0.0 else math.inf
        t_exit = max(c_exit, 0.0) / k_exit if k_exit > 0.0 else math.inf
        t_slip = max(c_slip, 0.0) / k_slip if k_slip > 0.0 else math.inf
        t_gate = _to_gate(y, gate, push, pace, rules.times) if cycling else math.inf
        wait = min(t_ap, t_exit, t_slip, t_gate)
        happens = t + wait <= h
        hours = wait if happens else h - t
        t += hours
        c_ap -= hazard * hours
        c_exit -= k_exit * hours if k_exit > 0.0 else 0.0
        c_slip -= k_slip * hours if k_slip > 0.0 else 0.0
        if cycling:
            y = _advance(y, hours, push, pace, rules.times)
        if not happens:
            return Outcome("", h, y, c_ap, c_exit, c_slip, stage)
        if wait == t_ap:
            return Outcome("interphase_apoptosis", t, y, c_ap, c_exit, c_slip, stage)
        if wait == t_exit:
            cause = "death_in_arrest" if stage == Stage.ARRESTED else "death_after_slippage"
            return Outcome(cause, t, y, c_ap, c_exit, c_slip, stage)
        if wait == t_slip:
            stage = float(Stage.MULTINUCLEATED)
            c_slip, c_exit = math.inf, luck.clock(Decision.DEATH_AFTER_SLIPPAGE, key)
        elif stage == Stage.IN_MITOSIS:
            return Outcome("division", t, y, c_ap, c_exit, c_slip, stage)
        else:
            y = rules.times.M
            x = push.x0 + (push.x1 - push.x0) * (t / h)
            if luck.uniform(Decision.ARREST, key) < arrest_probability(x, rules.C_M, rules.n):
                stage = float(Stage.ARRESTED)
                c_exit = luck.clock(Decision.DEATH_IN_ARREST, key)
                c_slip = luck.clock(Decision.SLIPPAGE, key)
            else:
                stage = float(Stage.IN_MITOSIS)


def settle(values: list[float], outcome: Outcome, rules: Rules) -> list[float]:
    """Return the cell's columns with a surviving outcome written into them."""
    stage = outcome.stage
    values[_Y] = outcome.y
    values[_CLOCK_APOPTOSIS] = outcome.clock_apoptosis
    values[_CLOCK_EXIT] = outcome.clock_exit
    values[_CLOCK_SLIP] = outcome.clock_slip
    values[_STAGE] = stage
    cycling = stage < Stage.ARRESTED
    values[_GROWING] = 1.0 if cycling else 0.0
    values[_K_SLIP] = rules.kslip if stage == Stage.ARRESTED else 0.0
    values[_K_EXIT] = 0.0 if cycling else (rules.kdm if stage == Stage.ARRESTED else rules.kmc)
    if cycling:
        values[_GATE] = rules.times.M if stage == Stage.CYCLING else rules.times.end
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
    cell[_PEAK] = level
    cell[_BIRTH] = born
    fresh = Outcome(
        "",
        h,
        _advance(0.0, left, slowed, pace, rules.times),
        luck.clock(Decision.APOPTOSIS, key) - hazard * left,
        math.inf,
        math.inf,
        float(Stage.CYCLING),
    )
    return settle(cell, fresh, rules)
