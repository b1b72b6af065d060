"""From the integers of a window to what its cells took, how they ended, and how fast events changed the totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
from tdm1sim.pools import K, carry_over, emptying
from tdm1sim.population import FOUNDER_GROUPS
from tdm1sim.surroundings.exponential import STATES
from tdm1sim.surroundings.joint import Totals
from tdm1sim.world import FATES, Tally

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SORTED, _CARRIED_SORTED = STATES + 4, STATES + 6
"""Rows of a transition that hold the integrals of Ce and De."""
_LYSOSOMES = tuple(
    (row, Flows._fields.index(digested), Flows._fields.index(lost))
    for row, digested, lost in (
        (_SORTED, "proteolysed", "exocytosed"),
        (_CARRIED_SORTED, "released", "carried_exocytosed"),
    )
)
"""Where what arrives in lysosomes stands, and the flows out of them: antibody, then payload on it."""
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
    z, after = np.empty((steps, clones, STATES)), np.empty((steps, clones, 4))
    made, cells = np.empty((steps, clones)), np.empty((steps, clones))
    flows = np.zeros((steps, clones, len(Flows._fields)))
    summed = value_of(books[:, :, at.FLOWS : at.CHANGES].reshape(steps, clones, -1, 2), window.quantum)
    for n, name in enumerate(at.SUMMED):
        flows[:, :, Flows._fields.index(name)] = summed[:, :, n]
    now, r0, count = held.totals.z.copy(), held.r0.copy(), held.totals.cells.copy()
    syn = np.array([(c.syn0, c.syn_mu) for c in constants])
    lys, exo, fluid = np.array([(c.lys, c.exoL, c.fluid) for c in constants]).T
    inside = held.inside.copy()
    for s in range(steps):
        z[s], cells[s], made[s] = now, count, (syn * r0).sum(axis=1)
        moved = (m[:, s, :, :STATES] * now[:, None, :]).sum(axis=2) + m[:, s, :, STATES] * made[s][:, None]
        flows[s, :, Flows._fields.index("sorted")] = ks * moved[:, _SORTED]
        flows[s, :, Flows._fields.index("carried_sorted")] = ks * moved[:, _CARRIED_SORTED]
        if linear:
            left = emptying((lys + exo) * h[s], K)
            for i, (row, digested, lost) in enumerate(_LYSOSOMES):
                arriving = ks * moved[:, row] + fluid * h[s] * window.met[s, i] * count
                inside[:, i], mean = carry_over(inside[:, i], arriving, left)
                flows[s, :, digested], flows[s, :, lost] = lys * h[s] * mean, exo * h[s] * mean
                inside[:, i] += changes[s, :, STATES + i]
        after[s] = moved[:, [1, 3, 4, 5]]
        now = moved[:, :STATES] + changes[s, :, :STATES]
        r0 += books[s, :, at.MADE : at.MADE + 2] * window.quantum
        count += books[s, :, at.MORE]
    seen = Seen(
        np.concatenate([z, np.broadcast_to(held.inside, (steps, clones, 2))], axis=2),
        made,
        cells,
        changes[:, :, : STATES + 2],
        (books[:, :, at.MADE : at.MADE + 2] * window.quantum * syn).sum(axis=2),
        books[:, :, at.MORE].astype(np.float64),
        float(books[:, :, at.LOST].sum()),
    )
    L, Dl = np.ascontiguousarray(inside.T)
    left_over = Held(Totals(now, L, Dl, (syn * r0).sum(axis=1), count), inside, r0)
    return Taken(h, z, after, made, cells, flows, window.met, m.transpose(1, 0, 2, 3)), seen, left_over


def by_species(amounts: FloatArray) -> tuple[float, float, float]:
    """Return intact antibody, payload on it and free payload of amounts in the order of `layout.AMOUNTS`."""
    held = dict(zip(at.AMOUNTS, amounts.tolist(), strict=False))
    return held["C"] + held["Ce"] + held["L"], held["Dc"] + held["De"] + held["Dl"], held["PL"] + held["Pc"]


def count_ends(tally: Tally, window: Window) -> None:
    """Count how the cells of a window ended."""
    found = window.tally
    ends = found[at.ENDS : at.BANDS].reshape(len(End), FOUNDER_GROUPS)
    for end in _DEATHS:
        fate = FATE_OF_CAUSE[CAUSES[end]]
        tally.died[fate] += int(ends[end].sum())
        tally.by_group[FATES.index(fate)] += ends[end]
    tally.born += 2 * int(ends[End.DIVISION].sum())
    tally.bands += found[at.BANDS : at.PEAKS]
    tally.peaks.merge(Histogram(found[at.PEAKS : at.PEAKS + BINS], *window.span))
