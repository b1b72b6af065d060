"""Quantities: read right, written back to the last bit, refused with the right spelling."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdm1sim import units
from tdm1sim.catalogue import load_catalogue
from tdm1sim.units import DIMENSIONS, UnitError, convert, dimension_of, parse_in_unit, parse_quantity, spell


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("21 d", "time", 504.0),
        ("21d", "time", 504.0),
        ("90 min", "time", 1.5),
        ("1e1 h", "time", 10.0),
        ("3.6 mg/kg", "dose", 3.6),
        ("3600 µg/kg", "dose", 3.6),
        ("3.6 mg / kg", "dose", 3.6),
        ("10 nM", "concentration", 10.0),
        ("0.1 uM", "concentration", 100.0),
        ("0.1 μM", "concentration", 100.0),
        ("259 um/d", "permeability", 259 / 24),
        ("0.672 L/d", "clearance", 0.028),
        ("0.14 /h", "rate", 0.14),
        ("0.14 h^-1", "rate", 0.14),
        ("0.36 1/nM/h", "binding_rate", 0.36),
        ("70 kg", "weight", 70.0),
        ("100 µL", "volume_medium", 100.0),
        ("0.05 pL/h", "uptake", 0.05),
        ("148 kg/mol", "molar_mass", 148000.0),
        ("0.5", "number", 0.5),
    ],
)
def test_right_spellings(text: str, dimension: str, value: float) -> None:
    assert parse_quantity(text, dimension) == value


def test_mass_concentration_needs_the_molar_mass() -> None:
    assert parse_quantity("148 ug/mL", "concentration", molar_mass=148_000.0) == pytest.approx(1000.0, rel=1e-15)
    with pytest.raises(UnitError, match=r"mass concentration.*molar concentration"):
        parse_quantity("148 ug/mL", "concentration")


@pytest.mark.parametrize(
    ("text", "dimension", "says"),
    [
        ("21", "time", r"21 has no unit; a time is needed, such as 21 d; write '21 d' or '21 h'"),
        ("250 mg", "dose", r"'250 mg' is a mass; a dose per body weight is needed, such as 3.6 mg/kg"),
        ("3.6 mg/kg", "weight", r"is a dose per body weight; a body weight is needed"),
        ("3.6 mg/mL", "dose", r"is a mass concentration; a dose per body weight"),
        ("10 nm", "concentration", r"is a length; a concentration is needed, such as 10 nM"),
        ("5 dya", "time", r"'dya' is not a unit known here.*did you mean 'd'\?"),
        ("nan d", "time", r"is not a finite number"),
        ("inf d", "time", r"is not a finite number"),
        ("-inf nM", "concentration", r"is not a finite number"),
        (".inf", "time", r"is not a finite number"),
        ("1e400 d", "time", r"too large a number"),
        ("often", "time", r"'often' is not a time; write a number and its unit, such as 21 d"),
        ("", "time", r"is not a time"),
        ("3 d d", "time", r"a time is needed"),
        ("3 degC", "time", r"a time is needed"),
        ("3 dB", "time", r"a time is needed"),
        ("2 x", "number", r"has the unit 'x'; this is a plain number"),
    ],
)
def test_wrong_spellings_show_the_right_one(text: str, dimension: str, says: str) -> None:
    with pytest.raises(UnitError, match=says):
        parse_quantity(text, dimension)


@pytest.mark.parametrize(
    "text", ["9**9**9**9 d", "1 d**9999999", "1 m^99999", "1 (d)", "1 __import__('os')", "1 " + "d" * 99]
)
def test_units_are_not_computed(text: str) -> None:
    """Nothing that pint could be made to work on for long, or to evaluate, gets through."""
    with pytest.raises(UnitError):
        parse_quantity(text, "time")


@given(st.floats(min_value=0, max_value=1e12), st.sampled_from(sorted(DIMENSIONS)))
@settings(max_examples=300, deadline=None)
def test_spelled_values_come_back_to_the_last_bit(value: float, dimension: str) -> None:
    assert parse_quantity(spell(value, dimension), dimension) == value


def test_spelling_is_for_people() -> None:
    assert spell(504.0, "time") == "21 d"
    assert spell(72.0, "time") == "72 h"
    assert spell(0.0, "time") == "0 h"
    assert spell(259 / 24, "permeability") == "259 um/d"


def test_parse_in_unit() -> None:
    assert parse_in_unit("20000 nM", "uM") == 20.0
    assert parse_in_unit("0.0281666 L/h", "L/d") == pytest.approx(0.6759984)
    with pytest.raises(UnitError, match="'100 nM' or '100 uM'"):
        parse_in_unit("100", "nM")
    with pytest.raises(UnitError, match="a plain number"):
        parse_in_unit("0.2 nM", "1")


def test_convert() -> None:
    assert convert(1.0, "um/d", "um/h") == 1 / 24
    assert convert(math.inf, "uM", "nM") == math.inf
    assert convert(2.0, "h", "h") == 2.0
    with pytest.raises(UnitError, match="one is a time, the other a length"):
        convert(1.0, "h", "um")
    with pytest.raises(UnitError, match="unknown"):
        convert(1.0, "h", "blub")


def test_every_example_and_common_unit_of_the_table_reads() -> None:
    for name, known in DIMENSIONS.items():
        assert math.isfinite(parse_quantity(known.example, name))
        for unit in known.common:
            if unit != "ug/mL":
                assert parse_quantity(f"2 {unit}", name) > 0


def test_catalogue_factors_agree_with_pint() -> None:
    """The catalogue types its factors by hand; here they meet the unit library."""
    catalogue = load_catalogue()
    for symbol, entry in catalogue.parameters.items():
        if entry.unit != "1":
            expected = convert(1.0, entry.unit, catalogue.canonical_unit(symbol))
            assert catalogue.canonical(symbol, 1.0) == pytest.approx(expected, rel=1e-15), symbol
            assert dimension_of(entry.unit) is not None, symbol


USUAL_PAIRS = [(one, other) for one in units.USUAL for other in units.USUAL]


@pytest.mark.parametrize(("group", "other"), USUAL_PAIRS, ids=["-".join((*a, "with", *b)) for a, b in USUAL_PAIRS])
def test_usual_units_are_those_of_pint(group: dict[str, Fraction], other: dict[str, Fraction]) -> None:
    """Every unit of a group against one of the same and of every other group."""
    to = next(iter(other))
    for unit, size in group.items():
        assert units.pint_factor(unit, to) == (size / other[to] if group is other else None)


def test_companion_a_wrong_size_would_be_noticed() -> None:
    assert units.pint_factor("um/d", "um/h") != Fraction(24)


def test_pint_is_imported_late() -> None:
    """Half a second of every run: only where a unit is unusual."""
    code = (
        "import sys; from tdm1sim.units import DIMENSIONS, parse_quantity\n"
        "for name, known in DIMENSIONS.items(): parse_quantity(known.example, name)\n"
        "from tdm1sim.units import dimension_of\n"
        "from tdm1sim.catalogue import load_catalogue\n"
        "for entry in load_catalogue().parameters.values(): dimension_of(entry.unit)  # as a resolved.yaml has them\n"
        "assert 'pint' not in sys.modules\n"
        "assert parse_quantity('3 weeks', 'time') == 504.0 and 'pint' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
