"""Arms on common luck: identical arms differ in nothing, pairing pays, and every difference is the tables' own."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tdm1sim.cli.main import main
from tdm1sim.comparing import Comparison, arms_of, changed, compare
from tdm1sim.comparing.contrasts import contrast, differences, ratio, welch
from tdm1sim.comparing.measures import of_groups, of_replicates, shared_times
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.errors import InputError
from tdm1sim.results import rounded
from tdm1sim.scenario import load_scenario, resolve

WELL = ("tumour.cells=100", "run.replicates=8", "record.readouts=[]", "record.every=6 h", "record.traces=0")
TUMOUR = ("tumour.cells=60", "run.replicates=3", "run.duration=6 d", "record.traces=0")
PLAIN = ("record.saved_by=false", "record.traces=0")
EFFLUX = "parameters.keff=0.308 1/h"
NARROWER = 4.0
"""How many times narrower the paired interval of a 10 % change of efflux is at least: what pairing is for."""


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping) and {"mean", "low", "high"} <= node.keys():
        yield path, node
    elif isinstance(node, Mapping):
        for key, inner in node.items():
            yield from leaves(inner, f"{path}.{key}")


@pytest.fixture(scope="module")
def efflux() -> Comparison:
    """A 10 % change of efflux in a well of SK-BR-3 at 1 nM for three days."""
    return compare(changed(load_scenario("in_vitro_sk_br_3", WELL), [EFFLUX]))


@pytest.fixture(scope="module")
def mixed() -> Comparison:
    """Two files whose clones differ."""
    return compare(arms_of([load_scenario("her2_positive", TUMOUR), load_scenario("mixed_resistance", PLAIN)]))


# What pairing buys ---------------------------------------------------------------------------------------------


def test_a_tenth_more_efflux_has_a_paired_interval_four_times_narrower_at_equal_cost(efflux: Comparison) -> None:
    found = efflux.content["differences"][0]
    for told in (found["fates"]["surviving"], found["cell_number_ratio"], found["live_cells_area_d"]):
        paired, unpaired = told["high"] - told["low"], told["unpaired_high"] - told["unpaired_low"]
        assert unpaired >= NARROWER * paired
        assert told["narrower"] == pytest.approx(unpaired / paired)
    assert found["cell_number_ratio"]["mean"] > 0.0, "more efflux spares cells"


def test_companion_with_other_luck_in_the_second_arm_pairing_is_gone(efflux: Comparison) -> None:
    """As many runs with another seed in arm b: the check above fails, and Welch's interval had told the truth."""
    first, second = efflux.arms.values()
    other = simulate_resolved(resolve(load_scenario("in_vitro_sk_br_3", [*WELL, EFFLUX, "run.seed=2"])))
    times = shared_times([first, second, other])
    a, b, c = (of_replicates(results, times) for results in (first, second, other))
    lost, kept = differences(a, c, counted=1)["cell_number_ratio"], differences(a, b, counted=1)["cell_number_ratio"]
    assert lost["narrower"] < NARROWER / 2
    assert lost["high"] - lost["low"] > NARROWER * (kept["high"] - kept["low"])
    assert lost["high"] - lost["low"] == pytest.approx(kept["unpaired_high"] - kept["unpaired_low"], rel=0.6)


def test_arms_that_do_not_differ_have_differences_of_exactly_zero() -> None:
    same = compare(arms_of([load_scenario("her2_positive", TUMOUR)] * 2))
    (found,) = same.content["differences"]
    assert found["words"] == []
    assert found["values_that_follow"] == 0
    told = dict(leaves(found))
    assert len(told) > 15
    for path, one in told.items():
        if one["mean"] is not None and not path.endswith("fold"):
            assert (one["mean"], one["low"], one["high"]) == (0.0, 0.0, 0.0), path
    assert (found["cell_number_fold"]["low"], found["cell_number_fold"]["high"]) == (1.0, 1.0)


def test_a_change_that_no_cell_met_is_told_within_the_rule_of_three() -> None:
    values = {("fates", "adcc"): [0.0, 0.0, 0.0], ("dm1_nM", "median"): [1.0, 1.0, 1.0]}
    told = differences(values, values, counted=300)
    assert (told["fates"]["adcc"]["low"], told["fates"]["adcc"]["high"]) == (-0.01, 0.01)
    assert told["dm1_nM"]["median"]["high"] == 0.0


# The numbers ---------------------------------------------------------------------------------------------------


