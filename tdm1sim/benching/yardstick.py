"""The cell's equations written down once more, as plain ODEs for LSODA: how far off the engine's step is."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from tdm1sim.benching.laps import parameters_of
from tdm1sim.benching.targets import Finding
from tdm1sim.engine.events import kill_rate
from tdm1sim.engine.rates import Around, clone_rates, rates_of
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.cell import State, Traits, braking, cell_step, way_out
from tdm1sim.parameters import Parameters
from tdm1sim.pools import K
from tdm1sim.population import CycleTimes
from tdm1sim.surroundings.exponential import kinetics_of, load, room_for, transition
from tdm1sim.surroundings.pieces import across, level
from tdm1sim.world import World

FloatArray = NDArray[np.float64]

SHARE = 0.02
"""Free conjugate around the cells over that in plasma: a round number near what a supply-limited tumour has."""
HER2, MDR1, TOLERANCE = (0.3, 1.0, 3.0), (1.0, 3.0, 10.0), (0.5, 1.0, 2.0)
"""The cells: receptors over the clone's, fold of efflux, tolerance; each with each."""


class Kind(NamedTuple):
    """One kind of cell: receptors of the untreated cell (molecules), fold of efflux, tolerance."""

    her2: float
    mdr1: float
    tolerance: float


def kinds_of(parameters: Parameters) -> list[Kind]:
    """Return the cells that are compared."""
    her2 = parameters.clones[0].her2
    return [Kind(fold * her2, mdr1, tolerance) for fold in HER2 for mdr1 in MDR1 for tolerance in TOLERANCE]


def stepped(parameters: Parameters, kinds: list[Kind], times: FloatArray, share: float = SHARE) -> FloatArray:
    """Return the hazard that undividing cells have met by each time, with `cell_step`, shape (times, cells)."""
    v, clone = parameters.values, parameters.clones[0]
    shared, kinetics, room = World(parameters).shared, kinetics_of(parameters), room_for(1)
    her2, mdr1, tolerance = (np.array(column) for column in zip(*kinds, strict=True))
    nothing, never = np.zeros(len(kinds)), np.full(len(kinds), np.inf)
    one = np.ones(len(kinds))
    start = dict.fromkeys(State._fields, nothing) | {"clock_exit": never, "clock_slip": never}
    state = State(**start | {"R": her2, "Re": her2 * clone.ke / (clone.kr + clone.ks)})
    coupled = one * float(clone.her2_driven and not clone.pten_deficient)
    traits = Traits(her2, mdr1, one * clone.slc46a3, tolerance, coupled, one, one, nothing, nothing)
    constants = clone_rates(v, clone, CycleTimes.of(clone, v, parameters.payload))
    leave, slow = way_out(v["kin"]), braking(v["C_T"])
    met = [nothing]
    for t0, t1 in pairwise(times.tolist()):
        h = t1 - t0
        a, d = (share * across(pieces, t0, t1)[1] / h for pieces in shared.supply)
        matrices = transition(kinetics, h, a, room)
        load(matrices, d)
        rates = rates_of(constants, matrices[0], Around(h, a, d))
        state, _, _ = cell_step(state, traits, rates, K, leave, slow)
        met.append(-(state.clock_apoptosis + state.clock_nk))  # clocks that began at 0 and run down
    return np.array(met)


