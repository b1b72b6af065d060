"""What a run will use: precedence, folds, doses, covariates; and the complete scenario that says the same."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.parameters import Clone, Culture, Exposure, Infusion, Patient
from tdm1sim.scenario import Resolved, bundled, load_scenario, resolve
from tests.scenario.writing import CULTURE, PATIENT, changed, run, written

CATALOGUE = load_catalogue()


def main(resolved: Resolved) -> Clone:
    return resolved.parameters.clones[0]


def patient(resolved: Resolved) -> Patient:
    assert isinstance(resolved.parameters.surroundings, Patient)
    return resolved.parameters.surroundings


def culture(resolved: Resolved) -> Culture:
    assert isinstance(resolved.parameters.surroundings, Culture)
    return resolved.parameters.surroundings


# ---------------------------------------------------------------- round trip

RICH = """\
format: 1
name: rich
question: "Does it come back: every value, to the last bit?"
patient: {weight: 63.7 kg, residual_trastuzumab: 12.3 ug/mL, albumin: 37 g/L, ecd: 180 ng/mL, tumour_burden: 12.1 cm,
          ast: 41 U/L, population: true}
immune: {nk_per_tumour_cell: 3.1e-4}
cell_lines:
  mine: {receptors: 3.3e5, spread: 0.41, doubling: 31.7 h, volume: 2.3 pL, kpino: 0.013 pL/h, E_T: 0.31,
         her2_driven: true, pten: deficient, internalization: 0.7, mdr1: {median: 1.7, spread: 0.3}}
tumour:
  cells: 77
  transport: {permeability: 171 um/d, krogh_radius: 61.3 um, void: 0.21}
  clones:
    a: {fraction: rest, cell_line: mine, mdr1: 2.7, becomes: {b: 1e-4, c: 3e-5}}
    b: {fraction: 0.137, her2: 2+, ish: amplified, resistance: [her2_loss, slc46a3_loss], recycling: 3.3}
    c: {fraction: 0.1, her2: {receptors: 7.7e4}, slc46a3: {median: 0.3, spread: 0.1}, lysosome: 0.3}
treatment:
  - {drug: t-dm1, dose: 3.6 mg/kg, every: 21 d, cycles: 2, infusion: 90 min}
  - {drug: t-dm1, dose: 2.4 mg/kg, every: 7 d, from: cycle 3, until: 60 d}
  - {drug: trastuzumab, dose: 8 mg/kg}
  - {drug: pertuzumab, dose: 11.9 mg/kg, infusion: 60 min}
  - {drug: trastuzumab, dose: 6 mg/kg, every: 21 d, from: cycle 2}
  - {drug: pgp_inhibitor, inhibition: 0.93, from: cycle 2, until: cycle 3}
  - {drug: cyp3a4_inhibitor, inhibition: 0.7}
  - {drug: pgp_inhibitor, inhibition: 0.5, from: cycle 3}
run: {duration: 63 d, dt: 37 min, seed: 5}
record: {every: 5 h, readouts: [{kind: live, at: [7 d, 40.5 h]}], attribution: true, saved_by: true}
figures: [fates]
parameters: {C_M: 137 nM, keff: 0.3 1/h, T: 17 uM, CL: 0.7 L/d, C_T: 500 nM, q: 1.3, x_CL: 0.51, x_ALB: -0.37,
             CL_trastuzumab: 0.21 L/d, MW_pertuzumab: 147 kg/mol, CL_DM1: 11 L/h, x_residual: -0.0017 mL/ug}
"""
WELL = """\
format: 1
name: well
culture: {medium: 200 uL}
tumour:
  growth: {doubling: 41.3 h}
  clones:
    a: {fraction: 0.3, cell_line: jurkat}
    b: {fraction: 0.7, cell_line: bt-474, her2: {spread: 0.2}, internalization: 0.3}
