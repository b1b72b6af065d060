"""Attribution: Shapley values by hand, what is measured, and small runs against arms switched off by other means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdm1sim import attribution
from tdm1sim.attribution import ALL, COALITIONS, MEASURES, PLAYERS, Coalition, Curve, arm_name, effects, shapley, shares
from tdm1sim.ensemble import attribute, simulate_resolved, tasks_of
from tdm1sim.parameters import Parameters
from tests import runs

NOBODY: Coalition = frozenset()
GLOVES = ("left", "right_1", "right_2")
GLOVE_GAME = {
    frozenset(some): float("left" in some and len(some) > 1) for size in range(4) for some in combinations(GLOVES, size)
}
"""One left glove and two right ones; a pair is worth 1. The textbook's values are 2/3, 1/6 and 1/6."""

worth = st.lists(st.floats(-5.0, 5.0), min_size=8, max_size=8).map(
    lambda numbers: dict(zip(COALITIONS, numbers, strict=True))
)


def emulated(parameters: Parameters, on: Coalition) -> Parameters:
    """Switch arms off by other means: DM1 that harms nobody, cells that HER2 does not drive, no NK cells."""
    if "payload" not in on:
        parameters = parameters.with_values(C_M=1e12, kap=0.0)
    if "adcc" not in on:
        parameters = parameters.with_values(NK=0.0)
    if "blockade" not in on:
        clones = tuple(replace(clone, her2_driven=False, E_T=0.0) for clone in parameters.clones)
        parameters = replace(parameters, clones=clones)
    return parameters


def small(**fields: Any) -> Parameters:
    """A small patient with a hundred times the NK cells of a tumour, so that all three arms act."""
    return runs.patient(**{"cells": 60, "replicates": 3, "duration": 168.0, **fields}).with_values(NK=0.01)


def smaller(**fields: Any) -> Parameters:
    return small(**{"cells": 40, "replicates": 2, "duration": 72.0, **fields})


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """One attribution of `small`, for every test that only looks at it."""
    return attribute(small())


def resolved(parameters: Parameters, **plan: Any) -> Any:
    asked = replace(parameters, plan=replace(parameters.plan, **plan))
    return SimpleNamespace(
        parameters=asked, text="", tree={}, citations=("a_2000",), warnings=(), name="small", question=""
    )


# Shapley values --------------------------------------------------------------------------------------------------


def by_orders(players: tuple[str, ...], value: Mapping[Coalition, float]) -> dict[str, float]:
    """The definition written out: the mean gain over all orders in which the players come."""
    gains: dict[str, list[float]] = {player: [] for player in players}
    for order in permutations(players):
        for i, player in enumerate(order):
            gains[player].append(value[frozenset(order[: i + 1])] - value[frozenset(order[:i])])
    return {player: float(np.mean(some)) for player, some in gains.items()}


def game_faults() -> list[str]:
    """What a Shapley value must do and this one does not, on games whose answer is known."""
    found = []
    parts = shapley(GLOVES, GLOVE_GAME)
    if parts != pytest.approx({"left": 2 / 3, "right_1": 1 / 6, "right_2": 1 / 6}):
        found.append("gloves")
    only_together = {on: float(on == ALL) for on in COALITIONS}
    if sum(shapley(PLAYERS, only_together).values()) != pytest.approx(1.0):
        found.append("efficiency")
    return found


def test_M7_three_players_with_known_values() -> None:
    assert game_faults() == []


@pytest.mark.parametrize("wrong", [0.25, 1 / 3, 1 / 6], ids=["Banzhaf", "thirds", "sixths"])
def test_companion_wrong_weights_are_noticed(wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "weight", lambda others, players: wrong)
    assert game_faults() != []


@given(worth)
def test_parts_add_to_the_whole_and_are_means_over_orders(value: dict[Coalition, float]) -> None:
    parts = shapley(PLAYERS, value)
    assert sum(parts.values()) == pytest.approx(value[ALL] - value[NOBODY], abs=1e-12)
    assert parts == pytest.approx(by_orders(PLAYERS, value), abs=1e-12)


