"""The twin: one plain object per cell and plain floats. Slow, short, and the oracle of the other engines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.events import Push, Start
from tdm1sim.engine.stepping import Pending, SteppingEngine
from tdm1sim.mechanisms.cell import Flows, Leaving, Pressure, Rates, Slowing, State, Traits, cell_step
from tdm1sim.pools import K
from tdm1sim.population import NAMES, Newborns, founders
from tdm1sim.state import Cells

FloatArray = NDArray[np.float64]


class PlainCell:
    """One cell: an attribute per column, its luck and its lineage name."""

    __slots__ = (*NAMES, "key", "path")
    key: int
    path: str
    gate: float

    def __init__(self, values: Sequence[float], key: int, path: str) -> None:
        self.put(values, key, path)

    def put(self, values: Sequence[float], key: int, path: str) -> None:
        """Set everything."""
        for name, value in zip(NAMES, values, strict=True):
            setattr(self, name, value)
        self.key, self.path = key, path

    def values(self) -> list[float]:
        """Return all columns."""
        return [getattr(self, name) for name in NAMES]

    def rehearse(self, r: Rates, leave: Leaving, slow: Slowing) -> tuple[State, Flows, Pressure]:
        """Return what a step would bring."""
        state = State(*(getattr(self, name) for name in State._fields))
        traits = Traits(*(getattr(self, name) for name in Traits._fields))
        return cell_step(state, traits, r, K, leave, slow)

    def step(self, r: Rates, leave: Leaving, slow: Slowing) -> tuple[Start, Flows, Push | None]:
        """Advance by one step; return how it started, what moved, and the forces if something happens."""
        start = Start(*(getattr(self, name) for name in Start._fields))
        after, flows, pressure = self.rehearse(r, leave, slow)
        for name, value in zip(State._fields, after, strict=True):
            setattr(self, name, value)
        clocks = (after.clock_apoptosis, after.clock_nk, after.clock_exit, after.clock_slip)
        due = min(clocks) <= 0.0 or after.y >= self.gate
        return start, flows, Push(*pressure) if due else None


class TwinEngine(SteppingEngine):
    """Cells as objects."""

    name = "twin"

    def settle_in(self) -> None:
        """Make an object of each of the first cells."""
        founder, followed, given = NAMES.index("founder"), self.world.tally.followed, self.given()
        self.cells: list[list[PlainCell]] = []
        first: Sequence[Newborns | Cells] = given or founders(self.world.parameters, self.world.replicate)
        for some in first:
            columns, keys = some.values.T.tolist(), some.keys.tolist()
            paths = [str(int(v[founder])) if followed else "" for v in columns]
            if isinstance(some, Cells) and followed:
                paths = some.names
            self.cells.append([PlainCell(v, k, p) for v, k, p in zip(columns, keys, paths, strict=True)])

    def living(self) -> int:
        """Return the number of living cells."""
        return sum(len(cells) for cells in self.cells)

    def column(self, clone: int, name: str) -> FloatArray:
        """Return a copy of a column."""
        return np.array([getattr(cell, name) for cell in self.cells[clone]], dtype=np.float64)

    def keys(self, clone: int) -> NDArray[np.uint64]:
        """Return a copy of the keys."""
        return np.array([cell.key for cell in self.cells[clone]], dtype=np.uint64)

    def names(self, clone: int, rows: Sequence[int]) -> list[str]:
        """Return lineage names."""
        return [self.cells[clone][row].path for row in rows]

    def step_cells(self, rates: Sequence[Rates]) -> tuple[FloatArray, list[Pending]]:
        """Advance cell by cell."""
        totals = np.zeros((len(rates), len(Flows._fields)))
        pending: list[Pending] = []
        for index, (cells, r) in enumerate(zip(self.cells, rates, strict=True)):
            moved = []
            for cell in cells:
                start, flows, push = cell.step(r, self.leave, self.slow)
                moved.append(flows)
                if push is not None:
                    pending.append(Pending(index, cell, cell.values(), start, push, cell.key, cell.path))
            if moved:
                totals[index] = [sum(column) for column in zip(*moved, strict=True)]
        return totals, pending

    def rehearse(self, rates: Sequence[Rates]) -> FloatArray:
        """Return the flows of a step that is not taken."""
        totals = np.zeros((len(rates), len(Flows._fields)))
        for index, (cells, r) in enumerate(zip(self.cells, rates, strict=True)):
            if cells:
                moved = [cell.rehearse(r, self.leave, self.slow)[1] for cell in cells]
                totals[index] = [sum(column) for column in zip(*moved, strict=True)]
        return totals

    def replace(self, clone: int, handle: PlainCell, values: list[float], key: int, path: str) -> None:  # noqa: ARG002
        """Overwrite a cell."""
        handle.put(values, key, path)

    def append(self, clone: int, values: list[float], key: int, path: str) -> None:
        """Add a cell."""
        self.cells[clone].append(PlainCell(values, key, path))

    def remove(self, clone: int, handles: list[PlainCell]) -> None:
        """Remove cells."""
        gone = {id(cell) for cell in handles}
        self.cells[clone] = [cell for cell in self.cells[clone] if id(cell) not in gone]

    def write(self, clone: int, handle: PlainCell, name: str, value: float) -> None:  # noqa: ARG002
        """Set one attribute."""
        setattr(handle, name, value)