def derivative(parameters: Parameters, kind: Kind, share: float = SHARE) -> Callable[[float, FloatArray], list[float]]:
    """Return d/dt of (R, C, Re, Ce, L, Dc, De, Dl, PL, Pc, hazard) of one cell; nothing here is the engine's."""
    v, clone = parameters.values, parameters.clones[0]
    supply = World(parameters).shared.supply
    ke, kr, ks, ksh = clone.ke, clone.kr, clone.ks, v["ksh"]
    koff, bound_shed = v["kon"] * v["KD"], ksh * (1.0 - v["eta"] * v["arm_shedding"])
    growth = math.log(2.0) / clone.doubling
    made = kind.her2 * (ke * ks / (ks + kr) + ksh + growth * (1.0 + ke / (kr + ks)))
    nM = 1.0 / (clone.volume * MOLECULES_PER_NM_PL)
    T, KDt, fluid = v["T"] / nM, v["KDt"] / nM, clone.kpino * MOLECULES_PER_NM_PL
    out, pump = v["kSLC"] * clone.slc46a3 * clone.phi + v["kleak"], v["keff"] * kind.mdr1
    coupled = v["arm_blockade"] * float(clone.her2_driven and not clone.pten_deficient)
    nk = kill_rate(v)

    def rhs(t: float, y: FloatArray) -> list[float]:
        R, C, Re, Ce, L, Dc, De, Dl, PL, Pc = y[:10].tolist()
        a, d = share * level(supply[0], t), share * level(supply[1], t)
        bind = v["kon"] * a * R - koff * C
        b = KDt + T - Pc
        free = 2.0 * KDt * Pc / (b + math.sqrt(b * b + 4.0 * KDt * Pc))
        x = Pc * nM / kind.tolerance
        klys = v["klys"] * clone.phi / (1.0 + (x / v["C_T"]) ** 2)
        shield = 1.0 + (v["q"] - 1.0) * (1.0 - coupled * C / (R + C))
        hit = (x / v["C_A"]) ** 8
        engaged = (C / v["K_NK"]) ** 4
        return [
            made - bind - (ke + ksh) * R + kr * Re,
            bind - (ke + bound_shed) * C + kr * Ce,
            ke * R - (kr + ks) * Re,
            ke * C - (kr + ks) * Ce,
            ks * Ce + fluid * a - (klys + v["kexoL"]) * L,
            v["kon"] * d * R - (koff + ke + bound_shed + v["kdec"]) * Dc + kr * De,
            ke * Dc - (kr + ks) * De,
            ks * De + fluid * d - (klys + v["kexoL"]) * Dl,
            klys * Dl - (out + v["kexo"]) * PL,
            out * PL - pump * free,
            v["kap"] * hit / (1.0 + hit) / shield + nk * engaged / (1.0 + engaged),
        ]

    return rhs


def integrated(parameters: Parameters, kind: Kind, times: FloatArray, share: float = SHARE) -> FloatArray:
    """Return the hazard one cell has met by each time, with LSODA, shape (times,)."""
    clone, breaks = parameters.clones[0], World(parameters).breakpoints
    rhs = derivative(parameters, kind, share)
    y = np.array([kind.her2, 0.0, kind.her2 * clone.ke / (clone.kr + clone.ks), *([0.0] * 8)])
    hazards = [0.0]
    edges = sorted({times[0], times[-1], *(t for t in breaks if times[0] < t < times[-1])})
    for begin, end in pairwise(edges):
        inside = times[(times > begin) & (times <= end)]
        wanted = np.unique(np.append(inside, end))
        found = solve_ivp(rhs, (begin, end), y, method="LSODA", t_eval=wanted, rtol=1e-8, atol=1e-8, max_step=24.0)
        y = found.y[:, -1]
        hazards += found.y[-1, : len(inside)].tolist()
    return np.array(hazards)


def survival_error(hours: float, share: float = SHARE) -> Finding:
    """Return the largest difference between survival by the engine's step and by LSODA, over cells and times.

    Parameters
    ----------
    hours : float
        Simulated time, h.
    share : float
        Free conjugate around the cells over that in plasma.
    """
    parameters = parameters_of(len(HER2), hours)
    times, kinds = World(parameters).times, kinds_of(parameters)
    ours = np.exp(-stepped(parameters, kinds, times, share))
    reference = np.exp(-np.array([integrated(parameters, kind, times, share) for kind in kinds]).T)
    left = reference[-1]
    return Finding(
        float(np.abs(ours - reference).max()),
        note=f"{len(kinds)} kinds of cells, of which {left.min():.2g} to {left.max():.2g} survive {hours:g} h; "
        f"dt {parameters.plan.dt:g} h",
    )
