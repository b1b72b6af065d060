"""The world of one replicate: surroundings, clock, ledger of the drug and tally of the cells. Floor 2."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.bands import BANDS, band_limits, band_number
from tdm1sim.histogram import Histogram
from tdm1sim.lives import FATE_OF_CAUSE, Lives
from tdm1sim.luck import Decision
from tdm1sim.parameters import Parameters, Plan
from tdm1sim.population import FOUNDER_GROUPS, INDEX, Stage
from tdm1sim.state import State, put_back
from tdm1sim.surroundings.exponential import kinetics_of
from tdm1sim.surroundings.shared import Shared, surroundings_of

DEATHS = ("apoptosis", "mitotic_catastrophe", "adcc")
FATES = (*DEATHS, "surviving")
ARROWS = (
    "entered",
    "bound",
    "dissociated",
    "internalised",
    "recycled",
    "sorted_to_lysosome",
    "pinocytosed",
    "proteolysed",
    "conjugate_exocytosed",
    "catabolite_to_cytosol",
    "catabolite_exocytosed",
    "dm1_effluxed",
    "shed_with_receptor",
    "lost_conjugate",
    "lost_payload",
    "washed_out",
    "shed_receptor",
    "carried_entered",
    "carried_sorted",
    "carried_released",
    "carried_deconjugated",
    "carried_exocytosed",
    "carried_shed",
    "carried_lost",
    "carried_washed_out",
    "payload_reentered",
    "payload_washed_out",
)
"""Antibody, then payload inside cells (``lost_payload`` with dead cells), shed receptor, payload on antibody
(``carried``), and payload outside cells; molecules."""

_FIRST_STEP = 1.0 / 64.0
_GROWTH = 0.12
"""After an abrupt change steps start at _FIRST_STEP of dt (at most of an hour) and grow with the time since."""


class Ended(NamedTuple):
    """A cell that is no more: its columns at the end, when, and why."""

    values: Sequence[float]
    clone: int
    key: int
    path: str
    time: float
    cause: str


@dataclass(slots=True)
class Ledger:
    """Cumulative molecules along every arrow of the mechanism, for the whole simulated population."""

    moved: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ARROWS, 0.0))
    worst: float = 0.0

    def add(self, **molecules: float) -> None:
        """Add to arrows."""
        for name, amount in molecules.items():
            self.moved[name] += amount

    def follow(self, shared: Shared) -> None:
        """Take over what crossed the border of the compartment."""
        self.moved |= {
            "entered": shared.entered,
            "washed_out": shared.left,
            "carried_entered": shared.carried_entered,
            "carried_washed_out": shared.carried_left,
            "payload_washed_out": shared.payload_left,
        }

    def check(self, shared: Shared, antibody: float, carried: float, payload: float) -> float:
        """Compare what came with what is held and out, for three books; return and remember the largest relative error.

        Antibody that entered; payload that entered on it; payload that was released from it inside cells.

        Parameters
        ----------
        shared : Shared
            The compartment.
        antibody, carried, payload : float
            Held by living cells: intact antibody, payload on it, free payload species, molecules.
        """
        m = self.moved
        books = {
            "antibody": (
                m["entered"],
                m["shed_with_receptor"] + m["lost_conjugate"] + m["washed_out"] + m["proteolysed"],
                shared.amount + antibody,
                m["conjugate_exocytosed"],
            ),
            "carried": (
                m["carried_entered"],
                m["carried_shed"]
                + m["carried_lost"]
                + m["carried_washed_out"]
                + m["carried_released"]
                + m["carried_deconjugated"],
                shared.carried + carried,
                m["carried_exocytosed"],
            ),
            "payload": (m["carried_released"], m["payload_washed_out"], shared.payload + payload, 0.0),
        }
        error = 0.0
        for came, out, held, exocytosed in books.values():
            gone = out if shared.returns else out + exocytosed
            if came > 0.0:
                error = max(error, abs(came - gone - held) / came)
        self.worst = max(self.worst, error)
        return error


class Tally:
    """Counts of fates, by founder group, and the dying cells an ATP assay still sees.

    Parameters
    ----------
    followed : bool
        Whether every cell's life is kept.
    limits : tuple of float
        Band limits, nM (`tdm1sim.bands.band_limits`).
    sample : array of bool, shape (founders,), optional
        Founders whose lineages are followed; all of them by default.

    Attributes
    ----------
    died : dict of str to int
        Deaths by fate.
    by_group : array, shape (4, FOUNDER_GROUPS)
        Cells that did not divide, by fate and founder group; survivors are added at the end.
    dying : float
        Metabolic weight of dying cells, decaying.
    peaks : Histogram
        Highest DM1 level (nM) of the dead cells.
    bands : array of int64, shape (3,)
        The dead cells by the band of that level; exact, as no bin of a histogram ends at a limit.
    lives : Lives
        Every ended cell of a followed lineage, when cells are followed.
    """

    def __init__(self, *, followed: bool, limits: tuple[float, float], sample: NDArray[np.bool_] | None = None) -> None:
        self.died = dict.fromkeys(DEATHS, 0)
        self.by_group: NDArray[np.int64] = np.zeros((len(FATES), FOUNDER_GROUPS), dtype=np.int64)
        self.dying = 0.0
        self.followed = followed
        self.sample = sample
        self.limits = limits
        self.peaks = Histogram()
        self.bands: NDArray[np.int64] = np.zeros(len(BANDS), dtype=np.int64)
        self.lives = Lives()
        self.born = 0
        self.removed = 0

    def decay(self, h: float, tau: float) -> None:
        """Let the dying fade for `h` hours with time constant `tau` (h)."""
        self.dying *= math.exp(-h / tau)

    def end(self, cell: Ended, fade: float) -> None:
        """Count a cell that ended; `fade` is its metabolic weight at the end of the step."""
        fate = FATE_OF_CAUSE[cell.cause]
        if fate in self.died:
            self.died[fate] += 1
            self.dying += fade
            peak = cell.values[INDEX["peak"]]
            self.peaks.add(peak)
            self.bands[band_number(peak, *self.limits)] += 1
            group = int(cell.values[INDEX["founder"]]) % FOUNDER_GROUPS
            self.by_group[FATES.index(fate), group] += 1
        elif cell.cause == "removed":
            self.removed += 1
        if self.followed and (self.sample is None or self.sample[int(cell.values[INDEX["founder"]])]):
            self.lives.add(*cell)


@lru_cache(maxsize=16)  # the same for all replicates
def time_grid(plan: Plan, breakpoints: tuple[float, ...]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the ends of all steps: regular steps, record and read-out times, short steps after abrupt changes.

    Parameters
    ----------
    plan : Plan
        Duration, longest step, record interval, read-outs (h).
    breakpoints : tuple of float
        Times of abrupt change, h.

    Returns
    -------
    times : array
        Increasing, from 0 to the duration; not to be written to.
    looks : array of int
        Positions at which somebody looks at the cells, or the surroundings change abruptly; the last one is the end.
    """
    end = plan.duration
    looks = {0.0, end, *(t for t in breakpoints if 0.0 < t < end)}
    looks.update(_multiples(plan.record_every, end))
    looks.update(t for readout in plan.readouts for t in readout.at if t < end)
    looks.update(t for t in (*plan.save_state, plan.resumed_at or 0.0) if t < end)
    nodes = sorted({*looks, *_multiples(plan.dt, end)})
    kept = [t for t, after in zip(nodes, [*nodes[1:], math.inf], strict=True) if after - t > 1e-9]
    first = _FIRST_STEP * min(plan.dt, 1.0)
    abrupt = sorted({0.0, *breakpoints})
    times, since = [0.0], 0.0
    for stop in kept[1:]:
        t = times[-1]
        since = max((b for b in abrupt if b <= t + 1e-12), default=0.0)
        while t < stop:
            allowed = min(plan.dt, first + _GROWTH * (t - since))
            t = stop if t + 1.5 * allowed >= stop else t + allowed
            times.append(t)
    grid = np.array(times)
    # Times that differ by rounding only were merged above: the nearest node stands for all of them.
    seen = np.unique([int(np.argmin(np.abs(grid - t))) for t in sorted(looks)])
    found = grid, seen[seen > 0]
    for shared in found:
        shared.setflags(write=False)
    return found


