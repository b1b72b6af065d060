"""From the integers of a window to what its cells took, how they ended, and how fast events changed the totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.books import Taken
from tdm1sim.engine.compiled import layout as at
from tdm1sim.engine.compiled.exact import value_of
from tdm1sim.engine.events import CAUSES, End
from tdm1sim.engine.foresee import Seen
from tdm1sim.engine.rates import CloneRates
from tdm1sim.histogram import BINS, Histogram
from tdm1sim.lives import FATE_OF_CAUSE
from tdm1sim.mechanisms.cell import Flows
from tdm1sim.pools import K, emptying
from tdm1sim.population import FOUNDER_GROUPS, WIDTH
from tdm1sim.surroundings.exponential import SIZE, STATES
from tdm1sim.surroundings.joint import Totals
from tdm1sim.world import FATES, Tally, World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Rows = tuple[FloatArray, IntArray]

_INTO = [STATES + 4, STATES + 6]
"""Rows of a transition that hold the integrals of Ce and De: what is sorted to lysosomes, antibody and payload."""
_DRUG = [1, 3, 4, 5]
"""C, Ce, Dc, De among the states."""
_SUMMED = [Flows._fields.index(name) for name in at.SUMMED]
_SORTED = [Flows._fields.index(name) for name in ("sorted", "carried_sorted")]
_DIGESTED = [Flows._fields.index(name) for name in ("proteolysed", "released")]
_EXOCYTOSED = [Flows._fields.index(name) for name in ("exocytosed", "carried_exocytosed")]
_DEATHS = (End.INTERPHASE_APOPTOSIS, End.NK, End.DEATH_IN_ARREST, End.DEATH_AFTER_SLIPPAGE)


@dataclass(slots=True)
class Window:
    """A run of steps, the same for all cells.

    Attributes
    ----------
    times : array, shape (steps + 1,)
        Ends of the steps, h.
    met : array, shape (steps, MET)
        What sharing gives the cells in each (`tdm1sim.engine.books.Taken`).
    steps : array, shape (steps, layout.STEP)
        Times and surroundings, for the kernel.
    matrices : array, shape (clones, steps, 13, 13)
        Transitions.
    quantum : float
        Of the exact sums.
    numbers : array
        `layout.MAGIC` and what follows.
    books : list of array
        Per clone, shape (steps, layout.ROW).
    tally : array
        Shape (layout.TALLY,).
    span : list of float
        Smallest and largest of the highest DM1 levels of cells that died.
    """

    times: FloatArray
    met: FloatArray
    steps: FloatArray
    matrices: FloatArray
    quantum: float
    numbers: FloatArray
    books: list[IntArray]
    tally: IntArray
    span: list[float]


class Held(NamedTuple):
    """What cells hold at the start of a window: totals; L and Dl, R0 of all and of growing ones, shape (clones, 2)."""

    totals: Totals
    inside: FloatArray
    r0: FloatArray


def taken_in(
    window: Window,
    books: IntArray,
    changes: FloatArray,
    held: Held,
    ks: FloatArray,
    constants: Sequence[CloneRates],
    *,
    linear: bool,
) -> tuple[Taken, Seen, Held]:
    """Return what the cells did in each step, what events did, and what they hold at the end.

    Flows are as summed, totals as transitions and events make them; L and Dl at the end only where that is linear.

    Parameters
    ----------
    window : Window
        The steps.
    books : array of int64, shape (steps, clones, ROW)
        Of all clones.
    changes : array, shape (steps, clones, 10)
        What events changed of the total of each amount, molecules.
    held : Held
        At the start.
    ks, constants : array, list of CloneRates
        Sorting (1/h) and the other constants of each clone.
    linear : bool
        Whether lysosomes obey linear equations (DM1 leaves proteolysis alone), so that what they digest follows from
        the totals too.
    """
    steps, clones = books.shape[:2]
    h, m = np.diff(window.times), window.matrices
    syn = np.array([(c.syn0, c.syn_mu) for c in constants])
    remade = books[:, :, at.MADE : at.MADE + 2] * window.quantum
    r0 = _before(held.r0, remade)
    made, cells = (syn * r0).sum(axis=2), _before(held.totals.cells, books[:, :, at.MORE].astype(np.float64))
    lys, exo, fluid = np.array([(c.lys, c.exoL, c.fluid) for c in constants]).T
    left = emptying((lys + exo) * h[:, None], K)
    pinocytosed = (fluid * cells[:-1] * h[:, None])[:, :, None] * window.met[:, None, :2]
    start, moved = np.empty((clones, STATES + 1, 1)), np.empty((steps, clones, SIZE))
    z, inside = np.empty((steps + 1, clones, STATES)), np.empty((steps + 1, clones, 2))
    z[0], inside[0] = held.totals.z, held.inside
    for s in range(steps):
        start[:, :STATES, 0], start[:, STATES, 0] = z[s], made[s]
        moved[s] = np.matmul(m[:, s, :, : STATES + 1], start)[:, :, 0]
        z[s + 1] = moved[s, :, :STATES] + changes[s, :, :STATES]
        if linear:
            arriving = ks[:, None] * moved[s][:, _INTO] + pinocytosed[s]
            kept = inside[s] * left.stays[s][:, None] + arriving * left.lingers[s][:, None]
            inside[s + 1] = kept + changes[s, :, STATES : STATES + 2]
    flows = np.zeros((steps, clones, len(Flows._fields)))
    summed = value_of(books[:, :, at.FLOWS : at.CHANGES].reshape(steps, clones, -1, 2), window.quantum)
    flows[:, :, _SUMMED] = summed
    flows[:, :, _SORTED] = ks[:, None] * moved[:, :, _INTO]
    if linear:
        arriving = flows[:, :, _SORTED] + pinocytosed
        mean = inside[:-1] * left.lingers[:, :, None] + arriving * left.passes[:, :, None]
        flows[:, :, _DIGESTED] = (lys * h[:, None])[:, :, None] * mean
        flows[:, :, _EXOCYTOSED] = (exo * h[:, None])[:, :, None] * mean
    seen = Seen(
        np.concatenate([z[:-1], np.broadcast_to(held.inside, (steps, clones, 2))], axis=2),
        made[:-1],
        cells[:-1],
        changes[:, :, : STATES + 2],
        (remade * syn).sum(axis=2),
        books[:, :, at.MORE].astype(np.float64),
        float(books[:, :, at.LOST].sum()),
    )
    L, Dl = np.ascontiguousarray(inside[-1].T)
    rest = Held(Totals(z[-1].copy(), L, Dl, made[-1].copy(), cells[-1].copy()), inside[-1], r0[-1])
    taken = Taken(h, z[:-1], moved[:, :, _DRUG], made[:-1], cells[:-1], flows, window.met, m.transpose(1, 0, 2, 3))
    return taken, seen, rest


def _before(start: FloatArray, changes: NDArray[Any]) -> FloatArray:
    """Return what there is before each step, and at the end: `start` and the changes, first axis, summed up."""
    return np.concatenate([start[None], start + np.cumsum(changes, axis=0)])


def by_species(amounts: FloatArray) -> tuple[float, float, float]:
    """Return intact antibody, payload on it and free payload of amounts in the order of `layout.AMOUNTS`."""
    held = dict(zip(at.AMOUNTS, amounts.tolist(), strict=False))
    return held["C"] + held["Ce"] + held["L"], held["Dc"] + held["De"] + held["Dl"], held["PL"] + held["Pc"]


def count_ends(tally: Tally, window: Window) -> None:
    """Count how the cells of a window ended."""
    found = window.tally
    ends = found[at.ENDS : at.BANDS].reshape(-1, FOUNDER_GROUPS)
    if not ends.any():
        return
    for end in _DEATHS:
        fate = FATE_OF_CAUSE[CAUSES[end]]
        tally.died[fate] += int(ends[end].sum())
        tally.by_group[FATES.index(fate)] += ends[end]
    tally.born += 2 * int(ends[End.DIVISION].sum())
    tally.bands += found[at.BANDS : at.PEAKS]
    tally.peaks.merge(Histogram(found[at.PEAKS : at.PEAKS + BINS], *window.span))


def empty_rows(room: int) -> Rows:
    """Return empty rows for `room` cells: columns and a time, and tags."""
    return np.empty((room, WIDTH + 1)), np.empty((room, 3), dtype=np.int64)


def followed(world: World) -> NDArray[np.bool_]:
    """Return whether the lives of each founder's line are kept, shape (founders,); (0,) where none are."""
    if not world.tally.followed:
        return np.zeros(0, dtype=np.bool_)
    sample = world.tally.sample
    return np.ones(world.parameters.plan.cells, dtype=np.bool_) if sample is None else sample
