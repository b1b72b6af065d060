"""What ``explain`` prints: each number and name of the catalogue in words, 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from tdm1sim.catalogue import load_catalogue
from tdm1sim.catalogue.entries import (
    CellLineEntry,
    DrugEntry,
    Her2Class,
    MeasuredCurve,
    ParameterEntry,
    Reference,
    ResistanceEntry,
)
from tdm1sim.cli.names import close
from tdm1sim.cli.terminal import WIDTH
from tdm1sim.cli.wording import number, sets_of, unit_of
from tdm1sim.errors import InputError, Problem
from tdm1sim.tables import plain_table

HOW_SURE = {
    "sourced": "sourced: read in the references below",
    "assumed": "assumed: our choice, not taken from a measurement",
    "calibrated": "calibrated: fitted by us, the note says to what",
}
"""What the three states of knowledge mean."""


@dataclass(frozen=True, slots=True)
class Card:
    """One thing explained: as lines for people, as a record for programs."""

    lines: list[str]
    record: dict[str, Any]


def parameter_records() -> list[dict[str, Any]]:
    """Return every parameter as a record for programs."""
    return [asdict(entry) for entry in load_catalogue().parameters.values()]


def parameter_tables() -> list[Table | str]:
    """Return every parameter of the model, one table per group, an empty line between two."""
    groups: dict[str, list[ParameterEntry]] = {}
    for entry in load_catalogue().parameters.values():
        groups.setdefault(entry.group, []).append(entry)
    tables = [_group_table(group, entries) for group, entries in groups.items()]
    return [part for table in tables for part in (table, "")][:-1]


def _group_table(group: str, entries: Iterable[ParameterEntry]) -> Table:
    """Return one group of parameters: symbol, value, unit, range, how sure, what it is."""
    table = plain_table(group)
    table.add_column("symbol", no_wrap=True, style="bold", min_width=9)
    table.add_column("value", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("range", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("what", ratio=1)
    for entry in entries:
        values = [number(entry.in_setting(setting)) for setting in ("culture", "patient")]
        value = values[0] if values[0] == values[1] else f"{values[0]} culture\n{values[1]} patient"
        span = f"{number(entry.low)} - {number(entry.high)}"
        table.add_row(entry.symbol, value, unit_of(entry.unit), span, entry.status, Text(entry.name))
    return table


def find(name: str) -> list[Card]:
    """Return a card for each thing of the catalogue that has this name; capitals matter only where needed.

    Raises
    ------
    InputError
        Nothing has this name; the message holds the nearest names.
    """
    catalogue = load_catalogue()
    kinds: list[tuple[Mapping[str, Any], Callable[[Any], list[str]], str]] = [
        (catalogue.parameters, _parameter_lines, "parameter"),
        (catalogue.drugs, _drug_lines, "drug"),
        (catalogue.cell_lines, _cell_line_lines, "cell line"),
        (catalogue.her2_classes, _her2_lines, "HER2 class"),
        (catalogue.resistance, _resistance_lines, "resistance mechanism"),
        (catalogue.measured, _measured_lines, "measured curve"),
        (catalogue.references, reference_lines, "reference"),
    ]
    cards = [_card(book[name], lines, kind) for book, lines, kind in kinds if name in book]
    if cards:
        return cards
    folded = name.casefold()
    cards = [
        _card(entry, lines, kind)
        for book, lines, kind in kinds
        for key, entry in book.items()
        if key.casefold() == folded
    ]
    if cards:
        return cards
    known = [key for book, _, _ in kinds for key in book]
    similar = close(name, known, 5)
    raise InputError(
        [
            Problem(
                path="",
                message=f"nothing in the catalogue is called {name!r}",
                allowed="`tdm1sim explain` lists the parameters, `tdm1sim list` the rest",
                suggestion=f"did you mean {', '.join(similar)}?" if similar else "",
            )
        ]
    )


def _card(entry: Any, lines: Callable[[Any], list[str]], kind: str) -> Card:
    return Card(lines(entry), {"kind": kind, **asdict(entry)})


def _parameter_lines(entry: ParameterEntry) -> list[str]:
    values = {setting: number(value) for setting, value in entry.by_setting.items()}
    unit = f" {unit_of(entry.unit)}".rstrip()
    if values:
        value = ", ".join(f"{text}{unit} in {setting}" for setting, text in values.items())
    else:
        value = f"{number(entry.value)}{unit}"
    return [
        *_heading(entry.symbol, entry.name),
        *_field("value", value),
        *_field("range", f"{number(entry.low)} to {number(entry.high)}{unit}"),
        *_field("how sure", HOW_SURE[entry.status]),
        *_field("note", entry.note),
        *_field("evidence", ", ".join(entry.evidence)),
        *_sources(entry.references),
    ]


def _drug_lines(drug: DrugEntry) -> list[str]:
    lines = [*_heading(drug.name, drug.label), *_field("kind", drug.kind)]
    lines += _field("binds HER2 at", f"extracellular subdomain {drug.site}" if drug.site else "")
    lines += _field("payload", drug.payload_name)
    lines += _field("payload on", _PAYLOADS.get(drug.payload, drug.payload))
    lines += _field("inhibits", _TARGETS.get(drug.target, drug.target))
    bare = [symbol for symbol in drug.symbols if symbol not in drug.values]
    lines += _field("parameters", ", ".join(bare))
    keys = list(drug.references)
    for symbol, entry in drug.values.items():
        values = [f"{number(entry.in_setting(setting))}" for setting in ("culture", "patient")]
        amount = values[0] if values[0] == values[1] else f"{values[0]} in culture, {values[1]} in patient"
        sources = "; ".join(part for part in (entry.status, ", ".join(entry.references)) if part)
        lines += _field(symbol, f"{amount} {unit_of(entry.unit)}".rstrip() + f" ({sources}). {entry.note}".rstrip())
        keys += entry.references
    return [*lines, *_field("note", drug.note), *_sources(keys)]


_PAYLOADS = {"microtubule": "microtubules", "topoisomerase_1": "topoisomerase I"}
_TARGETS = {"pi3k": "PI3K", "pgp": "P-glycoprotein (MDR1)", "cyp3a4": "CYP3A4"}


def _cell_line_lines(line: CellLineEntry) -> list[str]:
    lines = [*_heading(line.name, line.label), *_field("HER2 class", line.her2_class)]
    lines += _field("driven by HER2", "yes" if line.her2_driven else "no")
    lines += _field("PTEN", "deficient" if line.pten_deficient else "intact")
    keys: list[str] = []
    for trait, value in line.values.items():
        sources = line.references.get(trait, ())
        keys += [key for key in sources if key not in keys]
        origin = "; ".join(part for part in (line.status.get(trait, ""), ", ".join(sources)) if part)
        amount = f"{number(value)} {_TRAIT_UNITS.get(trait, '')}".rstrip()
        lines += _field(trait, f"{amount} ({origin})" if origin else amount)
    return [*lines, *_field("note", line.note), *_sources(keys)]


_TRAIT_UNITS = {
    "receptors": "per cell",
    "spread": "(SD of ln)",
    "doubling": "h",
    "volume": "pL",
    "ke": "1/h",
    "kpino": "pL/h",
    "cells_per_well": "per well",
}


def _her2_lines(entry: Her2Class) -> list[str]:
    ish = "must be stated: amplified or not_amplified" if entry.ish == "required" else f"{entry.ish} unless stated"
    return [
        *_heading(f"HER2 {entry.name}", "immunohistochemistry class"),
        *_field("value", f"{number(entry.receptors)} receptors per cell (median)"),
        *_field("range", f"{number(entry.low)} to {number(entry.high)} receptors per cell"),
        *_field("ISH", ish),
        *_field("how sure", HOW_SURE[entry.status]),
        *_field("note", entry.note),
        *_sources(entry.references),
    ]


def _resistance_lines(entry: ResistanceEntry) -> list[str]:
    lines = [*_heading(entry.name, entry.label), *_field("sets", sets_of(entry))]
    if entry.low is not None and entry.high is not None:
        lines += _field("range", f"{number(entry.low)} to {number(entry.high)}")
    return [
        *lines,
        *_field("how sure", HOW_SURE[entry.status]),
        *_field("note", entry.note),
        *_field("evidence", ", ".join(entry.evidence)),
        *_sources(entry.references),
    ]


def _measured_lines(curve: MeasuredCurve) -> list[str]:
    points = ", ".join(f"({number(x)}, {number(y)})" for x, y in zip(curve.x, curve.y, strict=True))
    return [
        *_heading(curve.name, curve.label),
        *_field("x", curve.x_label),
        *_field("y", curve.y_label),
        *_field("points", points),
        *_field("assay", f"{curve.readout}, {number(curve.hours)} h"),
        *_field("note", curve.note),
        *_field("evidence", ", ".join(dict.fromkeys(curve.evidence))),
        *_sources(curve.references),
    ]


def reference_lines(reference: Reference) -> list[str]:
    """Return one reference as lines: key, text, identifiers, how it was checked."""
    identifiers = [("doi", reference.doi), ("PMID", reference.pmid), ("", reference.url)]
    known = "; ".join(f"{label} {text}".strip() for label, text in identifiers if text)
    return [
        f"[{reference.key}]",
        *_wrapped(reference.text),
        *_wrapped(known),
        *(_wrapped(f"citation: {reference.checked}") if reference.checked else []),
    ]


def _sources(keys: Iterable[str]) -> list[str]:
    """Return the references in full, under a heading; nothing where there are none."""
    book = load_catalogue().references
    lines = [line for key in dict.fromkeys(keys) for line in reference_lines(book[key])]
    return ["", "References", *lines] if lines else []


def _heading(name: str, text: str) -> list[str]:
    return textwrap.wrap(f"{name}: {text}" if text else name, WIDTH)


def _field(label: str, text: str) -> list[str]:
    """Return a labelled paragraph with a hanging indent; nothing when there is nothing to say."""
    if not text:
        return []
    head = f"  {label:<14} "
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _wrapped(text: str) -> list[str]:
    """Return an indented paragraph; an address is never broken in two."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
