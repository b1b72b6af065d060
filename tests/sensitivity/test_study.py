"""Sensitivity finds what it must: nothing where there is nothing, a known order and sign, and no luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.errors import InputError, UsageError
from tdm1sim.scenario import resolve
from tdm1sim.sensitivity import OUTPUTS, Choice, Study, begin, design_of, factors_of, indices_of, study_of
from tdm1sim.sensitivity.factors import Factor
from tdm1sim.sensitivity.indices import elementary
from tdm1sim.sensitivity.study import _answered
from tests.sensitivity.small import TINY, plan_of, tiny

# colony is read by no output asked for here, and MW by no concentration in nM; C_M decides who is arrested
KNOWN = ("C_M", "colony", "kdm", "MW")


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of(plan_of(KNOWN, outputs=("live_ratio", "dm1_peak")))


def strengths(study: Study, output: str = "live_ratio") -> dict[str, float]:
    return {index.factor.symbol: index.strength for index in study.indices[output]}


def test_what_the_run_does_not_depend_on_has_no_effect_at_all(study: Study) -> None:
    for output in ("live_ratio", "dm1_peak"):
        assert strengths(study, output)["colony"] == 0.0
        assert strengths(study, output)["MW"] == 0.0


def test_what_it_depends_on_is_found_with_its_sign(study: Study) -> None:
    found = {index.factor.symbol: index for index in study.indices["live_ratio"]}
    assert found["kdm"].strength > 0.05
    assert found["kdm"].mean < 0.0 < found["C_M"].mean
    assert [index.strength for index in study.indices["live_ratio"]] == sorted(strengths(study).values(), reverse=True)


def test_luck_of_its_own_in_every_run_would_look_like_an_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The companion: with another seed at every point even a parameter that nothing reads seems to matter."""
    seeds = iter(range(100, 200))
    setting = Factor.setting

    def unlucky(factor: Factor, share: float) -> str:
        return f"run.seed={next(seeds)}" if factor.symbol == "colony" else setting(factor, share)

    plan = plan_of(("colony",), outputs=("dm1_peak",))
    assert strengths(study_of(plan), "dm1_peak")["colony"] == 0.0
    monkeypatch.setattr(Factor, "setting", unlucky)
    assert strengths(study_of(plan), "dm1_peak")["colony"] > 0.0


def test_no_value_lies_outside_its_bounds_and_the_ends_are_reached(study: Study) -> None:
    plan, catalogue = study.plan, load_catalogue()
    for i, factor in enumerate(plan.factors):
        entry = catalogue.parameters[factor.symbol]
        values = [factor.value(share) for share in plan.design.points[:, i]]
        assert (factor.low, factor.high) == (entry.low, entry.high)
        assert entry.low <= min(values) < max(values) <= entry.high
        assert (factor.value(0.0), factor.value(1.0)) == (entry.low, entry.high)


def test_wide_bounds_are_sampled_by_the_logarithm(study: Study) -> None:
    scale = {factor.symbol: factor for factor in study.plan.factors}
    assert {symbol: factor.log for symbol, factor in scale.items()} == {
        "C_M": False,
        "colony": False,
        "kdm": True,
        "MW": False,
    }
    assert scale["kdm"].value(0.5) == pytest.approx((0.003 * 0.08) ** 0.5, rel=1e-5)
    assert scale["C_M"].value(0.5) == 150.0


def test_bounds_may_be_given_with_and_without_a_unit() -> None:
    plan = plan_of(("C_M", "kdm"), bounds={"C_M": ("0.07 uM", "90"), "kdm": ("0.01", "0.02 1/h")}, blocks=2)
    assert [(factor.low, factor.high) for factor in plan.factors] == [(70.0, 90.0), (0.01, 0.02)]


def linear(points: Any) -> Any:
    return 3.0 * points[:, 0] - 1.0 * points[:, 1] + 0.0 * points[:, 2]


def factors(symbols: Sequence[str]) -> list[Factor]:
    known = load_catalogue().parameters
    return [Factor(known[one], known[one].low, known[one].high, known[one].value, log=False) for one in symbols]


def test_effects_of_a_straight_model_are_its_slopes() -> None:
    names = ("C_M", "kdm", "kmc")
    design = design_of("morris", names, 5, 1, lambda _: "")
    effects = elementary(design, linear(design.points))
    assert np.allclose(effects, [[3.0, -1.0, 0.0]] * 5)
    found = {one.factor.symbol: one for one in indices_of(design, factors(names), linear(design.points))}
    assert [found[name].mean for name in names] == pytest.approx([3.0, -1.0, 0.0])
    assert [found[name].strength for name in names] == pytest.approx([3.0, 1.0, 0.0])
    assert found["C_M"].sigma == pytest.approx(0.0, abs=1e-9)


def test_shares_of_a_straight_model_are_those_of_its_squared_slopes() -> None:
    names = ("C_M", "kdm", "kmc")
    design = design_of("sobol", names, 256, 1, lambda _: "")
    found = {one.factor.symbol: one for one in indices_of(design, factors(names), linear(design.points))}
    assert found["C_M"].strength == pytest.approx(0.9, abs=0.03)
    assert found["kdm"].strength == pytest.approx(0.1, abs=0.02)
    assert found["kmc"].strength == 0.0
    assert [one.factor.symbol for one in indices_of(design, factors(names), linear(design.points))] == list(names)


