"""From the integers of a window to what its cells took, how they ended, and how fast events changed the totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tdm1sim.engine.books import blank, enter
from tdm1sim.engine.compiled import layout as at
from tdm1sim.engine.compiled.exact import FINER
from tdm1sim.engine.compiled.layout import WEIGHT
from tdm1sim.engine.compiled.register import BRIEF
from tdm1sim.engine.events import CAUSES, End
from tdm1sim.engine.rates import CloneRates
from tdm1sim.lives import FATE_OF_CAUSE
from tdm1sim.mechanisms.cell import Flows
from tdm1sim.pools import K, carry_over, emptying
from tdm1sim.population import FOUNDER_GROUPS
from tdm1sim.surroundings.exponential import KS, SIZE, STATES
from tdm1sim.surroundings.joint import CE, CELLS, DC, DE, DL, MADE, RE, C, L, R
from tdm1sim.world import FATES, Tally, World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_OVER_CE, _OVER_DE = STATES + 1 + CE, STATES + 1 + DE
"""Rows of a transition that hold the integrals of Ce and De: what is sorted to lysosomes, antibody and payload."""
_SUMMED = tuple(Flows._fields.index(name) for name in at.SUMMED)
_SORTED, _PROTEOLYSED, _EXOCYTOSED = (Flows._fields.index(name) for name in ("sorted", "proteolysed", "exocytosed"))
_CARRIED_SORTED, _RELEASED = (Flows._fields.index(name) for name in ("carried_sorted", "released"))
_CARRIED_EXOCYTOSED = Flows._fields.index("carried_exocytosed")
_SYN0, _SYN_MU, _LYS = (CloneRates._fields.index(name) for name in ("syn0", "syn_mu", "lys"))
_EXO, _FLUID = (CloneRates._fields.index(name) for name in ("exoL", "fluid"))
_SUM_OF = (R, C, RE, CE, DC, DE, L, DL, CELLS + 1, CELLS + 2)
"""Column of each of `layout.AMOUNTS`: among the sums, or after them."""
LIVING, LOST, FADE, RECEPTORS, ANTIBODY, CARRIED, PAYLOAD = range(7)
"""What happened in a step: living cells at its end, cells lost, metabolic weight of those that died; then what lost
cells held, molecules: free receptor, antibody, payload on it, free payload."""
_GAVE_UP = (RECEPTORS, ANTIBODY, RECEPTORS, ANTIBODY, CARRIED, CARRIED, ANTIBODY, CARRIED, PAYLOAD, PAYLOAD)
"""Where each of `layout.AMOUNTS` goes to in it."""
_DEATHS = tuple(
    (int(end), FATE_OF_CAUSE[CAUSES[end]], FATES.index(FATE_OF_CAUSE[CAUSES[end]]))
    for end in (End.INTERPHASE_APOPTOSIS, End.NK, End.DEATH_IN_ARREST, End.DEATH_AFTER_SLIPPAGE)
)


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
    books : array of int64, shape (clones, steps, layout.ROW)
        What the cells do.
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
    books: IntArray
    tally: IntArray
    span: list[float]


@njit(**BRIEF)
def carry_on(k, window, matrices, constants, books, quantum, sums, r0, linear, returns, scratch, arrows, change,
             happened, seen):  # fmt: skip
    """Carry the sums over the cells through a window by what its books say, and book what that was for what they share.

    Flows are as summed, sums as transitions and events make them; so they are known without a look at the cells.

    Parameters
    ----------
    k : Kinetics
        Rate constants.
    window : array, shape (steps, 1 + MET)
        Length of each step, h, and what sharing gave the cells (`tdm1sim.engine.books.MET`).
    matrices : array, shape (clones, steps, 13, 13)
        Transitions.
    constants : array, shape (clones, numbers)
        `CloneRates` of each.
    books : array of int64, shape (clones, steps, ROW)
        What the cells did (`tdm1sim.engine.compiled.layout`).
    quantum : float
        Of their integers.
    sums : array, shape (clones, 10)
        At the start (`tdm1sim.surroundings.joint.R` and what follows); brought to the end.
    r0 : array, shape (clones, 2)
        R0 of all cells, and of growing ones; brought to the end.
    linear : bool
        Whether lysosomes obey linear equations (DM1 leaves proteolysis alone), so that what they digest follows from
        the sums too.
    returns : bool
        Whether antibody that cells give back re-enters what they share.
    scratch : array, shape (3, clones, 13)
        Overwritten.
    arrows, change : array
        As in `tdm1sim.engine.books.enter`; `change` has a row per step.
    happened : array, shape (steps, 7)
        Added to (`LIVING` and what follows).
    seen : array, shape (2, clones, 10)
        As in `tdm1sim.engine.foresee.pace_of`; added to.
    """
    fine, flows, after, changed = quantum * FINER, scratch[0], scratch[1], scratch[2]
    for s in range(len(window)):
        h, a, d = window[s, 0], window[s, 1], window[s, 2]
        for c in range(len(sums)):
            row, m, syn0, syn_mu = books[c, s], matrices[c, s], constants[c, _SYN0], constants[c, _SYN_MU]
            for i in range(SIZE):
                x = 0.0
                for j in range(STATES + 1):
                    x += m[i, j] * sums[c, j]
                after[c, i] = x
            for n in range(len(_SUMMED)):
                flows[c, _SUMMED[n]] = row[at.FLOWS + 2 * n] * quantum + row[at.FLOWS + 2 * n + 1] * fine
            flows[c, _SORTED] = k.each[c, KS] * after[c, _OVER_CE]
            flows[c, _CARRIED_SORTED] = k.each[c, KS] * after[c, _OVER_DE]
            fluid = constants[c, _FLUID] * sums[c, CELLS] * h
            arriving, brought = flows[c, _SORTED] + fluid * a, flows[c, _CARRIED_SORTED] + fluid * d
            if linear:
                digest, exocytose = constants[c, _LYS] * h, constants[c, _EXO] * h
                left = emptying(digest + exocytose, K)
                after[c, L], mean = carry_over(sums[c, L], arriving, left)
                after[c, DL], mean_carried = carry_over(sums[c, DL], brought, left)
                flows[c, _PROTEOLYSED], flows[c, _EXOCYTOSED] = digest * mean, exocytose * mean
                flows[c, _RELEASED], flows[c, _CARRIED_EXOCYTOSED] = digest * mean_carried, exocytose * mean_carried
            else:
                after[c, L] = sums[c, L] + arriving - flows[c, _PROTEOLYSED] - flows[c, _EXOCYTOSED]
                after[c, DL] = sums[c, DL] + brought - flows[c, _RELEASED] - flows[c, _CARRIED_EXOCYTOSED]
            after[c, MADE], after[c, CELLS] = sums[c, MADE], sums[c, CELLS]
            for n in range(len(_SUM_OF)):
                x = row[at.CHANGES + 2 * n] * quantum + row[at.CHANGES + 2 * n + 1] * fine
                changed[c, _SUM_OF[n]] = x
                happened[s, _GAVE_UP[n]] -= x
            all_, growing = row[at.MADE] * quantum, row[at.MADE + 1] * quantum
            r0[c, 0] += all_
            r0[c, 1] += growing
            changed[c, MADE], changed[c, CELLS] = syn0 * all_ + syn_mu * growing, float(row[at.MORE])
            happened[s, LOST] += row[at.LOST]
            happened[s, FADE] += row[at.FADE] * WEIGHT
        enter(k, h, sums, after, flows, window[s, 1:], matrices[:, s], returns, arrows, change[s])
        for c in range(len(sums)):
            for i in range(CELLS + 1):
                seen[0, c, i] += sums[c, i] * h
                seen[1, c, i] += changed[c, i]
                sums[c, i] = after[c, i] + changed[c, i]
            sums[c, MADE] = constants[c, _SYN0] * r0[c, 0] + constants[c, _SYN_MU] * r0[c, 1]
            happened[s, LIVING] += sums[c, CELLS]


def sheets(clones: int, steps: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the arrays that `carry_on` fills: scratch, arrows, change, happened, seen."""
    happened, seen = np.zeros((steps, PAYLOAD + 1)), np.zeros((2, clones, CELLS + 1))
    return np.empty((3, clones, SIZE)), *blank(steps), happened, seen


