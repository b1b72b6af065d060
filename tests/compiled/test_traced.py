"""Mechanisms as compiled code: the instructions they leave are what Python computes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit
from numba.core.errors import TypingError

from tdm1sim.engine.compiled.traced import trace
from tdm1sim.maths import maximum, minimum, sqrt
from tests.compiled.elsewhere import HERE, WHERE

pytestmark = pytest.mark.xdist_group("compiled")


class Pair(NamedTuple):
    x: Any
    y: Any


class Both(NamedTuple):
    pair: Pair
    root: Any


def operators(p: Pair, way: Any, k: tuple[Any, Any]) -> tuple[Both, Any]:
    """Every operator, numbers on either side of it, tuples in and out, and another mechanism as an argument."""
    total = (p.x + k[0]) - (2.0 - p.y) * way(p, k)
    ratio = (1.5 + p.x) / (k[1] * p.y + 0.25) / 3.0
    small, large = minimum(total, ratio), maximum(-total, k[0])
    return Both(Pair(small * 0.5, large - 1.0), sqrt(maximum(ratio, k[1]))), -p.x


def way(p: Pair, k: tuple[Any, Any]) -> Any:
    return p.x * p.y / k[1]


def asks(x: Any) -> Any:
    return x if x > 0.0 else -x


for _function in (operators, way, asks):
    trace(_function, forceinline=True)


@njit(error_model="numpy")
def called(x: float, y: float, a: float, b: float) -> Any:
    return operators(Pair(x, y), way, (a, b))


@njit
def asked(x: float) -> float:
    return asks(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_instructions_are_those_of_python(kind: type) -> None:
    rng = np.random.default_rng(5)
    for x, y, a, b in rng.uniform(0.1, 9.0, size=(200, 4)).astype(kind):
        expected = operators(Pair(float(x), float(y)), way, (float(a), float(b)))
        found = called(x, y, a, b)
        assert isinstance(found[0], Both)
        ours, theirs = ([*one[0].pair, one[0].root, one[1]] for one in (found, expected))
        assert np.allclose(ours, theirs, rtol=1e-15 if kind is np.float64 else 1e-5)
        if kind is np.float64:
            assert ours == [float(number) for number in theirs]


def test_a_mechanism_that_asks_is_refused() -> None:
    with pytest.raises((TypingError, TypeError), match=r"straight line|Number"):
        asked(1.0)


TUPLES = """
import sys
import numpy as np
from numba import njit
from tdm1sim.engine.compiled.layout import LANES, TILE
from tdm1sim.engine.compiled.register import FLAGS
from tdm1sim.engine.compiled.tuples import load, row_of, store
from tdm1sim.mechanisms.cell import Clocks, Payload
from tdm1sim.population import INDEX

@njit(**FLAGS)
def moved(tiles, here, there):
    cell = load(tiles, here, Payload)
    store(tiles, there, cell)
    return cell, row_of(tiles, here, Clocks)

tiles = np.arange(float(TILE))
cell, row = moved(tiles, 3, 5)
assert cell._fields == Payload._fields and row._fields == Clocks._fields
assert list(cell) == [3.0 + INDEX[name] * LANES for name in Payload._fields]
assert [tiles[5 + INDEX[name] * LANES] for name in Payload._fields] == list(cell)
assert list(row) == [3.0, 4.0, 5.0, 6.0, 7.0]
if sys.argv[1] == "beyond":
    moved(tiles, 3, TILE)
"""


@pytest.mark.parametrize("where", ["inside", "beyond"])
def test_tuples_lie_where_their_fields_do(where: str, tmp_path: Path) -> None:
    """With numba's checks of every index on, which see the second case."""
    env = {**os.environ, "PYTHONPATH": str(HERE), WHERE: str(tmp_path), "NUMBA_BOUNDSCHECK": "1"}
    done = subprocess.run([sys.executable, "-c", TUPLES, where], env=env, capture_output=True, text=True, check=False)
    assert ("IndexError" in done.stderr) == (where == "beyond"), done.stderr[-2000:]
    assert (done.returncode == 0) == (where == "inside")
