"""In what two scenarios differ: what somebody wrote, and nothing that only follows from it."""

from __future__ import annotations

from tdm1sim.comparing import Change, arms_of, changed, changes
from tdm1sim.scenario import load_scenario


def told(name: str, *overrides: str) -> tuple[dict[str, tuple[str, str]], int]:
    arms = changed(load_scenario(name), overrides)
    found, follow = changes(*arms.resolved)
    return {change.path: (change.a, change.b) for change in found}, follow


def test_a_changed_value_is_told_with_both_values_and_what_it_means() -> None:
    arms = changed(load_scenario("her2_positive"), ["parameters.keff=0.308 1/h"])
    assert changes(*arms.resolved) == (
        [
            Change(
                "parameters.keff",
                "0.28 1/h",
                "0.308 1/h",
                "efflux rate constant of free cytosolic DM1 at baseline MDR1",
            )
        ],
        0,
    )


def test_nothing_is_told_where_only_the_name_and_the_records_differ() -> None:
    assert told("her2_positive", "name=another", "question=Why?", "record.traces=0") == ({}, 0)


def test_a_value_written_as_it_was_is_no_difference() -> None:
    assert told("her2_positive", "parameters.C_M=160 nM", "run.dt=1 h") == ({}, 0)


def test_one_clone_by_another_name_is_told_trait_by_trait() -> None:
    arms = arms_of([load_scenario(name) for name in ("her2_positive", "mdr1_high")])
    found = {change.path: (change.a, change.b) for change in changes(*arms.resolved)[0]}
    assert found == {"tumour.clones": ("main", "mdr1_high"), "tumour.clones.main.mdr1": ("1", "10")}


def test_treatment_is_told_by_drug() -> None:
    found, _ = told("her2_positive", "treatment.0.dose=2.4 mg/kg")
    assert found == {"treatment.t-dm1.dose": ("3.6 mg/kg", "2.4 mg/kg")}
    found, _ = told("her2_positive", "treatment+={drug: trastuzumab, dose: 8 mg/kg}")
    assert list(found) == ["treatment.trastuzumab"]
    assert found["treatment.trastuzumab"][0] == "absent"
    assert found["treatment.trastuzumab"][1].startswith("dose 8 mg/kg")


def test_parameters_that_have_a_key_of_their_own_are_found_there() -> None:
    found, _ = told("her2_positive", "parameters.P=50 um/d")
    assert found == {"tumour.transport.permeability": ("259 um/d", "50 um/d")}


def test_what_follows_from_another_drug_is_counted_and_not_listed() -> None:
    first, second = (load_scenario(name) for name in ("her2_positive", "t_dxd_bystander"))
    found, follow = changes(*arms_of([first, second]).resolved)
    paths = [change.path for change in found]
    assert "treatment.t-dxd" in paths
    assert not any(path.startswith("parameters") for path in paths)
    assert follow > 20


def test_a_clone_that_only_one_has_is_one_line_of_what_is_special_in_it() -> None:
    first, second = (load_scenario(name) for name in ("her2_positive", "mixed_resistance"))
    found = {change.path: change for change in changes(*arms_of([first, second]).resolved)[0]}
    clone = found["tumour.clones.mdr1_high"]
    assert clone.a == "absent"
    assert "mdr1 10" in clone.b
    assert "slc46a3" not in clone.b