def _multiples(every: float, end: float) -> list[float]:
    return [float(t) for t in np.arange(0, math.floor(end / every + 1e-9) + 1) * every if t < end]


def windows_of(looks: NDArray[np.int64], longest: int) -> NDArray[np.int64]:
    """Return the positions at which windows of steps end.

    Within a window the cells and what they share are advanced apart, with events foreseen instead of seen.
    """
    ends: list[int] = []
    start = 0
    for look in looks.tolist():
        while start < look:
            start = min(start + longest, look)
            ends.append(start)
    return np.array(ends, dtype=np.int64)


FOLLOWED_FOUNDERS = 20_000
"""Above this many founders, only the lineages of this many are kept cell by cell."""


def _sample(parameters: Parameters, replicate: int) -> NDArray[np.bool_] | None:
    """Choose whole lineages by key where there are too many to keep all; return whether each founder is chosen."""
    cells = parameters.plan.cells
    if cells <= FOLLOWED_FOUNDERS:
        return None
    keys = luck.founder_keys(parameters.plan.seed, replicate, cells)
    order = np.argsort(luck.uniforms(Decision.SAMPLE, keys), kind="stable")
    chosen = np.zeros(cells, dtype=np.bool_)
    chosen[order[:FOLLOWED_FOUNDERS]] = True
    return chosen