@given(worth)
def test_a_player_who_does_nothing_gets_nothing(value: dict[Coalition, float]) -> None:
    idle = {on: value[on - {"adcc"}] for on in COALITIONS}
    assert shapley(PLAYERS, idle)["adcc"] == pytest.approx(0.0, abs=1e-12)


@given(worth)
def test_players_who_do_the_same_get_the_same(value: dict[Coalition, float]) -> None:
    swap = {"payload": "blockade", "blockade": "payload", "adcc": "adcc"}
    even = {on: (value[on] + value[frozenset(swap[player] for player in on)]) / 2.0 for on in COALITIONS}
    parts = shapley(PLAYERS, even)
    assert parts["payload"] == pytest.approx(parts["blockade"], abs=1e-12)


@given(worth, worth)
def test_parts_of_a_sum_are_sums_of_parts(a: dict[Coalition, float], b: dict[Coalition, float]) -> None:
    both = shapley(PLAYERS, {on: a[on] + b[on] for on in COALITIONS})
    one, other = shapley(PLAYERS, a), shapley(PLAYERS, b)
    assert both == pytest.approx({player: one[player] + other[player] for player in PLAYERS}, abs=1e-12)


# Measures --------------------------------------------------------------------------------------------------------


def curve(live: list[float], died: list[float] | None = None, every: float = 6.0) -> Curve:
    return Curve(np.arange(len(live)) * every, np.array(live), np.array(died or [0.0] * len(live)))


def test_area_and_number_of_a_curve_by_hand() -> None:
    assert MEASURES["live_cells"](curve([100.0, 50.0, 70.0])) == pytest.approx(6.0 * (75.0 + 60.0))
    assert MEASURES["cell_number"](curve([100.0, 50.0, 70.0])) == 70.0


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_without_divisions_survival_is_the_fraction_alive(deaths: list[int]) -> None:
    died = np.cumsum([0, *deaths]).astype(float)
    live = 1000.0 - died
    assert MEASURES["killing"](curve(live.tolist(), died.tolist())) == pytest.approx(live[-1] / 1000.0, rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=20))
def test_the_change_in_number_is_divisions_less_killing(events: list[tuple[int, int]]) -> None:
    """ln(end / start) = births per living cell - deaths per living cell, with no remainder."""
    born = np.cumsum([0, *(b for b, _ in events)]).astype(float)
    died = np.cumsum([0, *(d for _, d in events)]).astype(float)
    live = 1000.0 + born - died
    deaths, births = (-math.log(MEASURES["killing"](curve(live.tolist(), some.tolist()))) for some in (died, born))
    assert math.log(live[-1] / live[0]) == pytest.approx(births - deaths, abs=1e-9)


def test_constant_hazards_are_found_whatever_the_divisions() -> None:
    t = np.linspace(0.0, 504.0, 85)
    for growth in (0.0, 0.001, 0.01):
        live = 1000.0 * np.exp((growth - 0.004) * t)
        died = 0.004 * np.cumsum([0.0, *np.diff(np.exp((growth - 0.004) * t)) / (growth - 0.004)]) * 1000.0
        assert MEASURES["killing"](Curve(t, live, died)) == pytest.approx(math.exp(-0.004 * 504.0), rel=1e-9)


def test_an_arm_that_leaves_no_cell_has_no_logarithm() -> None:
    alive, gone = curve([100.0, 90.0], [0.0, 10.0]), curve([100.0, 0.0], [0.0, 100.0])
    treated = {on: gone if on == ALL else alive for on in COALITIONS}
    assert effects(alive, treated, "cell_number") is None
    assert effects(alive, treated, "killing") is None
    assert effects(alive, treated, "live_cells") is not None
    told = shares([None, dict.fromkeys(COALITIONS, 0.5)])
    assert told["effect"] == {"mean": None, "low": None, "high": None}
    assert all(told["arms"][player]["share"] is None for player in PLAYERS)


