"""The census of an arena's cells, compiled: cells by phase, and histograms of what is recorded of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from tdm1sim import observables
from tdm1sim.census import Census
from tdm1sim.engine.compiled.layout import LANES, TILE
from tdm1sim.engine.compiled.register import BRIEF, INNER, OUTER, PLAIN, bits
from tdm1sim.engine.compiled.traced import trace
from tdm1sim.engine.compiled.tuples import in_precision, load
from tdm1sim.histogram import BINS, EDGES, Histogram, between, place, ranked
from tdm1sim.mechanisms.signalling import pi3k_activity
from tdm1sim.observables import carriers, proteolysis_activity, to_nM, tubulin_bound_nM
from tdm1sim.pools import K
from tdm1sim.population import INDEX, Stage

for _function in (observables.to_nM, proteolysis_activity, tubulin_bound_nM):
    trace(_function, forceinline=True)
register_jitable(**PLAIN, forceinline=True)(carriers)

_Y, _STAGE = (INDEX[name] * LANES for name in ("y", "stage"))
FloatArray = NDArray[np.float64]
Counted = tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]
_ARRESTED = float(Stage.ARRESTED)
_STUCK = 4 - int(Stage.ARRESTED)
QUANTITIES = 8
_NOTHING = np.array([[np.inf, -np.inf]] * QUANTITIES)
SETTINGS = ("volume", "T", "KDt", "DAR", "C_T", "arm_blockade", "open_II", "uninhibited", "G1", "S_end", "M")
"""Numbers that the count needs, in this order: of the clone, of the drug, of what the cells see now, of the cycle."""
SIGNALS = slice(SETTINGS.index("open_II"), SETTINGS.index("uninhibited") + 1)
"""Those that may change with time."""


class Looked(NamedTuple):
    """What is looked at of a cell."""

    R: float
    C: float
    Ce: float
    Dl: float
    PL: float
    Pc: float
    tolerance: float
    coupled: float


@njit(**OUTER)
def count_arena(tiles, counts, settings, phases, histograms, spans, found):
    """Add the cells of an arena to a census.

    Parameters
    ----------
    tiles, counts : array
        Cells.
    settings : array
        Numbers named by `SETTINGS`.
    phases : array of int64, shape (6,)
        Cells by phase; added to.
    histograms : array of int64, shape (8, BINS)
        Of each quantity of `tdm1sim.census.COUNTED`; added to.
    spans : array, shape (8, 2)
        Smallest and largest value of each; widened.
    found : array, shape (8, LANES)
        Overwritten.
    """
    volume, T, KDt, DAR, C_T, arm = settings[0], settings[1], settings[2], settings[3], settings[4], settings[5]
    open_II, uninhibited, G1, S_end, M = settings[6], settings[7], settings[8], settings[9], settings[10]
    span = len(tiles) // len(counts)
    for chunk in range(len(counts)):
        n = counts[chunk]
        for tile in range((n + LANES - 1) // LANES):
            first = chunk * span + tile * TILE
            for lane in range(LANES):  # in vectors; the scatter that follows cannot be
                cell = in_precision(load(tiles, first + lane, Looked), K)
                found[0, lane] = cell.C
                found[1, lane] = cell.Ce
                found[2, lane] = carriers(cell.Dl, DAR)
                found[3, lane] = cell.PL
                found[4, lane] = to_nM(cell.Pc, volume)
                found[5, lane] = tubulin_bound_nM(cell.Pc, volume, T, KDt)
                found[6, lane] = pi3k_activity(cell.R, cell.C, cell.coupled * arm, open_II, uninhibited, K)
                found[7, lane] = proteolysis_activity(cell.Pc, cell.tolerance, volume, C_T)
            live = min(n - tile * LANES, LANES)
            for q in range(QUANTITIES):
                low, high = spans[q, 0], spans[q, 1]
                for lane in range(live):
                    x = found[q, lane]
                    histograms[q, place(bits(x))] += 1
                    low, high = min(low, x), max(high, x)
                spans[q, 0], spans[q, 1] = low, high
            for lane in range(live):
                stage, y = tiles[first + _STAGE + lane], tiles[first + _Y + lane]
                phase = (1 if y >= G1 else 0) + (1 if y >= S_end else 0) + (1 if y >= M else 0)
                phases[phase if stage < _ARRESTED else int(stage) + _STUCK] += 1


@njit(**INNER)
def value_at(rank, top, counts, low, high, first, last, edges):
    """Return the value of a rank among the counts of a histogram."""
    number, before = first, 0
    while before + counts[number] <= rank:
        before += counts[number]
        number += 1
    return ranked(rank, top, low, high, number, last, before, counts[number], edges[number], edges[number + 1])


@njit(**BRIEF)
def rank_all(histograms, spans, p, edges, found):
    """Fill `found`, shape (8, len(p)), with quantiles as `tdm1sim.histogram.Histogram.quantiles` has them."""
    for q in range(len(histograms)):
        counts, low, high = histograms[q], spans[q, 0], spans[q, 1]
        there = low <= high  # otherwise nothing was counted, or not a number is among it
        first, last = (place(bits(low)), place(bits(high))) if there else (0, -1)
        top = np.int64(-1)  # the literal has a type of its own
        for b in range(first, last + 1):
            top += counts[b]
        for i in range(len(p)):
            wanted = p[i] * top
            rank = math.floor(wanted) if there else 0
            if there:
                below = value_at(rank, top, counts, low, high, first, last, edges)
                above = value_at(min(rank + 1, top), top, counts, low, high, first, last, edges)
                found[q, i] = between(wanted, below, above)
            else:
                found[q, i] = math.nan


@dataclass(frozen=True, slots=True)
class CompiledCensus(Census):
    """A census whose quantiles are found by compiled code.

    Attributes
    ----------
    bins : array of int64, shape (8, BINS)
        The counts of all histograms.
    spans : array, shape (8, 2)
        Smallest and largest value of each.
    """

    bins: NDArray[np.int64]
    spans: NDArray[np.float64]

    def quantiles(self, p: tuple[float, ...]) -> list[list[float]]:
        """Return quantiles at `p` of each of `COUNTED`; not a number where no cell lives."""
        found = np.empty((QUANTITIES, len(p)))
        rank_all(self.bins, self.spans, np.array(p, dtype=np.float64), EDGES, found)
        values: list[list[float]] = found.tolist()
        return values


def census_from(phases: NDArray[np.int64], bins: NDArray[np.int64], spans: NDArray[np.float64]) -> CompiledCensus:
    """Return the census of cells by clone and phase, counts, and smallest and largest values."""
    quantities = tuple(Histogram(one, *span) for one, span in zip(bins, spans.tolist(), strict=True))
    return CompiledCensus(phases, quantities, bins, spans)


def empty_census(clones: int) -> Counted:
    """Return what `count_arena` adds to: phases, shape (clones, 6); histograms, (8, BINS); spans, (8, 2)."""
    phases, histograms = np.zeros((clones, 6), dtype=np.int64), np.zeros((QUANTITIES, BINS), dtype=np.int64)
    return phases, histograms, _NOTHING.copy()


def merged(some: Sequence[Counted]) -> Counted:
    """Return several of these as one, the first, which is changed."""
    phases, histograms, spans = some[0]
    for more, counts, widths in some[1:]:
        phases += more
        histograms += counts
        np.minimum(spans[:, 0], widths[:, 0], out=spans[:, 0])
        np.maximum(spans[:, 1], widths[:, 1], out=spans[:, 1])
    return phases, histograms, spans


def settings_of(engine: Any) -> FloatArray:
    """Return the numbers that `count_arena` needs, shape (clones, 11), with the signals of time 0."""
    v, (open_II, uninhibited, _) = engine.world.parameters.values, engine.signals(0.0)
    drug = [v[name] for name in ("T", "KDt", "DAR", "C_T", "arm_blockade")]
    cycles = [(rules.times.G1, rules.times.S_end, rules.times.M) for rules in engine.rules]
    kinds = zip(engine.clones, cycles, strict=True)
    return np.array([[clone.volume, *drug, open_II, uninhibited, *cycle] for clone, cycle in kinds], dtype=np.float64)
