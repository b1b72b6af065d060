"""The blind second reading: what the sources print, typed again by another hand, against what the catalogue holds."""

import copy
import dataclasses
import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tdm1sim.catalogue import ParameterEntry, load_catalogue
from tdm1sim.catalogue.loader import DATA
from tdm1sim.catalogue.reading import read_yaml
from tdm1sim.units import convert

ROUNDING = 0.005
"""How far a value may lie from its reading: the rounding of a printed number, relative."""
TRAIT_UNITS = {"receptors": "1", "doubling": "h", "volume": "pL", "ke": "1/h", "kpino": "pL/h"}
CATALOGUE = load_catalogue(DATA)
READ: dict[str, Any] = read_yaml(Path(__file__).with_name("second_reading.yaml"))


@dataclasses.dataclass(frozen=True)
class Held:
    """A sourced value as the catalogue holds it."""

    value: float
    unit: str
    references: tuple[str, ...]


def numbers(name: str, entry: ParameterEntry) -> dict[str, Held]:
    """Return what a sourced entry holds: one number, or one for culture and one for patients (`kdec, culture`)."""
    if entry.status != "sourced":
        return {}
    by_name = {f"{name}, {setting}": value for setting, value in entry.by_setting.items()} or {name: entry.value}
    return {key: Held(value, entry.unit, entry.references) for key, value in by_name.items()}


def held(catalogue: Any) -> dict[str, Held]:
    """Return every sourced value of parameters, cell lines and drugs under the name of its reading."""
    found: dict[str, Held] = {}
    for symbol, entry in catalogue.parameters.items():
        # A symbol of one naked antibody (`CL_trastuzumab`) is the drug's own value, taken from the drug below.
        found |= {} if entry.like else numbers(symbol, entry)
    for name, line in catalogue.cell_lines.items():
        for trait, status in line.status.items():
            if status == "sourced":
                found[f"{name}: {trait}"] = Held(line.values[trait], TRAIT_UNITS[trait], line.references[trait])
    for name, drug in catalogue.drugs.items():
        for symbol, entry in drug.values.items():
            found |= numbers(f"{name}: {symbol}", entry)
    return found


