"""One step of one cell: the order of these lines is the model.

`cell_step` is called with floats (the twin) or with columns (the NumPy engine). It returns new values and changes
nothing. Its three parts, receptors, payload and clocks, need little of each other; the compiled engine takes many cells
through one part before the next. Birth, death and what the cell shares with its neighbours belong to the engine.
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


class Receptors(NamedTuple):
    """The part of `State` at the surface and in endosomes: receptors, antibody on them, payload on that."""

    R: Real
    C: Real
    Re: Real
    Ce: Real
    Dc: Real
    De: Real


class Payload(NamedTuple):
    """The part of `State` in lysosomes and cytosol, and the highest level that was reached there."""

    L: Real
    Dl: Real
    PL: Real
    Pc: Real
    peak: Real


class Clocks(NamedTuple):
    """The part of `State` that decides when something happens to the cell."""

    y: Real
    clock_apoptosis: Real
    clock_nk: Real
    clock_exit: Real
    clock_slip: Real


class Reached(NamedTuple):
    """What a step at the surface means for the rest of the cell.

    Antibody and payload on it that reached lysosomes, molecules; PI3K activity at both ends; integrated hazard of NK
    cells.
    """

    sorted: Real
    carried_sorted: Real
    p0: Real
    p1: Real
    nk: Real


class Digested(NamedTuple):
    """What a step in lysosomes and cytosol means: molecules that moved; DM1 level (over tolerance, nM) at both ends."""

    proteolysed: Real
    exocytosed: Real
    released: Real
    carried_exocytosed: Real
    catabolite_to_cytosol: Real
    catabolite_exocytosed: Real
    effluxed: Real
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


def receptor_step(s: Receptors, c: Traits, r: Rates, k: Constants) -> tuple[Receptors, Reached]:
    """Advance receptors, antibody and the payload on it: the first part of `cell_step`, which tells the arguments."""
    coupled = c.coupled * r.blockade
    made = synthesis(c.R0, c.growing, r.syn0, r.syn_mu)
    R, C, Re, Ce, sorted_ = trafficking(s.R, s.C, s.Re, s.Ce, made, r.transition)
    Dc, De, brought = carried(s.Dc, s.De, s.R, s.C, s.Re, s.Ce, made, r.transition)
    p0, p1 = pi3k_activities(s.R, s.C, R, C, coupled, r.open_II, r.uninhibited, k)
    n0, n1 = adcc_hazards(s.C, C, r.k_NK, r.inv_K_NK, k)
    return Receptors(R, C, Re, Ce, Dc, De), Reached(sorted_, brought, p0, p1, r.dt * k.half * (n0 + n1))


def payload_step(
    s: Payload, reached: Reached, c: Traits, r: Rates, k: Constants, leave: Leaving, slow: Slowing
) -> tuple[Payload, Digested]:
    """Advance lysosomes and cytosol: the second part of `cell_step`."""
    per_x = r.nM / c.tolerance
    free = free_fraction(s.Pc, r.T, r.KDt, k)
    x_transport = r.x_slc * c.slc46a3 + r.x_leak
    x_efflux = r.x_efflux * efflux_fold(c.mdr1, r.pgp_working, k)
    brake = slow(s.Pc, x_transport * s.PL + r.inflow, x_efflux, free, per_x, r.inv_C_T, k)
    arriving, carried_in = reached.sorted + r.fluid, reached.carried_sorted + r.fluid_carried
    x_digest = r.x_lys * brake
    out_L, out_PL = emptyings(x_digest + r.x_exoL, x_transport + r.x_exo, k)
    lysosome = proteolysis(s.L, s.Dl, arriving, carried_in, x_digest, r.x_exoL, out_L)
    PL, entering, exo = catabolite(s.PL, lysosome.released, x_transport, r.x_exo, out_PL)
    Pc, pumped = leave(s.Pc, entering + r.inflow, x_efflux, free, r.T, r.KDt, k)
    return Payload(lysosome.L, lysosome.Dl, PL, Pc, maximum(s.peak, Pc * r.nM)), Digested(
        lysosome.digested,
        lysosome.exocytosed,
        lysosome.released,
        lysosome.carried_exocytosed,
        entering,
        exo,
        pumped,
        s.Pc * per_x,
        Pc * per_x,
    )


def clock_step(
    s: Clocks, reached: Reached, x0: Real, x1: Real, c: Traits, r: Rates, k: Constants
) -> tuple[Clocks, Pressure]:
    """Advance the cycle and the clocks of death and mitosis: the third part of `cell_step`.

    `x0` and `x1` are the DM1 level (over tolerance, nM) at both ends.
    """
    f0, f1 = death_factors(reached.p0, reached.p1, r.q, k)
    h0, h1 = apoptosis_hazards(x0, x1, r.kap, r.inv_C_A, k)
    struck = r.dt * k.half * (h0 * f0 + h1 * f1)
    factor = k.half * (f0 + f1)
    y, speed = cycle(s.y, k.half * (reached.p0 + reached.p1), c.pace, c.growing, r.E_T, r.G1, r.dt, k)
    clocks = Clocks(
        y,
        s.clock_apoptosis - struck,
        s.clock_nk - reached.nk,
        s.clock_exit - c.k_exit * factor * r.dt,
        s.clock_slip - c.k_slip * r.dt,
    )
    return clocks, Pressure(struck, reached.nk, factor, speed, x0, x1)


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
    receptors, reached = receptor_step(Receptors(s.R, s.C, s.Re, s.Ce, s.Dc, s.De), c, r, k)
    payload, went = payload_step(Payload(s.L, s.Dl, s.PL, s.Pc, s.peak), reached, c, r, k, leave, slow)
    before = Clocks(s.y, s.clock_apoptosis, s.clock_nk, s.clock_exit, s.clock_slip)
    clocks, pressure = clock_step(before, reached, went.x0, went.x1, c, r, k)
    state = State(
        receptors.R,
        receptors.C,
        receptors.Re,
        receptors.Ce,
        payload.L,
        receptors.Dc,
        receptors.De,
        payload.Dl,
        payload.PL,
        payload.Pc,
        clocks.y,
        clocks.clock_apoptosis,
        clocks.clock_nk,
        clocks.clock_exit,
        clocks.clock_slip,
        payload.peak,
    )
    flows = Flows(
        reached.sorted,
        went.proteolysed,
        went.exocytosed,
        reached.carried_sorted,
        went.released,
        went.carried_exocytosed,
        went.catabolite_to_cytosol,
        went.catabolite_exocytosed,
        went.effluxed,
    )
    return state, flows, pressure
