"""Exact transition of the linear trafficking block over a step of constant free antibody.

State of one cell: ``z = (R, C, Re, Ce, Dc, De)`` in molecules, driven by receptor synthesis: free and antibody-bound
HER2 at the surface and in endosomes, and the payload on those antibodies. Conjugate and naked antibody bind subdomain
IV alike, so one pool of antibody with the payload on it as a second pool is exact, and the mean drug-to-antibody ratio
may fall. With constant free antibody and constant payload on it the block is linear, so one matrix per clone and step
carries all cells of the clone exactly, with the integrals of the states. The matrix is computed by uniformisation:
``exp(A h) = exp(-c h) exp(B h)`` with ``B = A + c I`` free of negative elements, so the Taylor series and the squarings
add positive numbers only, and no amount can turn negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.parameters import Parameters

FloatArray = NDArray[np.float64]

RECEPTORS = 4
"""R, C, Re, Ce: a block of its own, because payload follows antibody and never the reverse."""
STATES = 6
"""R, C, Re, Ce, Dc, De."""
SIZE = 2 * STATES + 1
_TAYLOR_TERMS = 14


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Rate constants of trafficking, one element per clone.

    Attributes
    ----------
    kon, koff, ksh, bound_shed, kdec : float
        Association (1/nM/h), dissociation, shedding of free and of bound receptor, loss of payload by antibody outside
        cells (1/h).
    ke, kr, ks, pino : array, shape (clones,)
        Endocytosis, recycling, sorting to lysosomes (1/h); fluid-phase uptake (molecules/h/nM).
    digestion, exocytosis : array and float
        Proteolysis and exocytosis of intact antibody in lysosomes (1/h).
    """

    kon: float
    koff: float
    ksh: float
    bound_shed: float
    kdec: float
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
            bound_shed=v["ksh"] * (1.0 - v["eta"] * v["arm_shedding"]),
            kdec=v["kdec"],
            ke=column("ke"),
            kr=column("kr"),
            ks=column("ks"),
            pino=column("kpino") * MOLECULES_PER_NM_PL,
            digestion=column("phi") * v["klys"],
            exocytosis=v["kexoL"],
        )

    def generator(self, a: float, d: float | None = None) -> FloatArray:
        """Return the generator for the states, 1, and the integrals of the states.

        Parameters
        ----------
        a : float
            Free antibody, nM.
        d : float, optional
            Payload on free antibody, nM; left out, only the receptor block is returned.

        Returns
        -------
        array, shape (clones, 13, 13), or (clones, 9, 9) for the receptor block
        """
        states = RECEPTORS if d is None else STATES
        m = np.zeros((len(self.ke), 2 * states + 1, 2 * states + 1))
        m[:, 0, 0] = -(self.kon * a + self.ke + self.ksh)
        m[:, 0, 1] = self.koff
        m[:, 0, 2] = self.kr
        m[:, 0, states] = 1.0
        m[:, 1, 0] = self.kon * a
        m[:, 1, 1] = -(self.koff + self.ke + self.bound_shed)
        m[:, 1, 3] = self.kr
        m[:, 2, 0] = self.ke
        m[:, 2, 2] = -(self.kr + self.ks)
        m[:, 3, 1] = self.ke
        m[:, 3, 3] = -(self.kr + self.ks)
        if d is not None:
            m[:, 4, 0] = self.kon * d
            m[:, 4, 4] = m[:, 1, 1] - self.kdec
            m[:, 4, 5] = self.kr
            m[:, 5, 4] = self.ke
            m[:, 5, 5] = m[:, 3, 3]
        for i in range(states):
            m[:, states + 1 + i, i] = 1.0
        return m


def transition(kinetics: Kinetics, h: float, a: float, d: float | None = None) -> FloatArray:
    """Return the exact transition matrices over a step.

    Parameters
    ----------
    kinetics : Kinetics
        Rate constants.
    h : float
        Step, h, > 0.
    a : float
        Free antibody around the cells during the step, nM, >= 0.
    d : float, optional
        Payload on free antibody, nM, >= 0; left out, only the receptor block is returned.

    Returns
    -------
    array, shape (clones, 13, 13), or (clones, 9, 9) for the receptor block
        Rows and columns: states, 1, integrals of the states; all elements >= 0. The column of the 1 is the response to
        a synthesis of one receptor per hour.
    """
    m = kinetics.generator(a, d)
    size = m.shape[1]
    shift = float(-m[:, range(size), range(size)].min()) + 1.0
    squarings = max(0, math.ceil(math.log2(shift * h / 0.5)))
    small = h / (1 << squarings)
    identity = np.eye(size)
    b = (m + shift * identity) * small
    total = identity + b / _TAYLOR_TERMS
    for term in range(_TAYLOR_TERMS - 1, 0, -1):
        total = identity + (b / term) @ total
    total *= math.exp(-shift * small)
    for _ in range(squarings):
        total = total @ total
    return np.asarray(total)
