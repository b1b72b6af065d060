"""What the cells are: one table of columns, and how founders draw them. Floor 2.

Cells of one clone live in one block, because they share trafficking rates. A block is one array with a row per
column of the table below, so a mechanism sees contiguous columns and a new cell is one copied column vector.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.luck import Decision
from tdm1sim.parameters import Clone, Parameters, PayloadClass

FloatArray = NDArray[np.float64]
Inheritance = Literal["half", "same", "drawn", "reset", "own"]

FOUNDER_GROUPS = 20
"""Founders are dealt into groups, so that one replicate can give an interval."""


class Stage(IntEnum):
    """Where a living cell stands; committed cells are past the checkpoint of the payload and will divide."""

    CYCLING = 0
    COMMITTED = 1
    ARRESTED = 2
    MULTINUCLEATED = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One per-cell quantity: unit, meaning, and what a daughter receives.

    ``half`` exactly half of the mother's; ``same`` the mother's; ``drawn`` a new draw of luck; ``reset`` a starting
    value; ``own`` set from the birth itself.
    """

    name: str
    unit: str
    daughters: Inheritance
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column("R", "molecules", "half", "free HER2 at the surface"),
    Column("C", "molecules", "half", "antibody bound to HER2 (subdomain IV) at the surface"),
    Column("Re", "molecules", "half", "free HER2 in endosomes"),
    Column("Ce", "molecules", "half", "antibody bound to HER2 in endosomes"),
    Column("L", "molecules", "half", "intact antibody in lysosomes"),
    Column("Dc", "molecules", "half", "payload on antibody at the surface"),
    Column("De", "molecules", "half", "payload on antibody in endosomes"),
    Column("Dl", "molecules", "half", "payload on intact antibody in lysosomes"),
    Column("PL", "molecules", "half", "Lys-MCC-DM1 in lysosomes"),
    Column("Pc", "molecules", "half", "cytosolic DM1, free and tubulin-bound"),
    Column("y", "h", "own", "position in the mean cell cycle of the clone; overshoot of the mother's division"),
    Column("clock_apoptosis", "1", "drawn", "integrated hazard left before rapid apoptosis"),
    Column("clock_nk", "1", "drawn", "integrated hazard left before an NK cell kills"),
    Column("clock_exit", "1", "reset", "integrated hazard left before death in arrest or after slippage"),
    Column("clock_slip", "1", "reset", "integrated hazard left before slippage"),
    Column("peak", "nM", "own", "highest cytosolic DM1 so far; starts at the level at birth"),
    Column("R0", "molecules", "same", "surface HER2 of an untreated cell"),
    Column("mdr1", "1", "same", "fold of the efflux rate constant (MDR1)"),
    Column("slc46a3", "1", "same", "SLC46A3 activity"),
    Column("tolerance", "1", "same", "factor on the DM1 levels this cell tolerates"),
    Column("coupled", "1", "same", "1 where HER2 drives the cell and PTEN is intact"),
    Column("pace", "1", "drawn", "speed through the cycle, 1 for the mean cycle"),
    Column("growing", "1", "reset", "1 in the cycle, 0 in arrest and after slippage"),
    Column("k_exit", "1/h", "reset", "death rate of the present stage"),
    Column("k_slip", "1/h", "reset", "slippage rate of the present stage"),
    Column("pten", "1", "same", "1 with PTEN intact, 0 deficient"),
    Column("gate", "h", "reset", "cycle position of the next check: the payload's checkpoint, or division"),
    Column("stage", "Stage", "reset", "cycling, committed, arrested or multinucleated"),
    Column("birth", "h", "own", "time of birth"),
    Column("founder", "index", "same", "which founder's lineage"),
)
NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(NAMES)}
WIDTH = len(NAMES)
AMOUNTS: tuple[str, ...] = NAMES[:10]


