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

from tdm1sim.maths import MOLECULES_PER_NM_PL, combine, multiply
from tdm1sim.parameters import Parameters
from tdm1sim.surroundings.joint import CELLS

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
    free, other : float
        Fastest loss of free receptor but for binding, and of any other state, 1/h.
    each : array, shape (clones, 5)
        KE, KR, KS: endocytosis, recycling, sorting to lysosomes (1/h); PINO: fluid-phase uptake (molecules/h/nM);
        DIGESTION: proteolysis (1/h).
    parts : array, shape (3, clones, 13, 13)
        Of the generator at a payload of 1 nM on free antibody: without antibody, what 1 nM of it adds, and I.
    """

    kon: float
    koff: float
    ksh: float
    bound_shed: float
    kdec: float
    exocytosis: float
    free: float
    other: float
    each: FloatArray
    parts: FloatArray

    @property
    def ke(self) -> FloatArray:
        """Endocytosis of each clone, 1/h."""
        return self.each[:, KE]

    @property
    def kr(self) -> FloatArray:
        """Recycling of each clone, 1/h."""
        return self.each[:, KR]

    @property
    def ks(self) -> FloatArray:
        """Sorting to lysosomes of each clone, 1/h."""
        return self.each[:, KS]

    @property
    def pino(self) -> FloatArray:
        """Fluid-phase uptake of each clone, molecules/h/nM."""
        return self.each[:, PINO]


def kinetics_of(parameters: Parameters) -> Kinetics:
    """Collect the rate constants of all clones."""
    v = parameters.values
    kon, koff, ksh, kdec = v["kon"], v["kon"] * v["KD"], v["ksh"], v["kdec"]
    bound_shed = ksh * (1.0 - v["eta"] * v["arm_shedding"])
    each = np.array(
        [(c.ke, c.kr, c.ks, c.kpino * MOLECULES_PER_NM_PL, c.phi * v["klys"]) for c in parameters.clones],
        dtype=np.float64,
    )
    ke, inside = each[:, KE], each[:, KR] + each[:, KS]
    return Kinetics(
        kon=kon,
        koff=koff,
        ksh=ksh,
        bound_shed=bound_shed,
        kdec=kdec,
        exocytosis=v["kexoL"],
        free=float(ke.max()) + ksh,
        other=max(float(ke.max()) + koff + bound_shed + kdec, float(inside.max())),
        each=each,
        parts=_parts(kon, koff, ksh, bound_shed, kdec, each),
    )


def _parts(kon: float, koff: float, ksh: float, bound_shed: float, kdec: float, each: FloatArray) -> FloatArray:
    ke, kr, inside = each[:, KE], each[:, KR], each[:, KR] + each[:, KS]
    m, binding, identity = parts = np.zeros((3, len(each), SIZE, SIZE))
    identity[:] = np.eye(SIZE)
    binding[:, [0, 1], 0] = -kon, kon
    m[:, 0, 0] = -(ke + ksh)
    m[:, 0, 1] = koff
    m[:, 0, 2] = m[:, 1, 3] = m[:, 4, 5] = kr
    m[:, 0, STATES] = 1.0
    m[:, 1, 1] = -(koff + ke + bound_shed)
    m[:, 2, 0] = m[:, 3, 1] = m[:, 5, 4] = ke
    m[:, 2, 2] = m[:, 3, 3] = m[:, 5, 5] = -inside
    m[:, 4, 0] = kon
    m[:, 4, 4] = m[:, 1, 1] - kdec
    for i in range(STATES):
        m[:, STATES + 1 + i, i] = 1.0
    return np.asarray(parts)


class Room(NamedTuple):
    """Memory to work in, used again and again: compiled code that makes arrays takes longer to compile, and to run.

    Attributes
    ----------
    weights, series : array, shapes (1, 3), (4, 4)
        Of the parts of the generator; of the terms of Taylor's series.
    powers, blocks : array, shapes (5, clones, 13, 13), (4, clones, 13, 13)
        Powers of a matrix, the first of them I, and sums of them: see `transition`.
    whole : array, shape (2, clones, 13, 13)
        Transitions over several steps.
    columns : array, shape (2, clones, 13, 2)
        What a transition acts on, and what it makes of it.
    totals : array, shape (clones, 10)
        Sums over cells (`tdm1sim.surroundings.joint.R` and what follows).
    """

    weights: FloatArray
    series: FloatArray
    powers: FloatArray
    blocks: FloatArray
    whole: FloatArray
    columns: FloatArray
    totals: FloatArray


def room_for(clones: int) -> Room:
    """Return room for the transitions of some clones."""
    powers = np.zeros((_POWERS + 1, clones, SIZE, SIZE))
    powers[0] = np.eye(SIZE)
    blocks, whole = (np.zeros((n, clones, SIZE, SIZE)) for n in (_POWERS, 2))
    columns, totals = np.zeros((2, clones, SIZE, 2)), np.zeros((clones, CELLS + 1))
    return Room(np.zeros((1, 3)), _TAYLOR.copy(), powers, blocks, whole, columns, totals)


def transition(kinetics: Kinetics, h: float, a: float, room: Room) -> FloatArray:
    """Return the exact transition matrices over a step, at a payload of 1 nM on free antibody (`load` sets another).

    Parameters
    ----------
    kinetics : Kinetics
        Rate constants.
    h : float
        Step, h, > 0.
    a : float
        Free antibody around the cells during the step, nM, >= 0.
    room : Room
        Overwritten.

    Returns
    -------
    array, shape (clones, 13, 13)
        A part of the room. Rows and columns: states, 1, integrals of the states; all elements >= 0. The column of the
        1 is the response to a synthesis of one receptor per hour.
    """
    shift = max(kinetics.kon * a + kinetics.free, kinetics.other) + 1.0
    small, squarings = h, 0
    while shift * small > _SMALL:
        small *= 0.5
        squarings += 1
    weights, powers, sums = room.weights, room.powers, room.blocks
    weights[0, 0], weights[0, 1], weights[0, 2] = small, a * small, shift * small
    combine(weights, kinetics.parts, 1.0, powers[1:2])
    for n in range(1, _POWERS):
        multiply(powers[n], powers[1], powers[n + 1], False)
    combine(room.series, powers, math.exp(-shift * small), sums)
    for n in range(_POWERS - 1, 0, -1):
        multiply(sums[n], powers[_POWERS], sums[n - 1], True)
    total: FloatArray = sums[0]
    spare = sums[1]
    for _ in range(squarings):
        multiply(total, total, spare, False)
        total, spare = spare, total
    return total


def load(transitions: FloatArray, d: float) -> None:
    """Turn transitions at a payload of 1 nM, shape (clones, 13, 13), into those at `d` nM."""
    for c in range(len(transitions)):
        for i in range(RECEPTORS, STATES):
            for j in range(STATES + 1):
                if j < RECEPTORS or j == STATES:  # what binds during the step brings payload
                    transitions[c, i, j] *= d
                    transitions[c, STATES + 1 + i, j] *= d
