"""Turns the mappings of the data files into entries, one function per kind of knowledge."""

from __future__ import annotations

import math
from typing import Literal, cast, get_args

from tdm1sim.catalogue.canonical import CANONICAL
from tdm1sim.catalogue.entries import (
    CellLineEntry,
    Her2Class,
    MeasuredCurve,
    ParameterEntry,
    Reference,
    ResistanceEntry,
    Setting,
    Status,
)
from tdm1sim.catalogue.reading import Fields, FrozenDict
from tdm1sim.parameters import READOUT_KINDS

STATUSES = get_args(Status)
TRAITS = {
    "receptors": "1",
    "spread": "1",
    "doubling": "h",
    "volume": "pL",
    "ke": "1/h",
    "kpino": "pL/h",
    "E_T": "1",
    "cells_per_well": "1",
}
"""What a cell line may state, and the unit it must be written in."""
CLONE_KEYS = ("her2_fold", "mdr1", "slc46a3", "pten", "internalization", "recycling", "lysosome")
"""What a resistance mechanism may set: keys of a clone, and the fold of its receptors."""


def status(fields: Fields) -> Status:
    """Take ``status``."""
    return cast(Status, fields.choice("status", STATUSES))


def reference(where: str, key: str, data: object) -> Reference:
    """Return one publication."""
    fields = Fields(where, data)
    entry = Reference(
        key=key,
        text=fields.text("text"),
        doi=fields.text("doi", ""),
        pmid=fields.text("pmid", ""),
        url=fields.text("url", ""),
        checked=fields.text("checked"),
    )
    fields.finish()
    return entry


def parameter(where: str, group: str, symbol: str, data: object) -> ParameterEntry:
    """Return one number of the model, its value inside its bounds."""
    fields = Fields(where, data)
    return stated(fields, symbol, fields.text("name"), group)


def stated(fields: Fields, symbol: str, name: str, group: str) -> ParameterEntry:
    """Take value, range, status, sources and note, and refuse what does not hold together.

    Parameters
    ----------
    fields : Fields
        The entry; nothing may be left in it after this.
    symbol, name, group : str
        What it is called; empty name and group where another entry gives them.
    """
    value, unit, by_setting = values(fields)
    low, high = fields.span("range")
    chosen, uncertain = narrower(fields, low, high)
    entry = ParameterEntry(
        symbol=symbol,
        name=name,
        value=value,
        unit=unit,
        low=low,
        high=high,
        status=status(fields),
        by_setting=FrozenDict(by_setting),
        references=fields.words("references"),
        evidence=fields.rows("evidence"),
        group=group,
        note=fields.text("note", ""),
        uncertain=FrozenDict(uncertain),
        chosen=chosen,
    )
    fields.finish()
    if unit not in CANONICAL:
        fields.fail(f"the unit {unit!r} is not one of {', '.join(CANONICAL)}")
    for number in (value, *by_setting.values()):
        inside(fields, number, low, high)
    for setting, (least, most) in uncertain.items():
        inside(fields, entry.in_setting(cast(Setting, setting)), least, most)
    supported(fields, entry.status, entry.references)
    return entry


def narrower(fields: Fields, low: float, high: float) -> tuple[bool, dict[str, tuple[float, float]]]:
    """Take ``uncertain``: ``never``, bounds inside the range, or bounds for ``culture`` and ``patient``."""
    if not fields.has("uncertain"):
        fields.raw("uncertain", 0)
        return False, {}
    said = fields.raw("uncertain")
    if said == "never":
        return True, {}
    settings = get_args(Setting)
    inner = Fields(f"{fields.where}: uncertain", said if isinstance(said, dict) else dict.fromkeys(settings, said))
    found = {setting: inner.span(setting) for setting in settings if inner.has(setting)}
    inner.finish()
    for least, most in found.values():
        if not low <= least < most <= high:
            fields.fail(f"`uncertain` {least:g} to {most:g} is not inside the range {low:g} to {high:g}")
    return False, found


def values(fields: Fields) -> tuple[float, str, dict[str, float]]:
    """Take ``value``, or ``culture`` and ``patient``; where only one is asked for it is the patient's."""
    if fields.has("value"):
        value, unit = fields.quantity("value")
        return value, unit, {}
    culture, unit = fields.quantity("culture")
    patient, other = fields.quantity("patient")
    if unit != other:
        fields.fail(f"`culture` is in {unit} and `patient` in {other}; one unit is expected")
    return patient, unit, {"culture": culture, "patient": patient}


def inside(fields: Fields, value: float, low: float, high: float) -> None:
    """Refuse a value outside its range."""
    if math.isinf(low) or not low <= value <= high:
        fields.fail(f"{value:g} is not inside its range {low:g} to {high:g}")


def supported(fields: Fields, found: Status, references: tuple[str, ...]) -> None:
    """Refuse a value that claims a source and names none."""
    if found != "assumed" and not references:
        fields.fail(f"{found}, but `references` names nobody")