class CycleTimes(NamedTuple):
    """Check points of a clone's mean cycle, h: end of G1, end of S, entry to mitosis, division.

    ``checkpoint`` is where cells meet the payload: the end of S for a topoisomerase poison, else entry to mitosis.
    """

    G1: float
    S_end: float
    M: float
    end: float
    checkpoint: float

    @classmethod
    def of(cls, clone: Clone, values: Mapping[str, float], payload: PayloadClass) -> CycleTimes:
        """Return the check points: G1 takes what S, G2 and M leave of the doubling time."""
        m = clone.doubling - values["t_M"]
        g2 = m - values["t_G2"]
        return cls(g2 - values["t_S"], g2, m, clone.doubling, g2 if payload == "topoisomerase_1" else m)


@lru_cache(maxsize=64)
def cycle_scale(cv: float) -> tuple[float, float]:
    """Return the median and sigma of the lognormal factor on the mean cycle.

    Parameters
    ----------
    cv : float
        Coefficient of variation of cycle times, 0 to about 0.5.

    Returns
    -------
    median, sigma : float
        With independent cycle times the population doubles in exactly the doubling time when the mean of
        ``exp(-ln 2 x factor)`` is one half (Euler-Lotka); the median is solved for.
    """
    sigma = math.sqrt(math.log1p(cv * cv))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    factors, weights = np.exp(sigma * nodes), weights / weights.sum()
    median = 1.0
    for _ in range(50):
        decay = np.exp(-math.log(2.0) * median * factors)
        step = (float(weights @ decay) - 0.5) / float(weights @ (math.log(2.0) * factors * decay))
        median += step
        if abs(step) < 1e-15:
            break
    return median, sigma


@dataclass(slots=True)
class Newborns:
    """Founder cells of one clone: `values` has shape (WIDTH, cells), `keys` shape (cells,)."""

    values: FloatArray
    keys: NDArray[np.uint64]


