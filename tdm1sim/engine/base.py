"""What every engine has in common: what it is asked. How cells are held and moved is the engine's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.census import Census, census_of
from tdm1sim.engine.events import Rules, renew, rules_of
from tdm1sim.engine.foresee import Pace, calm
from tdm1sim.engine.rates import CloneRates, clone_rates
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.cell import braking, way_out
from tdm1sim.mechanisms.signalling import pi3k_activity
from tdm1sim.parameters import Clone
from tdm1sim.pools import K
from tdm1sim.population import NAMES
from tdm1sim.state import Cells
from tdm1sim.surroundings.exponential import room_for
from tdm1sim.surroundings.joint import CE, CELLS, DC, DE, DL, MADE, RE, C, L, R
from tdm1sim.world import World

FloatArray = NDArray[np.float64]

HELD = ("C", "Ce", "L", "Dc", "De", "Dl", "PL", "Pc")
"""Columns of drug in a cell: antibody, payload on it, free payload species."""
SHARING = ("R", "C", "Re", "Ce", "Dc", "De", "L", "Dl")
HOLDING = [R, C, RE, CE, DC, DE, L, DL]
"""Columns whose sums sharing needs to know, and where these sums stand."""


class Engine(ABC):
    """Cells and what moves them.

    Parameters
    ----------
    world : World
        Surroundings, clock, ledger and tally of one replicate.

    Attributes
    ----------
    clones : tuple of Clone
        In the order of the parameters.
    rules : list of Rules
        What events of each clone's cells need.
    pace : Pace
        How fast events changed the totals in the window before.
    room : Room
        What sharing works in.
    """

    name = ""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clones: tuple[Clone, ...] = world.parameters.clones
        values = world.parameters.values
        self.rules: list[Rules] = [rules_of(world.parameters, clone) for clone in self.clones]
        self.constants: list[CloneRates] = [
            clone_rates(values, clone, rules.times) for clone, rules in zip(self.clones, self.rules, strict=True)
        ]
        self.leave, self.slow = way_out(values["kin"]), braking(values["C_T"])
        self.pace, self.room = calm(len(self.clones)), room_for(len(self.clones))
        self._uptake = values["kin"] * MOLECULES_PER_NM_PL
        if world.state is not None:
            self.pace = Pace(world.state.pace["rates"], float(world.state.pace["lost"]))
        self.settle_in()
        world.shared.resize(self.living(), 0)
        if world.shared.loss > 0.0 and world.state is None:  # a tumour has shed for long; fresh medium starts empty
            shed = world.kinetics.ksh * float(self.sums(("R",)).sum())
            world.shared.ecd = shed / world.shared.loss
        if not world.finished:
            world.shared.begin(world.t)

    # What an engine must provide -------------------------------------------------------------------------

    @abstractmethod
    def settle_in(self) -> None:
        """Take in the cells of a saved state (`given`), or else the founders (`tdm1sim.population.founders`)."""

    @abstractmethod
    def living(self) -> int:
        """Return the number of living cells."""

    @abstractmethod
    def column(self, clone: int, name: str) -> FloatArray:
        """Return a column of the living cells of a clone, shape (cells,)."""

    @abstractmethod
    def keys(self, clone: int) -> NDArray[np.uint64]:
        """Return the luck keys of the living cells of a clone, in the order of `column`."""

    @abstractmethod
    def names(self, clone: int, rows: Sequence[int]) -> list[str]:
        """Return lineage names of some cells of a clone, by their rows in `column`; cells must be followed."""

    @abstractmethod
    def advance_window(self) -> None:
        """Move the world to the end of the present window of its time grid (`tdm1sim.world.World.window_end`)."""

    # What follows from it --------------------------------------------------------------------------------

    def population(self) -> list[Cells]:
        """Return the living cells of each clone as another engine can take them in, in the order of `column`."""
        found = []
        for clone in range(len(self.clones)):
            values = np.array([self.column(clone, name) for name in NAMES])
            followed = self.world.tally.followed
            names = self.names(clone, range(values.shape[1])) if followed else []
            found.append(Cells(values, self.keys(clone).copy(), names))
        return found

    def given(self) -> list[Cells] | None:
        """Return the cells of the saved state that the world goes on from, per clone; None at the start of a run.

        Rates and gates that a cell holds a copy of follow from its stage and the rules, which may have changed.
        """
        state = self.world.state
        if state is None:
            return None
        for cells, rules in zip(state.cells, self.rules, strict=True):
            renew(cells.values, rules)
        return state.cells

    def own(self) -> dict[str, Any]:
        """Return what else this engine needs to go on to the last bit, as numbers and lists; others do without."""
        return {}

    def sums(self, names: Sequence[str]) -> FloatArray:
        """Return sums of columns over the cells of each clone, shape (clones, names)."""
        return np.array([[self.column(i, n).sum() for n in names] for i in range(len(self.clones))])

    def totals(self) -> FloatArray:
        """Return what sharing needs to know of the cells: sums per clone, shape (clones, 10), columns R to CELLS."""
        sums = np.zeros((len(self.clones), CELLS + 1))
        sums[:, HOLDING] = self.sums(SHARING)
        for i, constants in enumerate(self.constants):
            r0, growing = self.column(i, "R0"), self.column(i, "growing")
            sums[i, MADE] = constants.syn0 * r0.sum() + constants.syn_mu * (r0 * growing).sum()
            sums[i, CELLS] = len(r0)
        return sums

    def pi3k(self, clone: int) -> FloatArray:
        """Return the PI3K activity of the living cells of a clone now, shape (cells,)."""
        return self.pi3k_of(*(self.column(clone, name) for name in ("R", "C", "coupled")))

    def pi3k_of(self, R: FloatArray, C: FloatArray, coupled: FloatArray) -> FloatArray:
        """Return the PI3K activity now of cells with these columns."""
        open_II, uninhibited, _ = self.signals(self.world.t)
        arm = self.world.parameters.values["arm_blockade"]
        return np.asarray(pi3k_activity(R, C, coupled * arm, open_II, uninhibited, K))

    def census(self) -> Census:
        """Return the counts of the living cells that are recorded."""
        return census_of(self)

    def parts(self, clone: int) -> Iterator[Callable[[str], FloatArray]]:
        """Yield functions that return a column, each of some of a clone's cells, together of all.

        Together they are in the order of `column`; a part is small enough to be looked at whole.
        """
        yield partial(self.column, clone)

    def find(self, key: int) -> tuple[int, FloatArray] | None:
        """Return the clone and all columns, shape (WIDTH,), of the living cell with a key; None if it does not live."""
        for clone in range(len(self.clones)):
            rows = np.flatnonzero(self.keys(clone) == np.uint64(key))
            if rows.size:
                return clone, np.array([self.column(clone, name)[rows[0]] for name in NAMES])
        return None

    def signals(self, t: float) -> tuple[float, float, float]:
        """Return free subdomain II, PI3K activity and P-gp activity that are left at `t`, as fractions."""
        parameters, other = self.world.parameters, self.world.shared.other_site_nM(t)
        KD_II = parameters.values["KD_II"]
        return KD_II / (KD_II + other), parameters.activity("pi3k", t), parameters.activity("pgp", t)

    def held(self) -> tuple[float, float, float]:
        """Return intact antibody, payload on it, and free payload species in living cells, molecules."""
        sums = self.sums(HELD).sum(axis=0)
        return float(sums[:3].sum()), float(sums[3:6].sum()), float(sums[6:].sum())

    def balance(self) -> float:
        """Return the relative error of the drug balance now."""
        self.world.ledger.follow(self.world.shared)
        return self.world.ledger.check(self.world.shared, *self.held())

    def _book_payload(self, outside: float, living: int, h: float) -> None:
        """Book the payload that `living` cells took from around them, and what left to plasma meanwhile."""
        shared = self.world.shared
        entered = self._uptake * living * outside * h
        left = shared.payload_loss * shared.payload_capacity * outside * h
        shared.payload -= entered + left
        shared.payload_left += left
        self.world.ledger.add(payload_reentered=entered)

    def _give_up(self, antibody: float, carried: float, payload: float) -> None:
        """Return what lost cells held: antibody to the medium in culture, counted as lost in a patient."""
        shared = self.world.shared
        shared.payload += payload
        self.world.ledger.add(lost_payload=payload)
        if shared.returns:
            shared.amount += antibody
            shared.carried += carried
        else:
            self.world.ledger.add(lost_conjugate=antibody, carried_lost=carried)

    def _resize(self, living: int, lost: int) -> None:
        """Let the compartment follow the number of cells."""
        antibody, carried = self.world.shared.resize(living, lost)
        if lost:
            self.world.ledger.add(lost_conjugate=antibody, carried_lost=carried)

    def _arrive(self, position: int) -> None:
        """Be at the end of a step: carry out what the surroundings have in store for that time."""
        world = self.world
        world.position = position
        if position in world.saves:
            world.before = world.shared.numbers()
        if not world.finished:
            world.shared.begin(world.t)
        world.ledger.follow(world.shared)
