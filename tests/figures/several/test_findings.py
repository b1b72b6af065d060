"""The findings of the bundled runs at their full size are those that docs/side_by_side.md tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdm1sim.figures.several import SEVERAL
from tdm1sim.results import Results
from tests.figures.several.small import simulated

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("several")]
ROOT = Path(__file__).resolve().parents[3]


def row(name: str) -> str:
    """The row of the table that the runs give."""
    runs: dict[str, Results] = {
        one.name: simulated(one.scenario, one.overrides, "compiled") for one in SEVERAL[name].arms
    }
    return f"| `{name}` | {len(runs)} | {SEVERAL[name].title(runs)} |"


@pytest.mark.parametrize("name", SEVERAL)
def test_the_findings_told_are_those_of_the_runs(name: str) -> None:
    pytest.importorskip("numba")  # the NumPy engine lives the same lives, in four times the time
    told = (ROOT / "docs" / "side_by_side.md").read_text(encoding="utf-8").splitlines()
    assert row(name) in told
