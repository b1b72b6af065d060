"""The Mesa door: a `mesa.Model` whose agents are views of the engine's columns. The only file that imports mesa.

Agents appear when somebody looks at `TumourModel.agents`; until then a model costs what the engine costs. A view holds
no state: it finds its cell by key, so it stays right when rows move, and says how the cell ended when it has.
Behaviour is not added in ``Cell.step`` (it is never called) but as a mechanism: see the architecture page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.agent import AgentSet
from numpy.typing import NDArray

from tdm1sim.bands import band_limits, band_of
from tdm1sim.engine.events import Push, Start
from tdm1sim.engine.numpy_engine import NumpyEngine
from tdm1sim.engine.stepping import Pending
from tdm1sim.engine.twin import PlainCell, TwinEngine
from tdm1sim.errors import InputError
from tdm1sim.lives import CAUSES, FATE_OF_CAUSE
from tdm1sim.maths import MOLECULES_PER_NM_PL
from tdm1sim.mechanisms.cell import Flows, Leaving, Rates, Slowing
from tdm1sim.population import INDEX, Stage
from tdm1sim.scenario import Resolved, Scenario, load_scenario, resolve
from tdm1sim.surroundings.variability import patient_of
from tdm1sim.world import World


class Cell(mesa.Agent):  # type: ignore[misc]
    """A view of one cell.

    Attributes
    ----------
    unique_id : str
        Founder number and path through divisions (``17``, ``17.0``, ``17.01``).
    her2_per_cell, mdr1, slc46a3, pten
        Traits, readable and settable while the cell lives: surface receptors of the untreated cell (molecules), fold of
        efflux, activity, ``intact`` or ``deficient``.
    """

    def __init__(self, model: TumourModel, key: int, unique_id: str) -> None:
        # Not Agent.__init__: it registers the agent for good, and the engine knows its cells already.
        self.model = model
        self.key = key
        self.unique_id = unique_id
        self.pos = None

    def _value(self, name: str) -> float:
        place = self.model.place_of(self.key)
        if place is not None:
            return float(self.model.engine.column(place[0], name)[place[1]])
        return float(self._end()[name])

    def _set(self, name: str, value: float) -> None:
        place = self.model.place_of(self.key)
        if place is None:
            message = f"cell {self.unique_id} is no longer alive: its traits cannot change"
            raise InputError(message)
        self.model.engine.write(*place, name, value)

    def _end(self) -> Any:
        return self.model.ended(self.key)

    @property
    def alive(self) -> bool:
        """Whether the cell lives (a divided cell lives on in its daughters, not as itself)."""
        return self.model.place_of(self.key) is not None

    @property
    def clone(self) -> str:
        """Name of the cell's clone."""
        place = self.model.place_of(self.key)
        index = place[0] if place is not None else int(self._end()["clone"])
        return self.model.engine.clones[index].name

    @property
    def her2_per_cell(self) -> float:
        """Surface HER2 of the untreated cell, molecules; after a change, turnover brings the receptors there."""
        return self._value("R0")

    @her2_per_cell.setter
    def her2_per_cell(self, value: float) -> None:
        self._set("R0", _not_negative("her2_per_cell", value))

    @property
    def mdr1(self) -> float:
        """Fold of the efflux rate constant."""
        return self._value("mdr1")

    @mdr1.setter
    def mdr1(self, value: float) -> None:
        self._set("mdr1", _not_negative("mdr1", value))

    @property
    def slc46a3(self) -> float:
        """SLC46A3 activity: 1 intact, 0 lost."""
        return self._value("slc46a3")

    @slc46a3.setter
    def slc46a3(self, value: float) -> None:
        self._set("slc46a3", _not_negative("slc46a3", value))

    @property
    def pten(self) -> str:
        """``intact`` or ``deficient``."""
        return "intact" if self._value("pten") else "deficient"

    @pten.setter
    def pten(self, value: str) -> None:
        if value not in {"intact", "deficient"}:
            message = f"pten: found {value!r}; allowed: intact, deficient"
            raise InputError(message)
        driven = next(c.her2_driven for c in self.model.engine.clones if c.name == self.clone)
        self._set("pten", float(value == "intact"))
        self._set("coupled", float(driven and value == "intact"))

    @property
    def dm1_cytosol_nM(self) -> float:
        """Total cytosolic DM1, nM."""
        clone = next(c for c in self.model.engine.clones if c.name == self.clone)
        return self._value("Pc") / (clone.volume * MOLECULES_PER_NM_PL)

    @property
    def dm1_peak_nM(self) -> float:
        """Highest total cytosolic DM1 so far, nM."""
        return self._value("peak")

    @property
    def band(self) -> str:
        """Band of the peak level: low, intermediate or high."""
        return band_of(self.dm1_peak_nM, *band_limits(self.model.resolved.parameters.values))

    @property
    def stage(self) -> str:
        """Where the cell stands: cycling, committed, arrested or multinucleated."""
        return Stage(int(self._value("stage"))).name.lower()

    @property
    def conjugate_molecules(self) -> float:
        """Intact antibody in and on the cell, conjugate or naked, molecules."""
        return sum(self._value(name) for name in ("C", "Ce", "L"))

    @property
    def birth_h(self) -> float:
        """Time of birth, h."""
        return self._value("birth")

    @property
    def end_h(self) -> float | None:
        """When the cell died or divided, h; None while it lives."""
        return None if self.alive else float(self._end()["end"])

    @property
    def cause(self) -> str:
        """Why the cell ended; empty while it lives."""
        return "" if self.alive else CAUSES[self._end()["cause"]]

    @property
    def fate(self) -> str:
        """``apoptosis``, ``mitotic_catastrophe``, ``divided`` or ``surviving`` (so far)."""
        return "surviving" if self.alive else FATE_OF_CAUSE[self.cause]

    def remove(self) -> None:
        """Take the cell out of the tumour; what it holds is counted as lost (patient) or returned (culture)."""
        self.model.take_out(self)