def by_species(amounts: FloatArray) -> tuple[float, float, float]:
    """Return intact antibody, payload on it and free payload of amounts in the order of `layout.AMOUNTS`."""
    held = dict(zip(at.AMOUNTS, amounts.tolist(), strict=False))
    return held["C"] + held["Ce"] + held["L"], held["Dc"] + held["De"] + held["Dl"], held["PL"] + held["Pc"]


def count_ends(tally: Tally, window: Window) -> None:
    """Count how the cells of a window ended."""
    found = window.tally
    ends = found[at.ENDS : at.BANDS].reshape(-1, FOUNDER_GROUPS)
    count = ends.sum(axis=1).tolist()
    if not any(count):
        return
    for end, fate, row in _DEATHS:
        if count[end]:
            tally.died[fate] += count[end]
            tally.by_group[row] += ends[end]
    tally.born += 2 * count[End.DIVISION]
    tally.bands += found[at.BANDS : at.PEAKS]
    tally.peaks.counts += found[at.PEAKS : at.TALLY]
    tally.peaks.widen(*window.span)


def followed(world: World) -> NDArray[np.bool_]:
    """Return whether the lives of each founder's line are kept, shape (founders,); (0,) where none are."""
    if not world.tally.followed:
        return np.zeros(0, dtype=np.bool_)
    sample = world.tally.sample
    return np.ones(world.parameters.plan.cells, dtype=np.bool_) if sample is None else sample
