"""The shipped data: complete, honest about its sources, equal to the model's table typed again here."""

import math
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.catalogue.canonical import CANONICAL
from tdm1sim.catalogue.entries import ParameterEntry
from tdm1sim.catalogue.loader import DATA
from tdm1sim.units import DIMENSIONS, parse_quantity

# value, unit as displayed; typed a second time from the model's tables, not copied from the data file
TABLE = {
    "kon": (0.36, "1/nM/h"),
    "KD": (0.314, "nM"),
    "ke": (0.14, "1/h"),
    "kr": (1.2, "1/h"),
    "ks": (0.457, "1/h"),
    "ksh": (0.005, "1/h"),
    "eta": (1, "1"),
    "klys": (0.5, "1/h"),
    "kexoL": (0.02, "1/h"),
    "kSLC": (0.214, "1/h"),
    "kleak": (0.004, "1/h"),
    "kexo": (0.02, "1/h"),
    "T": (20, "uM"),
    "KDt": (0.93, "uM"),
    "keff": (0.28, "1/h"),
    "DAR": (3.5, "1"),
    "V": (3.8, "pL"),
    "MW": (148, "kg/mol"),
    "t_S": (8, "h"),
    "t_G2": (4, "h"),
    "t_M": (1, "h"),
    "cv_cycle": (0.15, "1"),
    "E_T": (0.2, "1"),
    "n": (6.5, "1"),
    "kdm": (0.015, "1/h"),
    "kslip": (0.075, "1/h"),
    "kmc": (0.009, "1/h"),
    "kap": (0.05, "1/h"),
    "C_A": (3000, "nM"),
    "band_fraction": (0.74, "1"),
    "q": (2, "1"),
    "C_T": (math.inf, "nM"),
    "sigma_tolerance": (0.15, "1"),
    "w_arrested": (1.4, "1"),
    "tau_dying": (12, "h"),
    "colony": (50, "1"),
    "CL": (0.676, "L/d"),
    "Vc": (3.127, "L"),
    "Q": (1.534, "L/d"),
    "Vp": (0.66, "L"),
    "x_CL": (0.49, "1"),
    "x_Vc": (0.596, "1"),
    "weight_ref": (70, "kg"),
    "weight": (70, "kg"),
    "t_infusion": (90, "min"),
    "P": (259, "um/d"),
    "Rcap": (8, "um"),
    "RK": (75, "um"),
    "void": (0.24, "1"),
    "medium": (100, "uL"),
    "cells_per_well": (8000, "1"),
    "KD_II": (1, "nM"),
    "kin": (0, "pL/h"),
    "P_payload": (924, "um/d"),
    "void_payload": (0.44, "1"),
    "kNK": (0.07, "1/h"),
    "K_NK": (20000, "1"),
    "arm_payload": (1, "1"),
    "arm_blockade": (1, "1"),
    "arm_adcc": (1, "1"),
    "arm_shedding": (1, "1"),
    "f_ab": (0.4, "1"),
    "x_ECD": (0.035, "1"),
    "ECD_ref": (25, "ng/mL"),
    "x_ALB": (-0.423, "1"),
    "ALB_ref": (41, "g/L"),
    "x_burden": (0.052, "1"),
    "burden_ref": (9, "cm"),
    "x_residual": (-0.002, "mL/ug"),
    "x_AST": (0.071, "1"),
    "AST_ref": (27, "U/L"),
    "cv_CL": (0.1911, "1"),
    "cv_Vc": (0.1166, "1"),
    "cov_CL_Vc": (0.011, "1"),
    "weight_p05": (49, "kg"),
    "weight_p95": (98, "kg"),
    "residual_share": (0.5, "1"),
    "residual_p95": (54, "ug/mL"),
    "CL_DM1": (10.4, "L/h"),
    "V_DM1": (3, "L"),
    "fu_DM1": (0.07, "1"),
    "MW_DM1": (738, "g/mol"),
    "f_CYP3A4": (0.8, "1"),
}
BY_SETTING = {
    "kpino": (0.05, 0.005, "pL/h"),
    "C_M": (80, 160, "nM"),
    "doubling": (40, 25 * 24, "h"),
    "kdec": (0.0023, 0.0031, "1/h"),
    "NK": (0, 1e-4, "1"),
}
INSIDE = {"CL": "L/h", "Q": "L/h", "P": "um/h", "T": "nM", "KDt": "nM", "MW": "g/mol", "t_infusion": "h"}
INSIDE["P_payload"] = "um/h"
CATALOGUE = load_catalogue(DATA)
# of naked antibodies: test_drugs.py
PARAMETERS = [entry for entry in CATALOGUE.parameters.values() if not entry.like]


