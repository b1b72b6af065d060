"""The numbers of the model in one run: ``parameters:`` over the scenario's own keys over the catalogue."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tdm1sim.catalogue.entries import ParameterEntry
from tdm1sim.parameters import ARMS
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.document import Document, Section
from tdm1sim.scenario.fields import nearest, shown
from tdm1sim.units import UnitError, parse_in_unit

# Symbols that also have a key of their own in the scenario: (section, ..., key).
KEYED: Mapping[str, tuple[str, ...]] = {
    "weight": ("patient", "weight"),
    "medium": ("culture", "medium"),
    "cells_per_well": ("culture", "cells_per_well"),
    "P": ("tumour", "transport", "permeability"),
    "RK": ("tumour", "transport", "krogh_radius"),
    "Rcap": ("tumour", "transport", "capillary_radius"),
    "void": ("tumour", "transport", "void"),
    "doubling": ("tumour", "growth", "doubling"),
    "NK": ("immune", "nk_per_tumour_cell"),
}
POSITIVE = frozenset(
    {"KD", "ks", "V", "MW", "KDt", "C_M", "n", "C_A", "C_T", "t_S", "t_G2", "t_M", "doubling", "tau_dying", "colony"}
    | {"weight", "weight_ref", "Vc", "Vp", "Rcap", "RK", "void", "medium", "cells_per_well", "t_infusion"}
    | {"band_fraction", "KD_II", "K_NK", "CL_DM1", "V_DM1", "MW_DM1", "fu_DM1", "void_payload", "f_ab"}
    | {"ECD_ref", "ALB_ref", "burden_ref", "AST_ref", "weight_p05", "weight_p95"}
)
"""Symbols for which zero has no meaning."""
AT_MOST_ONE = frozenset(
    {"eta", "E_T", "void", "band_fraction", "void_payload", "f_ab", "fu_DM1", "f_CYP3A4", "residual_share"}
    | {f"arm_{arm}" for arm in ARMS}
)
OFF = "off"
"""How a scenario writes an infinite threshold: the mechanism is switched off."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the model: value in canonical units, how it is spelled in its display unit, where it is from.

    ``given`` is true where the scenario says it, in ``parameters`` or at its own key.
    """

    value: float
    text: str
    origin: str
    given: bool


def read_parameters(check: Checking) -> dict[str, float]:
    """Return the ``parameters`` block in the catalogue's display units; problems go to ``check``."""
    given: dict[str, float] = {}
    known = check.known
    for symbol, value in (check.document.parameters or {}).items():
        path = ("parameters", symbol)
        if symbol not in known:
            allowed = "`tdm1sim explain` lists the symbols"
            near = nearest(symbol, list(known))
            check.complain(path, f"there is no parameter {symbol!r}", allowed, near, key=True)
            continue
        entry = known[symbol]
        try:
            number = _read(value, entry)
            _limit(symbol, number, entry)
        except UnitError as error:
            check.complain(path, error.what, error.allowed, error.suggestion)
            continue
        given[symbol] = number
        if not (entry.low <= number <= entry.high or number == entry.value):
            check.warnings.append(
                f"{check.origin(*path)}: parameters.{symbol}: {spelled(number, entry)} is outside the plausible"
                f" range {entry.low:g} to {spelled(entry.high, entry)}"
            )
    return given


def _read(value: object, entry: ParameterEntry) -> float:
    """Return a value of the block in the display unit of its symbol."""
    if value == OFF and math.isinf(entry.value):
        return math.inf
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        what = f"{shown(value)} is not a number"
        raise UnitError(what, f"write it like {spelled(entry.value, entry)}")
    if isinstance(value, str):
        if entry.unit == "1":
            what = f"{shown(value)} is not a number"
            raise UnitError(what, "a plain number is needed, without a unit and without quotes")
        return parse_in_unit(value, entry.unit)
    if entry.unit == "1":
        return float(value)
    return parse_in_unit(f"{value!r}", entry.unit)  # refuses, and shows the unit


def _limit(symbol: str, number: float, entry: ParameterEntry) -> None:
    """Refuse a value that has no meaning; below zero there is one only where the plausible range reaches there."""
    shown_as = spelled(number, entry)
    symbol = entry.like or symbol
    if number < 0 <= entry.low:
        what = f"{shown_as} is negative"
        raise UnitError(what, "zero or more is needed" if symbol not in POSITIVE else "more than zero is needed")
    if number == 0 and symbol in POSITIVE:
        what = f"{shown_as} is zero"
        raise UnitError(what, "more than zero is needed")
    if number > 1 and symbol in AT_MOST_ONE:
        what = f"{shown_as} is out of range"
        raise UnitError(what, "at most 1")


def spelled(number: float, entry: ParameterEntry) -> str:
    """Write a value in the display unit of its entry, to the last bit."""
    if math.isinf(number):
        return OFF
    text = repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)
    return text if entry.unit == "1" else f"{text} {entry.unit}"


def at_key(document: Document, path: tuple[str, ...]) -> float | None:
    """Return the value of a scenario's own key, canonical; None where it is not said."""
    section: object = document
    for name in path:
        section = getattr(section, name) if isinstance(section, Section) else None
    return section if isinstance(section, float) else None


def numbers(check: Checking, given: Mapping[str, float]) -> dict[str, Number]:
    """Return every symbol of the catalogue as this run uses it, before what single clones and lines say."""
    found: dict[str, Number] = {}
    for symbol, entry in check.known.items():
        key = KEYED.get(symbol)
        own = at_key(check.document, key) if key else None
        if symbol in given:
            value = check.catalogue.canonical(symbol, given[symbol])
            origin = check.origin("parameters", symbol)
            found[symbol] = Number(value, spelled(given[symbol], entry), origin, given=True)
            if own is not None and key and own != value:
                check.warnings.append(
                    f"parameters.{symbol} ({origin}) is used, not {'.'.join(key)} ({check.origin(*key)})"
                )
        elif own is not None and key:
            text = spelled(check.catalogue.displayed(symbol, own), entry)
            found[symbol] = Number(own, text, check.origin(*key), given=True)
        else:
            default = entry.in_setting(check.setting)
            value = check.catalogue.canonical(symbol, default)
            own_values = check.catalogue.drugs[check.conjugate].values
            source = f"drug {check.conjugate}" if symbol in own_values else "catalogue"
            found[symbol] = Number(value, spelled(default, entry), f"{source} ({entry.status})", given=False)
    return found
