"""Draws of what nobody has measured: which values, between which bounds, the same for arms and any number of jobs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tdm1sim.catalogue import CatalogueError, load_catalogue
from tdm1sim.catalogue.sections import parameter
from tdm1sim.comparing import arms_of, changed, compare
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.errors import InputError
from tdm1sim.results import Results
from tdm1sim.scenario import Resolved, load_scenario, resolve
from tdm1sim.uncertainty import bounded, curve_bands, curves_of, plan, uncertain_values, with_model_bands
from tdm1sim.uncertainty.bands import middle
from tdm1sim.uncertainty.draws import KNOTS, half_life, net_uptake, stratified
from tdm1sim.uncertainty.values import Value, with_values

SMALL = ("tumour.cells=40", "run.replicates=3", "run.duration=2 d", "record.every=12 h", "record.saved_by=false")
SCENARIOS = ("her2_positive", "mixed_resistance", "in_vitro_sk_br_3", "t_dxd_bystander", "adcc_assay", "population")
CATALOGUE = load_catalogue()


def run_of(name: str, *more: str) -> Resolved:
    size = SMALL if name not in {"in_vitro_sk_br_3", "adcc_assay"} else SMALL[:2]
    return resolve(load_scenario(name, [*size, *more]))


# What is drawn -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_measured_is_drawn_and_every_bound_is_the_catalogues(name: str) -> None:
    resolved = run_of(name)
    known = CATALOGUE.parameters_with(resolved.parameters.drug)
    found = uncertain_values(resolved)
    assert len(found) > 20
    for symbol, value in found.items():
        assert value.status in {"assumed", "calibrated"}
        kind, _, inner = symbol.partition(".")
        if not inner:
            entry = known[symbol]
            assert entry.status == value.status
            assert entry.low <= value.low < value.high <= entry.high
        elif kind == "her2":
            assert (value.low, value.high) == (CATALOGUE.her2_classes[inner].low, CATALOGUE.her2_classes[inner].high)
        assert value.low <= value.value <= value.high
        assert value.log == (value.low > 0 and value.high / value.low > 10) or kind == "her2"
    measured = {symbol for symbol, entry in known.items() if entry.status == "sourced"}
    assert measured.isdisjoint(found)


def test_companion_a_measured_value_called_assumed_would_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = run_of("her2_positive")
    monkeypatch.setattr("tdm1sim.uncertainty.values.UNSURE", ("assumed", "calibrated", "sourced"))
    assert {"kon", "CL"} <= uncertain_values(resolved).keys()


def test_what_the_scenario_says_itself_is_not_drawn() -> None:
    free, said = run_of("her2_positive"), run_of("her2_positive", "parameters.C_M=100 nM", "parameters.kexo=0.01 1/h")
    assert uncertain_values(free).keys() - uncertain_values(said).keys() == {"C_M", "kexo"}
    assert "doubling" not in uncertain_values(free), "tumour.growth.doubling says it"
    assert "P" not in uncertain_values(free), "tumour.transport says it"


def test_switches_choices_and_what_is_off_are_not_drawn() -> None:
    for name in SCENARIOS:
        found = uncertain_values(run_of(name))
        assert not {"arm_payload", "arm_adcc", "medium", "cells_per_well", "colony", "C_T"} & found.keys()
    assert "kin" not in uncertain_values(run_of("her2_positive")), "off for Lys-MCC-DM1"
    assert "kin" in uncertain_values(run_of("t_dxd_bystander"))
    assert "E_T" not in uncertain_values(run_of("in_vitro_sk_br_3")), "the cell line brings its own"


def test_only_what_the_run_has_a_use_for_is_drawn() -> None:
    well, tumour = uncertain_values(run_of("in_vitro_sk_br_3")), uncertain_values(run_of("her2_positive"))
    assert {"V_DM1", "f_ab", "kNK"}.isdisjoint(well)
    assert {"w_arrested", "KD_II", "f_CYP3A4", "residual_share"}.isdisjoint(tumour)
    assert "w_arrested" in well
    assert "residual_share" in uncertain_values(run_of("population"))
    assert "f_CYP3A4" in uncertain_values(run_of("cyp3a4_inhibitor"))


def test_narrower_bounds_of_the_setting_are_used() -> None:
    well, tumour = uncertain_values(run_of("in_vitro_sk_br_3")), uncertain_values(run_of("her2_positive"))
    assert (well["C_M"].low, well["C_M"].high) == (60.0, 115.0)
    assert (tumour["C_M"].low, tumour["C_M"].high) == (120.0, 240.0)


# The draws -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_drawn_values_reach_the_runs_and_stay_in_their_bounds(name: str) -> None:
    resolved = run_of(name)
    drawn = plan([resolved], 8)
    assert len(drawn.runs) == 8
    for shares, (run,) in zip(drawn.shares, drawn.runs, strict=True):
        for value, share in zip(drawn.values, shares, strict=True):
            found = value.at(share)
            assert value.low <= found <= value.high
            if "." not in value.name:
                assert run.parameters.values[value.name] == CATALOGUE.canonical(value.name, found)
    her2 = [v.name for v in drawn.values].index("her2.3+") if name == "her2_positive" else None
    if her2 is not None:
        receptors = [run.parameters.clones[0].her2 for (run,) in drawn.runs]
        assert receptors == [drawn.values[her2].at(share) for share in drawn.shares[:, her2]]


def test_each_value_is_a_column_of_a_latin_hypercube() -> None:
    column = stratified(1, "C_M", 16)
    assert sorted(np.floor(16 * column).astype(int)) == list(range(16))
    assert not np.array_equal(column, stratified(1, "C_A", 16))
    assert not np.array_equal(column, stratified(2, "C_M", 16))


def test_a_value_keeps_its_draws_whatever_else_is_drawn() -> None:
    few = run_of("her2_positive", "parameters.C_M=100 nM", "parameters.n=7")
    for one, two in [(plan([run_of("her2_positive")], 6), plan([few], 6))]:
        at = {value.name: i for i, value in enumerate(one.values)}
        shared = [at[value.name] for value in two.values]
        np.testing.assert_array_equal(one.shares[:, shared], two.shares)


def test_what_is_known_about_values_together_is_kept() -> None:
    drawn = plan([run_of("her2_positive")], 40)
    for (run,) in drawn.runs:
        v = run.parameters.values
        assert 44.0 <= half_life(v) <= 73.0
        assert 0.038 <= net_uptake(v) <= 0.12
        assert v["C_M"] < v["C_A"]
    assert len(drawn.knots) == len(KNOTS)


def test_companion_without_that_knowledge_draws_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdm1sim.uncertainty.draws.KNOTS", ())
    values = [run.parameters.values for (run,) in plan([run_of("her2_positive")], 40).runs]
    assert not all(44.0 <= half_life(v) <= 73.0 for v in values)
    assert not all(0.038 <= net_uptake(v) <= 0.12 for v in values)


def test_a_draw_that_no_cell_could_live_is_drawn_again() -> None:
    """S, G2 and M take up to 20 h; a cycle of 18.5 h leaves room for some of the draws only."""
    short = run_of("adcc_assay", "tumour.growth.doubling=18.5 h")
    for (run,) in plan([short], 10).runs:
        v = run.parameters.values
        assert v["t_S"] + v["t_G2"] + v["t_M"] + 1.0 <= 18.5
    with pytest.raises(InputError, match="nothing to draw"):
        plan([resolve(load_scenario(written(run_of("her2_positive"))))], 2)


def written(resolved: Resolved) -> Path:
    import tempfile

    folder = Path(tempfile.mkdtemp())
    (folder / "resolved.yaml").write_text(resolved.text, encoding="utf-8")
    return folder / "resolved.yaml"


def test_a_drawn_value_does_not_touch_the_catalogue() -> None:
    resolved = run_of("mixed_resistance")
    changed_run = with_values(resolved, {"keff": 0.3, "her2.3+": 2e6, "resistance.mdr1_high": 5.0})
    assert changed_run.parameters.values["keff"] == 0.3
    by_name = {clone.name: clone for clone in changed_run.parameters.clones}
    assert by_name["mdr1_high"].mdr1 == 5.0
    assert by_name["sensitive"].her2 == 2e6
    assert by_name["her2_loss"].her2 == pytest.approx(2e5)
    assert run_of("mixed_resistance").parameters == resolved.parameters


# Arms ----------------------------------------------------------------------------------------------------------


def test_arms_get_the_same_draws() -> None:
    arms = changed(load_scenario("her2_positive", SMALL), ["tumour.clones.main.mdr1=1.1"])
    for first, second in plan(arms.resolved, 5).runs:
        assert first.parameters.values == second.parameters.values
        assert first.parameters.clones[0].her2 == second.parameters.clones[0].her2
        assert second.parameters.clones[0].mdr1 == 1.1


def test_what_one_arm_sets_is_drawn_in_none() -> None:
    arms = changed(load_scenario("her2_positive", SMALL), ["parameters.keff=0.308 1/h"])
    drawn = plan(arms.resolved, 4)
    assert drawn.held == ("keff",)
    assert {(a.parameters.values["keff"], b.parameters.values["keff"]) for a, b in drawn.runs} == {(0.28, 0.308)}


def test_arms_of_two_drugs_share_what_they_share() -> None:
    arms = arms_of([load_scenario("her2_positive", SMALL), load_scenario("t_dxd_bystander")])
    for first, second in plan(arms.resolved, 3).runs:
        one, two = first.parameters.values, second.parameters.values
        assert one["kap"] == two["kap"]
        assert one["C_M"] != two["C_M"]


# Bands ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain() -> Results:
    return simulate_resolved(run_of("mixed_resistance"))


@pytest.fixture(scope="module")
def drawn(plain: Results) -> Results:
    return with_model_bands(plain, run_of("mixed_resistance"), 4)


def test_every_interval_has_its_bounds_and_the_rest_stays(plain: Results, drawn: Results) -> None:
    def compare_trees(before: object, after: object) -> int:
        if isinstance(before, dict) and isinstance(after, dict):
            bounds = {"model_low", "model_high"} if {"mean", "low", "high"} <= before.keys() else set()
            numbers = {key for key, value in before.items() if isinstance(value, float)} if not bounds else set()
            levels = {f"{key}_{end}" for key in numbers for end in ("model_low", "model_high")}
            assert after.keys() - before.keys() in (bounds, levels)
            return len(bounds) + sum(compare_trees(before[key], after[key]) for key in before)
        assert before == after
        return 0

    assert compare_trees(plain.summary, drawn.summary) > 40
    assert plain.uncertainty is None
    assert "uncertain" not in plain.manifest
    assert drawn.manifest["uncertain"]["draws"] == 4
    assert drawn.manifest["uncertain"]["replicates"] == 2
    assert {"keff", "her2.3+"} <= {value["name"] for value in drawn.manifest["uncertain"]["values"]}


def test_same_bytes_for_one_and_two_jobs(plain: Results, drawn: Results, tmp_path: Path) -> None:
    again = with_model_bands(plain, run_of("mixed_resistance"), 4, jobs=2)
    for name, results in (("one", drawn), ("two", again)):
        (tmp_path / name).mkdir()
        results.write(tmp_path / name)
    for file in ("summary.json", "uncertainty.csv", "manifest.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_bands_are_of_the_draws_own_means(plain: Results, drawn: Results) -> None:
    runs = [simulate_resolved(run) for (run,) in plan([run_of("mixed_resistance")], 4).runs]
    means = [run.summary["fates"]["surviving"]["mean"] for run in runs]
    told = drawn.summary["fates"]["surviving"]
    assert (told["model_low"], told["model_high"]) == tuple(np.quantile(means, (0.025, 0.975)))
    ends = [run.timeseries.groupby("replicate").last()["live_cells"].mean() for run in runs]
    table = drawn.uncertainty
    assert table is not None
    last = table[(table["quantity"] == "live_cells") & (table["time_h"] == 48.0)].iloc[0]
    np.testing.assert_allclose(last[["model_low", "model_high"]].astype(float), np.quantile(ends, (0.025, 0.975)))
    assert {"clones.mdr1_high.share", "dm1_cytosol_nM_median"} <= set(table["quantity"])


def test_results_with_bands_are_read_again(drawn: Results, tmp_path: Path) -> None:
    drawn.write(tmp_path)
    again = Results.read(tmp_path).uncertainty
    assert again is not None
    assert drawn.uncertainty is not None
    assert list(again.columns) == ["time_h", "quantity", "model_low", "model_high"]
    pd.testing.assert_frame_equal(again, drawn.uncertainty, rtol=1e-5, check_dtype=False)


def test_a_time_that_draws_never_reach_has_no_upper_bound() -> None:
    assert middle([1.0, 2.0, None], never=True) == (1.0, None)
    assert middle([1.0, 2.0, None]) == (pytest.approx(1.025), pytest.approx(1.975))
    assert middle([None, None]) == (None, None)
    told = bounded(
        {"regrowth_d": {"mean": 5.0, "low": None, "high": None}}, [{"regrowth_d": None}, {"regrowth_d": {"mean": 4.0}}]
    )
    assert (told["regrowth_d"]["model_low"], told["regrowth_d"]["model_high"]) == (4.0, None)


def test_bands_end_where_a_draw_stops() -> None:
    whole = simulate_resolved(run_of("her2_positive", "tumour.growth.doubling=30 h", "treatment=[]"))
    short = simulate_resolved(
        run_of("her2_positive", "tumour.growth.doubling=30 h", "treatment=[]", "run.capacity=100")
    )
    table = curve_bands([curves_of(whole), curves_of(short)])
    ends = short.timeseries.groupby("replicate")["time_h"].max()
    assert table[table["quantity"] == "live_cells"]["time_h"].max() <= ends.min()


def test_a_comparison_has_bands_of_its_differences_and_of_its_arms() -> None:
    comparison = compare(changed(load_scenario("her2_positive", SMALL), ["tumour.clones.main.mdr1=10"]), uncertain=3)
    (found,) = comparison.content["differences"]
    level = found["dm1_nM"]["highest_median"]
    assert level["model_low"] < level["model_high"] < 0.0, "with ten times the efflux there is less DM1 in every draw"
    assert comparison.content["uncertain"]["draws"] == 3
    assert all("model_low" in results.summary["cell_number_ratio"] for results in comparison.arms.values())
    assert comparison.uncertainty is not None
    assert set(comparison.uncertainty["quantity"]) == {"difference.1.live_cells_per_founder"}


def test_a_value_is_drawn_evenly_on_its_scale() -> None:
    linear = Value("a", 2.0, 1.0, 5.0, "1", "assumed", log=False)
    assert (linear.at(0.0), linear.at(0.5), linear.at(1.0)) == (1.0, 3.0, 5.0)
    log = Value("b", 2.0, 1.0, 100.0, "1", "assumed", log=True)
    assert (log.at(0.0), log.at(0.5), log.at(1.0)) == (1.0, pytest.approx(10.0), pytest.approx(100.0))


@pytest.mark.parametrize(
    ("said", "piece"),
    [
        ("0.1 to 20", "is not inside the range"),
        ({"culture": "5 to 6"}, "1 is not inside its range 5 to 6"),
        ({"well": "1 to 2"}, "unknown key `well`"),
    ],
)
def test_the_catalogue_refuses_bounds_that_do_not_fit(said: object, piece: str) -> None:
    entry = {"name": "a", "value": "1 nM", "range": "0.1 to 10", "uncertain": said, "status": "assumed"}
    with pytest.raises(CatalogueError, match=piece):
        parameter("parameters.yaml: g: x", "g", "x", entry)
    fitting = parameter("parameters.yaml: g: x", "g", "x", {**entry, "uncertain": {"patient": "0.5 to 2"}})
    assert (fitting.bounds_in("patient"), fitting.bounds_in("culture")) == ((0.5, 2.0), (0.1, 10.0))
    assert parameter("parameters.yaml: g: x", "g", "x", {**entry, "uncertain": "never"}).chosen