def readings(read: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return every reading under the name `held` gives its value."""
    found = dict(read["parameters"])
    for section in ("cell_lines", "drugs"):
        for owner, traits in read[section].items():
            found |= {f"{owner}: {trait}": reading for trait, reading in traits.items()}
    return found


def differences(values: Mapping[str, Held], read: Mapping[str, dict[str, Any]]) -> list[str]:
    """Return the names whose value has no reading, or another one than was settled, with what is wrong."""
    wrong = []
    for name, value in values.items():
        reading = read.get(name, {})
        if "value" not in reading:
            wrong.append(f"{name}: no second reading")
            continue
        found = convert(reading["value"], reading["unit"], value.unit)
        agrees = math.isclose(value.value, found, rel_tol=ROUNDING)
        settled = reading.get("settled")
        if settled and agrees:
            wrong.append(f"{name}: settled, but nothing differs")
        elif settled and value.value != settled["catalogue"]:
            wrong.append(f"{name}: {value.value:g} {value.unit} is not the {settled['catalogue']:g} that was settled")
        elif not settled and not agrees:
            wrong.append(f"{name}: {value.value:g} {value.unit}, the source has {found:g}")
        if "reference" in reading and reading["reference"] not in value.references:
            wrong.append(f"{name}: read in {reading['reference']}, which the catalogue does not cite")
    return wrong


VALUES = held(CATALOGUE)
READINGS = readings(READ)


def test_every_sourced_value_was_read_a_second_time_and_agrees() -> None:
    assert len(VALUES) >= 75
    assert differences(VALUES, READINGS) == []


def test_no_parameter_or_cell_line_was_read_for_nothing() -> None:
    # Drugs were read before their files were written, so a reading of a drug may stand alone.
    of_drugs = {f"{owner}: {trait}" for owner, traits in READ["drugs"].items() for trait in traits}
    assert set(READINGS) - of_drugs <= set(VALUES)


@pytest.mark.parametrize("off", [-0.01, 0.01])
@pytest.mark.parametrize("name", VALUES)
def test_companion_a_value_one_percent_off_is_found(name: str, off: float) -> None:
    value = VALUES[name].value
    # Nothing is one percent of 0: there, 0.01 itself.
    altered = dataclasses.replace(VALUES[name], value=value + off * (value or 1.0))
    (said,) = differences({**VALUES, name: altered}, READINGS)
    assert said.startswith(f"{name}: ")


@pytest.mark.parametrize("name", VALUES)
def test_companion_a_value_without_a_reading_is_found(name: str) -> None:
    others = {key: reading for key, reading in READINGS.items() if key != name}
    assert differences(VALUES, others) == [f"{name}: no second reading"]


@pytest.mark.parametrize(
    ("symbol", "change", "said"),
    [
        ("CL", {"value": 0.43}, ["t-dxd: CL: 0.43 L/d, the source has 0.421"]),
        ("Q", {"value": 0.199}, []),
        (
            "kdec",
            {"by_setting": {"culture": 0.00061, "patient": 0.00061}},
            ["t-dxd: kdec, patient: 0.00061 1/h, the source has 6.012e-05"],
        ),
        ("kSLC", {"status": "sourced"}, ["t-dxd: kSLC: no second reading"]),
    ],
)
def test_companion_the_values_of_a_drug_file_are_compared_too(
    symbol: str, change: dict[str, Any], said: list[str]
) -> None:
    drug = CATALOGUE.drugs["t-dxd"]
    altered = dataclasses.replace(drug.values[symbol], **change)
    drug = dataclasses.replace(drug, values={**drug.values, symbol: altered})
    catalogue = SimpleNamespace(parameters={}, cell_lines={}, drugs={"t-dxd": drug})
    assert differences(held(catalogue), READINGS) == said


def test_companion_a_unit_read_wrongly_is_found() -> None:
    read = copy.deepcopy(READINGS)
    read["kon"]["unit"] = "1/nM/min"
    assert differences(VALUES, read) == ["kon: 0.36 1/nM/h, the source has 0.006"]


def test_companion_settling_is_no_way_to_pass_what_agrees_or_cites_another_source() -> None:
    read = copy.deepcopy(READINGS)
    read["KD"]["settled"] = {"catalogue": 0.314}
    read["Vc"]["reference"] = "shah_2012"
    assert differences(VALUES, read) == [
        "KD: settled, but nothing differs",
        "Vc: read in shah_2012, which the catalogue does not cite",
    ]


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_says_where_it_stands_and_prints_what_it_holds(name: str) -> None:
    reading = READINGS[name]
    assert reading["from"] in {"source", "transcription", "digest", "not reached"}
    assert reading["where"]
    assert reading.get("document") or reading["reference"] in CATALOGUE.references
    assert ("via" in reading) == (reading["from"] == "transcription")
    if reading["from"] == "not reached":
        assert "value" not in reading
        assert reading["note"]
    else:
        printed = re.findall(r"-?\d[\d,]*\.?\d*(?:E[+-]?\d+)?", str(reading["printed"]))
        assert float(reading["value"]) in {float(number.replace(",", "")) for number in printed}


def test_differences_are_settled_with_a_reason_and_the_entry_says_so() -> None:
    settled = {name: reading["settled"] for name, reading in READINGS.items() if "settled" in reading}
    notes = {
        "V": ("3.82", CATALOGUE.parameters["V"].note),
        "sk-br-3: volume": ("3.82", CATALOGUE.cell_lines["sk-br-3"].note),
        "kdec, patient": ("8.5e-7 /s", CATALOGUE.parameters["kdec"].note),
    }
    assert set(settled) == set(notes)
    assert all(len(entry["why"]) > 80 for entry in settled.values())
    assert all(printed in note and "ounded" in note for printed, note in notes.values())


@pytest.mark.parametrize("curve", READ["curves"])
def test_digitised_curves_equal_their_evidence_rows(curve: str) -> None:
    read = READ["curves"][curve]
    first, last = (int(row[1:]) for row in read["rows"])
    rows = [CATALOGUE.evidence[f"c{number:03d}"] for number in range(first, last + 1)]
    doses = [float(re.search(r"T-DM1 (\S+) (?:ug/mL|nM)", row["condition"])[1]) for row in rows]  # type: ignore[index]
    scale = 100 if read["y_unit"] == "percent of control" else 1
    assert doses == pytest.approx(read["x"], rel=ROUNDING)
    assert [float(row["value"]) * scale for row in rows] == pytest.approx(read["y"], rel=ROUNDING)


def half_life(CL: float, Vc: float, Q: float, Vp: float) -> float:
    """Return the terminal half-life (d) of a linear two-compartment model from clearances (L/d) and volumes (L)."""
    total = CL / Vc + Q / Vc + Q / Vp
    slow = (total - math.sqrt(total**2 - 4 * CL / Vc * Q / Vp)) / 2
    return math.log(2) / slow


def disposition(drug: str) -> dict[str, float]:
    read = READ["parameters"] if drug == "t-dm1" else READ["drugs"][drug]
    return {symbol: read[symbol]["value"] for symbol in ("CL", "Vc", "Q", "Vp")}


@pytest.mark.parametrize("drug", ["t-dm1", "trastuzumab", "pertuzumab"])
def test_transcribed_tables_give_the_half_life_the_document_prints(drug: str) -> None:
    """Q and Vp were read in a transcription; the half-life in the abstract or the label. They must fit together."""
    values = disposition(drug)
    printed = READ["drugs"][drug]["half_life"]["value"]
    assert half_life(**values) == pytest.approx(printed, rel=ROUNDING)
    swapped = {**values, "Q": values["Vp"], "Vp": values["Q"]}
    assert half_life(**swapped) != pytest.approx(printed, rel=ROUNDING)


def test_micro_constants_of_trastuzumab_give_the_volume_and_clearance_derived_from_them() -> None:
    read = {symbol: reading["value"] for symbol, reading in READ["drugs"]["trastuzumab"].items()}
    assert read["Q"] == pytest.approx(read["k12"] * read["Vc"], rel=1e-4)
    assert read["Vp"] == pytest.approx(read["k12"] * read["Vc"] / read["k21"], rel=1e-4)


@pytest.mark.parametrize("symbol", ["CL", "Vc"])
def test_variances_of_t_dxd_give_the_coefficients_of_variation_derived_from_them(symbol: str) -> None:
    read = {name: reading["value"] for name, reading in READ["drugs"]["t-dxd"].items() if "value" in reading}
    variance = read[f"var_{symbol}"]
    assert read[f"cv_{symbol}"] == pytest.approx(math.sqrt(math.expm1(variance)), rel=1e-3)
    assert read[f"cv_{symbol}"] != pytest.approx(math.sqrt(variance), rel=1e-3)
