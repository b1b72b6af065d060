"""Results do not depend on threads or chunks, to the last bit; the exact sums that make it so."""

from __future__ import annotations

import math
import pickle
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

from tdm1sim.engine.compiled.engine import CompiledEngine
from tdm1sim.engine.compiled.exact import FINER, constants_of, parts_of, quantum_of, value_of
from tdm1sim.errors import MachineError
from tdm1sim.recorder import Record
from tests.compiled.lived import run
from tests.compiled.runs import RUNS

pytestmark = pytest.mark.xdist_group("compiled")

WAYS = [(1, 64), (1, 256), (1, 1024), (2, 64), (2, 256), (2, 1024)]
NAMES = (
    "full chunks",
    "depletion and many deaths",
    "clones that turn into others",
    "permeable payload",
    "daughters of a rare clone's",
)


@cache
def record(name: str, threads: int, chunk: int) -> Record:
    return run(RUNS[name], lambda world: CompiledEngine(world, threads, chunk)).record


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("threads", "chunk"), WAYS[1:])
def test_every_bit_is_the_same(name: str, threads: int, chunk: int) -> None:
    one, other = record(name, *WAYS[0]), record(name, threads, chunk)
    assert other.timeseries == one.timeseries
    assert other.flows == one.flows
    assert pickle.dumps(other) == pickle.dumps(one)


def test_companion_sums_of_floats_differ_between_chunks() -> None:
    """What the engine would do without integers: fold sums of chunks of 64 and of 1024 cells."""
    engine = run(RUNS["full chunks"], "compiled").engine
    columns = [engine.column(0, name) for name in ("R", "C", "Re", "Ce", "Dc", "De", "L", "Dl", "PL", "Pc")]

    def folded(values: np.ndarray, chunk: int) -> float:
        total = 0.0
        for start in range(0, len(values), chunk):
            total += float(values[start : start + chunk].sum())
        return total

    def exactly(values: np.ndarray, chunk: int) -> list[int]:
        parts = parts_of(values, quantum_of(float(values.max()), len(values)))
        return [int(x) for x in sum(parts[i : i + chunk].sum(axis=0) for i in range(0, len(values), chunk))]

    assert any(folded(x, 64) != folded(x, 1024) for x in columns)
    assert all(exactly(x, 64) == exactly(x, 1024) for x in columns)


def test_companion_another_quantum_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bits of a record are those of its quanta: these must come from what all chunks share."""
    from tdm1sim.engine.compiled import engine as module

    first = record("full chunks", 1, 64)
    monkeypatch.setattr(module, "quantum_of", lambda largest, terms: quantum_of(largest, terms) * 2.0**20)
    assert run(RUNS["full chunks"], lambda world: CompiledEngine(world, 1, 64)).record.timeseries != first.timeseries


amounts = st.lists(
    st.one_of(
        st.just(0.0),
        st.floats(min_value=0.0, max_value=1e7, allow_subnormal=False),
        st.floats(min_value=0.0, max_value=1e-6, allow_subnormal=False),
        st.floats(min_value=1e6, max_value=9.9e6),
    ),
    min_size=1,
    max_size=60,
)


@given(amounts, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_a_sum_is_exact_in_any_order(values: list[float], order: object) -> None:
    quantum = quantum_of(1e7, len(values))
    shuffled = list(values)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (parts_of(np.array(v), quantum).sum(axis=0) for v in (values, shuffled))
    assert (one == other).all()
    true = math.fsum(values)
    # each term is cut to half a fine quantum; the sum itself is rounded once
    limit = len(values) * 0.5 * quantum * FINER + math.ulp(true)
    assert abs(float(value_of(one, quantum)) - true) <= limit


@given(amounts)
@settings(deadline=None)
def test_coarse_parts_alone_are_not_enough(values: list[float]) -> None:
    """The fine part is at most half a coarse quantum, and says what the coarse one cut off."""
    quantum = quantum_of(1e7, len(values))
    parts = parts_of(np.array(values), quantum)
    assert np.abs(parts[:, 1]).max() <= 0.5 / FINER
    assert np.abs(parts[:, 0] * quantum - values).max() <= 0.5 * quantum


@given(st.floats(min_value=1e-3, max_value=1e15), st.integers(min_value=1, max_value=10**9))
def test_no_sum_overflows_its_quantum(largest: float, terms: int) -> None:
    quantum = quantum_of(largest, terms)
    assert quantum == 2.0 ** round(math.log2(quantum))
    assert terms * (largest / quantum) <= 2.0**62
    assert largest / quantum <= 2.0**51  # so that adding 1.5 x 2^52 quanta rounds to one of them
    # and no coarser than it must be
    assert terms * (largest / quantum) > 2.0**59 or largest / quantum > 2.0**49


@given(st.floats(min_value=0.0, max_value=1e7, allow_subnormal=False))
def test_adding_the_constants_makes_the_same_parts(x: float) -> None:
    """What compiled code does with bits, done with floats."""
    quantum = quantum_of(1e7, 1000)
    magic, fine = constants_of(quantum)
    coarse = (x + magic) - magic
    rest = ((x - coarse) + fine) - fine
    assert parts_of(np.array([x]), quantum)[0].tolist() == [coarse / quantum, rest / (quantum * FINER)]


def test_compiled_totals_are_those_parts() -> None:
    from tdm1sim.engine.compiled.kernel import total
    from tdm1sim.engine.compiled.layout import AMOUNTS

    engine = run(RUNS["clones that turn into others"], lambda world: CompiledEngine(world, 1, 64)).engine
    assert isinstance(engine, CompiledEngine)
    quantum = quantum_of(1e8, 1000)
    for clone in range(len(engine.clones)):
        sums = np.zeros((len(AMOUNTS) + 2, 2), dtype=np.int64)
        for arena in engine.arenas:
            if arena.clone == clone:
                total(arena.tiles, arena.counts, *constants_of(quantum), sums)
        columns = [engine.column(clone, name) for name in AMOUNTS]
        growing = engine.column(clone, "R0") * engine.column(clone, "growing")
        columns += [engine.column(clone, "R0"), growing]
        assert sums.tolist() == [parts_of(column, quantum).sum(axis=0).tolist() for column in columns]


def test_growth_beyond_the_sums_is_an_error_and_no_wrong_number(monkeypatch: pytest.MonkeyPatch) -> None:
    from tdm1sim.engine.compiled import engine as module

    monkeypatch.setattr(module, "_SPARE", 1e-3)
    with pytest.raises(MachineError, match="outgrew"):
        run(RUNS["culture"], "compiled")
