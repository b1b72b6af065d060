"""Every table with an estimate of an outcome has `model_low` and `model_high` where values were drawn."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from tdm1sim.cli.main import COMMANDS
from tdm1sim.comparing import arms_of, compare
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.results import Results
from tdm1sim.scenario import Resolved, load_scenario, resolve
from tdm1sim.uncertainty import with_model_bands
from tdm1sim.uncertainty.bands import LEVELS

SIZE = ["tumour.cells=30", "run.replicates=2", "run.dt=6 h"]
ENDS = {"model_low", "model_high"}
ELSEWHERE = {
    "sweep": "tests/sweeping/test_ignorance.py",
    "dose-response": "tests/doses/test_ignorance.py",
}
"""Commands with draws whose tables are looked at in another file."""


def course() -> Resolved:
    changes = [*SIZE, "run.duration=4 d", "record.every=12 h", "record.attribution=true"]
    return resolve(load_scenario("her2_positive", changes))


def culture() -> Resolved:
    return resolve(load_scenario("in_vitro_sk_br_3", [*SIZE, "run.duration=72 h"]))


@pytest.fixture(scope="module", params=[course, culture], ids=["patient", "culture"])
def drawn(request: pytest.FixtureRequest) -> Results:
    resolved = request.param()
    return with_model_bands(simulate_resolved(resolved, engine="numpy"), resolved, 2, engine="numpy")


def bare(node: Any, path: str = "", *, levels: bool = False) -> Iterator[str]:
    """Yield the estimates without bounds: intervals anywhere, plain numbers of the parts in `LEVELS`."""
    if not isinstance(node, dict):
        return
    if {"mean", "low", "high"} <= node.keys():
        if not node.keys() >= ENDS:
            yield path
        return
    for key, inner in node.items():
        here = f"{path}.{key}".lstrip(".")
        plain = isinstance(inner, float) and not key.endswith(("_model_low", "_model_high"))
        if levels and plain and f"{key}_model_low" not in node:
            yield here
        yield from bare(inner, here, levels=levels or (not path and key in LEVELS))


def test_every_command_that_draws_is_looked_at() -> None:
    drawing = {name for name, command in COMMANDS.items() if "uncertain" in inspect.signature(command).parameters}
    assert drawing == {"run", "compare", *ELSEWHERE}


def test_every_estimate_of_the_summary_has_bounds(drawn: Results) -> None:
    assert list(bare(drawn.summary)) == []


def test_companion_an_estimate_without_bounds_is_found(drawn: Results) -> None:
    summary: dict[str, Any] = copy.deepcopy(drawn.summary)
    del summary["fates"]["surviving"]["model_low"]
    del summary["dm1_nM"]["median_model_low"]
    clone = next(iter(summary["clones"]))
    del summary["clones"][clone]["end"]["model_high"]
    assert list(bare(summary)) == ["fates.surviving", "dm1_nM.median", f"clones.{clone}.end"]


def test_every_column_over_time_has_a_band(drawn: Results) -> None:
    table = drawn.uncertainty
    assert table is not None
    known = set(table["quantity"])
    for prefix, frame in (("", drawn.timeseries), ("flows.", drawn.flows)):
        told = {name for name in frame.columns if name not in {"replicate", "time_h"} and frame[name].notna().any()}
        assert {f"{prefix}{name}" for name in told} <= known
    clones = drawn.clones["clone"].unique()
    assert {f"clones.{name}.{what}" for name in clones for what in ("live_cells", "share")} <= known
    if drawn.readouts is not None:
        kinds = drawn.readouts["readout"].unique()
        assert all(any(name.startswith(f"readouts.{kind}.") for name in known) for kind in kinds)
    assert any(name.startswith("cells.dm1_peak_nM.") for name in known)


def test_every_difference_of_a_comparison_has_bounds() -> None:
    scenarios = [load_scenario(name, [*SIZE, "run.duration=3 d"]) for name in ("her2_positive", "mdr1_high")]
    comparison = compare(arms_of(scenarios), engine="numpy", uncertain=2)
    (found,) = comparison.content["differences"]
    assert list(bare(found)) == []
    for results in comparison.arms.values():
        assert list(bare(results.summary)) == []
