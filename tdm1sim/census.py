"""What is counted of the living cells at one time, whatever engine holds them: plain numbers that add up. Floor 4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tdm1sim.histogram import Histogram
from tdm1sim.observables import (
    LATER_QUANTITIES,
    QUANTITIES,
    carriers,
    proteolysis_activity,
    to_nM,
    tubulin_bound_nM,
)
from tdm1sim.population import CycleTimes, Stage

if TYPE_CHECKING:
    from tdm1sim.engine.base import Engine

FloatArray = NDArray[np.float64]

PHASES = ("g1", "s", "g2", "m", "arrested", "multinucleated")
COUNTED = (*QUANTITIES, *LATER_QUANTITIES)


@dataclass(frozen=True, slots=True)
class Census:
    """The living cells, counted.

    Attributes
    ----------
    phases : array of int64, shape (clones, 6)
        Cells by clone and by `PHASES`.
    quantities : tuple of Histogram
        Of all cells, one per name of `COUNTED`.
    """

    phases: NDArray[np.int64]
    quantities: tuple[Histogram, ...]

    @property
    def living(self) -> NDArray[np.int64]:
        """Cells by clone, shape (clones,)."""
        return np.asarray(self.phases.sum(axis=1))

    def quantiles(self, p: tuple[float, ...]) -> list[list[float]]:
        """Return quantiles at `p` of each of `COUNTED`; not a number where no cell lives."""
        return [one.quantiles(p) for one in self.quantities]


def phase_of(y: FloatArray, stage: FloatArray, times: CycleTimes) -> NDArray[np.int8]:
    """Return the place in `PHASES` of each cell, shape (cells,).

    Parameters
    ----------
    y : array
        Position in the mean cycle, h.
    stage : array
        `Stage` of each.
    times : CycleTimes
        Of the clone.
    """
    cycling = np.zeros(len(y), dtype=np.int8)
    for edge in (times.G1, times.S_end, times.M):
        cycling += y >= edge
    stuck = stage.astype(np.int8) + np.int8(PHASES.index("arrested") - Stage.ARRESTED)
    return np.where(stage < Stage.ARRESTED, cycling, stuck)


def quantities_of(engine: Engine, clone: int, column: Callable[[str], FloatArray]) -> list[FloatArray]:
    """Return what is counted of cells of a clone, one array per name of `COUNTED`.

    Parameters
    ----------
    engine : Engine
        For what the cells see now.
    clone : int
        Of all of them.
    column : callable
        Returns a column of these cells by its name.
    """
    v, volume = engine.world.parameters.values, engine.clones[clone].volume
    Pc = column("Pc")
    return [
        column("C"),
        column("Ce"),
        carriers(column("Dl"), v["DAR"]),
        column("PL"),
        to_nM(Pc, volume),
        tubulin_bound_nM(Pc, volume, v["T"], v["KDt"]),
        engine.pi3k_of(column("R"), column("C"), column("coupled")),
        proteolysis_activity(Pc, column("tolerance"), volume, v["C_T"]),
    ]


def census_of(engine: Engine) -> Census:
    """Count the living cells of an engine by its columns."""
    phases = np.zeros((len(engine.clones), len(PHASES)), dtype=np.int64)
    histograms = tuple(Histogram() for _ in COUNTED)
    for i, rules in enumerate(engine.rules):
        column = partial(engine.column, i)
        phase = phase_of(column("y"), column("stage"), rules.times)
        phases[i] = np.bincount(phase, minlength=len(PHASES))
        for histogram, values in zip(histograms, quantities_of(engine, i, column), strict=True):
            histogram.merge(Histogram.of(values))
    return Census(phases, histograms)
