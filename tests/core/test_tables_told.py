"""docs/tables.md names every column of the tables, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tdm1sim.observables import LATER_QUANTITIES, QUANTITIES
from tdm1sim.recorder import CELLS, FLOWS, TIMESERIES, TRACES
from tdm1sim.saved_by import COLUMN

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
QUANTILES = {f"{name}_{part}" for name in (*QUANTITIES, *LATER_QUANTITIES) for part in ("p05", "median", "p95")}
TOLD = {
    "timeseries.csv": {*(set(TIMESERIES) - QUANTILES), *QUANTITIES, *LATER_QUANTITIES},
    "flows.csv": set(FLOWS),
    "traces.csv": set(TRACES),
    "cells.csv": {*CELLS, COLUMN},
}
SHARED = {"replicate", "time_h"}
"""Explained with the first table."""


def named(page: str, table: str) -> set[str]:
    """The names in the rows of a table's section; those of stages, fates and examples are no columns."""
    section = page.partition(f"## `{table}`")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    counted = {name for row in rows if "add to it" in row[2] for name in re.findall(r"`(\w+)`", row[2])}
    return counted | {name for row in rows for name in re.findall(r"`(\w+)`", row[1])}


@pytest.mark.parametrize("table", TOLD)
def test_every_column_is_told(table: str) -> None:
    assert named(PAGE, table) | SHARED == TOLD[table] | SHARED


def test_companion_a_column_that_nobody_told_is_noticed() -> None:
    assert "payload_reentered" not in named(PAGE.replace("`payload_reentered`, ", ""), "flows.csv")
