"""The NumPy engine: one block of columns per clone, the whole clone in one call of `cell_step`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.events import Push, Start
from tdm1sim.engine.stepping import Pending, SteppingEngine
from tdm1sim.mechanisms.cell import Flows, Pressure, Rates, State, Traits, cell_step
from tdm1sim.pools import K
from tdm1sim.population import INDEX, Block, Newborns, founders

FloatArray = NDArray[np.float64]

_STATE = len(State._fields)
_TRAITS = len(Traits._fields)
_START = np.array([INDEX[name] for name in Start._fields])
_Y, _GATE = INDEX["y"], INDEX["gate"]


class NumpyEngine(SteppingEngine):
    """Cells as columns."""

    name = "numpy"

    def settle_in(self) -> None:
        """Make a block of the first cells of each clone."""
        followed, given = self.world.tally.followed, self.given()
        if given is not None:
            self.blocks = [
                Block(Newborns(some.values, some.keys), followed=followed, paths=some.names) for some in given
            ]
            return
        newborns = founders(self.world.parameters, self.world.replicate)
        self.blocks = [Block(some, followed=followed) for some in newborns]

    def living(self) -> int:
        """Return the number of living cells."""
        return sum(block.n for block in self.blocks)

    def column(self, clone: int, name: str) -> FloatArray:
        """Return a view of a column."""
        return self.blocks[clone].column(name)

    def keys(self, clone: int) -> NDArray[np.uint64]:
        """Return a view of the keys."""
        return self.blocks[clone].keys[: self.blocks[clone].n]

    def names(self, clone: int, rows: Sequence[int]) -> list[str]:
        """Return lineage names."""
        paths = self.blocks[clone].paths
        return [paths[row] for row in rows]

    def step_cells(self, rates: Sequence[Rates]) -> tuple[FloatArray, list[Pending]]:
        """Advance each block by one step."""
        flows = np.zeros((len(rates), len(Flows._fields)))
        pending: list[Pending] = []
        for index, (block, r) in enumerate(zip(self.blocks, rates, strict=True)):
            if block.n:
                flows[index] = self._step_block(index, block, r, pending)
        return flows, pending

    def rehearse(self, rates: Sequence[Rates]) -> FloatArray:
        """Return the flows of a step that is not taken."""
        flows = np.zeros((len(rates), len(Flows._fields)))
        for index, (block, r) in enumerate(zip(self.blocks, rates, strict=True)):
            if block.n:
                flows[index] = [float(column.sum()) for column in self._moved(block, r)[1]]
        return flows

    def _moved(self, block: Block, r: Rates) -> tuple[State, Flows, Pressure]:
        rows = block.data[:, : block.n]
        return cell_step(State(*rows[:_STATE]), Traits(*rows[_STATE : _STATE + _TRAITS]), r, K, self.leave, self.slow)

    def _step_block(self, index: int, block: Block, r: Rates, pending: list[Pending]) -> list[float]:
        rows = block.data[:, : block.n]
        state, moved, pressure = self._moved(block, r)
        due = (
            (state.clock_apoptosis <= 0.0)
            | (state.clock_nk <= 0.0)
            | (state.clock_exit <= 0.0)
            | (state.clock_slip <= 0.0)
            | (state.y >= rows[_GATE])
        )
        who = np.flatnonzero(due)
        starts = rows[np.ix_(_START, who)].T.tolist() if who.size else []
        for i, column in enumerate(state):
            rows[i] = column
        if who.size:
            pushes = np.array([column[who] for column in pressure]).T.tolist()
            values = rows[:, who].T.tolist()
            keys = block.keys[who].tolist()
            for n, row in enumerate(who.tolist()):
                path = block.paths[row] if block.followed else ""
                pending.append(Pending(index, row, values[n], Start(*starts[n]), Push(*pushes[n]), keys[n], path))
        return [float(column.sum()) for column in moved]

    def replace(self, clone: int, handle: int, values: list[float], key: int, path: str) -> None:
        """Overwrite a row."""
        self.blocks[clone].replace(handle, values, key, path)

    def append(self, clone: int, values: list[float], key: int, path: str) -> None:
        """Add a row."""
        self.blocks[clone].append(values, key, path)

    def remove(self, clone: int, handles: list[int]) -> None:
        """Remove rows."""
        self.blocks[clone].remove(handles)

    def write(self, clone: int, handle: int, name: str, value: float) -> None:
        """Set one element."""
        self.blocks[clone].data[INDEX[name], handle] = value
