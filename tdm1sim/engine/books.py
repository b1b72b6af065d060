"""The books of a compartment: what its cells took and gave back over some steps, along every arrow of the mechanism."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.mechanisms.cell import Flows
from tdm1sim.surroundings.exponential import STATES
from tdm1sim.world import World

FloatArray = NDArray[np.float64]


@dataclass(slots=True)
class Taken:
    """What cells did in some steps in a row, summed over each clone.

    Attributes
    ----------
    h : array, shape (steps,)
        Length of each step, h.
    z : array, shape (steps, clones, 6)
        R, C, Re, Ce, Dc, De at the start of each step, molecules.
    after : array, shape (steps, clones, 4)
        C, Ce, Dc, De at its end, before anything happened to a cell.
    made : array, shape (steps, clones)
        Receptor synthesis, molecules/h.
    cells : array, shape (steps, clones)
        Number of cells.
    flows : array, shape (steps, clones, 9)
        What moved (`tdm1sim.mechanisms.cell.Flows`), molecules.
    met : array, shape (steps, 9)
        Mean free antibody and payload on it around the cells (nM); antibody that came from and went to the outside;
        payload that came, went back and fell off with it (`tdm1sim.surroundings.sharing.Joint`); free antibody and
        payload on it at the end (nM).
    matrices : array, shape (steps, clones, 13, 13)
        The transitions the cells were given.
    """

    h: FloatArray
    z: FloatArray
    after: FloatArray
    made: FloatArray
    cells: FloatArray
    flows: FloatArray
    met: FloatArray
    matrices: FloatArray


class Change(NamedTuple):
    """What each step makes of the compartment, shape (steps,) each, molecules.

    Changes of antibody, payload on it, free payload and ectodomain; then what came from and went to the outside, of
    antibody and of the payload on it; then free antibody and payload on it at the end as they were foreseen, nM.
    """

    amount: FloatArray
    carried: FloatArray
    payload: FloatArray
    ecd: FloatArray
    entered: FloatArray
    left: FloatArray
    carried_entered: FloatArray
    carried_left: FloatArray
    foreseen: FloatArray
    foreseen_carried: FloatArray


def book(world: World, taken: Taken) -> Change:
    """Book every arrow of the mechanism; return what that makes of the compartment, step by step.

    The compartment is booked by what the cells really took, so nothing is lost between them and it.
    """
    k, returns, m = world.kinetics, world.shared.returns, taken.matrices
    moved = Flows(*taken.flows.sum(axis=1).T)
    over = (m[:, :, STATES + 1 :, :STATES] * taken.z[:, :, None, :]).sum(axis=3)
    over += m[:, :, STATES + 1 :, STATES] * taken.made[:, :, None]
    R, C, Ce, Dc = (over[:, :, i] for i in (0, 1, 3, 4))
    a, d, supplied, lost, brought, taken_back, deconjugated, foreseen, foreseen_carried = taken.met.T
    free_shed, shed, carried_shed = k.ksh * R.sum(axis=1), k.bound_shed * C.sum(axis=1), k.bound_shed * Dc.sum(axis=1)
    fell_off, dissociated = k.kdec * Dc.sum(axis=1), k.koff * C.sum(axis=1)
    gained = (taken.after - taken.z[:, :, [1, 3, 4, 5]]).sum(axis=1)
    fluid = (k.pino * taken.cells).sum(axis=1) * taken.h
    net = gained[:, 0] + gained[:, 1] + moved.sorted + shed
    net_carried = gained[:, 2] + gained[:, 3] + moved.carried_sorted + carried_shed + fell_off
    back = 1.0 if returns else 0.0
    arrows = {
        "bound": net + dissociated,
        "dissociated": dissociated,
        "internalised": (k.ke * C).sum(axis=1),
        "recycled": (k.kr * Ce).sum(axis=1),
        "sorted_to_lysosome": moved.sorted,
        "pinocytosed": fluid * a,
        "proteolysed": moved.proteolysed,
        "conjugate_exocytosed": moved.exocytosed,
        "catabolite_to_cytosol": moved.catabolite_to_cytosol,
        "catabolite_exocytosed": moved.catabolite_exocytosed,
        "dm1_effluxed": moved.effluxed,
        "shed_with_receptor": shed,
        "shed_receptor": free_shed,
        "carried_sorted": moved.carried_sorted,
        "carried_released": moved.released,
        "carried_deconjugated": deconjugated + fell_off,
        "carried_exocytosed": moved.carried_exocytosed,
        "carried_shed": carried_shed,
    }
    world.ledger.add(**{name: float(steps.sum()) for name, steps in arrows.items()})
    return Change(
        amount=supplied - lost - net - fluid * a + back * moved.exocytosed,
        carried=brought - taken_back - deconjugated - net_carried - fluid * d + back * moved.carried_exocytosed,
        payload=moved.effluxed + moved.catabolite_exocytosed,
        ecd=free_shed + shed,
        entered=supplied,
        left=lost,
        carried_entered=brought,
        carried_left=taken_back,
        foreseen=foreseen,
        foreseen_carried=foreseen_carried,
    )


def apply(world: World, change: Change, step: int) -> None:
    """Change the compartment by what one of the booked steps made of it."""
    shared = world.shared
    shared.amount += float(change.amount[step])
    shared.carried += float(change.carried[step])
    shared.payload += float(change.payload[step])
    shared.ecd += float(change.ecd[step])
    shared.entered += float(change.entered[step])
    shared.left += float(change.left[step])
    shared.carried_entered += float(change.carried_entered[step])
    shared.carried_left += float(change.carried_left[step])
    shared.foreseen, shared.foreseen_carried = float(change.foreseen[step]), float(change.foreseen_carried[step])
