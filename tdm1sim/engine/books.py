"""The books of a compartment: what its cells took and gave back in a step, along every arrow of the mechanism.

Plain loops over few numbers: the compiled engine compiles `enter` as it stands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tdm1sim.mechanisms.cell import Flows
from tdm1sim.surroundings.exponential import KE, KR, PINO, STATES, Kinetics
from tdm1sim.surroundings.joint import CE, CELLS, DC, DE, MADE, C, R
from tdm1sim.world import World

FloatArray = NDArray[np.float64]

MET = 9
"""Numbers that sharing gives the cells in a step: mean free antibody and payload on it around them (nM); antibody that
came from and went to the outside; payload that came, went back and fell off with it
(`tdm1sim.surroundings.joint.Joint`); free antibody and payload on it at the end (nM)."""

BOOKED = (
    "bound",
    "dissociated",
    "internalised",
    "recycled",
    "sorted_to_lysosome",
    "pinocytosed",
    "proteolysed",
    "conjugate_exocytosed",
    "catabolite_to_cytosol",
    "catabolite_exocytosed",
    "dm1_effluxed",
    "shed_with_receptor",
    "shed_receptor",
    "carried_sorted",
    "carried_released",
    "carried_deconjugated",
    "carried_exocytosed",
    "carried_shed",
)
"""Arrows of the ledger that cells and their compartment fill, in the order of `enter`."""
CHANGED = (
    "amount",
    "carried",
    "payload",
    "ecd",
    "entered",
    "left",
    "carried_entered",
    "carried_left",
    "foreseen",
    "foreseen_carried",
)
"""What a step makes of a compartment, in the order of `enter`: changes of antibody, payload on it, free payload,
ectodomain and of what crossed the border (molecules); then what was foreseen to be free at the end (nM)."""

(
    _SORTED,
    _PROTEOLYSED,
    _EXOCYTOSED,
    _CARRIED_SORTED,
    _RELEASED,
    _CARRIED_EXOCYTOSED,
    _TO_CYTOSOL,
    _CATABOLITE_EXOCYTOSED,
    _EFFLUXED,
) = range(len(Flows._fields))
_OVER = STATES + 1
"""First row of the integrals in a transition."""


def enter(
    k: Kinetics,
    h: float,
    sums: FloatArray,
    after: FloatArray,
    flows: FloatArray,
    met: FloatArray,
    matrices: FloatArray,
    returns: bool,
    arrows: FloatArray,
    change: FloatArray,
) -> None:
    """Book every arrow of the mechanism in one step.

    The compartment is booked by what the cells really took, so nothing is lost between them and it.

    Parameters
    ----------
    k : Kinetics
        Rate constants.
    h : float
        Length of the step, h.
    sums : array, shape (clones, 10)
        Of the cells at its start (`tdm1sim.surroundings.joint.R` and what follows).
    after : array, shape (clones, >= 6)
        R, C, Re, Ce, Dc, De at its end, before anything happened to a cell, molecules.
    flows : array, shape (clones, 9)
        What moved (`tdm1sim.mechanisms.cell.Flows`), molecules.
    met : array, shape (MET,)
        What sharing gave the cells.
    matrices : array, shape (clones, 13, 13)
        The transitions they were given.
    returns : bool
        Whether antibody that cells give back re-enters the compartment.
    arrows : array, shape (len(BOOKED),)
        Added to, molecules.
    change : array, shape (len(CHANGED),)
        Filled.
    """
    free_shed, shed, carried_shed, fell_off, dissociated, internalised, recycled = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    bound, bound_carried, fluid = 0.0, 0.0, 0.0
    arrived, digested, exocytosed, brought, released, carried_out = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    catabolite, catabolite_out, effluxed = 0.0, 0.0, 0.0
    for c in range(len(sums)):
        over_R, over_C, over_Ce, over_Dc = 0.0, 0.0, 0.0, 0.0  # integrals over the step
        for i in range(MADE + 1):
            x = sums[c, i]
            over_R += matrices[c, _OVER + R, i] * x
            over_C += matrices[c, _OVER + C, i] * x
            over_Ce += matrices[c, _OVER + CE, i] * x
            over_Dc += matrices[c, _OVER + DC, i] * x
        free_shed += k.ksh * over_R
        shed += k.bound_shed * over_C
        carried_shed += k.bound_shed * over_Dc
        fell_off += k.kdec * over_Dc
        dissociated += k.koff * over_C
        internalised += k.each[c, KE] * over_C
        recycled += k.each[c, KR] * over_Ce
        bound += after[c, C] - sums[c, C] + after[c, CE] - sums[c, CE]
        bound_carried += after[c, DC] - sums[c, DC] + after[c, DE] - sums[c, DE]
        fluid += k.each[c, PINO] * sums[c, CELLS] * h
        arrived += flows[c, _SORTED]
        digested += flows[c, _PROTEOLYSED]
        exocytosed += flows[c, _EXOCYTOSED]
        brought += flows[c, _CARRIED_SORTED]
        released += flows[c, _RELEASED]
        carried_out += flows[c, _CARRIED_EXOCYTOSED]
        catabolite += flows[c, _TO_CYTOSOL]
        catabolite_out += flows[c, _CATABOLITE_EXOCYTOSED]
        effluxed += flows[c, _EFFLUXED]
    net = bound + arrived + shed
    net_carried = bound_carried + brought + carried_shed + fell_off
    booked = (
        net + dissociated,
        dissociated,
        internalised,
        recycled,
        arrived,
        fluid * met[0],
        digested,
        exocytosed,
        catabolite,
        catabolite_out,
        effluxed,
        shed,
        free_shed,
        brought,
        released,
        met[6] + fell_off,
        carried_out,
        carried_shed,
    )
    for i in range(len(booked)):
        arrows[i] += booked[i]
    back = 1.0 if returns else 0.0
    change[0] = met[2] - met[3] - net - fluid * met[0] + back * exocytosed
    change[1] = met[4] - met[5] - met[6] - net_carried - fluid * met[1] + back * carried_out
    change[2] = effluxed + catabolite_out
    change[3] = free_shed + shed
    change[4], change[5], change[6], change[7] = met[2], met[3], met[4], met[5]
    change[8], change[9] = met[7], met[8]


def blank(steps: int) -> tuple[FloatArray, FloatArray]:
    """Return empty books of some steps: arrows, shape (len(BOOKED),), and changes, shape (steps, len(CHANGED))."""
    return np.zeros(len(BOOKED)), np.zeros((steps, len(CHANGED)))


def post(world: World, arrows: FloatArray) -> None:
    """Add what was booked to the ledger."""
    world.ledger.add(**dict(zip(BOOKED, arrows.tolist(), strict=True)))


def apply(world: World, change: list[float]) -> None:
    """Change the compartment by what a booked step made of it, in the order of `CHANGED`."""
    shared = world.shared
    amount, carried, payload, ecd, entered, left, carried_entered, carried_left, *foreseen = change
    shared.amount += amount
    shared.carried += carried
    shared.payload += payload
    shared.ecd += ecd
    shared.entered += entered
    shared.left += left
    shared.carried_entered += carried_entered
    shared.carried_left += carried_left
    shared.foreseen, shared.foreseen_carried = foreseen
