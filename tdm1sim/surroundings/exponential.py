"""Exact transition of the linear trafficking block over a step of constant free antibody.

State of one cell: ``z = (R, C, Re, Ce, Dc, De)`` in molecules, driven by receptor synthesis: free and antibody-bound
HER2 at the surface and in endosomes, and the payload on those antibodies. Conjugate and naked antibody bind subdomain
IV alike, so one pool of antibody with the payload on it as a second pool is exact, and the mean drug-to-antibody ratio
may fall. With constant free antibody and constant payload on it the block is linear, so one matrix per clone and step
carries all cells of the clone exactly, with the integrals of the states. The matrix is computed by uniformisation:
``exp(A h) = exp(-c h) exp(B h)`` with ``B = A + c I`` free of negative elements, so the Taylor series and the squarings
add positive numbers only, and no amount can turn negative. The series is summed in blocks of four powers (Paterson and
Stockmeyer 1973, doi:10.1137/0202007): six products of matrices for fifteen terms, and still nothing is subtracted.

Pure functions on floats and arrays, which the compiled engine runs as they stand.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.maths import MOLECULES_PER_NM_PL, combine, multiply, multiply_add
from tdm1sim.parameters import Parameters

FloatArray = NDArray[np.float64]

RECEPTORS = 4
"""R, C, Re, Ce: a block of its own, because payload follows antibody and never the reverse."""
STATES = 6
"""R, C, Re, Ce, Dc, De."""
SIZE = 2 * STATES + 1
_POWERS = 4
_TAYLOR = np.array([[1.0 / math.factorial(_POWERS * i + j) for j in range(_POWERS)] for i in range(_POWERS)])
"""1/k! for k = 0 ... 15, a row for each block."""
_SMALL = 0.5
"""Norm up to which these terms leave an error below rounding (0.5^16 / 16!)."""


class Kinetics(NamedTuple):
    """Rate constants of trafficking, one element per clone.

    Attributes
    ----------
    kon, koff, ksh, bound_shed, kdec : float
        Association (1/nM/h), dissociation, shedding of free and of bound receptor, loss of payload by antibody outside
        cells (1/h).
    exocytosis : float
        Exocytosis of intact antibody in lysosomes (1/h).
    ke, kr, ks, pino, digestion : array, shape (clones,)
        Endocytosis, recycling, sorting to lysosomes (1/h); fluid-phase uptake (molecules/h/nM); proteolysis (1/h).
    """

    kon: float
    koff: float
    ksh: float
    bound_shed: float
    kdec: float
    exocytosis: float
    ke: FloatArray
    kr: FloatArray
    ks: FloatArray
    pino: FloatArray
    digestion: FloatArray


def kinetics_of(parameters: Parameters) -> Kinetics:
    """Collect the rate constants of all clones."""
    v, clones = parameters.values, parameters.clones

    def column(name: str) -> FloatArray:
        return np.array([getattr(clone, name) for clone in clones], dtype=np.float64)

    return Kinetics(
        kon=v["kon"],
        koff=v["kon"] * v["KD"],
        ksh=v["ksh"],
        bound_shed=v["ksh"] * (1.0 - v["eta"] * v["arm_shedding"]),
        kdec=v["kdec"],
        exocytosis=v["kexoL"],
        ke=column("ke"),
        kr=column("kr"),
        ks=column("ks"),
        pino=column("kpino") * MOLECULES_PER_NM_PL,
        digestion=column("phi") * v["klys"],
    )


def put_generator(
    m: FloatArray, kinetics: Kinetics, states: int, a: float, d: float, shift: float = 0.0, scale: float = 1.0
) -> None:
    """Write the generator for the states, 1, and the integrals of the states, plus `shift` I, times `scale`.

    Parameters
    ----------
    m : array, shape (clones, 2 states + 1, 2 states + 1)
        Where it is written; zeros before.
    kinetics : Kinetics
        Rate constants.
    states : int
        RECEPTORS for the receptor block alone, or STATES.
    a, d : float
        Free antibody and payload on it, nM; `d` counts with STATES only.
    shift, scale : float
        1/h, and h.
    """
    k, last = kinetics, 2 * states + 1
    binding, koff, still = k.kon * a * scale, k.koff * scale, shift * scale
    for c in range(len(k.ke)):
        ke, kr, ks = float(k.ke[c]), float(k.kr[c]), float(k.ks[c])
        bound, inside = (shift - (k.koff + ke + k.bound_shed)) * scale, (shift - (kr + ks)) * scale
        into, back = ke * scale, kr * scale
        m[c, 0, 0] = (shift - (k.kon * a + ke + k.ksh)) * scale
        m[c, 0, 1] = koff
        m[c, 0, 2] = back
        m[c, 0, states] = scale
        m[c, 1, 0] = binding
        m[c, 1, 1] = bound
        m[c, 1, 3] = back
        m[c, 2, 0] = into
        m[c, 2, 2] = inside
        m[c, 3, 1] = into
        m[c, 3, 3] = inside
        if states > RECEPTORS:
            m[c, 4, 0] = k.kon * d * scale
            m[c, 4, 4] = bound - k.kdec * scale
            m[c, 4, 5] = back
            m[c, 5, 4] = into
            m[c, 5, 5] = inside
        for i in range(states, last):
            m[c, i, i] = still
        for i in range(states):
            m[c, states + 1 + i, i] = scale


def fastest(kinetics: Kinetics, states: int, a: float) -> float:
    """Return the fastest loss of a state, 1/h; the arguments of `put_generator`."""
    k, found = kinetics, 0.0
    falling = k.kdec if states > RECEPTORS else 0.0
    for c in range(len(k.ke)):
        ke = float(k.ke[c])
        found = max(found, k.kon * a + ke + k.ksh, k.koff + ke + k.bound_shed + falling, float(k.kr[c] + k.ks[c]))
    return found


def transition(kinetics: Kinetics, states: int, h: float, a: float, d: float) -> FloatArray:
    """Return the exact transition matrices over a step.

    Parameters
    ----------
    kinetics : Kinetics
        Rate constants.
    states : int
        RECEPTORS for the receptor block alone, or STATES.
    h : float
        Step, h, > 0.
    a : float
        Free antibody around the cells during the step, nM, >= 0.
    d : float
        Payload on free antibody, nM, >= 0; counts with STATES only.

    Returns
    -------
    array, shape (clones, 13, 13), or (clones, 9, 9) for the receptor block
        Rows and columns: states, 1, integrals of the states; all elements >= 0. The column of the 1 is the response to
        a synthesis of one receptor per hour.
    """
    clones, size = len(kinetics.ke), 2 * states + 1
    shift = fastest(kinetics, states, a) + 1.0
    squarings = max(0, math.ceil(math.log2(shift * h / _SMALL)))
    small = h / 2.0**squarings
    powers = np.zeros((_POWERS, clones, size, size))
    for c in range(clones):
        for i in range(size):
            powers[0, c, i, i] = 1.0
    put_generator(powers[1], kinetics, states, a, d, shift, small)
    multiply(powers[1], powers[1], powers[2])
    multiply(powers[2], powers[1], powers[3])
    sums = combine(_TAYLOR, powers, math.exp(-shift * small))
    fourth = powers[0]
    multiply(powers[2], powers[2], fourth)
    for i in range(_POWERS - 1, 0, -1):
        multiply_add(sums[i], fourth, sums[i - 1])
    total: FloatArray = sums[0]
    spare = powers[1]
    for _ in range(squarings):
        multiply(total, total, spare)
        total, spare = spare, total
    return total