def cell_line(where: str, name: str, data: object) -> CellLineEntry:
    """Return one cell line; each trait has its own status, references and evidence."""
    fields = Fields(where, data)
    traits = Fields(f"{where}: traits", fields.raw("traits"))
    values: dict[str, float] = {}
    known: dict[str, Status] = {}
    references: dict[str, tuple[str, ...]] = {}
    evidence: dict[str, tuple[str, ...]] = {}
    for trait, unit in TRAITS.items():
        if not traits.has(trait):
            traits.raw(trait, 0)
            continue
        inner = Fields(f"{where}: {trait}", traits.raw(trait))
        values[trait], found = inner.quantity("value")
        if found != unit or not 0 <= values[trait] < math.inf:
            inner.fail(f"`value` is {values[trait]:g} {found}; at least 0, in the unit {unit}, is expected")
        known[trait] = status(inner)
        references[trait], evidence[trait] = inner.words("references"), inner.rows("evidence")
        supported(inner, known[trait], references[trait])
        inner.finish()
    traits.finish()
    entry = CellLineEntry(
        name=name,
        label=fields.text("label"),
        values=FrozenDict(values),
        her2_driven=fields.flag("her2_driven"),
        pten_deficient=fields.choice("pten", ("intact", "deficient")) == "deficient",
        her2_class=fields.choice("her2_class", ("0", "1+", "2+", "3+")),
        status=FrozenDict(known),
        references=FrozenDict(references),
        note=fields.text("note", ""),
        evidence=FrozenDict(evidence),
    )
    fields.finish()
    for needed in ("receptors", "doubling"):
        if needed not in values:
            fields.fail(f"the trait `{needed}` is missing")
    return entry


def her2_class(where: str, name: str, data: object) -> Her2Class:
    """Return one IHC class."""
    fields = Fields(where, data)
    receptors, unit = fields.quantity("receptors")
    low, high = fields.span("range")
    ish = fields.choice("ish", ("amplified", "not_amplified", "required"))
    entry = Her2Class(
        name=name,
        receptors=receptors,
        low=low,
        high=high,
        ish=cast(Literal["amplified", "not_amplified", "required"], ish),
        status=status(fields),
        references=fields.words("references"),
        note=fields.text("note", ""),
        evidence=fields.rows("evidence"),
    )
    fields.finish()
    if unit != "1":
        fields.fail(f"`receptors` is a number per cell, found the unit {unit!r}")
    inside(fields, receptors, low, high)
    supported(fields, entry.status, entry.references)
    return entry


def resistance(where: str, name: str, data: object) -> ResistanceEntry:
    """Return one resistance mechanism; a mechanism with a size has a range around it."""
    fields = Fields(where, data)
    inner = Fields(f"{where}: sets", fields.raw("sets"))
    sets: dict[str, float | str] = {}
    for key in CLONE_KEYS:
        if not inner.has(key):
            inner.raw(key, 0)
        elif key == "pten":
            sets[key] = inner.choice(key, ("intact", "deficient"))
        else:
            sets[key] = inner.number(key, inner.raw(key))
    inner.finish()
    low, high = fields.span("range") if fields.has("range") else (None, None)
    entry = ResistanceEntry(
        name=name,
        label=fields.text("label"),
        sets=FrozenDict(sets),
        low=low,
        high=high,
        status=status(fields),
        references=fields.words("references"),
        evidence=fields.rows("evidence"),
        note=fields.text("note", ""),
    )
    fields.finish()
    if len(sets) != 1:
        fields.fail(f"exactly one of {', '.join(CLONE_KEYS)} is expected in `sets`")
    size = next(iter(sets.values()))
    if isinstance(size, float):
        if low is None or high is None:
            fields.fail("`range` is missing")
        inside(fields, size, low, high)
    supported(fields, entry.status, entry.references)
    return entry


def measured(
    where: str, name: str, data: object, points: list[tuple[str, float, float]], molar_mass: float
) -> MeasuredCurve:
    """Return one published curve.

    Parameters
    ----------
    where, name, data : str, str, object
        File and entry; name; what the file says besides the points.
    points : list of (str, float, float)
        Evidence row, dose in ug/mL, read-out relative to untreated.
    molar_mass : float
        Of the conjugate, g/mol.
    """
    fields = Fields(where, data)
    entry = MeasuredCurve(
        name=name,
        label=fields.text("label"),
        # ug/mL is mg/L; a g/mol is a mg/mmol, and 1 mmol/L is 1e6 nM.
        x=tuple(dose / molar_mass * 1e6 for _, dose, _ in points),
        y=tuple(value for _, _, value in points),
        x_label=fields.text("x_label"),
        y_label=fields.text("y_label"),
        readout=fields.choice("readout", READOUT_KINDS),
        hours=fields.number("hours", fields.raw("hours")),
        evidence=tuple(row for row, _, _ in points),
        references=fields.words("references"),
        note=fields.text("note", ""),
    )
    fields.finish()
    if not points:
        fields.fail("no row of measured.csv belongs to this curve")
    if list(entry.x) != sorted(set(entry.x)) or entry.x[0] <= 0:
        fields.fail("the doses must be positive and rise from row to row")
    supported(fields, "sourced", entry.references)
    return entry
