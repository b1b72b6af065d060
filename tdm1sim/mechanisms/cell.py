"""One step of one cell: the order of these lines is the model.

`cell_step` is called with floats (the twin) or with columns (the NumPy engine). It returns new values and changes
nothing. Birth, death and what the cell shares with its neighbours belong to the engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from tdm1sim.maths import Real, maximum
from tdm1sim.mechanisms.cycle import cycle
from tdm1sim.mechanisms.cytosol import cytosol, free_fraction
from tdm1sim.mechanisms.death import apoptosis_hazards
from tdm1sim.mechanisms.exchange import crossing, efflux_fold
from tdm1sim.mechanisms.immune import adcc_hazards
from tdm1sim.mechanisms.lysosome import catabolite, impaired, proteolysis, unimpaired
from tdm1sim.mechanisms.signalling import death_factors, pi3k_activities
from tdm1sim.mechanisms.trafficking import Transition, carried, synthesis, trafficking
from tdm1sim.pools import Constants, emptyings


class State(NamedTuple):
    """What changes in a step. Amounts in molecules, clocks in integrated hazard, `y` and `peak` in h and nM."""

    R: Real
    C: Real
    Re: Real
    Ce: Real
    L: Real
    Dc: Real
    De: Real
    Dl: Real
    PL: Real
    Pc: Real
    y: Real
    clock_apoptosis: Real
    clock_nk: Real
    clock_exit: Real
    clock_slip: Real
    peak: Real


class Traits(NamedTuple):
    """What a cell is; changes only at events."""

    R0: Real
    mdr1: Real
    slc46a3: Real
    tolerance: Real
    coupled: Real
    pace: Real
    growing: Real
    k_exit: Real
    k_slip: Real


class Rates(NamedTuple):
    """What all cells of a clone share in a step; ``x_`` are rate constants times the step."""

    dt: float
    transition: Transition
    fluid: float
    fluid_carried: float
    syn0: float
    syn_mu: float
    x_lys: float
    x_exoL: float
    x_slc: float
    x_leak: float
    x_exo: float
    x_efflux: float
    inflow: float
    pgp_working: float
    T: float
    KDt: float
    nM: float
    inv_C_T: float
    kap: float
    inv_C_A: float
    q: float
    open_II: float
    uninhibited: float
    blockade: float
    k_NK: float
    inv_K_NK: float
    E_T: float
    G1: float


class Flows(NamedTuple):
    """Molecules that moved during the step, per cell: antibody, then payload."""

    sorted: Real
    proteolysed: Real
    exocytosed: Real
    carried_sorted: Real
    released: Real
    carried_exocytosed: Real
    catabolite_to_cytosol: Real
    catabolite_exocytosed: Real
    effluxed: Real


class Pressure(NamedTuple):
    """What decides events inside the step: integrated hazards, G1 speed, DM1 level (over tolerance) at both ends."""

    apoptosis: Real
    nk: Real
    factor: Real
    speed: Real
    x0: Real
    x1: Real


Leaving = Callable[[Real, Real, Real, Real, float, float, Constants], tuple[Real, Real]]


Slowing = Callable[[Real, Real, Real, Real, Real, float, Constants], Real]


def braking(C_T: float) -> Slowing:
    """Return what the payload does to proteolysis, by its half-impairment level (nM; infinite for nothing)."""
    return impaired if math.inf > C_T else unimpaired


def way_out(kin: float) -> Leaving:
    """Return how payload leaves the cytosol, by its rate constant into cells (pL/h; 0 where it enters none)."""
    return crossing if kin > 0.0 else cytosol


def cell_step(
    s: State, c: Traits, r: Rates, k: Constants, leave: Leaving, slow: Slowing
) -> tuple[State, Flows, Pressure]:
    """Advance cells of one clone by one step.

    Parameters
    ----------
    s : State
        Start of the step, numbers or columns of equal length.
    c : Traits
        The cells' traits.
    r : Rates
        Shared by the clone.
    k : Constants
        Pure numbers.
    leave : callable
        How payload leaves the cytosol, `way_out` of the drug: `cytosol.cytosol`, or `exchange.crossing` where it
        crosses membranes.
    slow : callable
        What the payload does to proteolysis, `braking` of the run: `lysosome.impaired` or `lysosome.unimpaired`.

    Returns
    -------
    State, Flows, Pressure
        End of the step; molecules moved; what events need.
    """
    coupled = c.coupled * r.blockade
    made = synthesis(c.R0, c.growing, r.syn0, r.syn_mu)
    R, C, Re, Ce, sorted_ = trafficking(s.R, s.C, s.Re, s.Ce, made, r.transition)
    Dc, De, brought = carried(s.Dc, s.De, s.R, s.C, s.Re, s.Ce, made, r.transition)
    p0, p1 = pi3k_activities(s.R, s.C, R, C, coupled, r.open_II, r.uninhibited, k)

    per_x = r.nM / c.tolerance
    x0 = s.Pc * per_x
    free = free_fraction(s.Pc, r.T, r.KDt, k)
    x_transport = r.x_slc * c.slc46a3 + r.x_leak
    x_efflux = r.x_efflux * efflux_fold(c.mdr1, r.pgp_working, k)
    brake = slow(s.Pc, x_transport * s.PL + r.inflow, x_efflux, free, per_x, r.inv_C_T, k)
    arriving, carried_in = sorted_ + r.fluid, brought + r.fluid_carried
    x_digest = r.x_lys * brake
    out_L, out_PL = emptyings(x_digest + r.x_exoL, x_transport + r.x_exo, k)
    lysosome = proteolysis(s.L, s.Dl, arriving, carried_in, x_digest, r.x_exoL, out_L)
    PL, entering, exo = catabolite(s.PL, lysosome.released, x_transport, r.x_exo, out_PL)
    Pc, pumped = leave(s.Pc, entering + r.inflow, x_efflux, free, r.T, r.KDt, k)

    x1 = Pc * per_x
    f0, f1 = death_factors(p0, p1, r.q, k)
    h0, h1 = apoptosis_hazards(x0, x1, r.kap, r.inv_C_A, k)
    n0, n1 = adcc_hazards(s.C, C, r.k_NK, r.inv_K_NK, k)
    struck = r.dt * k.half * (h0 * f0 + h1 * f1)
    met = r.dt * k.half * (n0 + n1)
    factor = k.half * (f0 + f1)
    y, speed = cycle(s.y, k.half * (p0 + p1), c.pace, c.growing, r.E_T, r.G1, r.dt, k)

    state = State(
        R,
        C,
        Re,
        Ce,
        lysosome.L,
        Dc,
        De,
        lysosome.Dl,
        PL,
        Pc,
        y,
        s.clock_apoptosis - struck,
        s.clock_nk - met,
        s.clock_exit - c.k_exit * factor * r.dt,
        s.clock_slip - c.k_slip * r.dt,
        maximum(s.peak, Pc * r.nM),
    )
    flows = Flows(
        sorted_,
        lysosome.digested,
        lysosome.exocytosed,
        brought,
        lysosome.released,
        lysosome.carried_exocytosed,
        entering,
        exo,
        pumped,
    )
    return state, flows, Pressure(struck, met, factor, speed, x0, x1)
