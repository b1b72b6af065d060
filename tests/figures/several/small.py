"""Small real runs of every arm, simulated once, and what stands on their pages."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from tdm1sim.ensemble import simulate_resolved
from tdm1sim.figures import style
from tdm1sim.figures.several import SEVERAL, page
from tdm1sim.results import Results
from tdm1sim.scenario import load_scenario, resolve

SMALL = ("tumour.cells=30", "run.replicates=2", "run.duration=8 d", "run.dt=2 h", "record.every=12 h")
ALONE = ("tumour.cells=150", "run.replicates=1", "run.duration=21 d", "run.dt=4 h", "record.every=24 h")
"""Of the figure that follows cells one by one: long enough for their fates, of which shares are taken."""

SIZES = {"trafficking": ALONE, "her2_positive_low": (*SMALL, "run.dt=4 h", "tumour.cells=40", "run.replicates=3")}
"""Others than `SMALL`; with two replicates there is no effect clear of chance to share out."""


@functools.cache
def simulated(scenario: str, overrides: tuple[str, ...], engine: str = "numpy") -> Results:
    return simulate_resolved(resolve(load_scenario(scenario, overrides)), engine=engine)


def runs_of(name: str) -> dict[str, Results]:
    size = SIZES.get(name, SMALL)
    return {one.name: simulated(one.scenario, (*one.overrides, *size)) for one in SEVERAL[name].arms}


@functools.cache
def sheet_of(name: str, how: str = "slide") -> Figure:
    with style.using(how):
        sheet = page(name, runs_of(name))
    with style.using(how), style.look():
        sheet.draw_without_rendering()
    return sheet


def changed(
    runs: Mapping[str, Results], name: str, table: str, edit: Callable[[pd.DataFrame], Any]
) -> dict[str, Results]:
    """The same runs with one table of one of them edited in place on a copy."""
    copy = getattr(runs[name], table).copy()
    edit(copy)
    return {**runs, name: dataclasses.replace(runs[name], **{table: copy})}


def scaled(runs: Mapping[str, Results], name: str, factor: float) -> dict[str, Results]:
    """The same runs with other numbers of living cells in one of them, but for the start."""

    def edit(table: pd.DataFrame) -> None:
        later = table["time_h"] > 0
        for column in ("live_cells", "arrested", "multinucleated"):
            table[column] = table[column].astype(float)
            table.loc[later, column] *= factor

    return changed(runs, name, "timeseries", edit)


def with_scenario(runs: Mapping[str, Results], name: str, **keys: Any) -> dict[str, Results]:
    """The same runs with keys of one summary replaced."""
    return {**runs, name: dataclasses.replace(runs[name], summary={**runs[name].summary, **keys})}
