"""The cell that the default step serves worst: survival and arrest of undying cells against LSODA.

Kinds of cells differ in HER2, efflux and SLC46A3, and share one compartment; of each kind there are cells of different
tolerance, which changes nothing but what the payload does to them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.integrate import cumulative_trapezoid

from tdm1sim.engine.numpy_engine import NumpyEngine
from tdm1sim.parameters import Parameters
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.surroundings.pieces import level
from tdm1sim.world import World
from tests.verification.reference import PER_NM_PL, STATES, Cell, integrate
from tests.verification.simulated import changed

HER2 = (-2.5, -1.0, 0.0, 1.0, 2.5)
"""Quantiles of the clone's HER2, in standard deviations."""
TRAITS = ((1.0, 1.0), (10.0, 1.0), (1.0, 0.2))
"""MDR1 and SLC46A3."""
TOLERANCE = (-2.5, -1.0, 0.0, 1.0, 2.5)
NEVER = 1.0e3
"""Hazard that a clock is set to: no cell meets it."""
FINE = 1.0 / 16.0
"""Of the reference's integral of the hazard, h; with half of it the survival is the same to 1e-6."""
CASES = {
    "patient": ("her2_positive", ()),
    "patient, T-DXd, 7 days": (
        "her2_positive",
        ("treatment.0.drug=t-dxd", "treatment.0.dose=5.4 mg/kg", "run.duration=7 d"),
    ),
    "culture": ("in_vitro_sk_br_3", ()),
    "culture, used up": ("in_vitro_sk_br_3", ("culture.cells_per_well=60000",)),
}


@dataclass
class Odds:
    """Chances of each cell over time, shape (times, kinds, tolerances)."""

    times: np.ndarray
    survival: np.ndarray
    arrest: np.ndarray


@cache
def cohort(case: str, dt: float = 1.0) -> Parameters:
    """Return the run: a clone per kind, at least a cell per tolerance, none of which dies, divides or grows."""
    name, changes = CASES[case]
    found = resolve(load_scenario(name, [*changes, "record.readouts=[]", "run.replicates=1"])).parameters
    (clone,) = found.clones
    kinds = [
        replace(
            clone,
            name=f"kind {n}",
            fraction=1.0 / (len(HER2) * len(TRAITS)),
            her2=clone.her2 * float(np.exp(clone.her2_sigma * z)),
            her2_sigma=0.0,
            mdr1=mdr1,
            mdr1_sigma=0.0,
            slc46a3=slc46a3,
            slc46a3_sigma=0.0,
            doubling=1.0e9,
            becomes=(),
        )
        for n, (z, (mdr1, slc46a3)) in enumerate(itertools.product(HER2, TRAITS))
    ]
    plan = replace(found.plan, cells=4 * len(kinds) * len(TOLERANCE), dt=dt, record_every=24.0, readouts=())
    values = {**found.values, "arm_adcc": 0.0, "cv_cycle": 0.0}
    return replace(found, clones=tuple(kinds), values=values, plan=plan)


def tolerances(parameters: Parameters) -> np.ndarray:
    """Return the tolerance of the cells of a kind."""
    return np.exp(parameters.values["sigma_tolerance"] * np.array(TOLERANCE))


def stepped(case: str, dt: float) -> Odds:
    """Return the odds that the engine gives the cells at steps of `dt`."""
    parameters = cohort(case, dt)
    engine = NumpyEngine(World(parameters))
    v, tolerance = parameters.values, tolerances(parameters)
    clones = range(len(parameters.clones))
    for i in clones:
        engine.column(i, "tolerance")[:] = np.resize(tolerance, len(engine.keys(i)))
        engine.column(i, "clock_apoptosis")[:] = NEVER
    nM = np.array([1.0 / (clone.volume * PER_NM_PL) for clone in parameters.clones])

    def look() -> tuple[np.ndarray, np.ndarray]:
        met = np.array([NEVER - engine.column(i, "clock_apoptosis")[: len(tolerance)] for i in clones])
        level = np.array([engine.column(i, "Pc")[: len(tolerance)] for i in clones]) * nM[:, None] / tolerance
        return np.exp(-met), level

    seen, times = [look()], [0.0]
    while not engine.world.finished:
        engine.advance()
        seen.append(look())
        times.append(engine.world.t)
    survival, levels = (np.array(x) for x in zip(*seen, strict=True))
    assert engine.living() == parameters.plan.cells
    return Odds(np.array(times), survival, arrest_of(levels, v))


