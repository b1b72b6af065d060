"""The first compiled run: every compiled function is called once with no cells and no steps, so that it is compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tdm1sim.census import COUNTED
from tdm1sim.engine.books import MET
from tdm1sim.engine.compiled import layout as at
from tdm1sim.engine.compiled.accounts import Window, sheets
from tdm1sim.engine.compiled.arena import Arena
from tdm1sim.engine.compiled.counting import SETTINGS, count_arena, empty_census, rank_all
from tdm1sim.engine.compiled.exact import constants_of, no_sums
from tdm1sim.engine.compiled.kernel import total
from tdm1sim.engine.compiled.warming import compile_at_once
from tdm1sim.engine.compiled.workbench import Workbench
from tdm1sim.engine.foresee import calm
from tdm1sim.histogram import EDGES
from tdm1sim.population import WIDTH
from tdm1sim.surroundings.exponential import SIZE, room_for
from tdm1sim.surroundings.joint import CELLS
from tdm1sim.world import World


def compile_all(
    world: World,
    run: Callable[[list[tuple[Arena, int]], Window], object],
    dtype: type,
    rows: NDArray[np.float64],
    fixed: Sequence[float],
) -> None:
    """Have all compiled that a run needs and the cache does not hold, in two processes at once.

    Parameters
    ----------
    world : World
        Of the run.
    run : callable
        Takes arenas, each from a step on, through a window.
    dtype : type
        Of the cells' numbers.
    rows : array, shape (clones, numbers)
        `CloneRates` of each clone.
    fixed : sequence of float
        What follows `layout.FINE` among the numbers of a window.
    """
    shared, k, clones = world.shared, world.kinetics, len(rows)
    met, matrices, books = np.zeros((0, MET)), np.zeros((clones, 0, SIZE, SIZE)), at.books(clones, 0)
    times, steps, numbers = np.zeros(1), np.zeros((0, at.STEP)), np.array([*constants_of(1.0), *fixed])
    window = Window(times, met, steps, matrices, 1.0, numbers, books, at.tally(), [0.0, 0.0])
    nobody, sums, r0 = np.empty(0, dtype=np.uint64), np.zeros((clones, CELLS + 1)), np.zeros((clones, 2))
    none = Arena(0, np.empty((WIDTH, 0)), nobody, nobody, dtype)

    def here() -> None:
        run([(none, 0)], window)
        total(none.tiles, none.counts, 1.0, 1.0, no_sums(1)[0])
        phases, bins, spans = empty_census(1)
        count_arena(none.tiles, none.counts, np.ones(len(SETTINGS)), phases[0], bins, spans, Workbench().looked)
        rank_all(bins, spans, np.zeros(3), EDGES, np.empty((len(COUNTED), 3)))

    around, given = (shared.compartment(), shared.supply, times, calm(clones)), np.zeros((0, 1 + MET))
    beside = {
        "kernel.see_ahead": (k, sums, *around, met, matrices, room_for(clones)),
        "accounts.carry_on": (k, given, matrices, rows, books, 1.0, sums, r0, True, True, *sheets(clones, 0)),
    }
    compile_at_once(here, beside, world.parameters.plan.precision)
