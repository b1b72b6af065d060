"""The compiled engine: cells and their compartment through windows of steps."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.engine.base import Engine
from tdm1sim.engine.books import Taken, apply, book
from tdm1sim.engine.compiled.arena import CHUNK, CHUNKS, Arena, make_room, settle
from tdm1sim.engine.compiled.chunks import WEIGHT, Books, Cells, Fading, Lives, Scene, Window, table_of
from tdm1sim.engine.compiled.lanes import HELD, SUMMED
from tdm1sim.engine.compiled.window import TOTALLED, run_crossing, run_held, totals
from tdm1sim.engine.events import CAUSES, End
from tdm1sim.histogram import BINS
from tdm1sim.mechanisms.exchange import crossing
from tdm1sim.observables import band_limits
from tdm1sim.pools import K
from tdm1sim.population import FOUNDER_GROUPS, INDEX, founders
from tdm1sim.surroundings.exponential import STATES
from tdm1sim.surroundings.sharing import Joint, Totals, advance_together
from tdm1sim.world import FATE_OF_CAUSE, FATES, Ended, World

FloatArray = NDArray[np.float64]
_MAKING = len(TOTALLED)
_LARGEST = 2.0**20
_WORD = 62
_R0, _FOUNDER = INDEX["R0"], INDEX["founder"]


def quantum_of(largest: float, cells: int) -> float:
    """Return the quantum of sums over `cells` cells of amounts up to `largest`: as fine as 64 bits allow.

    A term must fit 51 bits (it is rounded by adding a number that large) and a sum 62.
    """
    size = math.ceil(math.log2(largest))
    return 2.0 ** max(size + math.ceil(math.log2(cells)) - _WORD, size - 51)


class CompiledEngine(Engine):
    """Cells in tiles, a window of steps at a time.

    Parameters
    ----------
    world : World
        One replicate.
    threads : int
        How many share the arenas; the results do not depend on it.
    chunk : int
        Cells of a chunk; the results do not depend on it.
    """

    name = "compiled"

    def __init__(self, world: World, threads: int = 1, chunk: int = CHUNK) -> None:
        self._threads, self._chunk = threads, chunk
        self._dtype: type = np.float64
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        super().__init__(world)
        v = world.parameters.values
        self._fading = Fading(v["w_arrested"], v["tau_dying"], *band_limits(dict(v)))
        self._table = table_of(self.rules)
        self._followed = _followed(world)
        self._retotal(self._rough_largest())

    def settle_in(self) -> None:
        """Draw the founders an arena at a time, so that they are never all in memory twice."""
        parameters, replicate = self.world.parameters, self.world.replicate
        self.arenas: list[Arena] = []
        portion = self._chunk * CHUNKS
        for start in range(0, parameters.plan.cells, portion):
            drawn = founders(parameters, replicate, start, start + portion)
            for clone, some in enumerate(drawn):
                if some.values.shape[1]:
                    lines = np.ones(some.values.shape[1], dtype=np.uint64)
                    self.arenas.append(Arena(clone, some.values, some.keys, lines, self._dtype, self._chunk))

    def living(self) -> int:
        """Return the number of living cells."""
        return sum(arena.cells for arena in self.arenas)

    def column(self, clone: int, name: str) -> FloatArray:
        """Return a copy of a column."""
        mine = [arena.column(name) for arena in self.arenas if arena.clone == clone]
        return np.concatenate(mine) if mine else np.empty(0)

    def identities(self, clone: int) -> tuple[NDArray[np.uint64], list[str]]:
        """Return keys and lineage names of a clone's cells."""
        mine = [arena for arena in self.arenas if arena.clone == clone]
        if not mine:
            return np.empty(0, dtype=np.uint64), []
        keys = np.concatenate([arena.per_lane(arena.keys) for arena in mine])
        if not self.world.tally.followed:
            return keys, []
        lines = np.concatenate([arena.per_lane(arena.lines) for arena in mine])
        line_of = self.column(clone, "founder").astype(np.int64)
        return keys, [path_of(f, line) for f, line in zip(line_of.tolist(), lines.tolist(), strict=True)]

    # A window --------------------------------------------------------------------------------------------

    def advance_window(self) -> None:
        """Foresee sums and medium, move the cells, book what they did."""
        world = self.world
        first, last = world.position, world.window_end
        times = world.times[first : last + 1]
        joints = self._foresee(times)
        books, quantum = self._run(times, joints)
        self._close(times, joints, books, quantum)
        make_room(self.arenas, self._dtype)

    def _foresee(self, times: FloatArray) -> list[Joint]:
        world = self.world
        (t, h), = zip(times[:-1].tolist(), np.diff(times).tolist(), strict=True)
        return [advance_together(world.kinetics, self._totals, world.shared.compartment(), t, h)]

    def _run(self, times: FloatArray, joints: list[Joint]) -> tuple[list[Books], float]:
        """Move all cells; return the books of each clone and the quantum they are in."""
        steps, h = len(joints), np.diff(times)
        around = np.array([(j.a, j.d, *self.signals(t + 0.5 * d), 0.0) for j, t, d in zip(joints, times, h)])
        windows = [
            Window(times[:-1].copy(), h, around, np.stack([j.matrices[c] for j in joints]))
            for c in range(len(self.clones))
        ]
        fluid = max(c.fluid for c in self.constants) * float((around[:, :2].sum(axis=1) * h).sum())
        self._bound = 16.0 * (self._largest + fluid + _LARGEST)
        quantum = quantum_of(self._bound, 4 * self.living() + 1024)
        magic = 1.5 * 2.0**52 * quantum
        books = [new_books(steps) for _ in self.clones]
        todo = [(arena, 0) for arena in self.arenas]
        while todo:
            spilled = self._run_arenas(todo, windows, magic, books)
            todo = self._strays(spilled, books, quantum, steps)
        return books, quantum

    def _run_arenas(
        self, todo: list[tuple[Arena, int]], windows: list[Window], magic: float, books: list[Books]
    ) -> list[Lives]:
        """Run arenas from a step on; return the rows of cells that found no lane."""

        def run(item: tuple[Arena, int]) -> tuple[int, Books, Lives, Lives]:
            arena, first = item
            c = arena.clone
            scene = Scene(
                windows[c], c, self.constants[c], self.rules[c], self._table, K, magic, self._fading, self._followed
            )
            mine = new_books(len(windows[c].h))
            kernel = run_crossing if self.leave is crossing else run_held
            return c, mine, *kernel(Cells(arena.tiles, arena.keys, arena.lines), arena.counts, first, scene, mine)

        found = list(self._pool.map(run, todo)) if self._pool and len(todo) > 1 else [run(item) for item in todo]
        spilled = []
        for c, mine, ended, spill in found:
            for whole, part in zip(books[c], mine, strict=True):
                whole += part
            self._keep(ended, c)
            spilled.append(spill)
        return spilled

    def _strays(
        self, spilled: list[Lives], books: list[Books], quantum: float, steps: int
    ) -> list[tuple[Arena, int]]:
        """Make arenas of cells that found no lane, one per clone and first step; those born last are only settled."""
        groups: dict[tuple[int, int], list[tuple[Lives, int]]] = {}
        for rows in spilled:
            for i in range(int(rows.n[0])):
                groups.setdefault((int(rows.codes[i]), int(rows.times[i])), []).append((rows, i))
        todo = []
        for (clone, step), members in sorted(groups.items(), key=lambda item: item[0]):
            values = np.array([rows.values[i] for rows, i in members]).T
            keys = np.array([rows.keys[i] for rows, i in members], dtype=np.uint64)
            lines = np.array([rows.lines[i] for rows, i in members], dtype=np.uint64)
            r0 = np.rint(values[_R0] / quantum).astype(np.int64).sum()  # as the compiled sums round
            books[clone].made[step - 1] += r0
            books[clone].cells[step - 1, 1] += len(members)
            if step < steps:
                arena = Arena(clone, values, keys, lines, self._dtype, self._chunk)
                self.arenas.append(arena)
                todo.append((arena, step))
            else:
                settle(self.arenas, clone, (values, keys, lines), self._dtype)
        return todo

    def _keep(self, rows: Lives, clone: int) -> None:
        """Hand lives that ended to the tally's rows."""
        tally = self.world.tally
        for i in range(int(rows.n[0])):
            values = rows.values[i].tolist()
            path = path_of(int(values[_FOUNDER]), int(rows.lines[i]))
            cause = CAUSES[int(rows.codes[i])]
            tally.rows.append(Ended(values, clone, int(rows.keys[i]), path, float(rows.times[i]), cause))

    # The books -------------------------------------------------------------------------------------------

    def _close(self, times: FloatArray, joints: list[Joint], books: list[Books], quantum: float) -> None:
        """Book what the cells took, step by step, then total what they hold."""
        world, h = self.world, np.diff(times)
        steps = len(h)
        sums = np.stack([b.sums for b in books], axis=1) * quantum  # (steps, clones, SUMMED)
        z, flows = sums[:, :, : len(HELD)], sums[:, :, len(HELD) :]
        made, cells = self._making(books, quantum, steps)
        m = np.stack([j.matrices for j in joints])
        after = (m[:, :, :STATES, :STATES] * z[:, :, None, :]).sum(axis=3) + m[:, :, :STATES, STATES] * made[:, :, None]
        change = book(world, Taken(h, z, after[:, :, [1, 3, 4, 5]], made, cells, flows, joints))
        gone = sum(b.gone for b in books) * quantum
        lost = sum(b.cells[:, 0] for b in books)
        living = cells.sum(axis=1) + sum(b.cells[:, 1] for b in books)
        fades = sum(b.fades for b in books) * WEIGHT
        for s in range(steps):
            world.shared.clear(0.5 * h[s])
            apply(world, change, s)
            world.shared.clear(0.5 * h[s])
            world.tally.decay(float(h[s]), world.parameters.values["tau_dying"])
            world.tally.dying += float(fades[s])
            self._give_up(*gone[s].tolist())
            self._resize(int(living[s]), int(lost[s]))
            self._arrive(world.position + 1)
        self._count(books)
        self._retotal(self._bound)
        if self._largest > self._bound:
            message = f"an amount of {self._largest:.3g} molecules outgrew the sums of the compiled engine"
            raise ArithmeticError(message)

    def _making(self, books: list[Books], quantum: float, steps: int) -> tuple[FloatArray, FloatArray]:
        """Return receptor synthesis (molecules/h) and cells at the start of each step, shape (steps, clones)."""
        made, cells = np.empty((steps, len(books))), np.empty((steps, len(books)))
        for c, (constants, b) in enumerate(zip(self.constants, books, strict=True)):
            r0, growing = (
                self._r0[c, i] + np.concatenate([[0.0], np.cumsum(b.made[:-1, i]) * quantum]) for i in (0, 1)
            )
            made[:, c] = constants.syn0 * r0 + constants.syn_mu * growing
            cells[:, c] = self._totals.cells[c] + np.concatenate([[0], np.cumsum(b.cells[:-1, 1])])
        return made, cells

    def _count(self, books: list[Books]) -> None:
        """Count how cells ended."""
        tally = self.world.tally
        for b in books:
            for end in (End.INTERPHASE_APOPTOSIS, End.NK, End.DEATH_IN_ARREST, End.DEATH_AFTER_SLIPPAGE):
                fate = FATE_OF_CAUSE[CAUSES[end]]
                tally.died[fate] += int(b.ends[end].sum())
                tally.by_group[FATES.index(fate)] += b.ends[end]
            tally.born += 2 * int(b.ends[End.DIVISION].sum())

    def _rough_largest(self) -> float:
        return max((float(self.column(c, "R0").max(initial=0.0)) for c in range(len(self.clones))), default=0.0) * 4.0 + _LARGEST

    def _retotal(self, bound: float) -> None:
        """Sum what the cells hold now."""
        quantum = quantum_of(bound, self.living() + 1024)
        sums = np.zeros((len(self.clones), _MAKING + 2), dtype=np.int64)
        self._largest = 0.0
        for arena in self.arenas:
            largest = totals(arena.tiles, arena.counts, 1.5 * 2.0**52 * quantum, sums[arena.clone])
            self._largest = max(self._largest, largest)
        held = sums * quantum
        self._held = held
        self._r0 = held[:, _MAKING:]
        made = np.array([c.syn0 * a + c.syn_mu * b for c, (a, b) in zip(self.constants, self._r0, strict=True)])
        cells = np.array([sum(a.cells for a in self.arenas if a.clone == c) for c in range(len(self.clones))], dtype=float)
        self._totals = Totals(held[:, :STATES].copy(), held[:, 6].copy(), held[:, 7].copy(), made, cells)

    def held(self) -> tuple[float, float, float]:
        """Return intact antibody, payload on it, and free payload species in living cells, molecules."""
        h = self._held
        return float(h[:, [1, 3, 6]].sum()), float(h[:, [4, 5, 7]].sum()), float(h[:, [8, 9]].sum())



def new_books(steps: int) -> Books:
    """Return empty books."""
    def zeros(*shape: int) -> Any:
        return np.zeros(shape, dtype=np.int64)

    return Books(zeros(steps, SUMMED), zeros(steps, 3), zeros(steps, 2), zeros(steps, 2), zeros(steps),
                 zeros(len(End), FOUNDER_GROUPS), zeros(BINS), zeros(3))  # fmt: skip


def path_of(founder: int, line: int) -> str:
    """Return the name of a lineage: founder and path through divisions."""
    path = bin(line)[3:]
    return f"{founder}.{path}" if path else str(founder)


def _followed(world: World) -> NDArray[np.bool_]:
    if not world.tally.followed:
        return np.zeros(0, dtype=np.bool_)
    chosen = np.ones(world.parameters.plan.cells, dtype=np.bool_)
    if world.tally.sample is not None:
        chosen[:] = False
        chosen[list(world.tally.sample)] = True
    return chosen