def confidences(rows: tuple[str, ...]) -> Iterator[str]:
    return (CATALOGUE.evidence[row]["confidence"][0] for row in rows)


def test_symbols_are_exactly_those_of_the_model() -> None:
    assert {entry.symbol for entry in PARAMETERS} == set(TABLE) | set(BY_SETTING) | {"sigma_her2"}


@pytest.mark.parametrize("symbol", TABLE)
def test_value_equals_the_second_entry(symbol: str) -> None:
    entry = CATALOGUE.parameters[symbol]
    assert (entry.value, entry.unit) == TABLE[symbol]
    assert dict(entry.by_setting) == {}
    assert entry.in_setting("culture") == entry.in_setting("patient") == entry.value


@pytest.mark.parametrize("symbol", BY_SETTING)
def test_value_by_setting_equals_the_second_entry(symbol: str) -> None:
    entry = CATALOGUE.parameters[symbol]
    assert (entry.in_setting("culture"), entry.in_setting("patient"), entry.unit) == BY_SETTING[symbol]


def test_spread_of_her2_lies_where_the_model_puts_it() -> None:
    assert 0.5 <= CATALOGUE.parameters["sigma_her2"].value <= 0.6


@pytest.mark.parametrize("entry", PARAMETERS, ids=lambda entry: entry.symbol)
def test_parameter_is_complete(entry: ParameterEntry) -> None:
    assert entry.unit in CANONICAL
    assert entry.name
    assert entry.group
    for setting in ("culture", "patient"):
        assert entry.low <= entry.in_setting(setting) <= entry.high  # type: ignore[arg-type]
    assert entry.status in {"sourced", "assumed", "calibrated"}
    assert entry.references or entry.status == "assumed"


@pytest.mark.parametrize("entry", PARAMETERS, ids=lambda entry: entry.symbol)
def test_sourced_rests_on_rows_read_in_their_source(entry: ParameterEntry) -> None:
    if entry.status == "sourced":
        assert set(confidences(entry.evidence)) <= {"S"}
        assert entry.evidence or entry.symbol == "t_infusion"  # the label's dosing section; no evidence row


@pytest.mark.parametrize("entry", PARAMETERS, ids=lambda entry: entry.symbol)
def test_calibrated_says_to_which_rows(entry: ParameterEntry) -> None:
    if entry.status == "calibrated":
        assert re.search(r"[bc]\d{3}", entry.note)
        assert re.search(r"\b(fitted|set so)\b", entry.note, re.IGNORECASE)


@pytest.mark.parametrize("symbol", ["n", "kslip", "kdm", "kmc", "E_T", "C_A", "q", "kexoL", "kleak", "kexo"])
def test_what_nobody_measured_is_called_assumed_and_says_why(symbol: str) -> None:
    entry = CATALOGUE.parameters[symbol]
    assert entry.status == "assumed"
    assert entry.note


def test_cell_lines_sourced_receptors_equal_their_evidence_row() -> None:
    for line in CATALOGUE.cell_lines.values():
        for trait in ("receptors", "doubling"):
            if line.status[trait] == "sourced":
                row = CATALOGUE.evidence[line.evidence[trait][0]]
                assert line.values[trait] == float(row["value"]), (line.name, trait)
                assert set(confidences(line.evidence[trait])) == {"S"}, (line.name, trait)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "sk-br-3",
            {"receptors": 1.13e6, "doubling": 37.4, "volume": 3.8, "E_T": 0.48, "cells_per_well": 8000},
        ),
        ("bt474eei", {"receptors": 2.5e5, "doubling": 80, "ke": 0.25, "E_T": 0}),
        ("jurkat", {"receptors": 0, "doubling": 20.7, "volume": 1, "kpino": 0.0134}),
    ],
)
def test_cell_lines_of_the_calibration(name: str, expected: dict[str, float]) -> None:
    assert dict(CATALOGUE.cell_lines[name].values) == expected


def test_her2_driven_lines_are_amplified_ones() -> None:
    driven = {name for name, line in CATALOGUE.cell_lines.items() if line.her2_driven}
    assert {"sk-br-3", "bt-474"} <= driven
    assert not driven & {"jurkat", "mcf7", "mda-mb-231", "bt474eei"}


