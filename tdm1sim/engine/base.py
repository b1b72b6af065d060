"""What every engine does alike: share the drug, book it, let events happen. How cells are held is the engine's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.engine.bystander import mean_outside
from tdm1sim.engine.events import (
    Outcome,
    Push,
    Rules,
    Start,
    daughter,
    live_through,
    next_clone,
    rules_of,
    settle,
    turn_into,
)
from tdm1sim.engine.rates import Around, rates_of, turnover_of
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.cell import Flows, Rates
from tdm1sim.mechanisms.signalling import pi3k_activity
from tdm1sim.parameters import Clone
from tdm1sim.pools import K
from tdm1sim.population import INDEX, founders
from tdm1sim.surroundings.exponential import KE, KR, PINO, STATES
from tdm1sim.surroundings.sharing import CELLS, MADE, Joint, advance_together
from tdm1sim.world import Ended, World

FloatArray = NDArray[np.float64]

_ANTIBODY = tuple(INDEX[name] for name in ("C", "Ce", "L"))
_CARRIED = tuple(INDEX[name] for name in ("Dc", "De", "Dl"))
_PAYLOAD = tuple(INDEX[name] for name in ("PL", "Pc"))
_STAGE = INDEX["stage"]
_SUMMED = [i for i in range(CELLS) if i != MADE]


@dataclass(slots=True)
class Pending:
    """A cell to which something happens in this step; `handle` is how its engine finds it again."""

    clone: int
    handle: Any
    values: list[float]
    start: Start
    push: Push
    key: int
    path: str


class Engine(ABC):
    """Cells and the loop that moves them.

    Parameters
    ----------
    world : World
        Surroundings, clock, ledger and tally of one replicate.

    Attributes
    ----------
    clones : tuple of Clone
        In the order of the parameters.
    """

    name = ""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clones: tuple[Clone, ...] = world.parameters.clones
        self.rules: list[Rules] = [rules_of(world.parameters, clone) for clone in self.clones]
        self._uptake = world.parameters.values["kin"] * MOLECULES_PER_NM_PL
        self._turnover = [turnover_of(world.parameters.values, clone) for clone in self.clones]
        self.settle_in(founders(world.parameters, world.replicate))
        world.shared.resize(self.living(), 0)
        if world.shared.loss > 0.0:  # a tumour has shed for long; fresh medium starts empty
            shed = world.kinetics.ksh * float(self.sums(("R",)).sum())
            world.shared.ecd = shed / world.shared.loss
        world.shared.begin(world.t)

    # What an engine must provide -------------------------------------------------------------------------

    @abstractmethod
    def settle_in(self, newborns: Sequence[Any]) -> None:
        """Take in the founders, one `Newborns` per clone."""

    @abstractmethod
    def living(self) -> int:
        """Return the number of living cells."""

    @abstractmethod
    def column(self, clone: int, name: str) -> FloatArray:
        """Return a column of the living cells of a clone, shape (cells,)."""

    @abstractmethod
    def identities(self, clone: int) -> tuple[NDArray[np.uint64], list[str]]:
        """Return keys and lineage names of the living cells of a clone, in the order of `column`."""

    @abstractmethod
    def step_cells(self, rates: Sequence[Rates]) -> tuple[FloatArray, list[Pending]]:
        """Advance all cells by one step; return flows summed per clone, shape (clones, 9), and what happens."""

    @abstractmethod
    def rehearse(self, rates: Sequence[Rates]) -> FloatArray:
        """Return the flows that `step_cells` would, and change nothing."""

    @abstractmethod
    def replace(self, clone: int, handle: Any, values: list[float], key: int, path: str) -> None:
        """Overwrite a cell."""

    @abstractmethod
    def append(self, clone: int, values: list[float], key: int, path: str) -> None:
        """Add a cell."""

    @abstractmethod
    def remove(self, clone: int, handles: list[Any]) -> None:
        """Remove cells."""

    @abstractmethod
    def write(self, clone: int, handle: Any, name: str, value: float) -> None:
        """Set one column of one cell."""

    # The loop --------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Move the world by one step of its time grid."""
        world = self.world
        t = world.t
        h = float(world.times[world.position + 1]) - t
        before = self.totals()
        joint = advance_together(world.kinetics, before, world.shared.compartment(), world.shared.supply, t, h)
        rates, living, outside = self._rates(joint, t, h), self.living(), 0.0
        if world.shared.exchanged and living:
            outside = mean_outside(lambda mean: self._given(rates, mean, h), self._uptake * living, world.shared, h)
            rates = [r._replace(inflow=self._uptake * outside * h) for r in rates]
        flows, pending = self.step_cells(rates)
        # Half of what leaves on either side of what comes: second order.
        world.shared.clear(0.5 * h)
        self._book(before, self.sums(("C", "Ce", "Dc", "De")), flows, joint, h)
        if world.shared.exchanged:
            self._book_payload(outside, living, h)
        world.shared.clear(0.5 * h)
        world.tally.decay(h, world.parameters.values["tau_dying"])
        lost = self._happen(pending, t, h)
        world.position += 1
        self._resize(lost)
        if not world.finished:
            world.shared.begin(world.t)
            world.ledger.follow(world.shared)

    def sums(self, names: Sequence[str]) -> FloatArray:
        """Return sums of columns over the cells of each clone, shape (clones, names)."""
        return np.array([[self.column(i, n).sum() for n in names] for i in range(len(self.clones))])

    def totals(self) -> FloatArray:
        """Return what sharing needs to know of the cells, shape (clones, 10)."""
        totals = np.zeros((len(self.clones), CELLS + 1))
        totals[:, _SUMMED] = self.sums(("R", "C", "Re", "Ce", "Dc", "De", "L", "Dl"))
        for i, (syn0, syn_mu) in enumerate(self._turnover):
            r0, growing = self.column(i, "R0"), self.column(i, "growing")
            totals[i, MADE] = syn0 * r0.sum() + syn_mu * (r0 * growing).sum()
            totals[i, CELLS] = len(r0)
        return totals

    def pi3k(self, clone: int) -> FloatArray:
        """Return the PI3K activity of the living cells of a clone now, shape (cells,)."""
        coupled = self.column(clone, "coupled") * self.world.parameters.values["arm_blockade"]
        open_II, uninhibited, _ = self._signals(self.world.t)
        R, C = self.column(clone, "R"), self.column(clone, "C")
        return np.asarray(pi3k_activity(R, C, coupled, open_II, uninhibited, K))

    def held(self) -> tuple[float, float, float]:
        """Return intact antibody, payload on it, and free payload species in living cells, molecules."""
        sums = self.sums(("C", "Ce", "L", "Dc", "De", "Dl", "PL", "Pc")).sum(axis=0)
        return float(sums[:3].sum()), float(sums[3:6].sum()), float(sums[6:].sum())

    def balance(self) -> float:
        """Return the relative error of the drug balance now."""
        self.world.ledger.follow(self.world.shared)
        return self.world.ledger.check(self.world.shared, *self.held())

    def kill(self, clone: int, handle: Any, values: list[float], key: int, path: str, cause: str) -> None:
        """Take a cell out of the population from outside (the Mesa door)."""
        world = self.world
        world.tally.end(Ended(values, clone, key, path, world.t, cause), 0.0)
        self._give_up(values)
        self.remove(clone, [handle])
        self._resize(1)

    # Parts of the loop -----------------------------------------------------------------------------------

    def _signals(self, t: float) -> tuple[float, float, float]:
        """Return free subdomain II, PI3K activity and P-gp activity that are left at `t`, as fractions."""
        parameters, other = self.world.parameters, self.world.shared.other_site_nM(t)
        KD_II = parameters.values["KD_II"]
        return KD_II / (KD_II + other), parameters.activity("pi3k", t), parameters.activity("pgp", t)

    def _rates(self, joint: Joint, t: float, h: float) -> list[Rates]:
        v, around = self.world.parameters.values, Around(h, joint.a, joint.d, *self._signals(t + 0.5 * h))
        shared = zip(self.clones, self._turnover, self.rules, joint.matrices, strict=True)
        return [rates_of(v, c, turnover, rules.times.G1, m, around) for c, turnover, rules, m in shared]

    def _given(self, rates: Sequence[Rates], outside: float, h: float) -> float:
        """Return the payload that all cells would give off with a mean of `outside` (nM) around them, molecules."""
        inflow = self._uptake * outside * h
        moved = Flows(*self.rehearse([r._replace(inflow=inflow) for r in rates]).sum(axis=0))
        return float(moved.effluxed + moved.catabolite_exocytosed)

    def _book(self, before: FloatArray, after: FloatArray, flows: FloatArray, joint: Joint, h: float) -> None:
        """Book the compartment by what the cells really took, and every arrow of the mechanism."""
        k, shared = self.world.kinetics, self.world.shared
        moved = Flows(*(float(x) for x in flows.sum(axis=0)))
        m = joint.matrices
        over = (m[:, STATES + 1 :, : STATES + 1] * before[:, None, : STATES + 1]).sum(axis=2)
        R, C, Ce, Dc = (over[:, i] for i in (0, 1, 3, 4))
        shed, carried_shed = float(k.bound_shed * C.sum()), float(k.bound_shed * Dc.sum())
        fell_off = float(k.kdec * Dc.sum())
        gained = (after - before[:, [1, 3, 4, 5]]).sum(axis=0)
        fluid = float((k.each[:, PINO] * before[:, CELLS]).sum() * h)
        net = float(gained[:2].sum()) + moved.sorted + shed
        net_carried = float(gained[2:].sum()) + moved.carried_sorted + carried_shed + fell_off
        back = (moved.exocytosed, moved.carried_exocytosed) if shared.returns else (0.0, 0.0)
        shared.amount += joint.supplied - joint.lost - net - fluid * joint.a + back[0]
        shared.carried += joint.brought - joint.taken_back - joint.deconjugated - net_carried
        shared.carried += back[1] - fluid * joint.d
        shared.payload += moved.effluxed + moved.catabolite_exocytosed
        shared.ecd += float(k.ksh * R.sum()) + shed
        shared.entered += joint.supplied
        shared.left += joint.lost
        shared.carried_entered += joint.brought
        shared.carried_left += joint.taken_back
        dissociated = float(k.koff * C.sum())
        self.world.ledger.add(
            bound=net + dissociated,
            dissociated=dissociated,
            internalised=float((k.each[:, KE] * C).sum()),
            recycled=float((k.each[:, KR] * Ce).sum()),
            sorted_to_lysosome=moved.sorted,
            pinocytosed=fluid * joint.a,
            proteolysed=moved.proteolysed,
            conjugate_exocytosed=moved.exocytosed,
            catabolite_to_cytosol=moved.catabolite_to_cytosol,
            catabolite_exocytosed=moved.catabolite_exocytosed,
            dm1_effluxed=moved.effluxed,
            shed_with_receptor=shed,
            shed_receptor=float(k.ksh * R.sum()),
            carried_sorted=moved.carried_sorted,
            carried_released=moved.released,
            carried_deconjugated=joint.deconjugated + fell_off,
            carried_exocytosed=moved.carried_exocytosed,
            carried_shed=carried_shed,
        )
        self.world.ledger.follow(shared)

    def _book_payload(self, outside: float, living: int, h: float) -> None:
        """Book the payload that `living` cells took from around them, and what left to plasma meanwhile."""
        shared = self.world.shared
        entered = self._uptake * living * outside * h
        left = shared.payload_loss * shared.payload_capacity * outside * h
        shared.payload -= entered + left
        shared.payload_left += left
        self.world.ledger.add(payload_reentered=entered)
        self.world.ledger.follow(shared)

    def _happen(self, pending: list[Pending], t: float, h: float) -> int:
        """Resolve events; return the number of cells lost."""
        lost = 0
        gone: list[list[Any]] = [[] for _ in self.clones]
        pace = INDEX["pace"]
        for cell in pending:
            rules = self.rules[cell.clone]
            outcome = live_through(cell.start, cell.push, cell.values[pace], cell.key, rules, h)
            if not outcome.cause:
                values = settle(cell.values, outcome, rules)
                self.replace(cell.clone, cell.handle, values, cell.key, cell.path)
                continue
            cell.values[_STAGE] = outcome.stage
            ended = Ended(cell.values, cell.clone, cell.key, cell.path, t + outcome.time, outcome.cause)
            fade = self.world.fade(outcome.stage, h - outcome.time)
            self.world.tally.end(ended, fade)
            if outcome.cause == "division":
                if not self._divide(cell, outcome, t, h):
                    gone[cell.clone].append(cell.handle)
            else:
                lost += 1
                self._give_up(cell.values)
                gone[cell.clone].append(cell.handle)
        for clone, handles in enumerate(gone):
            if handles:
                self.remove(clone, handles)
        return lost

    def _divide(self, cell: Pending, outcome: Outcome, t: float, h: float) -> bool:
        """Put two daughters into the world; return whether one took the mother's place."""
        placed = False
        for which in (0, 1):
            key = luck.daughter_key(cell.key, which)
            clone = next_clone(cell.clone, key, self.rules[cell.clone])
            values = daughter(cell.values, key, outcome, cell.push, self.rules[clone], t + outcome.time, h)
            if clone != cell.clone:
                turn_into(values, self.clones[cell.clone], self.clones[clone])
            path = f"{cell.path}{'' if '.' in cell.path else '.'}{which}" if cell.path else ""
            if clone == cell.clone and not placed:
                self.replace(clone, cell.handle, values, key, path)
                placed = True
            else:
                self.append(clone, values, key, path)
        self.world.tally.born += 2
        return placed

    def _give_up(self, values: list[float]) -> None:
        """Return what a lost cell held: antibody to the medium in culture, counted as lost in a patient."""
        shared = self.world.shared
        antibody, carried, payload = (sum(values[i] for i in some) for some in (_ANTIBODY, _CARRIED, _PAYLOAD))
        shared.payload += payload
        self.world.ledger.add(lost_payload=payload)
        if shared.returns:
            shared.amount += antibody
            shared.carried += carried
        else:
            self.world.ledger.add(lost_conjugate=antibody, carried_lost=carried)

    def _resize(self, lost: int) -> None:
        antibody, carried = self.world.shared.resize(self.living(), lost)
        if lost:
            self.world.ledger.add(lost_conjugate=antibody, carried_lost=carried)