def _not_negative(name: str, value: float) -> float:
    number = float(value)
    if not 0.0 <= number < float("inf"):
        message = f"{name}: found {value!r}; allowed: a finite number, not negative"
        raise InputError(message)
    return number


class TumourModel(mesa.Model):  # type: ignore[misc]
    """One replicate of a scenario as a Mesa model.

    Parameters
    ----------
    scenario : str, path, Scenario or Resolved
        A file, the name of a bundled scenario, or one already loaded.
    seed : int, optional
        Instead of the scenario's.
    replicate : int
        Which replicate, from 1.

    Attributes
    ----------
    running : bool
        False when the planned duration is over, the tumour cleared or its capacity met.
    datacollector : mesa.DataCollector
        Living cells, fates and free conjugate after every step.
    time_h : float
        Simulated time, h. Steps are as long as ``run.dt``, shorter after an infusion or a change of medium.
    """

    def __init__(
        self, scenario: str | Path | Scenario | Resolved, seed: int | None = None, *, replicate: int = 1
    ) -> None:
        self.resolved = _resolved(scenario, seed)
        parameters = patient_of(self.resolved.parameters, replicate)
        super().__init__(rng=parameters.plan.seed)
        self.world = World(parameters, replicate, followed=True)
        self.engine = NumpyEngine(self.world)
        self._views: dict[int, Cell] = {}
        self._places: dict[int, tuple[int, int]] | None = None
        self._ended: dict[int, int] = {}
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "time_h": "time_h",
                "live_cells": "live_cells",
                "died_apoptosis": lambda m: m.world.tally.died["apoptosis"],
                "died_mitotic_catastrophe": lambda m: m.world.tally.died["mitotic_catastrophe"],
                "local_conjugate_nM": lambda m: m.world.shared.concentration,
            }
        )
        self.datacollector.collect(self)

    @property
    def time_h(self) -> float:
        """Simulated time, h."""
        return self.world.t

    @property
    def live_cells(self) -> int:
        """Number of living cells."""
        return self.engine.living()

    def step(self) -> None:
        """Advance by one step of the time grid."""
        if self.world.finished:
            self.running = False
            return
        self.engine.advance()
        self._places = None
        self.datacollector.collect(self)
        over = self.live_cells == 0 or self.live_cells > self.resolved.parameters.plan.capacity
        self.running = not (over or self.world.finished)

    @property
    def agents(self) -> Any:
        """The living cells as an `AgentSet` of views, made now."""
        places = self._map()
        self._views = {key: view for key, view in self._views.items() if key in places}
        for clone in range(len(self.engine.clones)):
            keys = self.engine.keys(clone)
            paths = self.engine.names(clone, range(len(keys)))
            for key, path in zip(keys.tolist(), paths, strict=True):
                if key not in self._views:
                    self._views[key] = Cell(self, key, path)
        return AgentSet(list(self._views.values()), random=self.random)

    @agents.setter
    def agents(self, value: Any) -> None:  # noqa: ARG002 - mesa calls it by this name
        message = "the agents of a TumourModel are views of its cells and cannot be replaced"
        raise AttributeError(message)

    def place_of(self, key: int) -> tuple[int, int] | None:
        """Return (clone, row) of a living cell, None if it does not live."""
        return self._map().get(key)

    def ended(self, key: int) -> Any:
        """Return what was kept of a cell that no longer lives, with the fields of `tdm1sim.lives.LIFE`."""
        rows = self.world.tally.lives.rows
        read = len(self._ended)
        self._ended.update(zip(rows["key"][read:].tolist(), range(read, len(rows)), strict=True))
        return rows[self._ended[key]]

    def take_out(self, cell: Cell) -> None:
        """Remove a living cell from the tumour; removing one that is gone does nothing."""
        place = self.place_of(cell.key)
        if place is None:
            return
        clone, row = place
        values = [float(self.engine.column(clone, name)[row]) for name in INDEX]
        self.engine.kill(clone, row, values, cell.key, str(cell.unique_id), "removed")
        self._places = None

    def _map(self) -> dict[int, tuple[int, int]]:
        if self._places is None:
            self._places = {
                int(key): (clone, row)
                for clone in range(len(self.engine.clones))
                for row, key in enumerate(self.engine.keys(clone).tolist())
            }
        return self._places