def test_sobol_of_the_model_and_of_nothing() -> None:
    found = study_of(plan_of(("kdm", "colony"), blocks=4, method="sobol"))
    assert strengths(found)["colony"] == 0.0
    assert strengths(found)["kdm"] > 0.3
    still = study_of(plan_of(("colony",), blocks=4, method="sobol"))
    assert strengths(still) == {"colony": 0.0}


def test_impossible_combinations_are_set_aside_the_same_way_every_time() -> None:
    """Phases of the cycle that are longer than the shortest doubling time: the language refuses them."""
    wide = {"doubling": ("14", "40"), "t_S": ("6", "12")}
    plans = [plan_of(("doubling", "t_S", "t_G2"), bounds=wide, blocks=4) for _ in range(2)]
    assert plans[0].design.refused
    assert "cannot double" in plans[0].design.refused[0]
    assert plans[0].design.blocks == 4
    assert np.array_equal(plans[0].design.points, plans[1].design.points)
    for shares in plans[0].design.points:
        doubling, s, g2 = (one.value(share) for one, share in zip(plans[0].factors, shares, strict=True))
        assert {one.symbol for one in plans[0].factors} == {"doubling", "t_S", "t_G2"}
        assert sum((doubling, s, g2)) > 0.0


def test_thresholds_keep_their_order() -> None:
    plan = plan_of(("C_M", "C_A"), bounds={"C_M": ("60", "240"), "C_A": ("150", "3000")}, blocks=4)
    assert "C_M is above C_A" in plan.design.refused
    for shares in plan.design.points:
        values = {one.symbol: one.value(share) for one, share in zip(plan.factors, shares, strict=True)}
        assert values["C_M"] <= values["C_A"]


def test_where_hardly_anything_can_be_run() -> None:
    with pytest.raises(InputError, match="narrow the bounds"):
        plan_of(("C_M", "C_A"), bounds={"C_M": ("200", "240"), "C_A": ("10", "20")}, blocks=2)


@pytest.mark.parametrize("name", ["in_vitro_sk_br_3", "her2_positive"])
def test_what_is_said_not_to_matter_here_does_not(name: str) -> None:
    """Everything left out as unused, set to its lower and to its upper bounds: no output moves by a single bit."""
    scenario = tiny("record.every=24 h", name=name)
    varied, left = factors_of(scenario, resolve(scenario), load_catalogue(), Choice("all"))
    by_choice = ("the scenario states it", "is off in this run", "a switch", "no finite bounds", "no range", "own")
    idle = [one.symbol for one in left if not any(words in one.why for words in by_choice)]
    assert len(idle) > 15
    everything = factors_of(scenario, resolve(scenario), load_catalogue(), Choice(only=tuple(idle)))[0]

    def asked(some: Sequence[Factor], share: float) -> dict[str, float | None]:
        changed = scenario.with_overrides([one.setting(share) for one in some])
        return dict(_answered(resolve(changed), "auto")[0].outputs)

    assert asked(everything, 0.0) == asked(everything, 1.0) == asked((), 0.0)
    # the companion: one parameter that is varied does move them
    kdm = [one for one in varied if one.symbol == "kdm"]
    assert asked(kdm, 0.0) != asked(kdm, 1.0)


def test_a_line_with_a_value_of_its_own_does_not_use_the_catalogues() -> None:
    scenario = tiny()
    _, left = factors_of(scenario, resolve(scenario), load_catalogue(), Choice())
    why = {one.symbol: one.why for one in left}
    assert why["doubling"] == why["E_T"] == "every clone has a value of its own"
    assert why["kon"].startswith("sourced")


def test_classes() -> None:
    scenario = tiny()
    resolved, catalogue = resolve(scenario), load_catalogue()
    by_class = {
        name: {one.symbol for one in factors_of(scenario, resolved, catalogue, Choice(name))[0]}
        for name in ("unsure", "assumed", "calibrated", "sourced", "all")
    }
    assert by_class["unsure"] == by_class["assumed"] | by_class["calibrated"]
    assert by_class["all"] == by_class["unsure"] | by_class["sourced"]
    assert "C_M" in by_class["calibrated"]
    assert "KD" in by_class["sourced"]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(only=("sigma_her",)), "did you mean 'sigma_her2'"),
        (Choice(bounds={"kslp": ("1", "2")}), "did you mean 'kslip'"),
        (Choice(only=("C_T",)), "no finite bounds; give some with --bounds"),
        (Choice(only=("C_M",), bounds={"C_M": ("90", "70")}), "not below"),
        (Choice(only=("C_M",), bounds={"C_M": ("9 h", "70")}), "--bounds C_M"),
    ],
)
def test_wrong_choices_are_said(choice: Choice, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        begin(tiny(), outputs=[OUTPUTS["live_ratio"]], choice=choice, blocks=2)


def test_every_output_has_a_value_and_the_readout_needs_one() -> None:
    plan = plan_of(("colony",), blocks=2)
    assert {name for name, value in plan.first.outputs.items() if value is None} == {"readout"}
    with pytest.raises(InputError, match="has no read-out"):
        plan_of(("colony",), blocks=2, outputs=("readout",))
    read = plan_of(
        ("w_arrested",), blocks=2, outputs=("readout",), more=[f"{TINY[-1][:-2]}[{{kind: atp, at: [48 h]}}]"]
    )
    value = read.first.outputs["readout"]
    assert value is not None
    assert 0.0 < value < 1.0
    assert strengths(study_of(read), "readout")["w_arrested"] > 0.0