def test_shares_wait_for_an_effect_that_differs_from_zero() -> None:
    """Two replicates whose effects are 1 and -1: there is nothing to share, but the parts are told."""
    games = [{on: sign * float("payload" in on) for on in COALITIONS} for sign in (1.0, -1.0)]
    told = shares(games)
    assert told["arms"]["payload"]["share"] is None
    assert told["arms"]["payload"]["effect"]["mean"] == 0.0
    clear = shares([games[0], {on: 1.1 * value for on, value in games[0].items()}])
    assert clear["arms"]["payload"]["share"] == {"mean": 1.0, "low": 1.0, "high": 1.0}


def test_negative_parts_are_told() -> None:
    """A protector: alone it does nothing, beside the payload it takes half of the effect away."""
    game = {on: ("payload" in on) * (0.5 if "blockade" in on else 1.0) for on in COALITIONS}
    told = shares([game, game])
    assert told["arms"]["blockade"]["share"]["mean"] == pytest.approx(-0.5)
    assert told["arms"]["payload"]["share"]["mean"] == pytest.approx(1.5)


# Runs ------------------------------------------------------------------------------------------------------------


def test_M7_the_runs_are_every_subset_of_the_arms_on_the_same_luck() -> None:
    parameters = replace(small(), plan=replace(small().plan, attribution=True))
    tasks = tasks_of(parameters, "auto")
    names = {task.arm for task in tasks}
    assert names == {"run", "untreated", *(arm_name(on) for on in COALITIONS if on != ALL)}
    assert len(tasks) == 3 * 9
    assert {task.parameters.plan for task in tasks} == {parameters.plan}
    off = {task.arm: [player for player in PLAYERS if not task.parameters.values[f"arm_{player}"]] for task in tasks}
    assert off["arms:none"] == ["payload", "blockade", "adcc"]
    assert off["arms:payload+adcc"] == ["blockade"]
    assert off["run"] == []
    assert all(task.parameters.values["arm_shedding"] == 1.0 for task in tasks)


def test_an_arm_that_the_scenario_switched_off_stays_off() -> None:
    parameters = small().with_values(arm_adcc=0.0)
    assert attribution.switched(parameters, ALL).values["arm_adcc"] == 0.0


def measured(parameters: Parameters) -> list[dict[str, float]]:
    """Area, end and survival of each replicate, worked out from the tables of an ordinary run."""
    tables = simulate_resolved(resolved(parameters)).timeseries
    found = []
    for _, table in tables.groupby("replicate"):
        regular = table[np.isclose(table.time_h % parameters.plan.record_every, 0.0)]
        live = regular.live_cells.to_numpy(dtype=float)
        deaths = regular.died_apoptosis + regular.died_mitotic_catastrophe + regular.died_adcc
        died = deaths.to_numpy(dtype=float)
        hazard = sum(
            (d1 - d0) / (n0 if n0 == n1 else (n1 - n0) / math.log(n1 / n0))
            for n0, n1, d0, d1 in zip(live, live[1:], died, died[1:], strict=False)
        )
        area = float(np.trapezoid(live, regular.time_h))
        found.append({"live_cells": area, "cell_number": live[-1], "killing": math.exp(-hazard)})
    return found


def test_M7_effect_and_parts_agree_with_ordinary_runs(told: dict[str, Any]) -> None:
    parameters = small()
    bare = measured(parameters.untreated())
    arms = {on: measured(emulated(parameters, on)) for on in COALITIONS}
    for measure in MEASURES:
        game = told if measure == "live_cells" else told[measure]
        value = [{on: math.log(bare[i][measure] / arms[on][i][measure]) for on in COALITIONS} for i in range(3)]
        parts = [by_orders(PLAYERS, one) for one in value]
        assert game["effect"]["mean"] == pytest.approx(np.mean([one[ALL] for one in value]))
        assert game["other"]["effect"]["mean"] == pytest.approx(np.mean([one[NOBODY] for one in value]), abs=1e-12)
        for player in PLAYERS:
            assert game["arms"][player]["effect"]["mean"] == pytest.approx(
                np.mean([one[player] for one in parts]), abs=1e-12
            )


def test_M7_all_three_arms_contribute_and_shares_add_to_one(told: dict[str, Any]) -> None:
    for game in (told, told["cell_number"], told["killing"]):
        assert sum(game["arms"][player]["share"]["mean"] for player in PLAYERS) + game["other"]["share"][
            "mean"
        ] == pytest.approx(1.0)
    for player in PLAYERS:
        assert abs(told["arms"][player]["effect"]["mean"]) > 1e-4
    assert told["until_h"] == 168.0