def test_her2_classes_rise_and_touch() -> None:
    classes = CATALOGUE.her2_classes
    assert {name: entry.receptors for name, entry in classes.items()} == {
        "0": 1e4,
        "1+": 5e4,
        "2+": 2e5,
        "3+": 1e6,
    }
    assert [entry.ish for entry in classes.values()] == [
        "not_amplified",
        "not_amplified",
        "required",
        "amplified",
    ]
    ranges = list(classes.values())
    assert all(a.high == b.low for a, b in pairwise(ranges))


def test_resistance_sets_what_the_model_says() -> None:
    assert {name: dict(entry.sets) for name, entry in CATALOGUE.resistance.items()} == {
        "her2_loss": {"her2_fold": 0.1},
        "mdr1_high": {"mdr1": 10},
        "slc46a3_loss": {"slc46a3": 0},
        "pten_deficient": {"pten": "deficient"},
        "poor_internalization": {"internalization": 0.1},
        "fast_recycling": {"recycling": 10},
        "lysosome_impaired": {"lysosome": 0.1},
    }
    assert {entry.status for entry in CATALOGUE.resistance.values()} == {"assumed"}


def test_measured_curve_is_the_evidence_in_nM() -> None:
    curve = CATALOGUE.measured["sk_br_3_t_dm1_72h"]
    rows = [CATALOGUE.evidence[f"c{number:03d}"] for number in range(97, 105)]
    doses = [float(re.search(r"T-DM1 (\S+) ug/mL", row["condition"])[1]) for row in rows]  # type: ignore[index]
    assert curve.evidence == tuple(row["id"] for row in rows)
    assert curve.x == pytest.approx([dose * 1e6 / 148_000 for dose in doses], rel=1e-12)
    assert curve.y == tuple(float(row["value"]) for row in rows)
    assert (curve.readout, curve.hours) == ("atp", 72)


def test_evidence_lost_no_row() -> None:
    counts = {"c": 234, "b": 192, "f": 66}
    expected = {f"{letter}{n:03d}" for letter, count in counts.items() for n in range(1, count + 1)}
    assert set(CATALOGUE.evidence) == expected


def test_every_reference_says_how_it_was_checked_and_can_be_found() -> None:
    for entry in CATALOGUE.references.values():
        assert entry.checked
        assert entry.doi or entry.pmid or entry.url, entry.key
        assert not entry.doi or re.fullmatch(r"10\.\d{4,5}/\S+", entry.doi), entry.key
        assert not entry.pmid or entry.pmid.isdigit(), entry.key


@pytest.mark.parametrize("unit", CANONICAL)
def test_factor_equals_the_unit_library(unit: str) -> None:
    pint = pytest.importorskip("pint")
    registry = pint.UnitRegistry()
    inside, numerator, denominator = CANONICAL[unit]
    found = registry.Quantity(1.0, unit).to(inside).magnitude
    assert found == pytest.approx(numerator / denominator, rel=1e-12)
    assert 1 in (numerator, denominator)


@pytest.mark.parametrize("entry", PARAMETERS, ids=lambda entry: entry.symbol)
def test_canonical_and_back(entry: ParameterEntry) -> None:
    inside = CATALOGUE.canonical(entry.symbol, 1.7)
    assert CATALOGUE.displayed(entry.symbol, inside) == pytest.approx(1.7, rel=1e-15)
    assert CATALOGUE.canonical_unit(entry.symbol) == INSIDE.get(entry.symbol, entry.unit)


@pytest.mark.parametrize("entry", PARAMETERS, ids=lambda entry: entry.symbol)
def test_default_and_the_same_value_typed_by_a_user_have_the_same_bits(entry: ParameterEntry) -> None:
    if not math.isinf(entry.value):
        text = f"{entry.value!r} {entry.unit}".removesuffix(" 1")
        unit = CATALOGUE.canonical_unit(entry.symbol)
        dimension = next(name for name, kind in DIMENSIONS.items() if kind.unit == unit)
        assert parse_quantity(text, dimension) == CATALOGUE.canonical(entry.symbol, entry.value)


def test_canonical_examples() -> None:
    assert CATALOGUE.canonical("CL", 24.0) == pytest.approx(1.0)
    assert CATALOGUE.canonical("T", 20.0) == 20_000
    assert CATALOGUE.canonical("t_infusion", 90.0) == 1.5
    assert CATALOGUE.canonical("MW", 148.0) == 148_000
    assert math.isinf(CATALOGUE.canonical("C_T", math.inf))
