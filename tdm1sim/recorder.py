"""When and what is recorded of a replicate: plain rows, ready for tables. Floor 4."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.engine.base import Engine
from tdm1sim.observables import (
    LATER_QUANTITIES,
    QUANTITIES,
    band_limits,
    band_of,
    carriers,
    proteolysis_activity,
    to_nM,
    tubulin_bound_nM,
)
from tdm1sim.parameters import Parameters, Patient
from tdm1sim.population import FOUNDER_GROUPS, INDEX, Stage
from tdm1sim.surroundings.plasma import Plasma
from tdm1sim.surroundings.plasma_dm1 import PlasmaDM1
from tdm1sim.world import ARROWS, DEATHS, FATE_OF_CAUSE, FATES, Ended

FloatArray = NDArray[np.float64]
Row = tuple[Any, ...]

COUNTS = (
    "live_cells",
    "g1",
    "s",
    "g2",
    "m",
    "arrested",
    "multinucleated",
    "died_apoptosis",
    "died_mitotic_catastrophe",
)
LATER = (
    "died_adcc",
    "plasma_antibody_nM",
    "plasma_dm1_ng_ml",
    "plasma_free_dm1_ng_ml",
    "local_antibody_nM",
    "local_mean_dar",
    "local_payload_nM",
    "local_shed_ecd_nM",
)
"""Columns of mechanisms that came later: at the end, so that programs that count columns keep working."""
_PARTS = ("p05", "median", "p95")
TIMESERIES = (
    "replicate",
    "time_h",
    *COUNTS,
    "plasma_conjugate_ug_ml",
    "local_conjugate_nM",
    *(f"{name}_{part}" for name in QUANTITIES for part in _PARTS),
    *LATER,
    *(f"{name}_{part}" for name in LATER_QUANTITIES for part in _PARTS),
)
CLONES = ("replicate", "time_h", "clone", "live_cells")
FLOWS = ("replicate", "time_h", *ARROWS)
TRACED = ("R", "C", "Re", "Ce", "L", "PL", "Pc")
CARRIED = ("Dc", "De", "Dl")
TRACES = (
    "replicate",
    "time_h",
    "cell_id",
    "clone",
    "stage",
    *TRACED,
    "dm1_cytosol_nM",
    "dm1_tubulin_bound_nM",
    "pi3k_activity",
    "cycle_position_h",
    *CARRIED,
    "proteolysis_activity",
)
CELLS = (
    "cell_id",
    "parent_id",
    "clone",
    "her2_per_cell",
    "mdr1",
    "slc46a3",
    "pten",
    "tolerance",
    "birth_h",
    "end_h",
    "fate",
    "cause",
    "dm1_peak_nM",
    "dm1_end_nM",
    "band",
    "stage_end",
)
STAGE_NAMES = {stage: stage.name.lower() for stage in Stage}
_PROBABILITIES = (0.05, 0.5, 0.95)


@dataclass(slots=True)
class Record:
    """What one replicate leaves behind; plain data, cheap to send between processes.

    Attributes
    ----------
    replicate : int
        From 1.
    outcome : str
        ``completed``, ``cleared`` or ``capacity_reached``.
    timeseries, clones, flows, traces, cells : list of tuple
        Rows of the tables of the same names.
    counts : list of tuple
        Time (h), living cells and cells that died so far, at every record; kept of every arm.
    readouts : dict
        (kind, time) to value per founder.
    ends : array, shape (4, FOUNDER_GROUPS)
        Cells that did not divide, by fate and founder group.
    living : array, shape (3, FOUNDER_GROUPS)
        Cycling, arrested and multinucleated cells at the end, by founder group.
    lines : array of int, shape (n, 2)
        Founder and clone (index) of the cells that live at the end, each pair once.
    dm1, peaks : array
        DM1 (nM) of living cells at the end; highest DM1 of every cell that did not divide.
    balance : float
        Worst relative error of the drug balance.
    steps, born : int
        Steps taken; cells born.
    """

    replicate: int
    outcome: str = "completed"
    end_h: float = 0.0
    timeseries: list[Row] = field(default_factory=list)
    clones: list[Row] = field(default_factory=list)
    flows: list[Row] = field(default_factory=list)
    traces: list[Row] = field(default_factory=list)
    cells: list[Row] = field(default_factory=list)
    counts: list[tuple[float, int, int]] = field(default_factory=list)
    readouts: dict[tuple[str, float], float] = field(default_factory=dict)
    ends: NDArray[np.int64] = field(default_factory=lambda: np.zeros((len(FATES), FOUNDER_GROUPS), dtype=np.int64))
    living: NDArray[np.int64] = field(default_factory=lambda: np.zeros((3, FOUNDER_GROUPS), dtype=np.int64))
    lines: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    dm1: FloatArray = field(default_factory=lambda: np.empty(0))
    peaks: FloatArray = field(default_factory=lambda: np.empty(0))
    balance: float = 0.0
    steps: int = 0
    born: int = 0


def plasma_at(parameters: Parameters, times: Sequence[float]) -> dict[float, Row]:
    """Return plasma conjugate (ug/mL), antibody (nM), DM1 and free DM1 (ng/mL) by time (h); empty in culture.

    DM1 is None where another conjugate is given: nothing is put in about the course of its payload in plasma.
    """
    where = parameters.surroundings
    if not isinstance(where, Patient):
        return {}
    plasma, at = Plasma(where, parameters.values), np.array(times)
    antibodies = [plasma.concentration(at).tolist(), (plasma.antibody_nM(at) + 0.0 * at).tolist()]
    payload: list[list[Any]] = [[None] * len(times)] * 2
    if parameters.drug == DEFAULT:
        total = PlasmaDM1(parameters).total_ng_ml(at)
        payload = [total.tolist(), (parameters.values["fu_DM1"] * total).tolist()]
    return dict(zip(times, zip(*antibodies, *payload, strict=True), strict=True))


class Recorder:
    """Watches one engine.

    Parameters
    ----------
    engine : Engine
        With its founders in place, at time 0.
    full : bool
        Whether tables are kept; otherwise only read-outs and ends.
    """

    def __init__(self, engine: Engine, *, full: bool = True) -> None:
        self.engine = engine
        self.world = engine.world
        self.plan = engine.world.parameters.plan
        self.full = full
        self.record = Record(engine.world.replicate)
        self._due = self._record_times()
        self._plasma = plasma_at(engine.world.parameters, self._due) if full else {}
        self._assays = sorted({t for readout in self.plan.readouts for t in readout.at})
        self._traced = self._founders_to_trace() if full and engine.world.tally.followed else {}

    def _record_times(self) -> list[float]:
        every, end = self.plan.record_every, self.plan.duration
        regular = [n * every for n in range(math.floor(end / every + 1e-9) + 1)]
        # Peaks lie where exposure changes abruptly: without these rows a table would miss the Cmax.
        abrupt = [t for t in self.world.breakpoints if 0.0 < t < end]
        times: list[float] = []
        for t in sorted([*regular, *abrupt, end]):
            if not times or t - times[-1] > 1e-6:
                times.append(t)
        return times

    def _founders_to_trace(self) -> dict[str, int]:
        keys = luck.founder_keys(self.plan.seed, self.world.replicate, min(self.plan.cells, self.plan.traces))
        return {str(i): int(key) for i, key in enumerate(keys)}

    def look(self) -> None:
        """Record what is due at the present time."""
        t = self.world.t
        if self._due and t >= self._due[0] - 1e-9:
            due = self._due.pop(0)
            self.engine.balance()
            self.record.counts.append((due, self.engine.living(), sum(self.world.tally.died.values())))
            if self.full:
                self._take_row(due)
        while self._assays and t >= self._assays[0] - 1e-9:
            self._assay(self._assays.pop(0))

    # Tables ----------------------------------------------------------------------------------------------

    def _take_row(self, t: float) -> None:
        n, tally, record = self.world.replicate, self.world.tally, self.record
        counts, (quantities, activities) = self._counts(), self._quantiles()
        died = [tally.died[fate] for fate in DEATHS]
        shared = self.world.shared
        plasma, *rest = self._plasma.get(t, (None,) * 4)
        inside = [shared.antibody_nM, shared.mean_dar, shared.payload_nM, shared.ecd_nM]
        both = [plasma, shared.concentration]
        record.timeseries.append((n, t, *counts, *died[:2], *both, *quantities, died[2], *rest, *inside, *activities))
        for i, clone in enumerate(self.engine.clones):
            record.clones.append((n, t, clone.name, len(self.engine.column(i, "R"))))
        moved = self.world.ledger.moved
        record.flows.append((n, t, *(moved[arrow] / self.plan.cells for arrow in ARROWS)))
        for path in list(self._traced):
            self._trace(path, t)

    def _counts(self) -> list[int]:
        g1 = s = g2 = m = arrested = multinucleated = 0
        for i, rules in enumerate(self.engine.rules):
            stage, y = self.engine.column(i, "stage"), self.engine.column(i, "y")
            cycling, edges = y[stage < Stage.ARRESTED], (rules.times.G1, rules.times.S_end, rules.times.M)
            early, late, before = (int((cycling < edge).sum()) for edge in edges)
            g1 += early
            s += late - early
            g2 += before - late
            m += len(cycling) - before
            arrested += int((stage == Stage.ARRESTED).sum())
            multinucleated += int((stage == Stage.MULTINUCLEATED).sum())
        return [g1 + s + g2 + m + arrested + multinucleated, g1, s, g2, m, arrested, multinucleated]

    def _quantities(self, clone: int) -> list[FloatArray]:
        """Return a column per name of QUANTITIES, then of LATER_QUANTITIES."""
        v, volume = self.world.parameters.values, self.engine.clones[clone].volume
        column = {name: self.engine.column(clone, name) for name in ("C", "Ce", "Dl", "PL", "Pc", "tolerance")}
        return [
            column["C"],
            column["Ce"],
            carriers(column["Dl"], v["DAR"]),
            column["PL"],
            to_nM(column["Pc"], volume),
            tubulin_bound_nM(column["Pc"], volume, v["T"], v["KDt"]),
            self.engine.pi3k(clone),
            proteolysis_activity(column["Pc"], column["tolerance"], volume, v["C_T"]),
        ]

    def _quantiles(self) -> tuple[list[float], list[float]]:
        """Return 5th percentile, median and 95th percentile of each of QUANTITIES, and of LATER_QUANTITIES."""
        parts = [self._quantities(i) for i in range(len(self.engine.clones))]
        split = len(QUANTITIES) * len(_PROBABILITIES)
        if not self.engine.living():
            return [math.nan] * split, [math.nan] * (len(LATER_QUANTITIES) * len(_PROBABILITIES))
        columns = np.stack([np.concatenate(some) for some in zip(*parts, strict=True)])
        values = [float(x) for x in np.quantile(columns, _PROBABILITIES, axis=1).T.ravel()]
        return values[:split], values[split:]

    def _trace(self, path: str, t: float) -> None:
        key = self._traced[path]
        found = self._find(key)
        if found is None:
            del self._traced[path]
            child = luck.daughter_key(key, 0)
            if self._find(child) is not None:
                longer = f"{path}{'' if '.' in path else '.'}0"
                self._traced[longer] = child
                self._trace(longer, t)
            return
        clone, row = found
        cell = {name: float(self.engine.column(clone, name)[row]) for name in (*TRACED, *CARRIED, "stage", "y")}
        quantities = [float(column[row]) for column in self._quantities(clone)]
        self.record.traces.append(
            (
                self.world.replicate,
                t,
                path,
                self.engine.clones[clone].name,
                STAGE_NAMES[Stage(int(cell["stage"]))],
                *(cell[name] for name in TRACED),
                quantities[4],
                quantities[5],
                quantities[6],
                cell["y"],
                *(cell[name] for name in CARRIED),
                quantities[7],
            )
        )

    def _find(self, key: int) -> tuple[int, int] | None:
        for clone in range(len(self.engine.clones)):
            rows = np.flatnonzero(self.engine.identities(clone)[0] == np.uint64(key))
            if rows.size:
                return clone, int(rows[0])
        return None

    # Assays and the end ----------------------------------------------------------------------------------

    def _assay(self, t: float) -> None:
        values = self.world.parameters.values
        counts = self._counts()
        live, arrested, multinucleated = counts[0], counts[-2], counts[-1]
        stuck = arrested + multinucleated
        signal = live - stuck + values["w_arrested"] * stuck + self.world.tally.dying
        lineages = [self.engine.column(i, "founder") for i in range(len(self.engine.clones))]
        sizes = np.bincount(np.concatenate(lineages).astype(np.int64), minlength=1)
        read = {"live": live, "atp": signal, "clonogenic": int((sizes >= values["colony"]).sum())}
        for readout in self.plan.readouts:
            if t in readout.at:
                self.record.readouts[readout.kind, t] = read[readout.kind] / self.plan.cells

    def finish(self, outcome: str) -> Record:
        """Close the books: survivors get their fate, cells their rows."""
        record, tally = self.record, self.world.tally
        record.outcome, record.end_h = outcome, self.world.t
        record.steps, record.born = self.world.position, tally.born
        self.engine.balance()
        record.balance = self.world.ledger.worst
        record.ends = tally.by_group.copy()
        levels, peaks, lines = [], [], []
        for i, clone in enumerate(self.engine.clones):
            line = self.engine.column(i, "founder").astype(np.int64)
            lines += [(founder, i) for founder in np.unique(line).tolist()]
            founder = line % FOUNDER_GROUPS
            stage = self.engine.column(i, "stage")
            for j, chosen in enumerate(
                (stage < Stage.ARRESTED, stage == Stage.ARRESTED, stage == Stage.MULTINUCLEATED)
            ):
                record.living[j] += np.bincount(founder[chosen], minlength=FOUNDER_GROUPS)
            levels.append(to_nM(self.engine.column(i, "Pc"), clone.volume))
            peaks.append(self.engine.column(i, "peak"))
        record.ends[FATES.index("surviving")] += record.living.sum(axis=0)
        record.lines = np.array(sorted(lines), dtype=np.int64).reshape(-1, 2)
        record.dm1 = np.sort(np.concatenate(levels))
        record.peaks = np.sort(np.concatenate([*peaks, np.array(tally.peaks)]))
        if self.full and tally.followed:
            record.cells = self._cells()
        return record

    def _cells(self) -> list[Row]:
        ended = list(self.world.tally.rows)
        sample = self.world.tally.sample
        for i in range(len(self.engine.clones)):
            columns = np.stack([self.engine.column(i, name) for name in INDEX]).T.tolist()
            keys, paths = self.engine.identities(i)
            for values, key, path in zip(columns, keys.tolist(), paths, strict=True):
                if sample is None or int(values[INDEX["founder"]]) in sample:
                    ended.append(Ended(values, i, key, path, self.world.t, "end_of_run"))
        limits = band_limits(dict(self.world.parameters.values))
        rows = [self._cell_row(cell, limits) for cell in ended]
        rows.sort(key=lambda row: (int(row[0].split(".")[0]), row[0]))
        return rows

    def _cell_row(self, cell: Ended, limits: tuple[float, float]) -> Row:
        clone, at = self.engine.clones[cell.clone], INDEX
        founder, _, path = cell.path.partition(".")
        parent = "" if not path else founder + (f".{path[:-1]}" if len(path) > 1 else "")
        peak = cell.values[at["peak"]]
        return (
            cell.path,
            parent,
            clone.name,
            cell.values[at["R0"]],
            cell.values[at["mdr1"]],
            cell.values[at["slc46a3"]],
            "intact" if cell.values[at["pten"]] else "deficient",
            cell.values[at["tolerance"]],
            cell.values[at["birth"]],
            cell.time,
            FATE_OF_CAUSE[cell.cause],
            cell.cause,
            peak,
            float(to_nM(np.float64(cell.values[at["Pc"]]), clone.volume)),  # type: ignore[arg-type]
            band_of(peak, *limits),
            STAGE_NAMES[Stage(int(cell.values[at["stage"]]))],
        )