@pytest.mark.parametrize("player", PLAYERS)
def test_companion_an_arm_whose_switch_does_nothing_gets_nothing(
    player: str, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Break the switch of one arm: its part vanishes, and what it did is left over beside the arms."""
    switched = attribution.switched
    monkeypatch.setattr(attribution, "switched", lambda parameters, on: switched(parameters, on | {player}))
    broken = attribute(small(replicates=1))
    assert broken["arms"][player]["effect"]["mean"] == pytest.approx(0.0, abs=1e-12)
    assert abs(broken["other"]["effect"]["mean"]) > 1e-4
    assert abs(told["other"]["effect"]["mean"]) < 1e-12


def test_M8_where_her2_does_not_drive_the_cell_blockade_has_no_share() -> None:
    low = runs.clone(her2=5.0e4, her2_driven=False)
    told = attribute(smaller(clones=[low]))
    for game in (told, told["cell_number"], told["killing"]):
        assert game["arms"]["blockade"]["effect"]["mean"] == pytest.approx(0.0, abs=1e-12)
    assert told["arms"]["payload"]["effect"]["mean"] > 0.0


def test_companion_of_M8_driven_cells_with_as_few_receptors_have_one() -> None:
    told = attribute(smaller(clones=[runs.clone(her2=5.0e4)]))
    assert told["arms"]["blockade"]["effect"]["mean"] > 0.001


def test_with_everything_off_the_drug_does_nothing(told: dict[str, Any]) -> None:
    """Payload, blockade and ADCC off, and cells that shed nothing that matters: the untreated run, cell by cell."""
    for game in (told, told["cell_number"], told["killing"]):
        assert game["other"]["effect"]["mean"] == pytest.approx(0.0, abs=1e-12)


def test_without_a_drug_there_is_nothing_to_share() -> None:
    told = attribute(smaller(dose=0.0))
    for game in (told, told["cell_number"], told["killing"]):
        assert game["effect"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
        assert all(game["arms"][player]["share"] is None for player in PLAYERS)


def test_companion_without_common_luck_chance_would_pass_for_an_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlucky(parameters: Parameters) -> dict[str, Parameters]:
        other = replace(parameters, plan=replace(parameters.plan, seed=2))
        return {"untreated": other, **{arm_name(on): other for on in COALITIONS if on != ALL}}

    monkeypatch.setattr(attribution, "further_runs", unlucky)
    told = attribute(small(dose=0.0))
    assert abs(told["cell_number"]["effect"]["mean"]) > 0.001


def test_one_replicate_has_shares_without_intervals() -> None:
    told = attribute(small(replicates=1))
    share = told["arms"]["payload"]["share"]
    assert 0.0 < share["mean"] < 1.0
    assert (share["low"], share["high"]) == (None, None)


def test_jobs_change_nothing_and_the_summary_holds_it(tmp_path: Path) -> None:
    files = []
    for jobs in (1, 2):
        results = simulate_resolved(resolved(smaller(), attribution=True), jobs=jobs)
        folder = tmp_path / str(jobs)
        folder.mkdir()
        results.write(folder)
        files.append((folder / "summary.json").read_bytes())
        assert list(results.summary)[-1] == "attribution"
        assert results.readouts is None
    assert files[0] == files[1]
    assert results.summary["attribution"] == attribute(smaller())


def test_the_summary_holds_it_only_where_asked() -> None:
    assert "attribution" not in simulate_resolved(resolved(smaller())).summary


def test_an_arm_that_outgrows_the_capacity_ends_the_comparison_for_all() -> None:
    clones = [runs.clone(doubling=60.0)]
    results = simulate_resolved(resolved(smaller(clones=clones, capacity=60), attribution=True))
    until = results.summary["attribution"]["until_h"]
    assert 6.0 < until < 72.0
    assert until % 6.0 == 0.0
    assert any(f"first {until / 24.0:.3g} days" in warning for warning in results.manifest["warnings"])