def test_means_of_arms_are_those_of_their_summaries(mixed: Comparison) -> None:
    (found,) = mixed.content["differences"]
    for side, results in zip("ab", mixed.arms.values(), strict=True):
        summary = results.summary
        for fate, told in found["fates"].items():
            assert told[side] == pytest.approx(summary["fates"][fate]["mean"], abs=1e-12)
        for state, told in found["living"].items():
            assert told[side] == pytest.approx(summary["living"][state]["mean"], abs=1e-12)
        assert found["cell_number_ratio"][side] == pytest.approx(summary["cell_number_ratio"]["mean"])
        assert found["nadir"]["ratio"][side] == pytest.approx(summary["nadir"]["ratio"]["mean"])
        for name, shares in summary["clones"].items():
            assert found["clones"][name][side] == pytest.approx(shares["end"]["mean"])


def test_a_clone_that_only_one_arm_has_counts_as_none_in_the_other(mixed: Comparison) -> None:
    clones = mixed.content["differences"][0]["clones"]
    assert clones["main"]["a"] == 1.0
    assert clones["main"]["b"] == 0.0
    assert clones["mdr1_high"]["a"] == 0.0
    assert clones["mdr1_high"]["b"] > 0.0


def test_the_difference_is_that_of_pairs() -> None:
    a, b = [1.0, 2.0, 4.0, None], [1.5, 2.4, 4.7, 9.0]
    told = contrast(a, b)
    assert told["pairs"] == 3
    d = np.array([0.5, 0.4, 0.7])
    half = 4.302653 * d.std(ddof=1) / math.sqrt(3)  # 97.5 % of Student's t with 2 degrees of freedom
    assert (told["mean"], told["high"] - told["mean"]) == (pytest.approx(d.mean()), pytest.approx(half, rel=1e-6))
    assert (told["a"], told["b"]) == (pytest.approx(7.0 / 3.0), pytest.approx(8.6 / 3.0))


def test_without_pairing_the_interval_is_welchs() -> None:
    from scipy.stats import ttest_ind

    a, b = [1.0, 2.0, 4.0, 3.0], [5.5, 2.4, 9.7, 6.0]
    interval = ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    assert welch(a, b) == pytest.approx((interval.high - interval.low) / 2.0)


def test_a_ratio_is_a_geometric_mean_and_none_where_a_replicate_is_cleared() -> None:
    assert ratio([1.0, 4.0], [2.0, 8.0])["mean"] == pytest.approx(2.0)
    assert ratio([1.0, 0.0], [2.0, 8.0])["mean"] is None


def test_times_that_are_not_reached_are_counted() -> None:
    told = differences({("time_to_kill_d", "0.5"): [3.0, None]}, {("time_to_kill_d", "0.5"): [None, None]}, counted=1)
    one = told["time_to_kill_d"]["0.5"]
    assert (one["reached"], one["pairs"], one["mean"]) == ([1, 0], 0, None)


def test_a_single_replicate_is_paired_over_groups_of_founders() -> None:
    single = compare(changed(load_scenario("her2_positive", [*TUMOUR, "run.replicates=1"]), ["parameters.C_M=60 nM"]))
    assert single.content["intervals_over"] == "groups of founders"
    (found,) = single.content["differences"]
    surviving = found["fates"]["surviving"]
    assert surviving["low"] < surviving["mean"] < surviving["high"]
    assert surviving["groups"] == 20
    assert found["nadir"]["ratio"]["low"] is None, "the lowest number of cells is of all founders together"
    results = next(iter(single.arms.values()))
    groups, whole = of_groups(results), of_replicates(results, shared_times([results]))
    sizes = np.bincount(np.arange(60) % 20)
    for path in (("cell_number_ratio",), ("live_cells_area_d",)):
        # the area is exact from the cells and a trapezoid from the records
        assert np.average(groups[path], weights=sizes) == pytest.approx(whole[path][0], rel=0.01)  # type: ignore[arg-type]


def test_an_arm_that_outgrows_its_capacity_ends_the_comparison_there() -> None:
    grown = ("tumour.growth.doubling=30 h", "treatment=[]")
    one = load_scenario("her2_positive", [*TUMOUR, *grown])
    stopped = compare(changed(one, ["run.capacity=200"]))
    assert stopped.content["until_h"] < 100.0
    assert any("the comparison covers the first" in text for text in stopped.content["warnings"])
    (found,) = stopped.content["differences"]
    assert found["cell_number_ratio"]["mean"] == 0.0, "before that moment nothing differed"


# Arms on one plan ----------------------------------------------------------------------------------------------


