"""What every engine does alike: share the drug, book it, let events happen. How cells are held is the engine's own."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
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
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.cell import Rates
from tdm1sim.mechanisms.trafficking import Transition
from tdm1sim.parameters import Clone
from tdm1sim.population import INDEX, founders
from tdm1sim.surroundings.exponential import STATES
from tdm1sim.surroundings.sharing import Joint, Totals, advance_together
from tdm1sim.world import Ended, World

FloatArray = NDArray[np.float64]

_CONJUGATE = tuple(INDEX[name] for name in ("C", "Ce", "L"))
_PAYLOAD = tuple(INDEX[name] for name in ("PL", "Pc"))
_STAGE = INDEX["stage"]


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


def transition_of(matrix: FloatArray, ks: float) -> Transition:
    """Return the named elements of one clone's transition matrix (see `exponential.transition`)."""
    rows = [matrix[i, : STATES + 1] for i in range(STATES)]
    rows.append(ks * matrix[STATES + 4, : STATES + 1])
    return Transition(*(float(x) for row in rows for x in row))


def turnover_of(values: Mapping[str, float], clone: Clone) -> tuple[float, float]:
    """Return the receptors a clone's cell makes per receptor at its surface: for turnover, and for growth (1/h)."""
    net = clone.ke * clone.ks / (clone.ks + clone.kr)
    growth = math.log(2.0) / clone.doubling
    return net + values["ksh"], growth * (1.0 + clone.ke / (clone.kr + clone.ks))


def rates_of(
    values: Mapping[str, float],
    clone: Clone,
    turnover: tuple[float, float],
    G1: float,
    matrix: FloatArray,
    a: float,
    h: float,
) -> Rates:
    """Return what all cells of a clone share in a step.

    Parameters
    ----------
    values : mapping
        Every symbol, canonical units.
    clone : Clone
        The clone.
    turnover : tuple
        From `turnover_of`.
    G1 : float
        End of G1, h.
    matrix : array, shape (9, 9)
        The clone's transition over the step.
    a, h : float
        Mean free conjugate (nM) and length (h) of the step.
    """
    v, sites = values, clone.volume * MOLECULES_PER_NM_PL
    return Rates(
        dt=h,
        transition=transition_of(matrix, clone.ks),
        fluid=clone.kpino * MOLECULES_PER_NM_PL * a * h,
        syn0=turnover[0],
        syn_mu=turnover[1],
        x_lys=v["klys"] * clone.phi * h,
        x_exoL=v["kexoL"] * h,
        x_slc=v["kSLC"] * clone.phi * h,
        x_leak=v["kleak"] * h,
        x_exo=v["kexo"] * h,
        x_efflux=v["keff"] * h,
        DAR=v["DAR"],
        T=v["T"] * sites,
        KDt=v["KDt"] * sites,
        nM=1.0 / sites,
        inv_C_T=1.0 / v["C_T"],
        kap=v["kap"],
        inv_C_A=1.0 / v["C_A"],
        q=v["q"],
        E_T=clone.E_T,
        G1=G1,
    )


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
        self._turnover = [turnover_of(world.parameters.values, clone) for clone in self.clones]
        self.settle_in(founders(world.parameters, world.replicate))
        world.shared.resize(self.living(), 0)
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
        """Advance all cells by one step; return flows summed per clone, shape (clones, 6), and what happens."""

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
        joint = advance_together(world.kinetics, before, world.shared, t, h)
        flows, pending = self.step_cells(self._rates(joint, h))
        self._book(before, self.sums(("C", "Ce")), flows, joint, h)
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

    def totals(self) -> Totals:
        """Return what sharing needs to know of the cells."""
        z = self.sums(("R", "C", "Re", "Ce", "L"))
        made = np.zeros(len(self.clones))
        cells = np.zeros(len(self.clones))
        for i, (syn0, syn_mu) in enumerate(self._turnover):
            r0, growing = self.column(i, "R0"), self.column(i, "growing")
            made[i] = syn0 * r0.sum() + syn_mu * (r0 * growing).sum()
            cells[i] = len(r0)
        return Totals(z[:, :STATES], z[:, STATES], made, cells)

    def held(self) -> tuple[float, float]:
        """Return intact conjugate and DM1 species in living cells, molecules."""
        sums = self.sums(("C", "Ce", "L", "PL", "Pc")).sum(axis=0)
        return float(sums[:3].sum()), float(sums[3:].sum())

    def balance(self) -> float:
        """Return the relative error of the drug balance now."""
        conjugate, payload = self.held()
        return self.world.ledger.check(self.world.shared, conjugate, payload, self.world.parameters.values["DAR"])

    def kill(self, clone: int, handle: Any, values: list[float], key: int, path: str, cause: str) -> None:
        """Take a cell out of the population from outside (the Mesa door)."""
        world = self.world
        world.tally.end(Ended(values, clone, key, path, world.t, cause), 0.0)
        self._give_up(values)
        self.remove(clone, [handle])
        self._resize(1)

    # Parts of the loop -----------------------------------------------------------------------------------

    def _rates(self, joint: Joint, h: float) -> list[Rates]:
        v = self.world.parameters.values
        shared = zip(self.clones, self._turnover, self.rules, joint.matrices, strict=True)
        return [rates_of(v, c, turnover, rules.times.G1, m, joint.a, h) for c, turnover, rules, m in shared]

    def _book(self, before: Totals, after: FloatArray, flows: FloatArray, joint: Joint, h: float) -> None:
        """Book the compartment by what the cells really took, and every arrow of the mechanism."""
        k, shared, ledger = self.world.kinetics, self.world.shared, self.world.ledger
        sorted_, digested, exoL, entering, exo, pumped = (float(x) for x in flows.sum(axis=0))
        m = joint.matrices
        over = (m[:, STATES + 1 :, :STATES] * before.z[:, None, :]).sum(axis=2)
        over += m[:, STATES + 1 :, STATES] * before.made[:, None]
        dissociated, shed = float(k.koff * over[:, 1].sum()), float(k.bound_shed * over[:, 1].sum())
        gained = float((after - before.z[:, 1::2]).sum())
        fluid = float((k.pino * before.cells).sum() * joint.a * h)
        net = gained + sorted_ + shed
        back = exoL if shared.returns else 0.0
        shared.amount += joint.supplied - joint.lost - net - fluid + back
        shared.entered += joint.supplied
        shared.left += joint.lost
        ledger.add(
            bound=net + dissociated,
            dissociated=dissociated,
            internalised=float((k.ke * over[:, 1]).sum()),
            recycled=float((k.kr * over[:, 3]).sum()),
            sorted_to_lysosome=sorted_,
            pinocytosed=fluid,
            proteolysed=digested,
            conjugate_exocytosed=exoL,
            catabolite_to_cytosol=entering,
            catabolite_exocytosed=exo,
            dm1_effluxed=pumped,
            shed_with_receptor=shed,
        )
        ledger.follow(shared)

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
        """Return what a lost cell held: to the medium in culture, counted as lost in a patient."""
        conjugate = sum(values[i] for i in _CONJUGATE)
        if self.world.shared.returns:
            self.world.shared.amount += conjugate
            conjugate = 0.0
        self.world.ledger.add(lost_conjugate=conjugate, lost_payload=sum(values[i] for i in _PAYLOAD))

    def _resize(self, lost: int) -> None:
        gone = self.world.shared.resize(self.living(), lost)
        if gone:
            self.world.ledger.add(lost_conjugate=gone)
