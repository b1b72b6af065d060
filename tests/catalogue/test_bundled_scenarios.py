"""The bundled scenarios name only what the catalogue knows; each resistance story changes one trait."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tdm1sim.catalogue import load_catalogue

FOLDER = Path(__file__).parents[2] / "scenarios"
NAMES = {
    "untreated",
    "her2_positive",
    "her2_low",
    "her2_loss",
    "mdr1_high",
    "slc46a3_loss",
    "pten_deficient",
    "poor_internalization",
    "fast_recycling",
    "lysosome_impaired",
    "mixed_resistance",
    "in_vitro_sk_br_3",
    "naked_trastuzumab_her2_low",
    "mdr1_inhibitor",
    "pten_pi3k_inhibitor",
    "dose_response",
    "weekly_dosing",
    "trastuzumab_codosing",
    "t_dxd_bystander",
    "impaired_trafficking",
    "population",
    "adcc_assay",
    "attribution",
    "cyp3a4_inhibitor",
    "resistance_landscape",
    "slc46a3_dose_landscape",
    "mdr1_subclone",
    "acquired_mdr1",
}
# scenarios that only add an inhibitor to the one they extend: parent, inhibitor
REVERSALS = {
    "mdr1_inhibitor": ("mdr1_high", "pgp_inhibitor"),
    "pten_pi3k_inhibitor": ("pten_deficient", "pi3k_inhibitor"),
    "cyp3a4_inhibitor": ("her2_positive", "cyp3a4_inhibitor"),
}
# what each single-trait story writes in its one clone, beside fraction and HER2
TRAITS = {
    "mdr1_high": ("mdr1", 10),
    "slc46a3_loss": ("slc46a3", 0),
    "pten_deficient": ("pten", "deficient"),
    "poor_internalization": ("internalization", 0.1),
    "fast_recycling": ("recycling", 10),
    "lysosome_impaired": ("lysosome", 0.1),
}


def read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return loaded


SCENARIOS = {path.stem: read(path.stem) for path in sorted(FOLDER.glob("*.yaml"))}


def clones(scenario: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = scenario.get("tumour", {}).get("clones", {})
    return found


def unknown_names(scenario: Mapping[str, Any]) -> Iterator[str]:
    """Yield everything a scenario names that neither the catalogue nor the scenario holds."""
    catalogue = load_catalogue()
    if "extends" in scenario and scenario["extends"] not in SCENARIOS:
        yield scenario["extends"]
    for clone in clones(scenario).values():
        her2 = clone.get("her2", "3+")
        if not isinstance(her2, dict) and str(her2) not in catalogue.her2_classes:
            yield str(her2)
        if clone.get("cell_line", "sk-br-3") not in catalogue.cell_lines:
            yield clone["cell_line"]
        yield from (name for name in clone.get("resistance", ()) if name not in catalogue.resistance)
        yield from (name for name in clone.get("becomes", ()) if name not in clones(scenario))
    for entry in scenario.get("treatment", ()):
        if entry["drug"] not in catalogue.drugs:
            yield entry["drug"]
    for readout in scenario.get("record", {}).get("readouts", ()):
        if readout.get("measured", "sk_br_3_t_dm1_72h") not in catalogue.measured:
            yield readout["measured"]
    yield from (symbol for symbol in scenario.get("parameters", ()) if symbol not in catalogue.parameters)


def fractions_add_up(scenario: Mapping[str, Any]) -> bool:
    """Tell whether the clones' fractions sum to 1, one `rest` filling up."""
    given = [clone["fraction"] for clone in clones(scenario).values()]
    numbers = [value for value in given if value != "rest"]
    if "rest" in given:
        return given.count("rest") == 1 and sum(numbers) < 1
    return not given or abs(sum(numbers) - 1) < 1e-9


def test_every_story_is_there() -> None:
    assert set(SCENARIOS) == NAMES


@pytest.mark.parametrize("name", SCENARIOS)
def test_head_and_width(name: str) -> None:
    scenario = SCENARIOS[name]
    assert scenario["format"] == 1
    assert scenario["name"] == name
    assert scenario["question"].endswith("?")
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    assert text.startswith("# ")
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", SCENARIOS)
def test_names_are_known_and_fractions_add_up(name: str) -> None:
    assert list(unknown_names(SCENARIOS[name])) == []
    assert fractions_add_up(SCENARIOS[name])


@pytest.mark.parametrize("name", TRAITS)
def test_resistance_story_changes_one_trait_of_every_cell(name: str) -> None:
    scenario = SCENARIOS[name]
    assert set(scenario) == {"format", "name", "question", "extends", "tumour"}
    assert scenario["extends"] == "her2_positive"
    assert set(scenario["tumour"]) == {"clones"}
    (clone,) = clones(scenario).values()
    key, value = TRAITS[name]
    assert clone == {"fraction": 1, "her2": "3+", key: value}
    sets = load_catalogue().resistance[name].sets
    assert dict(sets) == {key: value}, "the catalogue's mechanism and its story differ"


@pytest.mark.parametrize("name", REVERSALS)
def test_a_reversal_changes_nothing_but_the_inhibitor(name: str) -> None:
    scenario, (parent, inhibitor) = SCENARIOS[name], REVERSALS[name]
    assert set(scenario) == {"format", "name", "question", "extends", "treatment"}
    assert scenario["extends"] == parent
    first, second = scenario["treatment"]
    assert [first] == SCENARIOS["her2_positive"]["treatment"]
    assert second["drug"] == inhibitor
    assert 0 < second["inhibition"] < 1


