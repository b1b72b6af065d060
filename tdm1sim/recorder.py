"""When and what is recorded of a replicate: plain rows, ready for tables. Floor 4."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.bands import BANDS, band_number
from tdm1sim.cells import Columns, cell_columns
from tdm1sim.census import COUNTED, PHASES, Census, quantities_of
from tdm1sim.engine.base import Engine
from tdm1sim.histogram import Histogram, merged
from tdm1sim.lives import CAUSES
from tdm1sim.observables import LATER_QUANTITIES, QUANTITIES, to_nM
from tdm1sim.parameters import Parameters, Patient
from tdm1sim.population import FOUNDER_GROUPS, INDEX, NAMES, Stage
from tdm1sim.state import State
from tdm1sim.surroundings.plasma import Plasma
from tdm1sim.surroundings.plasma_dm1 import PlasmaDM1
from tdm1sim.world import ARROWS, DEATHS, FATES

FloatArray = NDArray[np.float64]
Row = tuple[Any, ...]

COUNTS = (
    "live_cells",
    *PHASES,
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
SO_FAR = ("timeseries", "clones", "flows", "traces", "counts")
"""Rows of a `Record` that a saved state keeps."""
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
    timeseries, clones, flows, traces : list of tuple
        Rows of the tables of the same names.
    cells : dict of str to array
        Columns of ``cells.csv``; empty where cells were not followed.
    counts : list of tuple
        Time (h), living cells and cells that died so far, at every record; kept of every arm.
    readouts : dict
        (kind, time) to value per founder.
    ends : array, shape (4, FOUNDER_GROUPS)
        Cells that did not divide, by fate and founder group.
    living : array, shape (3, FOUNDER_GROUPS)
        Cycling, arrested and multinucleated cells at the end, by founder group.
    lines : array of bool, shape (clones, founders)
        Whether cells of a clone and a founder's lineage live at the end.
    dm1, peaks : Histogram
        DM1 (nM) of living cells at the end; highest DM1 of every cell that did not divide.
    bands : array of int64, shape (3,)
        Cells that did not divide by the band of their highest DM1.
    balance : float
        Worst relative error of the drug balance.
    steps, born : int
        Steps taken; cells born.
    states : dict of float to bytes
        By time (h), the states that were to be kept (`tdm1sim.state.pack`).
    """

    replicate: int
    outcome: str = "completed"
    end_h: float = 0.0
    timeseries: list[Row] = field(default_factory=list)
    clones: list[Row] = field(default_factory=list)
    flows: list[Row] = field(default_factory=list)
    traces: list[Row] = field(default_factory=list)
    cells: Columns = field(default_factory=dict)
    counts: list[tuple[float, int, int]] = field(default_factory=list)
    readouts: dict[tuple[str, float], float] = field(default_factory=dict)
    ends: NDArray[np.int64] = field(default_factory=lambda: np.zeros((len(FATES), FOUNDER_GROUPS), dtype=np.int64))
    living: NDArray[np.int64] = field(default_factory=lambda: np.zeros((3, FOUNDER_GROUPS), dtype=np.int64))
    lines: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    dm1: Histogram = field(default_factory=Histogram)
    peaks: Histogram = field(default_factory=Histogram)
    bands: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(BANDS), dtype=np.int64))
    balance: float = 0.0
    steps: int = 0
    born: int = 0
    states: dict[float, bytes] = field(default_factory=dict)


def plasma_at(parameters: Parameters, times: Sequence[float]) -> dict[float, Row]:
    """Return plasma conjugate (ug/mL), antibody (nM), DM1 and free DM1 (ng/mL) by time (h); empty in culture.

    Clearance and mass are DM1's, so a conjugate with another payload has None there.
    """
    where = parameters.surroundings
    if not isinstance(where, Patient):
        return {}
    plasma, at = Plasma(where, parameters.values), np.array(times)
    antibodies = plasma.concentration(at).tolist(), (plasma.antibody_nM(at) + 0.0 * at).tolist()
    released: tuple[list[float | None], list[float | None]] = ([None] * len(at), [None] * len(at))
    if parameters.payload == "microtubule":
        total = PlasmaDM1(parameters).total_ng_ml(at)
        released = total.tolist(), (parameters.values["fu_DM1"] * total).tolist()
    return dict(zip(times, zip(*antibodies, *released, strict=True), strict=True))