def test_the_first_plan_rules_and_that_is_told() -> None:
    arms = arms_of([load_scenario("her2_positive", TUMOUR), load_scenario("mixed_resistance", ["run.seed=9"])])
    plans = [resolved.parameters.plan for resolved in arms.resolved]
    assert {(plan.seed, plan.cells, plan.replicates, plan.duration) for plan in plans} == {(1, 60, 3, 144.0)}
    assert arms.aligned == (
        "mixed_resistance: run.seed is 1, not 9",
        "mixed_resistance: run.replicates is 3, not 8",
        "mixed_resistance: tumour.cells is 60, not 2000",
        "mixed_resistance: run.duration is 144 h, not 63 d",
    )
    assert arms.name == "her2_positive-vs-mixed_resistance"


def test_what_arms_must_share_cannot_be_set_in_one_of_them() -> None:
    with pytest.raises(InputError) as caught:
        changed(load_scenario("her2_positive", TUMOUR), ["run.seed=2", "tumour.cells=70"])
    assert [problem.path for problem in caught.value.problems] == ["run.seed", "tumour.cells"]


def test_arms_get_names_that_differ() -> None:
    two = arms_of([load_scenario("her2_positive", TUMOUR)] * 3)
    assert len(set(two.names)) == 3
    arms = changed(load_scenario("her2_positive", TUMOUR), ["treatment.0.dose=2.4 mg/kg", "tumour.clones.*.mdr1=3"])
    assert arms.name == "her2_positive-vs-dose_2.4_mg_kg-mdr1_3"


# The folder ----------------------------------------------------------------------------------------------------


def test_the_folder_holds_the_comparison_and_its_arms(mixed: Comparison, tmp_path: Path) -> None:
    mixed.write(tmp_path)
    content = json.loads((tmp_path / "compare.json").read_text(encoding="utf-8"))
    assert list(content) == [
        *("format", "tdm1sim", "arms", "seed", "replicates", "cells_start", "duration_h", "until_h", "engine"),
        *("intervals_over", "aligned", "differences", "warnings"),
    ]
    (found,) = content["differences"]
    assert list(found) == [
        *("arm", "against", "words", "values_that_follow", "fates", "living", "cell_number_ratio"),
        *("cell_number_fold", "live_cells_area_d", "dm1_nM", "nadir", "regrowth_d", "time_to_kill_d", "clones"),
    ]
    assert set(found["fates"]["surviving"]) == {
        *("a", "b", "mean", "low", "high", "unpaired_low", "unpaired_high", "narrower", "pairs")
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("compare.json", "her2_positive", "manifest.json", "mixed_resistance")
    ]
    again = Comparison.read(tmp_path)
    assert again.content == rounded(mixed.content)
    assert list(again.arms) == list(mixed.arms)


def test_a_folder_without_a_comparison_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"compare\.json missing"):
        Comparison.read(tmp_path)


def test_companion_a_broken_arm_shows(mixed: Comparison) -> None:
    """Where one arm's table is another's, the differences are no longer those of the summaries."""
    first, second = mixed.arms.values()
    broken = dataclasses.replace(second, timeseries=first.timeseries)
    times = shared_times([first, broken])
    told = differences(of_replicates(first, times), of_replicates(broken, times) | {("clones", "main"): [1.0] * 3})
    assert told["fates"]["surviving"]["b"] != pytest.approx(second.summary["fates"]["surviving"]["mean"])


def rows_of(text: str) -> dict[str, list[float]]:
    """Return the differences that a table shows: words to the means of a and b."""
    row = re.compile(r"^ *([A-Za-z][^.]*?) {2,}(-?[\d,.]+) +(-?[\d,.]+) +-?[\d,.]+ +\S+ to \S+")
    found = [row.match(line) for line in text.splitlines()]
    return {one[1]: [float(one[i].replace(",", "")) for i in (2, 3)] for one in found if one}


@pytest.mark.slow
def test_the_example_of_the_page_is_what_comes_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same words; numbers to what another engine or machine may move."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "compare.md").read_text(encoding="utf-8")
    shown = rows_of(
        page.partition("    $ tdm1sim compare her2_positive --set parameters.keff")[2].partition("\n\n- ")[0]
    )
    words = ("compare", "her2_positive", "--set", "parameters.keff=0.308 1/h", "--cells", "500", "--no-figures")
    assert main([*words, "--jobs", "1", "--out", str(tmp_path)]) == 0
    found = rows_of(capsys.readouterr().out)
    assert len(found) > 10
    assert list(found) == list(shown)
    for label, means in found.items():
        assert means == pytest.approx(shown[label], rel=0.02, abs=0.005), label
