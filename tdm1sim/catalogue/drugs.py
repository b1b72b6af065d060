"""Drugs, one data file each: what a drug is, and the numbers that hold where it is given.

A conjugate replaces values of the catalogue (T-DXd has another clearance, another payload); the catalogue's own are
those of T-DM1. A naked antibody has pharmacokinetics beside the conjugate's, so each of its numbers becomes a symbol
of its own, ``CL_trastuzumab``. An inhibitor has none: a scenario says how much it inhibits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, cast, get_args

from tdm1sim.catalogue.entries import DrugEntry, DrugKind, ParameterEntry
from tdm1sim.catalogue.reading import CatalogueError, Fields, FrozenDict, read_yaml
from tdm1sim.catalogue.sections import stated
from tdm1sim.parameters import PayloadClass, Site, Target

KINDS = get_args(DrugKind)
SITES = get_args(Site)
PAYLOADS = get_args(PayloadClass)
TARGETS = get_args(Target)
DISPOSITION = ("CL", "Vc", "Q", "Vp", "x_CL", "x_Vc", "weight_ref", "MW")
"""What a naked antibody must state, and all that it may."""
DEFAULT = "t-dm1"
"""The conjugate whose values the catalogue holds where no other is given."""


def read_drugs(folder: Path) -> dict[str, DrugEntry]:
    """Return the drugs of a folder, conjugates first, then antibodies, then inhibitors, each in order of name."""
    found = [drug(f"drugs/{path.name}", path.stem, read_yaml(path)) for path in sorted(folder.glob("*.yaml"))]
    if not found:
        msg = f"{folder.name}: there is no drug"
        raise CatalogueError(msg)
    found.sort(key=lambda entry: (KINDS.index(entry.kind), entry.name != DEFAULT, entry.name))
    return {entry.name: entry for entry in found}


def drug(where: str, name: str, data: object) -> DrugEntry:
    """Return one drug from what its file holds."""
    fields = Fields(where, data)
    label = fields.text("label")
    kind = cast(DrugKind, fields.choice("kind", KINDS))
    binds = kind != "inhibitor"
    site = fields.choice("site", SITES) if binds else ""
    payload = fields.choice("payload", PAYLOADS) if kind == "conjugate" else ""
    short, payload_name, released = (
        fields.text(key) if kind == "conjugate" else "" for key in ("short", "payload_name", "released")
    )
    target = fields.choice("target", TARGETS) if kind == "inhibitor" else ""
    symbols = fields.words("symbols") if kind == "conjugate" else ()
    held = _held(where, fields.raw("values", {}) if binds else {})
    entry = DrugEntry(
        name=name,
        label=label,
        kind=kind,
        site=cast("Any", site),
        payload=cast("Any", payload),
        target=cast("Any", target),
        symbols=tuple(dict.fromkeys((*symbols, *held))),
        values=FrozenDict(held),
        references=fields.words("references"),
        note=fields.text("note", ""),
        short=short or name,
        payload_name=payload_name,
        released=released,
    )
    fields.finish()
    if kind == "antibody" and set(held) != set(DISPOSITION):
        fields.fail(f"`values` of an antibody are {', '.join(DISPOSITION)}; found {', '.join(held) or 'none'}")
    return entry


def _held(where: str, data: object) -> dict[str, ParameterEntry]:
    """Return the values a file states, each with its own unit, range, status and sources."""
    outer = Fields(f"{where}: values", data)
    return {symbol: _value(f"{where}: {symbol}", symbol, outer.raw(symbol)) for symbol in outer.left()}


def _value(where: str, symbol: str, data: object) -> ParameterEntry:
    fields = Fields(where, data)
    entry = stated(fields, symbol, "", "")
    if entry.status == "sourced" and not (entry.evidence or entry.note):
        fields.fail("sourced, but neither an evidence row nor `note` says where it stands")
    return entry


def own_symbols(drugs: Mapping[str, DrugEntry], known: Mapping[str, ParameterEntry]) -> dict[str, ParameterEntry]:
    """Return the pharmacokinetics of naked antibodies under symbols of their own (``CL_trastuzumab``).

    Parameters
    ----------
    drugs : mapping
        All drugs.
    known : mapping
        The catalogue's own symbols, which name and unit are taken from.
    """
    found = {}
    for entry in drugs.values():
        for symbol, held in entry.values.items() if entry.kind == "antibody" else ():
            base = _same_unit(entry.name, symbol, held, known)
            name = base.name.replace("the conjugate", entry.name)
            name = name if entry.name in name else f"{name} ({entry.name})"
            own = f"{symbol}_{entry.name}"
            found[own] = replace(held, symbol=own, name=name, group=entry.name, like=symbol)
    return found


def overlaid(entry: DrugEntry, known: Mapping[str, ParameterEntry]) -> dict[str, ParameterEntry]:
    """Return all symbols as they hold where a conjugate is given: its own values over the catalogue's."""
    changed = {}
    for symbol, held in entry.values.items() if entry.kind == "conjugate" else ():
        base = _same_unit(entry.name, symbol, held, known)
        changed[symbol] = replace(held, name=base.name, group=base.group)
    return {**known, **changed}


def _same_unit(
    drug_name: str, symbol: str, held: ParameterEntry, known: Mapping[str, ParameterEntry]
) -> ParameterEntry:
    """Return the catalogue's entry of a symbol that a drug states too; refuse one that is not there."""
    where = f"drugs/{drug_name}.yaml: {symbol}"
    if symbol not in known:
        _fail(f"{where}: there is no parameter `{symbol}`")
    if held.unit != known[symbol].unit:
        _fail(f"{where}: is in {held.unit}, the catalogue's in {known[symbol].unit}; one unit is expected")
    return known[symbol]


def _fail(text: str) -> NoReturn:
    raise CatalogueError(text)
