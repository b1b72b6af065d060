"""The world of one replicate: surroundings, clock, ledger of the drug and tally of the cells. Floor 2."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.luck import Decision
from tdm1sim.maths import TINY
from tdm1sim.parameters import Parameters, Plan
from tdm1sim.population import FOUNDER_GROUPS, INDEX, Stage
from tdm1sim.surroundings.exponential import Kinetics
from tdm1sim.surroundings.shared import Shared, surroundings_of

FATES = ("apoptosis", "mitotic_catastrophe", "surviving")
FATE_OF_CAUSE = {
    "interphase_apoptosis": "apoptosis",
    "death_in_arrest": "mitotic_catastrophe",
    "death_after_slippage": "mitotic_catastrophe",
    "division": "divided",
    "removed": "surviving",
    "end_of_run": "surviving",
}
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
)

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
    returned: float = 0.0
    worst: float = 0.0

    def add(self, **molecules: float) -> None:
        """Add to arrows."""
        for name, amount in molecules.items():
            self.moved[name] += amount

    def follow(self, shared: Shared) -> None:
        """Take over what crossed the border of the compartment."""
        self.moved["entered"], self.moved["washed_out"] = shared.entered, shared.left

    def check(self, shared: Shared, conjugate: float, payload: float, DAR: float) -> float:
        """Compare drug in with drug held and out; return and remember the larger relative error.

        Parameters
        ----------
        shared : Shared
            The compartment.
        conjugate, payload : float
            Held by living cells: intact conjugate, and DM1 species, molecules.
        DAR : float
            DM1 per antibody.
        """
        m = self.moved
        out = m["shed_with_receptor"] + m["lost_conjugate"] + m["washed_out"] + m["proteolysed"]
        if not shared.returns:
            out += m["conjugate_exocytosed"]
        error = abs(m["entered"] - out - shared.amount - conjugate) / max(m["entered"], TINY)
        made = DAR * m["proteolysed"]
        gone = m["catabolite_exocytosed"] + m["dm1_effluxed"] + m["lost_payload"]
        error = max(error, abs(made - payload - gone) / max(made, TINY))
        self.worst = max(self.worst, error if m["entered"] > 0.0 else 0.0)
        return error


class Tally:
    """Counts of fates, by founder group, and the dying cells an ATP assay still sees.

    Attributes
    ----------
    died : dict of str to int
        Deaths by fate.
    by_group : array, shape (3, FOUNDER_GROUPS)
        Cells that did not divide, by fate and founder group; survivors are added at the end.
    dying : float
        Metabolic weight of dying cells, decaying.
    peaks : list of float
        Highest DM1 level (nM) of each dead cell.
    rows : list of Ended
        Every ended cell of a followed lineage, when cells are followed.
    """

    def __init__(self, *, followed: bool, sample: frozenset[int] | None = None) -> None:
        self.died = dict.fromkeys(FATES[:2], 0)
        self.by_group: NDArray[np.int64] = np.zeros((len(FATES), FOUNDER_GROUPS), dtype=np.int64)
        self.dying = 0.0
        self.followed = followed
        self.sample = sample
        self.peaks: list[float] = []
        self.rows: list[Ended] = []
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
            self.peaks.append(cell.values[INDEX["peak"]])
            group = int(cell.values[INDEX["founder"]]) % FOUNDER_GROUPS
            self.by_group[FATES.index(fate), group] += 1
        elif cell.cause == "removed":
            self.removed += 1
        if self.followed and (self.sample is None or int(cell.values[INDEX["founder"]]) in self.sample):
            self.rows.append(cell)


def time_grid(plan: Plan, breakpoints: Sequence[float]) -> NDArray[np.float64]:
    """Return the ends of all steps: regular steps, record and read-out times, short steps after abrupt changes.

    Parameters
    ----------
    plan : Plan
        Duration, longest step, record interval, read-outs (h).
    breakpoints : sequence of float
        Times of abrupt change, h.

    Returns
    -------
    array
        Increasing times from 0 to the duration.
    """
    end = plan.duration
    hard = {0.0, end, *(t for t in breakpoints if 0.0 < t < end)}
    for every in (plan.dt, plan.record_every):
        hard.update(float(t) for t in np.arange(0, math.floor(end / every + 1e-9) + 1) * every if t < end)
    hard.update(t for readout in plan.readouts for t in readout.at if t < end)
    nodes = sorted(hard)
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
    return np.array(times)


FOLLOWED_FOUNDERS = 20_000
"""Above this many founders, only the lineages of this many are kept cell by cell."""


def _sample(parameters: Parameters, replicate: int) -> frozenset[int] | None:
    """Choose whole lineages by key where there are too many to keep all."""
    cells = parameters.plan.cells
    if cells <= FOLLOWED_FOUNDERS:
        return None
    keys = luck.founder_keys(parameters.plan.seed, replicate, cells)
    order = np.argsort(luck.uniforms(Decision.SAMPLE, keys), kind="stable")
    return frozenset(order[:FOLLOWED_FOUNDERS].tolist())


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
    """

    def __init__(self, parameters: Parameters, replicate: int = 1, *, followed: bool = False) -> None:
        self.parameters = parameters
        self.replicate = replicate
        self.shared = surroundings_of(parameters)
        self.kinetics = Kinetics.of(parameters)
        self.ledger = Ledger()
        self.tally = Tally(followed=followed, sample=_sample(parameters, replicate) if followed else None)
        self.times = time_grid(parameters.plan, self.shared.breakpoints())
        self.position = 0

    @property
    def t(self) -> float:
        """Simulated time, h."""
        return float(self.times[self.position])

    @property
    def finished(self) -> bool:
        """Whether the planned duration is reached."""
        return self.position >= len(self.times) - 1

    def fade(self, stage: float, left: float) -> float:
        """Return the metabolic weight, `left` hours after death, of a cell that died in `stage`."""
        v = self.parameters.values
        weight = v["w_arrested"] if stage >= Stage.ARRESTED else 1.0
        return weight * math.exp(-left / v["tau_dying"])
