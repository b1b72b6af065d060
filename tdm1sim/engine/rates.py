"""What all cells of a clone share in a step: the constants of `cell_step`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.events import kill_rate
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.cell import Rates
from tdm1sim.mechanisms.trafficking import Transition
from tdm1sim.parameters import Clone
from tdm1sim.surroundings.exponential import RECEPTORS, STATES

FloatArray = NDArray[np.float64]


def transition_of(matrix: FloatArray, ks: float) -> Transition:
    """Return the named elements of one clone's transition matrix (see `exponential.transition`)."""
    receptors = [*range(RECEPTORS), STATES]
    rows = [matrix[i, receptors] for i in range(RECEPTORS)]
    rows.append(ks * matrix[STATES + 4, receptors])
    rows += [matrix[i, : STATES + 1] for i in (4, 5)]
    rows.append(ks * matrix[STATES + 6, : STATES + 1])
    return Transition(*(float(x) for row in rows for x in row))


@dataclass(frozen=True, slots=True)
class Around:
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
    """

    h: float
    a: float = 0.0
    d: float = 0.0
    open_II: float = 1.0
    pi3k: float = 1.0
    pgp: float = 1.0


def turnover_of(values: Mapping[str, float], clone: Clone) -> tuple[float, float]:
    """Return the receptors a clone's cell makes per receptor at its surface: for turnover, and for growth (1/h)."""
    net = clone.ke * clone.ks / (clone.ks + clone.kr)
    growth = math.log(2.0) / clone.doubling
    return net + values["ksh"], growth * (1.0 + clone.ke / (clone.kr + clone.ks))


def rates_of(
    values: Mapping[str, float],
    clone: Clone,
    turnover: tuple[float, float],
    G1: float,
    matrix: FloatArray,
    around: Around,
) -> Rates:
    """Return what all cells of a clone share in a step.

    Parameters
    ----------
    values : mapping
        Every symbol, canonical units.
    clone : Clone
        The clone.
    turnover : tuple
        From `turnover_of`.
    G1 : float
        End of G1, h.
    matrix : array, shape (13, 13)
        The clone's transition over the step.
    around : Around
        The step.
    """
    v, h, sites = values, around.h, clone.volume * MOLECULES_PER_NM_PL
    fluid = clone.kpino * MOLECULES_PER_NM_PL * h
    return Rates(
        dt=h,
        transition=transition_of(matrix, clone.ks),
        fluid=fluid * around.a,
        fluid_carried=fluid * around.d,
        syn0=turnover[0],
        syn_mu=turnover[1],
        x_lys=v["klys"] * clone.phi * h,
        x_exoL=v["kexoL"] * h,
        x_slc=v["kSLC"] * clone.phi * h,
        x_leak=v["kleak"] * h,
        x_exo=v["kexo"] * h,
        x_efflux=v["keff"] * h,
        crosses=v["kin"] > 0.0,
        inflow=0.0,  # `tdm1sim.engine.bystander` finds it
        pgp_working=around.pgp,
        T=v["T"] * sites,
        KDt=v["KDt"] * sites,
        nM=1.0 / sites,
        inv_C_T=1.0 / v["C_T"],
        kap=v["kap"],
        inv_C_A=1.0 / v["C_A"],
        q=v["q"],
        open_II=around.open_II,
        uninhibited=around.pi3k,
        blockade=v["arm_blockade"],
        k_NK=kill_rate(v),
        inv_K_NK=1.0 / v["K_NK"],
        E_T=clone.E_T,
        G1=G1,
    )