def _resolved(scenario: str | Path | Scenario | Resolved, seed: int | None) -> Resolved:
    if isinstance(scenario, Resolved):
        if seed is not None:
            message = "give the seed with the scenario, before it is resolved"
            raise InputError(message)
        return scenario
    overrides = [] if seed is None else [f"run.seed={seed}"]
    if isinstance(scenario, Scenario):
        return resolve(scenario.with_overrides(overrides) if overrides else scenario)
    return resolve(load_scenario(scenario, overrides))


class PlainAgent(mesa.Agent):  # type: ignore[misc]
    """One cell the way Mesa models usually hold it: an agent with a state of its own and a step of its own."""

    def __init__(self, model: PlainModel, clone: int, cell: PlainCell) -> None:
        super().__init__(model)
        self.clone, self.cell = clone, cell

    def step(self) -> None:
        """Advance the cell, and tell the model what moved and whether something happens to it."""
        model = self.model
        self.model.note(self, *self.cell.step(model.rates[self.clone], model.leave, model.slow))


class PlainModel(mesa.Model):  # type: ignore[misc]
    """The agents of a `MesaEngine`: Mesa calls each agent's step, one after the other."""

    rates: Sequence[Rates]
    leave: Leaving
    slow: Slowing

    def step(self) -> None:
        """Let every agent act; `moved` (per clone) and `pending` are then what they told."""
        self.moved: list[list[Flows]] = [[] for _ in self.rates]
        self.pending: list[Pending] = []
        self.agents.do("step")

    def note(self, agent: PlainAgent, start: Start, flows: Flows, push: Push | None) -> None:
        """Take down what an agent tells."""
        cell = agent.cell
        self.moved[agent.clone].append(flows)
        if push is not None:
            self.pending.append(Pending(agent.clone, cell, cell.values(), start, push, cell.key, cell.path))


class MesaEngine(TwinEngine):
    """The twin's cells as agents that Mesa steps: what the other engines are measured against (``tdm1sim bench``).

    It lives the same lives as the twin. Nobody would run it: it is here to say what leaving Mesa's loop is worth.
    """

    name = "mesa"

    def settle_in(self) -> None:
        """Make an agent of each founder."""
        super().settle_in()
        self.model = PlainModel(rng=self.world.parameters.plan.seed)
        self._agents: dict[int, PlainAgent] = {}
        for clone, cells in enumerate(self.cells):
            for cell in cells:
                self._enter(clone, cell)

    def step_cells(self, rates: Sequence[Rates]) -> tuple[NDArray[np.float64], list[Pending]]:
        """Let Mesa step the agents."""
        model = self.model
        model.rates, model.leave, model.slow = rates, self.leave, self.slow
        model.step()
        totals = np.zeros((len(rates), len(Flows._fields)))
        for index, moved in enumerate(model.moved):
            if moved:
                totals[index] = [sum(column) for column in zip(*moved, strict=True)]
        return totals, model.pending

    def append(self, clone: int, values: list[float], key: int, path: str) -> None:
        """Add a cell and its agent."""
        super().append(clone, values, key, path)
        self._enter(clone, self.cells[clone][-1])

    def remove(self, clone: int, handles: list[PlainCell]) -> None:
        """Remove cells and their agents."""
        super().remove(clone, handles)
        for cell in handles:
            self._agents.pop(id(cell)).remove()

    def _enter(self, clone: int, cell: PlainCell) -> None:
        self._agents[id(cell)] = PlainAgent(self.model, clone, cell)
