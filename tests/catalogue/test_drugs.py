"""Drugs: each file read, its numbers typed a second time, its values over the catalogue's."""

from __future__ import annotations

import math

import pytest

from tdm1sim.catalogue import DrugEntry, load_catalogue
from tdm1sim.catalogue.drugs import DISPOSITION
from tdm1sim.catalogue.loader import DATA
from tdm1sim.parameters import PayloadClass, Site, Target

CATALOGUE = load_catalogue(DATA)
DRUGS = list(CATALOGUE.drugs.values())
# name: kind, site, payload, target
KINDS: dict[str, tuple[str, Site | str, PayloadClass | str, Target | str]] = {
    "t-dm1": ("conjugate", "IV", "microtubule", ""),
    "t-dxd": ("conjugate", "IV", "topoisomerase_1", ""),
    "pertuzumab": ("antibody", "II", "", ""),
    "trastuzumab": ("antibody", "IV", "", ""),
    "cyp3a4_inhibitor": ("inhibitor", "", "", "cyp3a4"),
    "pgp_inhibitor": ("inhibitor", "", "", "pgp"),
    "pi3k_inhibitor": ("inhibitor", "", "", "pi3k"),
}
# read again in the transcriptions of Bruno 2005, Garg 2014 and Yin 2021: L/d, L, exponents, kg
PUBLISHED = {
    "trastuzumab": {"CL": 0.225, "Vc": 2.95, "Q": 0.4838, "Vp": 4.7901, "x_CL": 0, "x_Vc": 0.556, "weight_ref": 70},
    "pertuzumab": {"CL": 0.235, "Vc": 3.11, "Q": 0.534, "Vp": 2.46, "x_CL": 0.516, "x_Vc": 0.747, "weight_ref": 72},
    "t-dxd": {
        "CL": 0.421, "Vc": 2.77, "Q": 0.199, "Vp": 5.16, "x_CL": 0.370, "x_Vc": 0.489, "weight_ref": 57.8,
        "x_ALB": -0.533, "ALB_ref": 40, "x_burden": 0.071, "burden_ref": 5.7, "cov_CL_Vc": 0.021,
        "cv_CL": math.sqrt(math.expm1(0.063)), "cv_Vc": math.sqrt(math.expm1(0.025)), "DAR": 8,
    },
}  # fmt: skip


def half_life(values: dict[str, float]) -> float:
    """Terminal half-life of two compartments, in the time unit of the clearances."""
    k10, k12, k21 = values["CL"] / values["Vc"], values["Q"] / values["Vc"], values["Q"] / values["Vp"]
    total = k10 + k12 + k21
    return math.log(2) / ((total - math.sqrt(total**2 - 4 * k10 * k21)) / 2)


@pytest.mark.parametrize("name", KINDS)
def test_each_drug_is_what_it_is(name: str) -> None:
    drug = CATALOGUE.drugs[name]
    assert (drug.kind, drug.site, drug.payload, drug.target) == KINDS[name]
    assert drug.label
    assert drug.note
    assert drug.references


def test_names_of_conjugates_and_payloads_are_those_of_the_literature() -> None:
    names = {drug.name: (drug.short, drug.payload_name, drug.released) for drug in DRUGS if drug.kind == "conjugate"}
    assert names == {"t-dm1": ("T-DM1", "DM1", "Lys-MCC-DM1"), "t-dxd": ("T-DXd", "DXd", "DXd")}
    for drug in DRUGS:
        assert drug.kind == "conjugate" or (drug.short, drug.payload_name) == (drug.name, "")
        assert drug.kind != "conjugate" or (drug.short in drug.label and drug.payload_name in drug.note)


def test_no_drug_is_missing_and_the_usual_one_comes_first() -> None:
    assert list(CATALOGUE.drugs) == list(KINDS)


@pytest.mark.parametrize("name", PUBLISHED)
def test_values_equal_the_second_reading(name: str) -> None:
    held = CATALOGUE.drugs[name].values
    for symbol, value in PUBLISHED[name].items():
        assert held[symbol].value == pytest.approx(value, rel=2e-3), symbol


@pytest.mark.parametrize("drug", DRUGS, ids=lambda drug: drug.name)
def test_overlays_are_inside_their_ranges_and_say_what_they_rest_on(drug: DrugEntry) -> None:
    for symbol, entry in drug.values.items():
        for setting in ("culture", "patient"):
            assert entry.low <= entry.in_setting(setting) <= entry.high, symbol  # type: ignore[arg-type]
        assert entry.references or entry.status == "assumed"
        assert entry.note or entry.evidence or drug.name == "pertuzumab", symbol
        assert entry.unit == CATALOGUE.parameters[symbol].unit


def test_trastuzumab_leaves_as_slowly_as_was_measured() -> None:
    """28.5 d was printed beside the rate constants; Q and Vp were worked out from these."""
    held = {symbol: entry.value for symbol, entry in CATALOGUE.drugs["trastuzumab"].values.items()}
    measured = float(CATALOGUE.evidence["b069"]["value"])
    assert half_life(held) == pytest.approx(measured, rel=0.03)
    assert half_life({**held, "Vp": held["Vc"]}) != pytest.approx(measured, rel=0.03), "the check can fail"


def test_a_naked_antibody_has_symbols_of_its_own() -> None:
    for drug in ("trastuzumab", "pertuzumab"):
        for symbol in DISPOSITION:
            own = CATALOGUE.parameters[f"{symbol}_{drug}"]
            assert own.value == CATALOGUE.drugs[drug].values[symbol].value
            assert (own.group, own.like) == (drug, symbol)
            assert drug in own.name
            assert "the conjugate" not in own.name
    assert CATALOGUE.parameters["CL"].value == 0.676, "and the conjugate keeps its own"
    ours = {entry.symbol for entry in CATALOGUE.parameters.values() if entry.like}
    assert len(ours) == 2 * len(DISPOSITION)


def test_a_conjugate_s_values_replace_the_catalogue_s_only_where_it_is_given() -> None:
    with_it = CATALOGUE.parameters_with("t-dxd")
    assert set(with_it) == set(CATALOGUE.parameters)
    changed = {symbol for symbol in with_it if with_it[symbol] != CATALOGUE.parameters[symbol]}
    assert changed == set(CATALOGUE.drugs["t-dxd"].values)
    assert with_it["C_M"].in_setting("culture") == 12
    assert with_it["C_M"].name == CATALOGUE.parameters["C_M"].name
    assert CATALOGUE.parameters_with("t-dm1") == CATALOGUE.parameters
    assert CATALOGUE.parameters["C_M"].in_setting("culture") == 80


def test_the_payload_of_t_dxd_goes_where_that_of_t_dm1_does_not() -> None:
    with_it = CATALOGUE.parameters_with("t-dxd")
    assert with_it["kin"].value == pytest.approx(with_it["keff"].value * with_it["V"].value), "as much in as out"
    assert CATALOGUE.parameters["kin"].value == 0
    assert with_it["kSLC"].value == 0
    assert with_it["kleak"].value > CATALOGUE.parameters["kleak"].value
    assert with_it["P_payload"].value > CATALOGUE.parameters["P_payload"].value
