"""What all cells of a clone share in a step: the constants of `cell_step`.

Plain numbers in, plain numbers out: the compiled engine compiles these functions as they stand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.events import kill_rate
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.cell import Rates
from tdm1sim.mechanisms.trafficking import Transition
from tdm1sim.parameters import Clone
from tdm1sim.population import CycleTimes
from tdm1sim.surroundings.exponential import SIZE, STATES

FloatArray = NDArray[np.float64]

_RECEPTORS, _ALL = (0, 1, 2, 3, STATES), (0, 1, 2, 3, 4, 5, STATES)
"""Columns of a transition matrix that receptors, and the payload on them, depend on; the last is synthesis."""
_SORTED, _CARRIED_SORTED = STATES + 4, STATES + 6
"""Rows of the integrals of Ce and De."""
PLACES = (
    *((row, column) for row in (0, 1, 2, 3, _SORTED) for column in _RECEPTORS),
    *((row, column) for row in (4, 5, _CARRIED_SORTED) for column in _ALL),
)
"""Row and column of each element of `Transition`; where the row is an integral, it is what is sorted per `ks`."""
_FLAT = np.array([row * SIZE + column for row, column in PLACES])
_INTEGRAL = np.array([row > STATES for row, _ in PLACES])


def transition_of(m: FloatArray, ks: float) -> Transition:
    """Return the named elements of one clone's transition matrix, shape (13, 13) (see `exponential.transition`)."""
    elements = m.ravel()[_FLAT]
    return Transition(*np.where(_INTEGRAL, ks * elements, elements).tolist())


class Around(NamedTuple):
    """What a step brings to all cells alike.

    Attributes
    ----------
    h : float
        Length of the step, h.
    a, d : float
        Mean free antibody and mean payload on it, nM.
    open_II : float
        Fraction of HER2 whose subdomain II is free.
    pi3k, pgp : float
        Fraction of PI3K and of P-gp activity that inhibitors leave.
    inflow : float
        Payload that enters each cell from outside, molecules (`tdm1sim.engine.bystander` finds it).
    """

    h: float
    a: float = 0.0
    d: float = 0.0
    open_II: float = 1.0
    pi3k: float = 1.0
    pgp: float = 1.0
    inflow: float = 0.0


class CloneRates(NamedTuple):
    """Constants of a clone from which `rates_of` makes those of a step; rate constants per hour.

    Attributes
    ----------
    ks, lys, exoL, slc, leak, exo, efflux : float
        Sorting, proteolysis, exocytosis of antibody, transport by SLC46A3, its leak, exocytosis of catabolite, efflux.
    fluid : float
        Fluid-phase uptake, molecules/h per nM.
    syn0, syn_mu : float
        Receptors made per receptor at the surface, for turnover and for growth.
    T, KDt : float
        Targets of the payload and their dissociation constant, molecules per cell volume.
    nM : float
        nM per molecule in the cell.
    """

    ks: float
    fluid: float
    syn0: float
    syn_mu: float
    lys: float
    exoL: float
    slc: float
    leak: float
    exo: float
    efflux: float
    T: float
    KDt: float
    nM: float
    inv_C_T: float
    kap: float
    inv_C_A: float
    q: float
    blockade: float
    k_NK: float
    inv_K_NK: float
    E_T: float
    G1: float


def turnover_of(values: Mapping[str, float], clone: Clone) -> tuple[float, float]:
    """Return the receptors a clone's cell makes per receptor at its surface: for turnover, and for growth (1/h)."""
    net = clone.ke * clone.ks / (clone.ks + clone.kr)
    growth = math.log(2.0) / clone.doubling
    return net + values["ksh"], growth * (1.0 + clone.ke / (clone.kr + clone.ks))


def clone_rates(values: Mapping[str, float], clone: Clone, times: CycleTimes) -> CloneRates:
    """Collect the constants of a clone from every symbol in canonical units."""
    v, sites = values, clone.volume * MOLECULES_PER_NM_PL
    syn0, syn_mu = turnover_of(values, clone)
    return CloneRates(
        ks=clone.ks,
        fluid=clone.kpino * MOLECULES_PER_NM_PL,
        syn0=syn0,
        syn_mu=syn_mu,
        lys=v["klys"] * clone.phi,
        exoL=v["kexoL"],
        slc=v["kSLC"] * clone.phi,
        leak=v["kleak"],
        exo=v["kexo"],
        efflux=v["keff"],
        T=v["T"] * sites,
        KDt=v["KDt"] * sites,
        nM=1.0 / sites,
        inv_C_T=1.0 / v["C_T"],
        kap=v["kap"],
        inv_C_A=1.0 / v["C_A"],
        q=v["q"],
        blockade=v["arm_blockade"],
        k_NK=kill_rate(v),
        inv_K_NK=1.0 / v["K_NK"],
        E_T=clone.E_T,
        G1=times.G1,
    )


def rates_of(c: CloneRates, matrix: FloatArray, around: Around) -> Rates:
    """Return what all cells of a clone share in a step.

    Parameters
    ----------
    c : CloneRates
        The clone.
    matrix : array, shape (13, 13)
        The clone's transition over the step.
    around : Around
        The step.
    """
    h = around.h
    return Rates(
        h,
        transition_of(matrix, c.ks),
        c.fluid * h * around.a,
        c.fluid * h * around.d,
        c.syn0,
        c.syn_mu,
        c.lys * h,
        c.exoL * h,
        c.slc * h,
        c.leak * h,
        c.exo * h,
        c.efflux * h,
        around.inflow,
        around.pgp,
        c.T,
        c.KDt,
        c.nM,
        c.inv_C_T,
        c.kap,
        c.inv_C_A,
        c.q,
        around.open_II,
        around.pi3k,
        c.blockade,
        c.k_NK,
        c.inv_K_NK,
        c.E_T,
        c.G1,
    )
