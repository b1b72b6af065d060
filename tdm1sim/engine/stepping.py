"""Engines that move all cells by one step at a time: the NumPy engine and the twin."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import luck
from tdm1sim.engine.base import HOLDING, SHARING, Engine
from tdm1sim.engine.books import MET, apply, blank, enter, post
from tdm1sim.engine.bystander import mean_outside
from tdm1sim.engine.events import (
    CAUSES,
    End,
    Outcome,
    Push,
    Start,
    daughter,
    live_through,
    next_clone,
    settle,
    turn_into,
)
from tdm1sim.engine.foresee import foresee, pace_of
from tdm1sim.engine.rates import Around, rates_of
from tdm1sim.mechanisms.cell import Flows, Rates
from tdm1sim.population import INDEX
from tdm1sim.surroundings.exponential import SIZE
from tdm1sim.world import Ended

FloatArray = NDArray[np.float64]

_ANTIBODY = tuple(INDEX[name] for name in ("C", "Ce", "L"))
_CARRIED = tuple(INDEX[name] for name in ("Dc", "De", "Dl"))
_PAYLOAD = tuple(INDEX[name] for name in ("PL", "Pc"))
_STAGE, _PACE = INDEX["stage"], INDEX["pace"]


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


class SteppingEngine(Engine):
    """The loop over steps; how the cells of a step are moved is left to the engine."""

    _step = 0
    _met: FloatArray = np.zeros((0, MET))

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

    def advance_window(self) -> None:
        """Step to the end of the present window."""
        self.advance()
        while self._step < len(self._met):
            self.advance()

    def advance(self) -> None:
        """Move the world by one step of its time grid."""
        world, shared = self.world, self.world.shared
        before = self.totals()
        if self._step == len(self._met):
            self._open(before)
        t, h = world.t, float(world.times[world.position + 1]) - world.t
        met, matrices = self._met[self._step], self._matrices[:, self._step]
        rates, living, outside = self._rates(met, matrices, t, h), self.living(), 0.0
        if shared.exchanged and living:
            outside = mean_outside(lambda mean: self._given(rates, mean, h), self._uptake * living, shared, h)
            rates = [r._replace(inflow=self._uptake * outside * h) for r in rates]
        flows, pending = self.step_cells(rates)
        after = self.sums(SHARING)
        arrows, change = blank(1)
        enter(world.kinetics, h, before, after, flows, met, matrices, shared.returns, arrows, change[0])
        post(world, arrows)
        shared.clear(0.5 * h)  # half of what leaves on either side of what comes: second order
        apply(world, change[0].tolist())
        if shared.exchanged:
            self._book_payload(outside, living, h)
        shared.clear(0.5 * h)
        world.tally.decay(h, world.parameters.values["tau_dying"])
        lost = self._happen(pending, t, h)
        self._resize(self.living(), lost)
        self._note(before, after, h, lost)
        self._arrive(world.position + 1)

    def _open(self, now: FloatArray) -> None:
        """See the window that begins now ahead."""
        world = self.world
        times = world.times[world.position : world.window_end(self.living()) + 1]
        self._met = np.zeros((len(times) - 1, MET))
        self._matrices = np.zeros((len(self.clones), len(times) - 1, SIZE, SIZE))
        around, supply = world.shared.compartment(), world.shared.supply
        foresee(world.kinetics, now, around, supply, times, self.pace, self._met, self._matrices, self.room)
        self._step, self._lost, self._seen = 0, 0, np.zeros((2, *now.shape))

    def _note(self, before: FloatArray, after: FloatArray, h: float, lost: int) -> None:
        """Note what events did in a step; at the end of a window, how fast they did."""
        undisturbed = before.copy()
        undisturbed[:, HOLDING] = after
        self._seen[0] += before * h
        self._seen[1] += self.totals() - undisturbed
        self._step += 1
        self._lost += lost
        if self._step == len(self._met):
            self.pace = pace_of(self._seen, float(self._lost))

    def kill(self, clone: int, handle: Any, values: list[float], key: int, path: str, cause: str) -> None:
        """Take a cell out of the population from outside (the Mesa door)."""
        self.world.tally.end(Ended(values, clone, key, path, self.world.t, cause), 0.0)
        self._lose(values)
        self.remove(clone, [handle])
        self._resize(self.living(), 1)

    def _rates(self, met: FloatArray, matrices: FloatArray, t: float, h: float) -> list[Rates]:
        around = Around(h, float(met[0]), float(met[1]), *self.signals(t + 0.5 * h))
        return [rates_of(c, m, around) for c, m in zip(self.constants, matrices, strict=True)]

    def _given(self, rates: Sequence[Rates], outside: float, h: float) -> float:
        """Return the payload that all cells would give off with a mean of `outside` (nM) around them, molecules."""
        inflow = self._uptake * outside * h
        moved = Flows(*self.rehearse([r._replace(inflow=inflow) for r in rates]).sum(axis=0))
        return float(moved.effluxed + moved.catabolite_exocytosed)

    def _lose(self, values: Sequence[float]) -> None:
        self._give_up(*(sum(values[i] for i in some) for some in (_ANTIBODY, _CARRIED, _PAYLOAD)))

    def _happen(self, pending: list[Pending], t: float, h: float) -> int:
        """Resolve events; return the number of cells lost."""
        lost = 0
        gone: list[list[Any]] = [[] for _ in self.clones]
        for cell in pending:
            rules = self.rules[cell.clone]
            outcome = live_through(cell.start, cell.push, cell.values[_PACE], cell.key, rules, h)
            if outcome.end == End.NONE:
                settle(cell.values, outcome, rules)
                self.replace(cell.clone, cell.handle, cell.values, cell.key, cell.path)
                continue
            cell.values[_STAGE] = outcome.stage
            ended = Ended(cell.values, cell.clone, cell.key, cell.path, t + outcome.time, CAUSES[outcome.end])
            self.world.tally.end(ended, self.world.fade(outcome.stage, h - outcome.time))
            if outcome.end == End.DIVISION:
                if not self._divide(cell, outcome, t, h):
                    gone[cell.clone].append(cell.handle)
            else:
                lost += 1
                self._lose(cell.values)
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
            values = [0.0] * len(cell.values)
            daughter(values, cell.values, key, outcome, cell.push, self.rules[clone], t + outcome.time, h)
            if clone != cell.clone:
                turn_into(values, self.rules[cell.clone].medians, self.rules[clone].medians)
            path = f"{cell.path}{'' if '.' in cell.path else '.'}{which}" if cell.path else ""
            if clone == cell.clone and not placed:
                self.replace(clone, cell.handle, values, key, path)
                placed = True
            else:
                self.append(clone, values, key, path)
        self.world.tally.born += 2
        return placed
