"""Ignorance in shares, levels and cells: every draw runs all it takes, and what is told is what the draws found."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from tdm1sim.attribution import ALL, COALITIONS, PLAYERS, arm_name, shares
from tdm1sim.cli.compare_tables import report
from tdm1sim.comparing import arms_of, compare
from tdm1sim.ensemble import simulate_resolved, tasks_of
from tdm1sim.methods import facts_of, write_up
from tdm1sim.report import tables as report_tables
from tdm1sim.results import Results
from tdm1sim.scenario import Resolved, load_scenario, resolve
from tdm1sim.tables import attribution_table, run_report
from tdm1sim.uncertainty import peaks, plan, with_model_bands
from tdm1sim.uncertainty.bands import LEVELS, borders_of, enriched, of_draws
from tdm1sim.uncertainty.draws import lean

SIZE = ("tumour.cells=50", "run.replicates=3", "run.duration=6 d", "run.dt=4 h", "record.every=12 h")
DRAWS = 3
ENDS = (0.025, 0.975)


def run_of(*more: str) -> Resolved:
    return resolve(load_scenario("her2_positive", [*SIZE, "record.attribution=true", *more]))


@pytest.fixture(scope="module")
def plain() -> Results:
    return simulate_resolved(run_of(), engine="numpy")


@pytest.fixture(scope="module")
def drawn(plain: Results) -> Results:
    return with_model_bands(plain, run_of(), DRAWS, engine="numpy")


@pytest.fixture(scope="module")
def alone() -> list[Results]:
    """Every draw, run by itself."""
    return [simulate_resolved(run, engine="numpy", draw=True) for (run,) in plan([run_of()], DRAWS).runs]


def game(summary: dict[str, Any], measure: str) -> dict[str, Any]:
    found = summary["attribution"]
    return found if measure == "live_cells" else found[measure]


# Every draw runs all arms ----------------------------------------------------------------------------------------


def test_a_draw_has_every_arm_with_its_own_values_and_the_luck_of_the_run() -> None:
    for (run,) in plan([run_of()], DRAWS).runs:
        tasks = tasks_of(run.parameters, "numpy")
        assert {task.arm for task in tasks} == {
            "run",
            "untreated",
            *(arm_name(on) for on in COALITIONS if on != ALL),
        }
        assert len(tasks) == 2 * 9
        for task in tasks:
            same = {name: value for name, value in run.parameters.values.items() if not name.startswith("arm_")}
            assert {name: task.parameters.values[name] for name in same} == same
            assert task.parameters.plan.seed == run_of().parameters.plan.seed


def test_who_asks_for_no_shares_pays_for_none() -> None:
    (run,) = plan([run_of("record.attribution=false")], DRAWS).runs[0]
    assert len(tasks_of(run.parameters, "numpy")) == 2
    assert not lean(run).parameters.plan.attribution


# Shares ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["live_cells", "cell_number", "killing"])
def test_bounds_of_effects_and_shares_are_of_the_draws_own(drawn: Results, alone: list[Results], measure: str) -> None:
    told, found = game(drawn.summary, measure), [game(one.summary, measure) for one in alone]
    means = [one["effect"]["mean"] for one in found]
    assert [told["effect"]["model_low"], told["effect"]["model_high"]] == list(np.quantile(means, ENDS))
    for name in PLAYERS:
        for kind in ("effect", "share"):
            own = told["arms"][name][kind]
            if own is None:
                continue
            values = [one["arms"][name][kind]["mean"] for one in found if one["arms"][name][kind] is not None]
            np.testing.assert_allclose([own["model_low"], own["model_high"]], np.quantile(values, ENDS))
    assert told["arms"]["payload"]["effect"]["model_low"] < told["arms"]["payload"]["effect"]["model_high"]


def test_companion_draws_without_their_arms_would_leave_the_shares_bare(
    plain: Results, drawn: Results, alone: list[Results]
) -> None:
    chosen, like = plan([run_of()], DRAWS), [borders_of(plain)]
    none = {"other": {"share": None}}
    lost = {**none, "cell_number": none, "killing": none}
    bare = [({**one.summary, "attribution": lost}, of_draws([one], like)[1]) for one in alone]
    broken = enriched(plain, chosen, bare).summary["attribution"]["effect"]
    assert (broken["model_low"], broken["model_high"]) == (None, None)
    assert drawn.summary["attribution"]["effect"]["model_low"] is not None


def test_parts_of_every_draw_add_to_its_effect(alone: list[Results]) -> None:
    for one in alone:
        found = one.summary["attribution"]
        parts = [found["arms"][name]["effect"]["mean"] for name in PLAYERS] + [found["other"]["effect"]["mean"]]
        assert sum(parts) == pytest.approx(found["effect"]["mean"])


def games(*wholes: float) -> list[dict[frozenset[str], float]]:
    """Games in which the payload does everything."""
    return [{on: whole * ("payload" in on) for on in COALITIONS} for whole in wholes]


@pytest.mark.parametrize(
    ("wholes", "there"), [((0.2, 0.9), True), ((-0.2, 0.9), False), ((0.0, 0.9), False), ((0.3,), True)]
)
def test_a_draw_shares_out_an_effect_that_its_replicates_agree_on(wholes: tuple[float, ...], there: bool) -> None:
    found = shares(games(*wholes), draw=True)["arms"]["payload"]["share"]
    assert (found is not None) == there
    if there:
        assert found["mean"] == pytest.approx(1.0)


def test_companion_the_rule_of_the_run_would_lose_most_draws() -> None:
    """Two replicates have an interval of 12.7 times their spread: it would hide effects that both agree on."""
    assert shares(games(0.2, 0.9))["arms"]["payload"]["share"] is None
    assert shares(games(0.2, 0.9), draw=True)["arms"]["payload"]["share"] is not None


def test_draws_without_an_effect_to_share_are_counted_and_told(plain: Results, alone: list[Results]) -> None:
    chosen, like = plan([run_of()], DRAWS), [borders_of(plain)]
    found = [of_draws([one], like) for one in alone]
    whole = enriched(plain, chosen, found)
    assert whole.manifest["uncertain"]["without_shares"]["live_cells"] == 0
    nothing = shares([None])
    silent = [
        ({**summary, "attribution": {**summary["attribution"], "killing": nothing}}, c) for summary, c in found[:1]
    ]
    told = enriched(plain, chosen, [*silent, *found[1:]])
    assert (
        told.manifest["uncertain"]["without_shares"]["killing"]
        == 1 + whole.manifest["uncertain"]["without_shares"]["killing"]
    )
    assert any("have no effect to share out" in text and "killing" in text for text in told.manifest["warnings"])


def test_arms_of_a_comparison_have_them_too() -> None:
    scenarios = [
        load_scenario(
            name, [*SIZE[:1], "run.replicates=1", "run.duration=3 d", "run.dt=4 h", "record.attribution=true"]
        )
        for name in ("her2_positive", "mdr1_high")
    ]
    comparison = compare(arms_of(scenarios), engine="numpy", uncertain=2)
    assert "2 x 1 x 9 = 18 simulations" in printed(*report(comparison, Path("folder"), 0))
    for results in comparison.arms.values():
        assert results.summary["attribution"]["effect"]["model_low"] is not None
        assert results.manifest["uncertain"]["without_shares"].keys() == {"live_cells", "cell_number", "killing"}


# Levels and cells ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", LEVELS)
def test_plain_numbers_have_bounds_behind_them(drawn: Results, alone: list[Results], part: str) -> None:
    told = drawn.summary[part]
    numbers = [key for key, value in told.items() if isinstance(value, float) and "_model_" not in key]
    assert numbers
    for key in numbers:
        values = [one.summary[part][key] for one in alone]
        np.testing.assert_allclose([told[f"{key}_model_low"], told[f"{key}_model_high"]], np.quantile(values, ENDS))


def test_limits_of_the_bands_move_and_plasma_stays(drawn: Results) -> None:
    bands, pk = drawn.summary["bands"], drawn.summary["pk"]
    assert bands["low_nM_model_low"] < bands["low_nM"] < bands["low_nM_model_high"]
    assert pk["cmax_ug_ml_model_low"] == pk["cmax_ug_ml_model_high"] == pk["cmax_ug_ml"], "what sets it was measured"


def test_cells_by_their_peak_are_counted_in_the_bins_of_the_run(
    plain: Results, drawn: Results, alone: list[Results], tmp_path: Path
) -> None:
    borders = peaks.bins(plain)
    each = np.stack([peaks.shares(one, borders) for one in alone])
    assert np.allclose(each.sum(axis=1), 1.0)
    found = peaks.band(drawn.uncertainty, borders)
    assert found is not None
    np.testing.assert_allclose(found, np.quantile(each, ENDS, axis=0))
    drawn.write(tmp_path)
    again = Results.read(tmp_path)
    kept = peaks.band(again.uncertainty, peaks.bins(again))
    assert kept is not None
    np.testing.assert_allclose(kept, found, rtol=1e-5)


def test_companion_bins_that_are_not_the_runs_are_not_found(plain: Results, drawn: Results) -> None:
    found = peaks.band(drawn.uncertainty, 1.07 * peaks.bins(plain))
    assert found is not None
    assert np.isnan(found[0]).all()
    assert peaks.band(plain.uncertainty, peaks.bins(plain)) is None


def test_flows_have_bands_over_time(drawn: Results, alone: list[Results]) -> None:
    table = drawn.uncertainty
    assert table is not None
    rows = table[table["quantity"] == "flows.bound"]
    ends = [one.flows.groupby("replicate").last()["bound"].mean() for one in alone]
    np.testing.assert_allclose(rows.iloc[-1][["model_low", "model_high"]].astype(float), np.quantile(ends, ENDS))


# Tables for people -----------------------------------------------------------------------------------------------


def printed(*shown: Any) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    for one in shown:
        console.print(one)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_every_row_of_the_console_has_its_range_within_80_columns(drawn: Results, tmp_path: Path) -> None:
    text = printed(attribution_table(drawn.summary["attribution"]))
    share = drawn.summary["attribution"]["arms"]["payload"]["share"]
    assert f"{share['model_low']:.3f} to {share['model_high']:.3f}" in text
    assert "other values" in text
    assert "…" not in text
    told = printed(*run_report(drawn, tmp_path, 0))
    assert f"{DRAWS} x 2 x 9 = {DRAWS * 18} simulations" in told
    assert max(len(line) for line in told.splitlines() if str(tmp_path) not in line) <= 80


def test_without_draws_the_console_is_as_it_was(plain: Results, tmp_path: Path) -> None:
    text = printed(*run_report(plain, tmp_path, 0))
    assert "other values" not in text
    assert "simulations" not in text


def ranges(sheet: report_tables.Sheet) -> list[str]:
    """The last cell of every row."""
    assert sheet.head[-1] == report_tables.OTHER
    assert all(len(row) == len(sheet.head) for row in sheet.rows)
    return [row[-1] for row in sheet.rows]


def test_every_table_of_the_page_has_ranges(plain: Results, drawn: Results) -> None:
    sheets = list(report_tables.of_run(drawn))
    assert [one.caption for one in sheets] == [
        "Fates",
        "DM1 in cells",
        "Conjugate in plasma",
        "Which way of acting does how much",
    ]
    for sheet in sheets:
        assert any(" to " in cell for cell in ranges(sheet)), sheet.caption
        assert "middle 95 % of draws" in sheet.note
    assert "Nothing that was drawn" in sheets[2].note
    for sheet in report_tables.of_run(plain):
        assert report_tables.OTHER not in sheet.head


def test_companion_a_table_without_ranges_is_seen(plain: Results) -> None:
    with pytest.raises(AssertionError):
        ranges(next(iter(report_tables.of_run(plain))))


def test_methods_tell_the_draws_and_do_not_deny_them(plain: Results, drawn: Results) -> None:
    def words(results: Results) -> str:
        return " ".join(text for section in write_up(facts_of(results)).sections for text in section.paragraphs)

    assert f"repeated in {DRAWS} draws" in words(drawn)
    assert "say nothing about how uncertain" not in words(drawn)
    assert "Every draw shared its effect out" in words(drawn)
    assert "say nothing about how uncertain" in words(plain)
    assert "draws" not in words(plain)