_last: list[tuple[Parameters, list[float], dict[float, Row]]] = []
"""Plasma as it was last asked for: the replicates of a run have it in common."""


def _plasma_of(parameters: Parameters, times: list[float]) -> dict[float, Row]:
    for known, when, table in _last:
        if known is parameters and when == times:
            return table
    table = plasma_at(parameters, times)
    _last[:] = [(parameters, list(times), table)]
    return table


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
        # To sum up what all cells hold takes about as long as a step: the books are compared with it once a day.
        self._balanced = {int(t // 24.0): t for t in reversed(self._due)}.values()
        self._plasma = _plasma_of(engine.world.parameters, self._due) if full else {}
        self._assays = sorted({t for readout in self.plan.readouts for t in readout.at})
        self._traced = self._founders_to_trace() if full and engine.world.tally.followed else {}
        if engine.world.state is not None:
            self._go_on(engine.world.state)

    def progress(self) -> dict[str, Any]:
        """Return what was recorded so far, as plain lists, and the cells that are traced now."""
        record = self.record
        readouts = [[kind, t, value] for (kind, t), value in record.readouts.items()]
        return {**{name: getattr(record, name) for name in SO_FAR}, "readouts": readouts, "traced": self._traced}

    def _go_on(self, state: State) -> None:
        """Take over what a saved state had recorded; what was due before it is done, or was not asked for."""
        begin, recorded = state.time - 1e-9, state.facts["recorded"]
        for name in SO_FAR:
            setattr(self.record, name, [tuple(row) for row in recorded[name]])
        self.record.readouts = {(kind, t): value for kind, t, value in recorded["readouts"]}
        self._due = [t for t in self._due if t >= begin]
        self._assays = [t for t in self._assays if t >= begin]
        followed = {path: key for path, key in recorded["traced"].items() if int(path.split(".")[0]) < self.plan.traces}
        self._traced = followed if self._traced else {}

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
            if due in self._balanced:
                self.engine.balance()
            self.world.ledger.follow(self.world.shared)
            self.record.counts.append((due, self.engine.living(), sum(self.world.tally.died.values())))
            if self.full:
                self._take_row(due)
        while self._assays and t >= self._assays[0] - 1e-9:
            self._assay(self._assays.pop(0))

    # Tables ----------------------------------------------------------------------------------------------

    def _take_row(self, t: float) -> None:
        n, tally, record = self.world.replicate, self.world.tally, self.record
        census = self.engine.census()
        quantities, activities = self._quantiles(census)
        counts = [int(census.phases.sum()), *census.phases.sum(axis=0).tolist()]
        died = [tally.died[fate] for fate in DEATHS]
        shared = self.world.shared
        plasma, *rest = self._plasma.get(t, (None,) * 4)
        inside = [shared.antibody_nM, shared.mean_dar, shared.payload_nM, shared.ecd_nM]
        both = [plasma, shared.concentration]
        record.timeseries.append((n, t, *counts, *died[:2], *both, *quantities, died[2], *rest, *inside, *activities))
        for clone, living in zip(self.engine.clones, census.living.tolist(), strict=True):
            record.clones.append((n, t, clone.name, living))
        moved = self.world.ledger.moved
        record.flows.append((n, t, *(moved[arrow] / self.plan.cells for arrow in ARROWS)))
        for path in list(self._traced):
            self._trace(path, t)

    @staticmethod
    def _quantiles(census: Census) -> tuple[list[float], list[float]]:
        """Return 5th percentile, median and 95th percentile of each of QUANTITIES, and of LATER_QUANTITIES."""
        values = [value for some in census.quantiles(_PROBABILITIES) for value in some]
        split = len(QUANTITIES) * len(_PROBABILITIES)
        return values[:split], values[split:]

    def _trace(self, path: str, t: float) -> None:
        key = self._traced[path]
        found = self.engine.find(key)
        if found is None:
            del self._traced[path]
            child = luck.daughter_key(key, 0)
            if self.engine.find(child) is not None:
                longer = f"{path}{'' if '.' in path else '.'}0"
                self._traced[longer] = child
                self._trace(longer, t)
            return
        clone, values = found
        cell = dict(zip(NAMES, values.tolist(), strict=True))
        inside = quantities_of(self.engine, clone, lambda name: values[INDEX[name]][None])
        quantities = dict(zip(COUNTED, (float(value[0]) for value in inside), strict=True))
        self.record.traces.append(
            (
                self.world.replicate,
                t,
                path,
                self.engine.clones[clone].name,
                Stage(int(cell["stage"])).name.lower(),
                *(cell[name] for name in TRACED),
                quantities["dm1_cytosol_nM"],
                quantities["dm1_tubulin_bound_nM"],
                quantities["pi3k_activity"],
                cell["y"],
                *(cell[name] for name in CARRIED),
                quantities["proteolysis_activity"],
            )
        )

    # Assays and the end ----------------------------------------------------------------------------------

    def _assay(self, t: float) -> None:
        read = {"live": self.engine.living, "atp": self._metabolism, "clonogenic": self._colonies}
        for readout in self.plan.readouts:
            if t in readout.at:
                self.record.readouts[readout.kind, t] = read[readout.kind]() / self.plan.cells

    def _metabolism(self) -> float:
        """Return what an ATP assay sees, in cells of the cycle."""
        phases = dict(zip(PHASES, self.engine.census().phases.sum(axis=0).tolist(), strict=True))
        stuck = phases["arrested"] + phases["multinucleated"]
        weight = self.world.parameters.values["w_arrested"]
        return float(self.engine.living() - stuck + weight * stuck + self.world.tally.dying)

    def _colonies(self) -> int:
        """Return the founders that have grown to a colony."""
        lineages = [self.engine.column(i, "founder") for i in range(len(self.engine.clones))]
        sizes = np.bincount(np.concatenate(lineages).astype(np.int64), minlength=1)
        return int((sizes >= self.world.parameters.values["colony"]).sum())

    def finish(self, outcome: str) -> Record:
        """Close the books: survivors get their fate, cells their rows."""
        record, tally = self.record, self.world.tally
        record.outcome, record.end_h = outcome, self.world.t
        record.steps, record.born = self.world.position, tally.born
        self.engine.balance()
        record.balance = self.world.ledger.worst
        record.ends, record.bands = tally.by_group.copy(), tally.bands.copy()
        record.peaks = merged([tally.peaks])
        record.lines = np.zeros((len(self.engine.clones), self.plan.cells), dtype=np.bool_)
        for clone in range(len(self.engine.clones)):
            self._close(clone)
        record.ends[FATES.index("surviving")] += record.living.sum(axis=0)
        if self.full and tally.followed:
            record.cells = cell_columns(tally.lives, self.engine.clones, tally.limits)
        return record

    def _close(self, clone: int) -> None:
        """Count the survivors of a clone, part by part; put the followed ones among the lives."""
        record, tally, done = self.record, self.world.tally, 0
        for column in self.engine.parts(clone):
            founder, stage, peak = column("founder").astype(np.int64), column("stage"), column("peak")
            cycling = stage < Stage.ARRESTED
            for j, chosen in enumerate((cycling, stage == Stage.ARRESTED, stage == Stage.MULTINUCLEATED)):
                record.living[j] += np.bincount(founder[chosen] % FOUNDER_GROUPS, minlength=FOUNDER_GROUPS)
            record.dm1.merge(Histogram.of(to_nM(column("Pc"), self.engine.clones[clone].volume)))
            record.peaks.merge(Histogram.of(peak))
            record.bands += np.bincount(band_number(peak, *tally.limits), minlength=len(BANDS))
            record.lines[clone, founder] = True
            if self.full and tally.followed:
                rows = np.arange(len(founder)) if tally.sample is None else np.flatnonzero(tally.sample[founder])
                self._keep_living(clone, column, rows, done)
            done += len(founder)

    def _keep_living(
        self, clone: int, column: Callable[[str], FloatArray], rows: NDArray[np.int64], before: int
    ) -> None:
        """Put some cells of a part, before which there were `before` of the clone, among the lives."""
        if len(rows):
            values = np.stack([column(name)[rows] for name in NAMES], axis=1)
            places = rows + before
            keys, names = self.engine.keys(clone)[places], self.engine.names(clone, places.tolist())
            self.world.tally.lives.extend(values, clone, keys, names, self.world.t, CAUSES.index("end_of_run"))