def test_naked_trastuzumab_comes_alone_and_a_comparator_without_t_dm1() -> None:
    kinds = {name: drug.kind for name, drug in load_catalogue().drugs.items()}
    naked = SCENARIOS["naked_trastuzumab_her2_low"]["treatment"]
    assert {kinds[entry["drug"]] for entry in naked} == {"antibody"}
    assert [entry["drug"] for entry in SCENARIOS["t_dxd_bystander"]["treatment"]] == ["t-dxd"]


def test_the_adcc_assay_and_the_tumour_hold_the_immune_cells_they_say() -> None:
    assert SCENARIOS["adcc_assay"]["immune"] == {"nk_per_tumour_cell": 1}
    assert "immune" not in SCENARIOS["her2_positive"], "a tumour holds the catalogue's"
    receptors = clones(SCENARIOS["adcc_assay"])["poor"]["her2"]["receptors"]
    assert receptors < load_catalogue().parameters["K_NK"].value


def test_impaired_trafficking_is_on_in_its_scenario_only() -> None:
    assert SCENARIOS["impaired_trafficking"]["parameters"] == {"C_T": "500 nM"}
    assert not any("C_T" in s.get("parameters", {}) for n, s in SCENARIOS.items() if n != "impaired_trafficking")


def test_acquired_mdr1_differs_from_mdr1_subclone_in_when_the_clone_is_there_only() -> None:
    before, acquired = SCENARIOS["mdr1_subclone"], SCENARIOS["acquired_mdr1"]
    assert set(acquired) == {"format", "name", "question", "extends", "tumour"}
    assert acquired["extends"] == "mdr1_subclone"
    assert set(acquired["tumour"]) == {"clones"}
    there, later = clones(before), clones(acquired)
    assert (there["mdr1_high"].pop("fraction"), later["mdr1_high"].pop("fraction")) == (0.05, 0)
    assert later["sensitive"].pop("becomes") == {"mdr1_high": 0.01}
    assert (there["sensitive"].pop("fraction"), later["sensitive"].pop("fraction")) == ("rest", 1)
    assert there == later, "the same traits"
    assert there["mdr1_high"]["mdr1"] == load_catalogue().resistance["mdr1_high"].sets["mdr1"]
    text = (FOLDER / "acquired_mdr1.yaml").read_text("utf-8")
    assert "That chance is assumed" in text, "nobody has measured it"


def test_her2_loss_is_the_catalogue_s_fold_of_3plus_and_stays_driven() -> None:
    (clone,) = clones(SCENARIOS["her2_loss"]).values()
    catalogue = load_catalogue()
    fold = catalogue.resistance["her2_loss"].sets["her2_fold"]
    assert clone["her2"]["receptors"] == pytest.approx(fold * catalogue.her2_classes["3+"].receptors)
    assert clone["her2"]["spread"] == catalogue.parameters["sigma_her2"].value
    assert (clone["ish"], clone["her2_driven"]) == ("amplified", True)


def test_her2_positive_states_the_catalogue_s_transport_and_growth() -> None:
    tumour = SCENARIOS["her2_positive"]["tumour"]
    parameters = load_catalogue().parameters
    assert tumour["transport"] == {
        "permeability": f"{parameters['P'].value:g} {parameters['P'].unit}",
        "krogh_radius": f"{parameters['RK'].value:g} {parameters['RK'].unit}",
    }
    assert tumour["growth"] == {"doubling": f"{parameters['doubling'].in_setting('patient') / 24:g} d"}
    assert SCENARIOS["her2_positive"]["run"]["replicates"] * tumour["cells"] == 16_000


def test_in_vitro_series_spans_the_measured_doses() -> None:
    scenario = SCENARIOS["in_vitro_sk_br_3"]
    (readout,) = scenario["record"]["readouts"]
    curve = load_catalogue().measured[readout["measured"]]
    doses = [float(re.fullmatch(r"(\S+) nM", text)[1]) for text in readout["concentrations"]]  # type: ignore[index]
    assert min(doses) <= curve.x[0]
    assert max(doses) >= curve.x[-1]
    assert (readout["kind"], readout["at"]) == (curve.readout, [f"{curve.hours:g} h"])
    assert scenario["culture"]["cells_per_well"] == 8000


def _misspell_trait(scenario: dict[str, Any]) -> None:
    scenario["tumour"]["clones"]["mdr1_high"]["resistance"] = ["mdr1_hihg"]


def _misspell_class(scenario: dict[str, Any]) -> None:
    scenario["tumour"]["clones"]["mdr1_high"]["her2"] = "4+"


def _misspell_drug(scenario: dict[str, Any]) -> None:
    scenario["treatment"][0]["drug"] = "t-dm2"


def _misspell_daughter(scenario: dict[str, Any]) -> None:
    scenario["tumour"]["clones"]["sensitive"]["becomes"] = {"mdr1": 1e-4}


@pytest.mark.parametrize("breaking", [_misspell_trait, _misspell_class, _misspell_drug, _misspell_daughter])
def test_the_check_of_names_can_fail(breaking: Callable[[dict[str, Any]], None]) -> None:
    scenario = copy.deepcopy(SCENARIOS["mixed_resistance"])
    breaking(scenario)
    assert len(list(unknown_names(scenario))) == 1


def test_the_check_of_fractions_can_fail() -> None:
    scenario = copy.deepcopy(SCENARIOS["mixed_resistance"])
    scenario["tumour"]["clones"]["mdr1_high"]["fraction"] = 0.95
    assert not fractions_add_up(scenario)
