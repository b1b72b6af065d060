"""Exact transition of the linear trafficking block over a step of constant free conjugate.

State of one cell: ``z = (R, C, Re, Ce)`` in molecules, driven by receptor synthesis. With constant free conjugate the
block is linear, so one matrix per clone and step carries all cells of the clone exactly, with the integrals of the
four states. The matrix is computed by uniformisation: ``exp(A h) = exp(-c h) exp(B h)`` with ``B = A + c I`` free of
negative elements, so the Taylor series and the squarings add positive numbers only, and no amount can turn negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.parameters import Parameters

FloatArray = NDArray[np.float64]

STATES = 4
"""R, C, Re, Ce."""
SIZE = 2 * STATES + 1
_TAYLOR_TERMS = 14


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Rate constants of trafficking, one element per clone.

    Attributes
    ----------
    kon, koff, ksh, free_shed : float
        Association (1/nM/h), dissociation, shedding of free and of bound receptor (1/h).
    ke, kr, ks, pino : array, shape (clones,)
        Endocytosis, recycling, sorting to lysosomes (1/h); fluid-phase uptake (molecules/h/nM).
    digestion, exocytosis : array and float
        Proteolysis and exocytosis of intact conjugate in lysosomes (1/h).
    """

    kon: float
    koff: float
    ksh: float
    bound_shed: float
    ke: FloatArray
    kr: FloatArray
    ks: FloatArray
    pino: FloatArray
    digestion: FloatArray
    exocytosis: float

    @classmethod
    def of(cls, parameters: Parameters) -> Kinetics:
        """Collect the rate constants of all clones."""
        v, clones = parameters.values, parameters.clones

        def column(name: str) -> FloatArray:
            return np.array([getattr(clone, name) for clone in clones], dtype=np.float64)

        return cls(
            kon=v["kon"],
            koff=v["kon"] * v["KD"],
            ksh=v["ksh"],
            bound_shed=v["ksh"] * (1.0 - v["eta"]),
            ke=column("ke"),
            kr=column("kr"),
            ks=column("ks"),
            pino=column("kpino") * MOLECULES_PER_NM_PL,
            digestion=column("phi") * v["klys"],
            exocytosis=v["kexoL"],
        )

    def generator(self, a: float) -> FloatArray:
        """Return the generator for ``(z, 1, integral of z)`` at free conjugate `a` (nM), shape (clones, 9, 9)."""
        m = np.zeros((len(self.ke), SIZE, SIZE))
        bind = self.kon * a
        m[:, 0, 0] = -(bind + self.ke + self.ksh)
        m[:, 0, 1] = self.koff
        m[:, 0, 2] = self.kr
        m[:, 0, 4] = 1.0
        m[:, 1, 0] = bind
        m[:, 1, 1] = -(self.koff + self.ke + self.bound_shed)
        m[:, 1, 3] = self.kr
        m[:, 2, 0] = self.ke
        m[:, 2, 2] = -(self.kr + self.ks)
        m[:, 3, 1] = self.ke
        m[:, 3, 3] = -(self.kr + self.ks)
        for i in range(STATES):
            m[:, STATES + 1 + i, i] = 1.0
        return m


def transition(kinetics: Kinetics, a: float, h: float) -> FloatArray:
    """Return the exact transition matrices over a step.

    Parameters
    ----------
    kinetics : Kinetics
        Rate constants.
    a : float
        Free conjugate around the cells during the step, nM, >= 0.
    h : float
        Step, h, > 0.

    Returns
    -------
    array, shape (clones, 9, 9)
        Rows and columns ``R, C, Re, Ce, 1, iR, iC, iRe, iCe``; all elements >= 0. The fifth column is the response to
        a synthesis of one receptor per hour.
    """
    m = kinetics.generator(a)
    shift = float(-m[:, range(SIZE), range(SIZE)].min()) + 1.0
    squarings = max(0, math.ceil(math.log2(shift * h / 0.5)))
    small = h / (1 << squarings)
    identity = np.eye(SIZE)
    b = (m + shift * identity) * small
    total = identity + b / _TAYLOR_TERMS
    for term in range(_TAYLOR_TERMS - 1, 0, -1):
        total = identity + (b / term) @ total
    total *= math.exp(-shift * small)
    for _ in range(squarings):
        total = total @ total
    return np.asarray(total)
