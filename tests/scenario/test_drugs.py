"""Several drugs: what each kind becomes in a run, which numbers hold, and what is refused together."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.parameters import Course, Culture, Exposure, Inhibition, Parameters, Patient
from tdm1sim.scenario import Resolved, load_scenario, resolve
from tests.scenario.writing import CULTURE, PATIENT, changed, load, problems, run, written

CATALOGUE = load_catalogue()


def beside(*entries: str, text: str = PATIENT) -> str:
    """PATIENT or CULTURE with more entries in its treatment."""
    return changed("\nrun:", "".join(f"\n  - {{{entry}}}" for entry in entries) + "\nrun:", text)


def patient(resolved: Resolved) -> Patient:
    assert isinstance(resolved.parameters.surroundings, Patient)
    return resolved.parameters.surroundings


def exposures(resolved: Resolved) -> tuple[Exposure, ...]:
    assert isinstance(resolved.parameters.surroundings, Culture)
    return resolved.parameters.surroundings.exposures


def course(resolved: Resolved, drug: str) -> Course:
    (found,) = (one for one in patient(resolved).courses if one.drug == drug)
    return found


# ---------------------------------------------------------------- naked antibodies


def test_M1_naked_antibodies_bind_where_they_bind(tmp_path: Path) -> None:
    resolved = run(tmp_path, beside("drug: trastuzumab, dose: 8 mg/kg", "drug: pertuzumab, dose: 12 mg/kg"))
    assert (course(resolved, "trastuzumab").site, course(resolved, "pertuzumab").site) == ("IV", "II")
    assert [infusion.dose for infusion in course(resolved, "trastuzumab").infusions] == [560.0]
    assert [infusion.dose for infusion in course(resolved, "pertuzumab").infusions] == [840.0]
    assert [infusion.dose for infusion in patient(resolved).infusions] == [252.0], "the conjugate's are apart"


def test_loading_and_maintenance_are_two_entries(tmp_path: Path) -> None:
    text = beside("drug: trastuzumab, dose: 8 mg/kg", "drug: trastuzumab, dose: 6 mg/kg, every: 21 d, from: 21 d")
    found = course(run(tmp_path, changed("duration: 21 d", "duration: 63 d", text)), "trastuzumab")
    assert [(i.start / 24, i.dose) for i in found.infusions] == [(0, 560), (21, 420), (42, 420)]


def test_a_naked_antibody_has_its_own_pharmacokinetics_for_the_weight(tmp_path: Path) -> None:
    text = changed("70 kg", "90 kg", beside("drug: trastuzumab, dose: 8 mg/kg", "drug: pertuzumab, dose: 12 mg/kg"))
    resolved = run(tmp_path, text)
    trastuzumab, pertuzumab = course(resolved, "trastuzumab"), course(resolved, "pertuzumab")
    assert pytest.approx(0.225 / 24) == trastuzumab.disposition.CL
    assert trastuzumab.disposition.Vc == pytest.approx(2.95 * (90 / 70) ** 0.556)
    assert pytest.approx(0.235 / 24 * (90 / 72) ** 0.516) == pertuzumab.disposition.CL
    assert (trastuzumab.disposition.Q, trastuzumab.disposition.Vp) == pytest.approx((0.484 / 24, 4.79))
    assert (trastuzumab.MW, pertuzumab.MW) == (145_200, 148_000)
    slower = run(tmp_path, text, ["parameters.CL_trastuzumab=0.1 L/d"])
    assert pytest.approx(0.1 / 24) == course(slower, "trastuzumab").disposition.CL
    assert course(slower, "pertuzumab") == pertuzumab
    assert patient(slower).CL == patient(resolved).CL


def test_residual_trastuzumab_is_a_course_of_its_own_or_joins_one(tmp_path: Path) -> None:
    left = changed("70 kg}", "70 kg, residual_trastuzumab: 20 ug/mL}")
    alone = run(tmp_path, left)
    assert course(alone, "trastuzumab").residual == 20
    assert course(alone, "trastuzumab").infusions == ()
    joined = run(tmp_path, beside("drug: trastuzumab, dose: 8 mg/kg", text=left))
    assert len(patient(joined).courses) == 1
    assert (course(joined, "trastuzumab").residual, len(course(joined, "trastuzumab").infusions)) == (20, 1)
    assert patient(run(tmp_path, PATIENT)).courses == ()


def test_what_earlier_therapy_left_is_there_without_treatment_too(tmp_path: Path) -> None:
    left = changed("70 kg}", "70 kg, residual_trastuzumab: 20 ug/mL}")
    resolved = run(
        tmp_path, beside("drug: trastuzumab, dose: 8 mg/kg", "drug: pi3k_inhibitor, inhibition: 1", text=left)
    )
    bare: Parameters = resolved.parameters.untreated()
    assert isinstance(bare.surroundings, Patient)
    assert [(c.drug, c.residual, c.infusions) for c in bare.surroundings.courses] == [("trastuzumab", 20, ())]
    assert bare.inhibitions == ()


def test_exposures_of_several_drugs_overlap_in_order_of_time(tmp_path: Path) -> None:
    text = beside(
        "drug: pertuzumab, concentration: 30 nM, from: 5 h, until: 10 h",
        "drug: trastuzumab, concentration: 20 nM, until: 50 h",
        text=CULTURE,
    )
    assert exposures(run(tmp_path, text)) == (
        Exposure(0, 72, 1, "t-dm1", True, "IV"),
        Exposure(0, 50, 20, "trastuzumab", False, "IV"),
        Exposure(5, 10, 30, "pertuzumab", False, "II"),
    )


def test_a_mass_concentration_is_converted_with_the_molar_mass_of_its_drug(tmp_path: Path) -> None:
    text = beside("drug: trastuzumab, concentration: 1 ug/mL", text=changed("1 nM", "1 ug/mL", CULTURE))
    conjugate, naked = exposures(run(tmp_path, text))
    assert conjugate.concentration == pytest.approx(1e6 / 148_000)
    assert naked.concentration == pytest.approx(1e6 / 145_200)
    heavier = exposures(run(tmp_path, text, ["parameters.MW_trastuzumab=150 kg/mol"]))
    assert heavier[0] == conjugate
    assert heavier[1].concentration == pytest.approx(1e6 / 150_000)
    (comparator,) = exposures(run(tmp_path, changed("t-dm1", "t-dxd", changed("1 nM", "1 ug/mL", CULTURE))))
    assert comparator.concentration == pytest.approx(1e6 / 156_000)


def test_a_dose_series_of_a_naked_antibody_weighs_that_antibody(tmp_path: Path) -> None:
    series = "record: {readouts: [{kind: live, at: [72 h], concentrations: [1 ug/mL]}]}\nrun:"
    text = changed("t-dm1", "trastuzumab", changed("run:", series, CULTURE))
    (readout,) = run(tmp_path, text).parameters.plan.readouts
    assert readout.concentrations == (pytest.approx(1e6 / 145_200),)


# ---------------------------------------------------------------- inhibitors


def test_inhibitors_act_while_they_are_given(tmp_path: Path) -> None:
    text = changed("every: 21 d, cycles: 1", "every: 7 d, cycles: 3")
    text = beside(
        "drug: pi3k_inhibitor, inhibition: 0.8",
        "drug: pgp_inhibitor, inhibition: 0.95, from: cycle 2, until: cycle 3",
        "drug: cyp3a4_inhibitor, inhibition: 0.9, from: 2 d",
        text=text,
    )
    assert run(tmp_path, text).parameters.inhibitions == (
        Inhibition("pi3k", 0.8, 0, 504),
        Inhibition("pgp", 0.95, 168, 336),
        Inhibition("cyp3a4", 0.9, 48, 504),
    )


def test_an_inhibitor_is_no_antibody_and_no_dose(tmp_path: Path) -> None:
    with_it, without = run(tmp_path, beside("drug: pgp_inhibitor, inhibition: 1")), run(tmp_path, PATIENT)
    assert patient(with_it) == patient(without)
    assert with_it.parameters.values == without.parameters.values


def test_cycles_count_the_first_conjugate_wherever_it_stands(tmp_path: Path) -> None:
    text = changed(
        "  - {drug: t-dm1, dose: 3.6 mg/kg, every: 21 d, cycles: 1}",
        "  - {drug: trastuzumab, dose: 6 mg/kg, every: 7 d, from: cycle 2}\n"
        "  - {drug: t-dxd, dose: 5.4 mg/kg, every: 14 d, cycles: 2, from: 1 d}",
    ).replace("duration: 21 d", "duration: 28 d")
    resolved = run(tmp_path, text)
    assert [i.start / 24 for i in course(resolved, "trastuzumab").infusions] == [15, 22]
    assert patient(resolved).interval == 14 * 24


def test_an_inhibitor_after_the_end_is_left_out_and_told(tmp_path: Path) -> None:
    resolved = run(tmp_path, beside("drug: pgp_inhibitor, inhibition: 1, from: 30 d"))
    assert resolved.parameters.inhibitions == ()
    assert "treatment.1 begins at 720 h" in resolved.warnings[0]


# ---------------------------------------------------------------- another conjugate


def test_the_comparator_brings_its_numbers_and_its_payload(tmp_path: Path) -> None:
    usual, other = run(tmp_path, PATIENT), run(tmp_path, changed("t-dm1", "t-dxd"))
    assert (usual.parameters.drug, usual.parameters.payload) == ("t-dm1", "microtubule")
    assert (other.parameters.drug, other.parameters.payload) == ("t-dxd", "topoisomerase_1")
    differ = {s for s, value in usual.parameters.values.items() if other.parameters.values[s] != value}
    assert differ == set(CATALOGUE.drugs["t-dxd"].values)
    assert other.parameters.values["C_M"] == 24
    assert run(tmp_path, changed("t-dm1", "t-dxd", CULTURE)).parameters.values["C_M"] == 12
    assert pytest.approx(0.421 / 24 * (70 / 57.8) ** 0.37) == patient(other).CL
    assert "yin_2021" in other.citations
    assert "yin_2021" not in usual.citations
    assert "C_M: 24 nM" in other.text
    assert "# drug t-dxd (assumed)" in other.text


def test_the_plausible_range_is_the_conjugate_s(tmp_path: Path) -> None:
    assert run(tmp_path, changed("t-dm1", "t-dxd"), ["parameters.C_M=10 nM"]).warnings == ()
    assert "outside the plausible range 60 to 240 nM" in run(tmp_path, PATIENT, ["parameters.C_M=10 nM"]).warnings[0]


def test_without_a_conjugate_the_numbers_are_those_of_t_dm1(tmp_path: Path) -> None:
    untreated = PATIENT[: PATIENT.index("treatment")] + "treatment: []\n" + PATIENT[PATIENT.index("run:") :]
    for text in (changed("t-dm1", "trastuzumab"), untreated):
        resolved = run(tmp_path, text)
        assert (resolved.parameters.drug, resolved.parameters.payload) == ("t-dm1", "microtubule")
        assert resolved.parameters.values == run(tmp_path, PATIENT).parameters.values


def test_a_conjugate_that_comes_after_the_end_decides_nothing(tmp_path: Path) -> None:
    resolved = run(tmp_path, changed("t-dm1, ", "t-dxd, from: 30 d, "))
    assert resolved.parameters.drug == "t-dm1"
    again = resolve(load_scenario(written(tmp_path, resolved.text, "resolved.yaml")))
    assert again.parameters == resolved.parameters


def test_two_conjugates_are_refused_in_either_setting_and_order(tmp_path: Path) -> None:
    pairs = (
        (beside("drug: t-dxd, dose: 5.4 mg/kg, from: 7 d"), "t-dxd beside t-dm1 (treatment.0)"),
        (beside("drug: t-dm1, dose: 3.6 mg/kg, from: 7 d", text=changed("t-dm1", "t-dxd")), "t-dm1 beside t-dxd"),
        (beside("drug: t-dxd, concentration: 1 nM", text=CULTURE), "t-dxd beside t-dm1"),
    )
    for text, says in pairs:
        (problem,) = problems(tmp_path, text)
        assert says in problem.message
    assert load(tmp_path, beside("drug: t-dm1, dose: 3.6 mg/kg, from: 7 d")), "twice the same is fine"


def test_M9_overrides_reach_every_drug_by_name(tmp_path: Path) -> None:
    text = beside("drug: trastuzumab, dose: 8 mg/kg", "drug: pgp_inhibitor, inhibition: 0.5")
    resolved = run(tmp_path, text, ["treatment.trastuzumab.dose=6 mg/kg", "treatment.pgp_inhibitor.inhibition=0.9"])
    assert course(resolved, "trastuzumab").infusions[0].dose == pytest.approx(420)
    assert resolved.parameters.inhibitions[0].fraction == 0.9
    more = run(tmp_path, text, ["treatment+={drug: pertuzumab, dose: 12 mg/kg}"])
    assert {found.drug for found in patient(more).courses} == {"trastuzumab", "pertuzumab"}


# ---------------------------------------------------------------- the patient


@pytest.mark.parametrize(
    ("said", "factor"),
    [
        ("ecd: 250 ng/mL", 10**0.035),
        ("albumin: 30 g/L", (30 / 41) ** -0.423),
        ("albumin: 3 g/dL", (30 / 41) ** -0.423),
        ("tumour_burden: 180 mm", 2**0.052),
        ("ast: 54 U/L", 2**0.071),
        ("residual_trastuzumab: 54 ug/mL", math.exp(-0.002 * 54)),
        ("ecd: 25 ng/mL", 1),
    ],
)
def test_P1_covariates_act_on_the_clearance_of_the_conjugate_only(tmp_path: Path, said: str, factor: float) -> None:
    found, usual = patient(run(tmp_path, changed("70 kg}", f"70 kg, {said}}}"))), patient(run(tmp_path, PATIENT))
    assert pytest.approx(usual.CL * factor) == found.CL
    assert (found.Vc, found.Q, found.Vp) == (usual.Vc, usual.Q, usual.Vp)


def test_exponents_may_be_negative_where_the_literature_s_are(tmp_path: Path) -> None:
    text = changed("70 kg}", "70 kg, albumin: 30 g/L}")
    flat = run(tmp_path, text, ["parameters.x_ALB=0"])
    assert patient(flat).CL == patient(run(tmp_path, PATIENT)).CL
    steep = run(tmp_path, text, ["parameters.x_ALB=-0.7"])
    assert pytest.approx(patient(flat).CL * (30 / 41) ** -0.7) == patient(steep).CL
    assert steep.warnings == ()


def test_low_albumin_is_told_by_the_reference_of_the_conjugate(tmp_path: Path) -> None:
    """Without a word on albumin the patient is the reference patient, whichever conjugate that is of."""
    for drug in ("t-dm1", "t-dxd"):
        text = changed("t-dm1", drug)
        silent, said = run(tmp_path, text), changed("70 kg}", f"70 kg, albumin: {ALBUMIN[drug]} g/L}}", text)
        assert patient(run(tmp_path, said)) == patient(silent)
        assert f"albumin: {ALBUMIN[drug]} g/L" in silent.text


ALBUMIN = {"t-dm1": 41, "t-dxd": 40}


def test_P1_a_population_varies_around_the_patient_described(tmp_path: Path) -> None:
    found = patient(run(tmp_path, changed("70 kg}", "60 kg, population: true}")))
    how = found.variability
    assert how is not None
    assert (how.cv_CL, how.cv_Vc, how.covariance) == (0.1911, 0.1166, 0.011)
    assert (how.weight, how.weight_low, how.weight_high) == (60, 49, 98)
    assert (how.left_share, how.left_high) == (0.5, 54)
    assert how.left is not None
    assert (how.left.drug, how.left.infusions, how.left.residual) == ("trastuzumab", (), 0)
    assert patient(run(tmp_path, changed("70 kg}", "70 kg, population: false}"))) == patient(run(tmp_path, PATIENT))


def test_a_residual_that_is_stated_is_everybody_s(tmp_path: Path) -> None:
    text = changed("70 kg}", "70 kg, population: true, residual_trastuzumab: 20 ug/mL}")
    found = patient(run(tmp_path, text))
    assert found.variability is not None
    assert found.variability.left is None
    assert found.courses[0].residual == 20


# ---------------------------------------------------------------- immune cells, records


def test_M5_immune_cells_have_a_key_and_a_symbol(tmp_path: Path) -> None:
    assert run(tmp_path, PATIENT).parameters.values["NK"] == 1e-4
    assert run(tmp_path, CULTURE).parameters.values["NK"] == 0
    said = run(tmp_path, changed("run:", "immune: {nk_per_tumour_cell: 1}\nrun:", CULTURE))
    assert said.parameters.values["NK"] == 1
    assert said.tree["immune"] == {"nk_per_tumour_cell": 1}
    both = run(tmp_path, changed("run:", "immune: {nk_per_tumour_cell: 1}\nrun:"), ["parameters.NK=2"])
    assert both.parameters.values["NK"] == 2
    assert "parameters.NK (--set) is used, not immune.nk_per_tumour_cell" in both.warnings[0]


def test_M7_R7_what_further_runs_are_asked_for(tmp_path: Path) -> None:
    plain = run(tmp_path, PATIENT).parameters.plan
    assert (plain.attribution, plain.saved_by) == (False, False)
    asked = run(tmp_path, changed("run:", "record: {attribution: true, saved_by: true}\nrun:")).parameters.plan
    assert (asked.attribution, asked.saved_by) == (True, True)
    assert run(tmp_path, PATIENT, ["record.attribution=true"]).parameters.plan.attribution