def choose_clones(parameters: Parameters, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the clone index of each founder: its own luck against the cumulative fractions."""
    edges = np.cumsum([clone.fraction for clone in parameters.clones])
    chosen = np.searchsorted(edges, luck.uniforms(Decision.CLONE, keys), side="right")
    return np.asarray(np.minimum(chosen, len(edges) - 1))


def founders(parameters: Parameters, replicate: int, start: int = 0, stop: int | None = None) -> list[Newborns]:
    """Draw founder cells of a replicate, per clone, in order of founder number.

    Parameters
    ----------
    parameters : Parameters
        The run.
    replicate : int
        From 1.
    start, stop : int, optional
        Founders to draw, from `start` up to but not including `stop`; all of them where left out.
    """
    stop = parameters.plan.cells if stop is None else min(stop, parameters.plan.cells)
    keys = luck.founder_keys(parameters.plan.seed, replicate, stop, start)
    chosen = choose_clones(parameters, keys)
    result = []
    for index, clone in enumerate(parameters.clones):
        rows = np.flatnonzero(chosen == index)
        result.append(_draw(parameters, clone, keys[rows], rows + start))
    return result


def _lognormal(median: float, sigma: float, decision: Decision, keys: NDArray[np.uint64]) -> FloatArray:
    if sigma == 0.0 or median == 0.0:
        return np.full(len(keys), median)
    return median * np.exp(sigma * luck.normals(decision, keys))


def _draw(parameters: Parameters, clone: Clone, keys: NDArray[np.uint64], rows: NDArray[np.int64]) -> Newborns:
    v = dict(parameters.values)
    times = CycleTimes.of(clone, v, parameters.payload)
    table = np.zeros((WIDTH, len(keys)))

    def put(name: str, value: FloatArray | float) -> None:
        table[INDEX[name]] = value

    her2 = _lognormal(clone.her2, clone.her2_sigma, Decision.HER2, keys)
    put("R0", her2)
    put("R", her2)
    put("Re", her2 * clone.ke / (clone.kr + clone.ks))
    put("mdr1", _lognormal(clone.mdr1, clone.mdr1_sigma, Decision.MDR1, keys))
    put("slc46a3", _lognormal(clone.slc46a3, clone.slc46a3_sigma, Decision.SLC46A3, keys))
    put("tolerance", _lognormal(1.0, v["sigma_tolerance"], Decision.TOLERANCE, keys))
    put("pten", float(not clone.pten_deficient))
    put("coupled", float(clone.her2_driven and not clone.pten_deficient))
    median, sigma = cycle_scale(v["cv_cycle"])
    # Living cells are biased towards long cycles; to first order the lognormal shifts by ln 2 x sigma^2.
    length = median * np.exp(sigma * luck.normals(Decision.CYCLE_LENGTH, keys) + math.log(2.0) * sigma * sigma)
    put("pace", 1.0 / length)
    u = luck.uniforms(Decision.AGE, keys)
    age = -np.log1p(-u * -np.expm1(-math.log(2.0) * length)) / math.log(2.0)
    y = np.minimum(age / length, np.nextafter(1.0, 0.0)) * clone.doubling
    committed = y >= times.checkpoint
    put("y", y)
    put("gate", np.where(committed, times.end, times.checkpoint))
    put("stage", np.where(committed, float(Stage.COMMITTED), float(Stage.CYCLING)))
    put("growing", 1.0)
    put("clock_apoptosis", luck.clocks(Decision.APOPTOSIS, keys))
    put("clock_nk", luck.clocks(Decision.NK, keys))
    put("clock_exit", math.inf)
    put("clock_slip", math.inf)
    put("founder", rows.astype(np.float64))
    return Newborns(table, keys)


class Block:
    """The living cells of one clone, dense, in no promised order.

    Attributes
    ----------
    data : array, shape (WIDTH, capacity)
        Columns as rows; only the first `n` elements are alive.
    keys : array of uint64, shape (capacity,)
        Luck keys.
    followed : bool
        Whether lineages have names.
    paths : list of str
        Lineage names of the living cells, empty when not followed.
    """

    def __init__(self, newborns: Newborns, *, followed: bool, paths: Sequence[str] | None = None) -> None:
        self.n = newborns.values.shape[1]
        capacity = max(16, self.n + self.n // 4)
        self.data = np.zeros((WIDTH, capacity))
        self.data[:, : self.n] = newborns.values
        self.keys = np.zeros(capacity, dtype=np.uint64)
        self.keys[: self.n] = newborns.keys
        self.followed = followed
        self.paths = [str(int(i)) for i in newborns.values[INDEX["founder"]]] if followed else []
        if followed and paths is not None:
            self.paths = list(paths)

    def column(self, name: str) -> FloatArray:
        """Return a view of a column, shape (n,)."""
        return self.data[INDEX[name], : self.n]

    def replace(self, row: int, values: Sequence[float], key: int, path: str) -> None:
        """Put a new cell in the place of another."""
        self.data[:, row] = values
        self.keys[row] = key
        if self.followed:
            self.paths[row] = path

    def append(self, values: Sequence[float], key: int, path: str) -> None:
        """Add a cell."""
        if self.n == self.data.shape[1]:
            extra = max(16, self.n // 2)
            self.data = np.concatenate([self.data, np.zeros((WIDTH, extra))], axis=1)
            self.keys = np.concatenate([self.keys, np.zeros(extra, dtype=np.uint64)])
        self.n += 1
        if self.followed:
            self.paths.append(path)
        self.replace(self.n - 1, values, key, path)

    def remove(self, rows: Sequence[int]) -> None:
        """Remove cells; the last ones move into the holes."""
        for row in sorted(rows, reverse=True):
            last = self.n - 1
            if row != last:
                self.data[:, row] = self.data[:, last]
                self.keys[row] = self.keys[last]
                if self.followed:
                    self.paths[row] = self.paths[last]
            if self.followed:
                self.paths.pop()
            self.n = last