WINDOW = 6
"""Longest run of steps that an engine may take without a look at all cells together (`benchmarks/windows.py`)."""
FEW = 1000
"""Fewer cells are looked at after every step: what is foreseen of their births and deaths is luck."""


class World:
    """Everything of one replicate but the cells: those belong to the engine.

    Parameters
    ----------
    parameters : Parameters
        The run.
    replicate : int
        From 1.
    followed : bool
        Whether every cell's life is kept.
    state : State, optional
        To go on from, saved at ``parameters.plan.resumed_at``; the start of the run where left out.
    window : int
        Longest window, steps.
    few : int
        Fewer living cells than this make windows of one step.

    Attributes
    ----------
    breakpoints : list of float
        Times (h) at which exposure or inhibition changes abruptly.
    saves : dict of int to float
        Positions at which the state is to be kept, and the times (h) asked for.
    before : dict of str to float
        The surroundings at the last of these, before what happens at once there.
    """

    def __init__(
        self,
        parameters: Parameters,
        replicate: int = 1,
        *,
        followed: bool = False,
        state: State | None = None,
        window: int = WINDOW,
        few: int = FEW,
    ) -> None:
        self.parameters = parameters
        self.replicate = replicate
        self.shared = surroundings_of(parameters)
        self.kinetics = kinetics_of(parameters)
        self.ledger = Ledger()
        sample = _sample(parameters, replicate) if followed else None
        self.tally = Tally(followed=followed, limits=band_limits(parameters.values), sample=sample)
        given = {t for one in parameters.inhibitions for t in (one.start, one.end)}
        self.breakpoints = sorted({*self.shared.breakpoints(), *given})
        self.times, looks = time_grid(parameters.plan, tuple(self.breakpoints))
        self._few = few
        longest = 1 if self.shared.exchanged else window
        self.windows = windows_of(looks, longest)
        self.saves = {self._nearest(t): t for t in parameters.plan.save_state}
        self.before: dict[str, float] = {}
        self.state = state
        self.position = 0
        if state is not None:
            self.position = self._nearest(state.time)
            put_back(self, state)

    def _nearest(self, t: float) -> int:
        return int(np.argmin(np.abs(self.times - t)))

    @property
    def t(self) -> float:
        """Simulated time, h."""
        return float(self.times[self.position])

    def window_end(self, living: int) -> int:
        """Return the position at which a window ends that begins now with so many living cells."""
        if living < self._few:
            return self.position + 1
        return int(self.windows[np.searchsorted(self.windows, self.position, side="right")])

    @property
    def finished(self) -> bool:
        """Whether the planned duration is reached."""
        return self.position >= len(self.times) - 1

    def fade(self, stage: float, left: float) -> float:
        """Return the metabolic weight, `left` hours after death, of a cell that died in `stage`."""
        v = self.parameters.values
        weight = v["w_arrested"] if stage >= Stage.ARRESTED else 1.0
        return weight * math.exp(-left / v["tau_dying"])
