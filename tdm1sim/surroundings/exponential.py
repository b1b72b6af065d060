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
"""R, C, Re, Ce: they move whatever the payload does, because payload follows antibody and never the reverse."""
STATES = 6
"""R, C, Re, Ce, Dc, De."""
SIZE = 2 * STATES + 1
KE, KR, KS, PINO, DIGESTION = range(5)
"""Columns of `Kinetics.each`."""
_POWERS = 4
_TAYLOR = np.array([[1.0 / math.factorial(_POWERS * i + j) for j in range(_POWERS)] for i in range(_POWERS)])
"""1/k! for k = 0 ... 15, a row for each block."""
_SMALL = 0.5
"""Norm up to which these terms leave an error below rounding (0.5^16 / 16!)."""


class Kinetics(NamedTuple):
    """Rate constants of trafficking: few arrays, because each costs compile time wherever it is passed on.

    Attributes
    ----------
    kon, koff, ksh, bound_shed, kdec : float
        Association (1/nM/h), dissociation, shedding of free and of bound receptor, loss of payload by antibody outside
        cells (1/h).
    exocytosis : float
        Exocytosis of intact antibody in lysosomes (1/h).
    each : array, shape (clones, 5)
        KE, KR, KS: endocytosis, recycling, sorting to lysosomes (1/h); PINO: fluid-phase uptake (molecules/h/nM);
        DIGESTION: proteolysis (1/h).
    """

    kon: float
    koff: float
    ksh: float
    bound_shed: float
    kdec: float
    exocytosis: float
    each: FloatArray


def kinetics_of(parameters: Parameters) -> Kinetics:
    """Collect the rate constants of all clones."""
    v = parameters.values
    each = [(c.ke, c.kr, c.ks, c.kpino * MOLECULES_PER_NM_PL, c.phi * v["klys"]) for c in parameters.clones]
    return Kinetics(
        kon=v["kon"],
        koff=v["kon"] * v["KD"],
        ksh=v["ksh"],
        bound_shed=v["ksh"] * (1.0 - v["eta"] * v["arm_shedding"]),
        kdec=v["kdec"],
        exocytosis=v["kexoL"],
        each=np.array(each, dtype=np.float64),
    )


def put_generator(
    m: FloatArray, kinetics: Kinetics, a: float, d: float, shift: float = 0.0, scale: float = 1.0
) -> None:
    """Write the generator for the states, 1, and the integrals of the states, plus `shift` I, times `scale`.

    Parameters
    ----------
    m : array, shape (clones, 13, 13)
        Where it is written; zeros before.
    kinetics : Kinetics
        Rate constants.
    a, d : float
        Free antibody and payload on it, nM.
    shift, scale : float
        1/h, and h.
    """
    k, one = kinetics, STATES
    binding, koff, still = k.kon * a * scale, k.koff * scale, shift * scale
    for c in range(len(k.each)):
        ke, kr, ks = float(k.each[c, KE]), float(k.each[c, KR]), float(k.each[c, KS])
        bound, inside = (shift - (k.koff + ke + k.bound_shed)) * scale, (shift - (kr + ks)) * scale
        into, back = ke * scale, kr * scale
        m[c, 0, 0] = (shift - (k.kon * a + ke + k.ksh)) * scale
        m[c, 0, 1] = koff
        m[c, 0, 2] = back
        m[c, 0, one] = scale
        m[c, 1, 0] = binding
        m[c, 1, 1] = bound
        m[c, 1, 3] = back
        m[c, 2, 0] = into
        m[c, 2, 2] = inside
        m[c, 3, 1] = into
        m[c, 3, 3] = inside
        m[c, 4, 0] = k.kon * d * scale
        m[c, 4, 4] = bound - k.kdec * scale
        m[c, 4, 5] = back
        m[c, 5, 4] = into
        m[c, 5, 5] = inside
        m[c, one, one] = still
        for i in range(STATES):
            m[c, one + 1 + i, i] = scale
            m[c, one + 1 + i, one + 1 + i] = still


def transition(kinetics: Kinetics, h: float, a: float, d: float) -> FloatArray:
    """Return the exact transition matrices over a step.

    Parameters
    ----------
    kinetics : Kinetics
        Rate constants.
    h : float
        Step, h, > 0.
    a : float
        Free antibody around the cells during the step, nM, >= 0.
    d : float
        Payload on free antibody, nM, >= 0.

    Returns
    -------
    array, shape (clones, 13, 13)
        Rows and columns: states, 1, integrals of the states; all elements >= 0. The column of the 1 is the response to
        a synthesis of one receptor per hour.
    """
    k, clones = kinetics, len(kinetics.each)
    leaving, fastest = max(k.kon * a + k.ksh, k.koff + k.bound_shed + k.kdec), 0.0
    powers = np.zeros((_POWERS + 1, clones, SIZE, SIZE))
    for c in range(clones):
        fastest = max(fastest, max(float(k.each[c, KE]) + leaving, float(k.each[c, KR]) + float(k.each[c, KS])))
        for i in range(SIZE):
            powers[0, c, i, i] = 1.0
    shift = fastest + 1.0  # no state is left faster
    small, squarings = h, 0
    while shift * small > _SMALL:
        small *= 0.5
        squarings += 1
    put_generator(powers[1], k, a, d, shift, small)
    for n in range(1, _POWERS):
        multiply(powers[n], powers[1], powers[n + 1])
    sums = combine(_TAYLOR, powers, math.exp(-shift * small))
    for n in range(_POWERS - 1, 0, -1):
        multiply_add(sums[n], powers[_POWERS], sums[n - 1])
    total, spare = sums[0], sums[1]
    for _ in range(squarings):
        multiply(total, total, spare)
        total, spare = spare, total
    return total
