"""Compiled code writes where it may: once with numba's checks of every index on."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("numba")

from tests.compiled.elsewhere import HERE, results_in
from tests.compiled.test_same_lives import compiled

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("compiled")]

CASES = ("full chunks", "clones that turn into others", "a division in every step", "cleared", "coarse steps")
"""Births, spills, arenas begun within a window, other clones, as many events as there can be, the last cell's death."""
CHECKED = {"NUMBA_BOUNDSCHECK": "1"}
SHORT = """
import tdm1sim.engine.compiled.layout as layout
books = layout.books
layout.books = lambda clones, steps: books(clones, max(1, steps - 1))
"""
"""Books with a row too few."""
SMALL_CHUNKS = """
import tdm1sim.engine.compiled.engine as module
module.CompiledEngine.__init__.__defaults__ = (1, 128)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checked")


def test_no_index_is_out_of_bounds(cache: Path) -> None:
    found = results_in(HERE, cache, *(f"{case}@compiled" for case in CASES), before=SMALL_CHUNKS, **CHECKED)
    for case, (lives, *_, counts) in zip(CASES, found, strict=True):
        assert lives == sorted(compiled(case).lives)
        assert counts == [list(row) for row in compiled(case).record.counts]


def test_companion_a_row_too_few_is_noticed(cache: Path) -> None:
    with pytest.raises(AssertionError, match="IndexError"):
        results_in(HERE, cache, "full chunks@compiled", before=SMALL_CHUNKS + SHORT, **CHECKED)