treatment:
  - {drug: t-dm1, concentration: 0.37 ug/mL, until: 24 h}
  - {drug: t-dm1, concentration: 1 nM, from: 30 h}
  - {drug: pertuzumab, concentration: 1 ug/mL, from: 3 h, until: 40 h}
  - {drug: pi3k_inhibitor, inhibition: 0.8, from: 10 h}
run: {duration: 144 h}
record: {readouts: [{kind: clonogenic, at: [144 h], concentrations: [1 ug/mL, 0.1 nM]}]}
parameters: {MW: 149 kg/mol, C_T: off, E_T: 0.1}
"""

COMPARATOR = """\
format: 1
name: comparator
patient: {weight: 57.8 kg, population: true}
tumour: {clones: {a: {fraction: 1, her2: 1+}}}
treatment:
  - {drug: t-dxd, dose: 5.4 mg/kg, every: 21 d, cycles: 2}
run: {duration: 42 d}
parameters: {C_M: 30 nM}
"""


def round_trip(folder: Path, resolved: Resolved) -> None:
    again = resolve(load_scenario(written(folder, resolved.text, "resolved.yaml")))
    assert again.parameters == resolved.parameters
    assert again.tree == resolved.tree
    assert (again.name, again.question) == (resolved.name, resolved.question)


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_scenarios_come_back_whole(tmp_path: Path, name: str) -> None:
    round_trip(tmp_path, resolve(load_scenario(name)))


@pytest.mark.parametrize("text", [PATIENT, CULTURE, RICH, WELL, COMPARATOR])
def test_rich_scenarios_come_back_whole(tmp_path: Path, text: str) -> None:
    round_trip(tmp_path, run(tmp_path, text))


def test_the_round_trip_would_notice(tmp_path: Path) -> None:
    resolved = run(tmp_path, RICH)
    for old, new in (("137 nM", "137.00000000000003 nM"), ("mdr1: 2.7", "mdr1: 2.8"), ("63.7 kg", "63.8 kg")):
        assert old in resolved.text
        again = resolve(load_scenario(written(tmp_path, resolved.text.replace(old, new))))
        assert again.parameters != resolved.parameters


def test_the_complete_scenario_needs_no_defaults(tmp_path: Path) -> None:
    """With other defaults in the catalogue, the complete scenario gives the same numbers."""
    import shutil

    import tdm1sim.catalogue as package

    resolved = run(tmp_path, RICH)
    data = tmp_path / "data"
    shutil.copytree(Path(package.__file__).parent / "data", data)
    file = data / "parameters.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in (
        ("value: 0.14 1/h", "value: 0.15 1/h"),
        ("value: 3.8 pL", "value: 3.7 pL"),
        ("value: 0.2\n", "value: 0.21\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    other = load_catalogue(data)
    path = written(tmp_path, resolved.text, "resolved.yaml")
    assert resolve(load_scenario(path, catalogue=other), other).parameters == resolved.parameters
    changed_defaults = resolve(load_scenario(tmp_path / "x.yaml", catalogue=other), other)
    assert changed_defaults.parameters != resolved.parameters, "the other catalogue does differ"


def test_results_survive_the_trip_to_a_worker(tmp_path: Path) -> None:
    resolved = run(tmp_path, RICH)
    assert pickle.loads(pickle.dumps(resolved)) == resolved  # noqa: S301 - our own bytes


def test_every_value_says_where_it_is_from(tmp_path: Path) -> None:
    text = run(tmp_path, changed("her2: 3+", "her2: 3+, resistance: [mdr1_high]"), ["run.seed=4"]).text
    origin = {line.split(":")[0].strip(): line.partition("# ")[2] for line in text.splitlines()[3:] if "#" in line}
    assert origin["weight"] == "x.yaml:3"
    assert origin["seed"] == "--set"
    assert origin["mdr1"] == "resistance mdr1_high (assumed)"
    assert origin["C_M"] == "catalogue (calibrated)"
    assert origin["receptors"].startswith("x.yaml:6, class 3+")
    values = [line for line in text.splitlines()[5:] if not line.rstrip().endswith(":")]
    assert all("# " in line for line in values), [line for line in values if "#" not in line]
    assert str(tmp_path) not in text, "the same text on every machine"


# ---------------------------------------------------------------- numbers


def test_every_symbol_in_canonical_units(tmp_path: Path) -> None:
    values = run(tmp_path, PATIENT).parameters.values
    assert set(values) == set(CATALOGUE.parameters)
    assert values["CL"] == pytest.approx(0.676 / 24)
    assert values["T"] == 20_000
    assert values["C_M"] == 160
    assert values["kpino"] == 0.005
    culture_values = run(tmp_path, CULTURE).parameters.values
    assert culture_values["C_M"] == 80
    assert culture_values["kpino"] == 0.05


def test_folds_touch_one_rate_each(tmp_path: Path) -> None:
    base = main(run(tmp_path, PATIENT))
    fields = Clone.__dataclass_fields__
    for key, field, factor in (
        ("internalization", "ke", 0.1),
        ("recycling", "kr", 10.0),
        ("lysosome", "phi", 0.1),
        ("mdr1", "mdr1", 10.0),
        ("slc46a3", "slc46a3", 0.0),
    ):
        clone = main(run(tmp_path, changed("her2: 3+", f"her2: 3+, {key}: {factor}")))
        differ = {name for name in fields if getattr(clone, name) != getattr(base, name)}
        assert differ == {field}
        assert getattr(clone, field) == getattr(base, field) * factor


def test_precedence_of_a_rate(tmp_path: Path) -> None:
    """rates > parameters > growth > line > catalogue."""
    own = CULTURE.replace("run:", "cell_lines: {mine: {receptors: 1e5, doubling: 50 h, E_T: 0.4, volume: 2 pL}}\nrun:")
    own = own.replace("sk-br-3", "mine")
    clone = main(run(tmp_path, own))
    assert (clone.doubling, clone.E_T, clone.volume, clone.her2) == (50, 0.4, 2, 1e5)
    grown = own.replace("tumour:\n", "tumour:\n  growth: {doubling: 60 h}\n")
    assert main(run(tmp_path, grown)).doubling == 60
    assert main(run(tmp_path, grown, ["parameters.doubling=70 h", "parameters.E_T=0"])).doubling == 70
    assert main(run(tmp_path, grown, ["parameters.E_T=0"])).E_T == 0
    strongest = grown.replace("mine}\ntreat", "mine, rates: {doubling: 80 h}}\ntreat")
    assert main(run(tmp_path, strongest, ["parameters.doubling=70 h"])).doubling == 80
    assert main(run(tmp_path, CULTURE)).E_T == 0.48, "the line's own"
    assert main(run(tmp_path, CULTURE, ["parameters.E_T=0"])).E_T == 0


def test_what_is_not_used_is_told(tmp_path: Path) -> None:
    assert run(tmp_path, PATIENT).warnings == ()
    (told,) = run(tmp_path, PATIENT, ["parameters.weight=80 kg"]).warnings
    assert "parameters.weight (--set) is used, not patient.weight (x.yaml:3)" in told
    text = changed("her2: 3+", "her2: 3+, rates: {E_T: 0.4}")
    assert "rates.E_T is used" in run(tmp_path, text, ["parameters.E_T=0"]).warnings[0]
    assert run(tmp_path, text).warnings == ()
    (told,) = run(tmp_path, PATIENT, ["parameters.C_M=1 uM"]).warnings
    assert "1000 nM is outside the plausible range" in told


@pytest.mark.parametrize(
    ("keys", "receptors", "driven"),
    [
        ("her2: 3+", 1e6, True),
        ("her2: 3+, ish: not_amplified", 1e6, False),
        ("her2: 3+, her2_driven: false", 1e6, False),
        ("her2: 2+, ish: amplified", 2e5, True),
        ("her2: 2+, ish: not_amplified", 2e5, False),
        ("her2: 1+", 5e4, False),
        ("her2: 0", 1e4, False),
        ('her2: "0"', 1e4, False),
        ("her2: {receptors: 1e5}", 1e5, False),
        ("her2: {receptors: 1e5}, her2_driven: true", 1e5, True),
        ("her2: 3+, resistance: [her2_loss]", 1e5, True),
        ("cell_line: sk-br-3", 1.13e6, True),
        ("cell_line: bt474eei", 2.5e5, False),
        ("cell_line: sk-br-3, her2: 1+", 5e4, True),
    ],
)
def test_her2(tmp_path: Path, keys: str, receptors: float, driven: bool) -> None:
    clone = main(run(tmp_path, changed("her2: 3+", keys)))
    assert clone.her2 == pytest.approx(receptors)
    assert clone.her2_driven is driven
    assert clone.her2_sigma == 0.5


def test_many_receptors_without_a_word_on_the_gene_warn(tmp_path: Path) -> None:
    (told,) = run(tmp_path, changed("her2: 3+", "her2: {receptors: 6e5}")).warnings
    assert "taken as not amplified" in told
    assert run(tmp_path, changed("her2: 3+", "her2: {receptors: 6e5}, ish: amplified")).warnings == ()


def test_spread_of_her2(tmp_path: Path) -> None:
    """What a clone says holds; sigma_her2 is for what does not say, and wins over a line."""
    given = changed("her2: 3+", "her2: {receptors: 1e5, spread: 0.3}")
    assert main(run(tmp_path, given, ["parameters.sigma_her2=0.1"])).her2_sigma == 0.3
    assert main(run(tmp_path, PATIENT, ["parameters.sigma_her2=0.1"])).her2_sigma == 0.1
    line = changed("her2: 3+", "cell_line: mine") + "cell_lines: {mine: {receptors: 1e5, spread: 0.4}}\n"
    assert main(run(tmp_path, line)).her2_sigma == 0.4
    assert main(run(tmp_path, line, ["parameters.sigma_her2=0.1"])).her2_sigma == 0.1


def test_resistance_and_what_a_clone_says_itself(tmp_path: Path) -> None:
    text = changed("her2: 3+", "her2: 3+, resistance: [mdr1_high, slc46a3_loss, pten_deficient], mdr1: 3")
    clone = main(run(tmp_path, text))
    assert (clone.mdr1, clone.slc46a3, clone.pten_deficient) == (3, 0, True)


def test_becomes_and_rest(tmp_path: Path) -> None:
    clones = run(tmp_path, RICH).parameters.clones
    assert clones[0].becomes == (("b", 1e-4), ("c", 3e-5))
    assert sum(clone.fraction for clone in clones) == pytest.approx(1, abs=1e-15)
    assert clones[0].fraction == pytest.approx(0.763)


# ---------------------------------------------------------------- patient and culture


def test_a_dose_in_mg_for_the_weight(tmp_path: Path) -> None:
    resolved = run(tmp_path, changed("70 kg", "50 kg"))
    found = patient(resolved)
    assert found.infusions == (Infusion(start=0.0, length=1.5, dose=180.0),)
    assert found.interval == 0
    assert pytest.approx(0.676 / 24 * (50 / 70) ** 0.49) == found.CL
    assert found.Vc == pytest.approx(3.127 * (50 / 70) ** 0.596)
    assert pytest.approx(1.534 / 24) == found.Q
    assert found.Vp == 0.66
    reference = patient(run(tmp_path, PATIENT))
    assert (reference.CL, reference.Vc) == (resolved.parameters.values["CL"], resolved.parameters.values["Vc"])


@pytest.mark.parametrize(
    ("entry", "starts"),
    [
        ("every: 21 d, cycles: 3", [0, 504, 1008]),
        ("every: 21 d, cycles: 3, from: 2 d", [48, 552, 1056]),
        ("every: 21 d, cycles: 6, until: 42 d", [0, 504]),
        ("every: 21 d, until: cycle 3", [0, 504]),
        ("every: 21 d", [0, 504, 1008]),
        ("from: 1 d", [24]),
    ],
)
def test_dosing(tmp_path: Path, entry: str, starts: list[float]) -> None:
    text = changed("every: 21 d, cycles: 1", entry).replace("duration: 21 d", "duration: 63 d")
    found = patient(run(tmp_path, text))
    assert [infusion.start for infusion in found.infusions] == starts
    assert found.interval == (504 if len(starts) > 1 else 0)


def test_cycles_of_the_first_conjugate(tmp_path: Path) -> None:
    found = patient(run(tmp_path, RICH))
    assert len(found.infusions) == 5, "of the conjugate"
    assert [i.start / 24 for i in found.infusions] == [0, 21, 42, 49, 56]
    assert [i.dose / 63.7 for i in found.infusions] == pytest.approx([3.6, 3.6, 2.4, 2.4, 2.4])


def test_an_entry_after_the_end_is_left_out_and_told(tmp_path: Path) -> None:
    text = changed("cycles: 1}", "cycles: 1}\n  - {drug: t-dm1, dose: 1 mg/kg, from: cycle 2}")
    resolved = run(tmp_path, text)
    assert len(patient(resolved).infusions) == 1
    assert "treatment.1 begins at 504 h, when the run of 504 h has ended" in resolved.warnings[0]
    well = run(
        tmp_path, CULTURE, ["treatment+={drug: t-dm1, concentration: 1 nM, from: 80 h}", "treatment.0.until=9 h"]
    )
    assert culture(well).exposures == (Exposure(0.0, 9.0, 1.0),)
    assert "treatment.1 begins at 80 h" in well.warnings[0]


def test_untreated(tmp_path: Path) -> None:
    for override in ("treatment=[]", "treatment.0.dose=0 mg/kg"):
        resolved = run(tmp_path, PATIENT, [override])
        assert sum(infusion.dose for infusion in patient(resolved).infusions) == 0


def test_culture(tmp_path: Path) -> None:
    found = culture(run(tmp_path, CULTURE))
    assert found == Culture(medium=100.0, cells_per_well=8000.0, exposures=(Exposure(0.0, 72.0, 1.0),))
    well = run(tmp_path, WELL)
    first, second = (exposure for exposure in culture(well).exposures if exposure.conjugate)
    assert first.concentration == pytest.approx(0.37e-3 / 149e3 * 1e9)
    assert (first.start, first.end, second.start, second.end) == (0, 24, 30, 144)
    readout = well.parameters.plan.readouts[0]
    assert readout.concentrations == (0.1, pytest.approx(1e-3 / 149e3 * 1e9))


def test_plan_defaults(tmp_path: Path) -> None:
    plan = run(tmp_path, PATIENT).parameters.plan
    assert (plan.cells, plan.duration, plan.dt, plan.record_every) == (2000, 504, 1, 6)
    assert (plan.seed, plan.replicates, plan.capacity, plan.traces) == (1, 8, 100_000, 3)
    few = run(tmp_path, PATIENT, ["tumour.cells=2"])
    assert few.parameters.plan.traces == 2
    assert few.warnings == ()


def test_citations_are_of_the_values_in_use(tmp_path: Path) -> None:
    plain = run(tmp_path, PATIENT).citations
    assert set(plain) <= set(CATALOGUE.references)
    assert plain == tuple(sorted(plain))
    line = run(tmp_path, changed("her2: 3+", "cell_line: sk-br-3")).citations
    assert "cellosaurus_sk_br_3" in line
    assert "cellosaurus_sk_br_3" not in plain
    said = [
        f"parameters.{symbol}={entry.value!r}" + (f" {entry.unit}" if entry.unit != "1" else "")
        for symbol, entry in CATALOGUE.parameters.items()
        if entry.value != float("inf")
    ]
    given = run(tmp_path, PATIENT, said)
    assert len(given.citations) < len(plain), "what the scenario says itself is not the catalogue's"
