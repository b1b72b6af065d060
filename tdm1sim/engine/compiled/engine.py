"""The compiled engine: cells and their compartment through windows of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim.bands import band_limits
from tdm1sim.census import Census
from tdm1sim.engine.base import HOLDING, SHARING, Engine
from tdm1sim.engine.books import MET, apply, post
from tdm1sim.engine.bystander import mean_outside
from tdm1sim.engine.compiled import layout as at
from tdm1sim.engine.compiled.accounts import LOST, Window, by_species, carry_on, count_ends, followed, sheets
from tdm1sim.engine.compiled.arena import CHUNK, CHUNKS, Arena, arenas_of, lines_of, make_room, path_of, settle
from tdm1sim.engine.compiled.counting import SIGNALS, census_from, count_arena, empty_census, merged, settings_of
from tdm1sim.engine.compiled.exact import constants_of, no_sums, parts_of, quantum_of, value_of
from tdm1sim.engine.compiled.kernel import kernel_of, see_ahead, total
from tdm1sim.engine.compiled.rehearsal import compile_all
from tdm1sim.engine.compiled.warming import is_compiled
from tdm1sim.engine.compiled.workbench import Workbench
from tdm1sim.engine.events import CAUSES
from tdm1sim.engine.foresee import pace_of
from tdm1sim.engine.rates import CloneRates
from tdm1sim.errors import MachineError
from tdm1sim.lives import CAUSES as WHY
from tdm1sim.mechanisms.lysosome import unimpaired
from tdm1sim.pools import SINGLE, K
from tdm1sim.population import INDEX, WIDTH, founders
from tdm1sim.surroundings.exponential import SIZE
from tdm1sim.surroundings.joint import CELLS, MADE
from tdm1sim.world import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_WHY = np.array([WHY.index(cause) if cause in WHY else 0 for cause in CAUSES])
"""Place in the lives' causes of each `End`."""
_SPARE = 1024.0
"""Room for growth, until it is seen again, of the largest amount in a cell."""
_UNSEEN = 24.0
"""Longest time, h, over which the totals may be carried on without a look at the cells."""
_SMALLEST = 2.0**16
_R0, _FOUNDER = INDEX["R0"], INDEX["founder"]


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
        single = world.parameters.plan.precision == "single"
        self._chunk, self._dtype, self._k = chunk, np.float32 if single else np.float64, SINGLE if single else K
        self._threads = max(1, threads)
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._mine, self._seen, self._counted = Workbench(), 0.0, False
        super().__init__(world)
        v = world.parameters.values
        self._fixed = [v["w_arrested"], v["tau_dying"], *band_limits(dict(v))]
        self._table = at.rule_table(self.rules)
        self._rows = np.array([list(c) for c in self.constants])
        self._fluid = float(self._rows[:, CloneRates._fields.index("fluid")].max())
        self._steady = not world.parameters.inhibitions and not world.shared.others
        self._followed, self._settings = followed(world), settings_of(self)
        self._kernel = kernel_of(self.leave, self.slow)
        if not is_compiled(world.parameters.plan.precision):
            compile_all(world, self._run, self._dtype, self._rows, self._fixed)
        self._reach = self._largest = self._most_receptors()
        if world.state is not None:
            columns = [self.column(c, name) for c in range(len(self.clones)) for name in at.AMOUNTS]
            self._largest = max(self._reach, *(float(column.max(initial=0.0)) for column in columns))
            if "sums" in world.state.facts["own"]:
                self._go_on(world.state.facts["own"])
                return
        self._retotal()

    def _most_receptors(self) -> float:
        """Return more receptors than any cell will be drawn to, in whatever clone its line ends.

        A daughter that becomes another clone keeps its deviation from the median.
        """
        medians = [clone.her2 for clone in self.clones]
        tops = [float(self.column(c, "R0").max(initial=0.0)) for c in range(len(medians))]
        spread = max((top / median for top, median in zip(tops, medians, strict=True) if median > 0.0), default=0.0)
        return max(spread * max(medians), *tops)

    def settle_in(self) -> None:
        """Draw the founders an arena at a time, so that they are never all in memory twice."""
        parameters, replicate = self.world.parameters, self.world.replicate
        self.arenas: list[Arena] = []
        self._wandering: list[Arena] = []
        portion = self._chunk * CHUNKS
        if (given := self.given()) is not None:
            for clone, (values, keys, names) in enumerate(given):
                lines = lines_of(names) if names else np.ones(len(keys), dtype=np.uint64)
                self.arenas += arenas_of(clone, (values, keys, lines), self._dtype, self._chunk)
            return
        for start in range(0, parameters.plan.cells, portion):
            for clone, some in enumerate(founders(parameters, replicate, start, start + portion)):
                if some.values.shape[1]:
                    lines = np.ones(some.values.shape[1], dtype=np.uint64)
                    self.arenas.append(Arena(clone, some.values, some.keys, lines, self._dtype, self._chunk))

    def own(self) -> dict[str, Any]:
        """Return the sums as they are carried on, and what the grain of the next ones depends on."""
        sums = {"sums": self._totals.tolist(), "r0": self._r0.tolist(), "held": self._held.tolist()}
        grain = {"bound": self._bound, "reach": self._reach, "largest": self._largest}
        return {**sums, **grain, "seen": self._seen, "counted": self._counted}

    def _go_on(self, own: dict[str, Any]) -> None:
        """Take over what `own` returned."""
        self._bound, self._reach, self._largest = own["bound"], own["reach"], own["largest"]
        self._seen, self._counted = own["seen"], own["counted"]
        self._r0, self._held = np.array(own["r0"]), np.array(own["held"])
        self._totals = np.array(own["sums"])

    def living(self) -> int:
        """Return the number of living cells."""
        return sum(arena.cells for arena in self.arenas)

    def column(self, clone: int, name: str) -> FloatArray:
        """Return a copy of a column."""
        mine = [arena.column(name) for arena in self.arenas if arena.clone == clone]
        return np.concatenate(mine) if mine else np.empty(0)

    def parts(self, clone: int) -> Iterator[Callable[[str], FloatArray]]:
        """Yield the columns arena by arena."""
        return (arena.column for arena in self.arenas if arena.clone == clone)

    def keys(self, clone: int) -> NDArray[np.uint64]:
        """Return a copy of the keys."""
        mine = [arena.per_lane(arena.keys) for arena in self.arenas if arena.clone == clone]
        return np.concatenate(mine) if mine else np.empty(0, dtype=np.uint64)

    def names(self, clone: int, rows: Sequence[int]) -> list[str]:
        """Return lineage names."""
        mine = [arena.per_lane(arena.lines) for arena in self.arenas if arena.clone == clone]
        if not mine:
            return []
        lines = np.concatenate(mine)[list(rows)]
        first = self.column(clone, "founder")[list(rows)].astype(np.int64).tolist()
        return [path_of(f, line) for f, line in zip(first, lines.tolist(), strict=True)]

    def find(self, key: int) -> tuple[int, FloatArray] | None:
        """Return the clone and all columns of a living cell."""
        for arena in self.arenas:
            for place in np.flatnonzero(arena.keys == np.uint64(key)).tolist():
                if place % arena.room < arena.counts[place // arena.room]:
                    return arena.clone, arena.view[place // at.LANES, :, place % at.LANES].astype(np.float64)
        return None

    def census(self) -> Census:
        """Count the living cells, each thread some arenas."""
        settings = self._settings
        if not self._steady:
            settings[:, SIGNALS] = self.signals(self.world.t)[:2]

        def count(some: Sequence[Arena]) -> tuple[IntArray, IntArray, FloatArray]:
            phases, bins, spans = found = empty_census(len(self.clones))
            for arena in some:
                c = arena.clone
                count_arena(arena.tiles, arena.counts, settings[c], phases[c], bins, spans, self._mine.looked)
            return found

        shares = [self.arenas[n :: self._threads] for n in range(self._threads)]
        return census_from(*merged(list(self._each(count, shares))))

    def _each(self, do: Callable[[Any], Any], items: Sequence[Any]) -> Iterable[Any]:
        """Return what `do` returns for each item, in order; threads share the work."""
        return self._pool.map(do, items) if self._pool and len(items) > 1 else map(do, items)

    # A window --------------------------------------------------------------------------------------------

    def advance_window(self) -> None:
        """Foresee sums and medium, move the cells, book what they did."""
        world = self.world
        # a copy: to numba an array that nobody may write to is another type, and all would be compiled once more
        times = world.times[world.position : world.window_end(self.living()) + 1].copy()
        window = self._open(times)
        self._outside = self._find_outside(window) if world.shared.exchanged and self.living() else 0.0
        todo = [(arena, 0) for arena in self.arenas]
        while todo:
            todo = self._strays(self._run(todo, window), window)
        self._dissolve()
        self._close(window)
        self._counted = False
        if self.slow is not unimpaired or world.t - self._seen >= _UNSEEN:
            self._retotal()
        make_room(self.arenas, self._dtype)

    def _open(self, times: FloatArray) -> Window:
        """See a window ahead."""
        world, clones, h = self.world, len(self.clones), np.diff(times)
        met, matrices = np.zeros((len(h), MET)), np.zeros((clones, len(h), SIZE, SIZE))
        around, supply = world.shared.compartment(), world.shared.supply
        arguments = world.kinetics, self._totals, around, supply, times, self.pace, met, matrices, self.room
        see_ahead(*arguments)
        steps = np.zeros((len(h), at.STEP))
        steps[:, at.START], steps[:, at.LENGTH], steps[:, at.AROUND : at.AROUND + 2] = times[:-1], h, met[:, :2]
        middles = (times[:-1] + 0.5 * h).tolist()
        steps[:, at.AROUND + 2 : -1] = self.signals(0.0) if self._steady else [self.signals(t) for t in middles]
        fluid = self._fluid * float(met[:, :2].sum(axis=1) @ h)
        self._bound = _SPARE * (self._largest + fluid + _SMALLEST)
        quantum = quantum_of(self._bound, 4 * self.living() + 1024)
        numbers, books = np.array([*constants_of(quantum), *self._fixed]), at.books(clones, len(h))
        return Window(times, met, steps, matrices, quantum, numbers, books, at.tally(), [np.inf, -np.inf])

    def _find_outside(self, window: Window) -> float:
        """Return the mean payload outside, nM, in a window of one step, and give the cells what it makes enter them."""
        h, shared = float(window.steps[0, at.LENGTH]), self.world.shared
        flows = [at.SUMMED.index(name) for name in ("effluxed", "catabolite_exocytosed")]

        def give(mean: float) -> float:
            """Step copies of the cells; return what they give off, molecules."""
            window.steps[0, -1] = self._uptake * mean * h
            trial = replace(window, books=np.zeros_like(window.books), tally=window.tally.copy())
            self._run([(arena.copy(), 0) for arena in self.arenas], trial, rehearsal=True)
            summed = trial.books.sum(axis=0)[0, at.FLOWS : at.CHANGES].reshape(-1, 2)
            return float(value_of(summed[flows], window.quantum).sum())

        outside = mean_outside(give, self._uptake * self.living(), shared, h)
        window.steps[0, -1] = self._uptake * outside * h
        return outside

    def _run(
        self, todo: list[tuple[Arena, int]], window: Window, *, rehearsal: bool = False
    ) -> list[tuple[int, FloatArray, IntArray]]:
        """Run arenas from a step on; return clone, columns and tags of the newborns that found no lane there."""
        lives = self._followed[:0] if rehearsal else self._followed

        def run(item: tuple[Arena, int]) -> tuple[Any, ...]:
            arena, begin = item
            c, rules = arena.clone, self.rules[arena.clone]
            books, tally = at.books(1, len(window.steps))[0], at.tally()
            ended, spilled = self._mine.rows_for(len(window.steps) * len(arena.keys))
            n, span = np.zeros(3, dtype=np.int64), np.array([np.inf, -np.inf])
            self._kernel(
                arena.tiles, arena.keys, arena.lines, arena.counts, begin, c, window.steps, window.matrices[c],
                self._rows[c], self._table, rules.others, rules.chances, self._k, window.numbers, lives, books,
                tally, span, *ended, *spilled, n, self._mine.desk_for(arena.room, self._dtype),
            )  # fmt: skip
            if n[2]:
                message = f"{n[2]} cells ended or were born in one window beyond what the compiled engine has room for"
                raise MachineError(message)
            return c, books, tally, span, [x[: n[0]].copy() for x in ended], [x[: n[1]].copy() for x in spilled]

        strays = []
        for c, books, tally, span, ended, spilled in self._each(run, todo):
            window.books[c] += books
            window.tally += tally
            window.span = [min(window.span[0], float(span[0])), max(window.span[1], float(span[1]))]
            self._keep(c, *ended)
            strays += [(c, *spilled)] if len(spilled[0]) else []
        return strays

    def _strays(self, strays: list[tuple[int, FloatArray, IntArray]], window: Window) -> list[tuple[Arena, int]]:
        """Make arenas of cells that found no lane, one per clone and first step; those born last are only settled."""
        groups: dict[tuple[int, int], list[tuple[int, FloatArray, IntArray]]] = {}
        for source, rows, tags in strays:
            for key in set(zip(tags[:, at.CODE].tolist(), rows[:, WIDTH].astype(int).tolist(), strict=True)):
                mine = (tags[:, at.CODE] == key[0]) & (rows[:, WIDTH] == key[1])
                groups.setdefault(key, []).append((source, rows[mine], tags[mine]))
        todo = []
        for (clone, step), members in sorted(groups.items(), key=lambda item: item[0]):
            for source, rows, _ in members:
                if source != clone:
                    self._welcome(clone, rows, window, step - 1)
            values = np.concatenate([rows[:, :WIDTH] for _, rows, _ in members]).T
            keys, lines = (np.concatenate([tags[:, i] for _, _, tags in members]).view(np.uint64) for i in (0, 1))
            if step < len(window.steps):
                arena = Arena(clone, values, keys, lines, self._dtype, self._chunk)
                self._wandering.append(arena)
                todo.append((arena, step))
            else:
                settle(self.arenas, clone, (values, keys, lines), self._dtype)
        return todo

    def _dissolve(self) -> None:
        """Give cells that were strays in this window a place among the others."""
        strays, self._wandering = self._wandering, []
        for arena in strays:
            for chunk in range(len(arena.counts)):
                settle(self.arenas, arena.clone, arena.take(chunk, 0), self._dtype)

    def _welcome(self, clone: int, rows: FloatArray, window: Window, step: int) -> None:
        """Enter newborns from another clone in the books of theirs."""
        row = window.books[clone][step]
        came = parts_of(rows[:, list(at.AMOUNT_AT)], window.quantum).sum(axis=0)
        row[at.CHANGES : at.MADE] += came.ravel()
        row[at.MADE : at.MADE + 2] += int(np.rint(rows[:, _R0] / window.quantum).sum())
        row[at.MORE] += len(rows)

    def _keep(self, clone: int, rows: FloatArray, tags: IntArray) -> None:
        """Hand lives that ended to the tally."""
        if len(rows):
            first, lines = rows[:, _FOUNDER].astype(np.int64).tolist(), tags[:, at.LINE].tolist()
            names = [path_of(f, line) for f, line in zip(first, lines, strict=True)]
            keys, causes = tags[:, at.KEY].view(np.uint64), _WHY[tags[:, at.CODE]]
            self.world.tally.lives.extend(rows[:, :WIDTH], clone, keys, names, rows[:, WIDTH], causes)

    # The books -------------------------------------------------------------------------------------------

    def _close(self, window: Window) -> None:
        """Carry the sums to the end of a window and book what the cells took, step by step."""
        world, h = self.world, window.steps[:, at.LENGTH]
        tau = world.parameters.values["tau_dying"]
        before, outside = int(self._totals[:, CELLS].sum()), self._outside
        scratch, arrows, change, happened, seen = sheets(len(self.clones), len(h))
        given = np.concatenate([h[:, None], window.met], axis=1)
        carry_on(
            world.kinetics, given, window.matrices, self._rows, window.books, window.quantum, self._totals, self._r0,
            self.slow is unimpaired, world.shared.returns, scratch, arrows, change, happened, seen,
        )  # fmt: skip
        self.pace = pace_of(seen, float(happened[:, LOST].sum()))
        post(world, arrows)
        shared = world.shared
        for step, changed, (living, lost, fade, _, *held) in zip(
            h.tolist(), change.tolist(), happened.tolist(), strict=True
        ):
            shared.clear(0.5 * step)
            apply(world, changed)
            if shared.exchanged:
                self._book_payload(outside, before, step)
            shared.clear(0.5 * step)
            world.tally.decay(step, tau)
            world.tally.dying += fade
            if lost:
                self._give_up(*held)
            self._resize(int(living), int(lost))
            self._arrive(world.position + 1)
        count_ends(world.tally, window)

    def _retotal(self) -> None:
        """Sum what the cells hold now."""
        bound = max(getattr(self, "_bound", 0.0), _SPARE * (self._largest + _SMALLEST))
        quantum = quantum_of(bound, self.living() + 1024)
        sums = no_sums(len(self.clones))
        self._largest, self._counted, self._seen = self._reach, True, self.world.t
        for arena in self.arenas:
            found = total(arena.tiles, arena.counts, *constants_of(quantum), sums[arena.clone])
            self._largest = max(self._largest, found)
        if self._largest > bound:
            message = f"{self._largest:.3g} molecules in a cell outgrew the sums of the compiled engine"
            raise MachineError(message)
        held = value_of(sums, quantum)
        self._held, self._r0 = held, held[:, len(at.AMOUNTS) :].copy()
        self._totals = np.zeros((len(self.clones), CELLS + 1))
        self._totals[:, HOLDING] = held[:, [at.AMOUNTS.index(name) for name in SHARING]]
        self._totals[:, MADE] = [
            c.syn0 * a + c.syn_mu * b for c, (a, b) in zip(self.constants, self._r0.tolist(), strict=True)
        ]
        for arena in self.arenas:
            self._totals[arena.clone, CELLS] += arena.cells

    def totals(self) -> FloatArray:  # noqa: D102
        return self._totals

    def held(self) -> tuple[float, float, float]:
        """Return intact antibody, payload on it, and free payload species in living cells, molecules."""
        if not self._counted:
            self._retotal()
        return by_species(self._held.sum(axis=0))