def arrest_of(x: np.ndarray, v: dict[str, float] | object) -> np.ndarray:
    """Return the probability of arrest, written down once more."""
    scaled = (np.maximum(x, 0.0) / v["C_M"]) ** v["n"]  # type: ignore[index]
    return np.asarray(scaled / (1.0 + scaled))


@cache
def reference(case: str, fine: float = FINE) -> Odds:
    """Return the odds by LSODA for all kinds and their compartment together."""
    parameters = cohort(case)
    engine = NumpyEngine(World(parameters))
    shared, counts = engine.world.shared, [len(engine.keys(i)) for i in range(len(parameters.clones))]
    v = {**parameters.values, "returns": float(shared.returns)}
    cells = [
        Cell(
            R0=clone.her2,
            count=count,
            v={**v, "kpino": clone.kpino, "V": clone.volume},
            mdr1=clone.mdr1,
            slc46a3=clone.slc46a3,
            phi=clone.phi,
            ke_fold=clone.ke / v["ke"],
            kr_fold=clone.kr / v["kr"],
        )
        for clone, count in zip(parameters.clones, counts, strict=True)
    ]
    end = parameters.plan.duration
    nodes = {0.0, end, *(t for dt in (0.25, 1.0, 4.0) for t in World(cohort(case, dt)).times.tolist())}
    times = np.unique([*nodes, *np.arange(0.0, end, fine)])
    times = times[np.diff(times, append=np.inf) > 1e-9]
    states, _ = integrate(
        cells,
        times,
        amounts=(shared.amount, shared.carried, shared.payload, shared.ecd),
        capacity=(shared.capacity, shared.capacity, shared.payload_capacity, shared.capacity),
        supply=lambda t: tuple(shared.inflow * level(table, t) for table in shared.supply),
        loss=(shared.loss, shared.loss, shared.payload_loss, shared.loss),
        breaks=shared.breakpoints(),
        change=lambda t, amounts: changed(parameters, shared.capacity, t, amounts),
    )
    R, C, Pc = (states[:, :, STATES.index(name), None] for name in ("R", "C", "Pc"))
    nM = np.array([1.0 / (clone.volume * PER_NM_PL) for clone in parameters.clones])[:, None]
    x = Pc * nM / tolerances(parameters)
    driven = np.array([c.her2_driven and not c.pten_deficient for c in parameters.clones])[:, None] * v["arm_blockade"]
    pi3k = 1.0 - driven * C / (R + C)
    strength = (np.maximum(x, 0.0) / v["C_A"]) ** 8
    hazard = v["kap"] * strength / (1.0 + strength) / (1.0 + (v["q"] - 1.0) * pi3k)
    return Odds(times, np.exp(-cumulative_trapezoid(hazard, times, axis=0, initial=0.0)), arrest_of(x, v))


def worst(case: str, dt: float) -> tuple[float, float]:
    """Return the largest error of survival and of the probability of arrest, over all cells and steps."""
    got, true = stepped(case, dt), reference(case)
    return tuple(
        max(
            float(np.abs(ours[:, i, j] - np.interp(got.times, true.times, theirs[:, i, j])).max())
            for i in range(ours.shape[1])
            for j in range(ours.shape[2])
        )
        for ours, theirs in ((got.survival, true.survival), (got.arrest, true.arrest))
    )  # type: ignore[return-value]
