"""Tables of the document: numbers of the model, traits of the clones, and what calibrated values were fitted to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tdm1sim.figures.words import number_of
from tdm1sim.methods.facts import Facts, Row, spans
from tdm1sim.methods.layout import Table, cite

HEAD = ("symbol", "meaning", "value", "unit", "where from")
CLONE_HEAD = ("trait", "meaning", "value", "where from")
TRAITS: Mapping[str, tuple[str, object]] = {
    "fraction": ("share of the founders", None),
    "her2.receptors": ("median of the surface receptors of an untreated cell", None),
    "her2.spread": ("SD of their natural logarithm between cells", None),
    "her2_driven": ("whether HER2 signalling drives the cell", None),
    "pten": ("state of PTEN", "intact"),
    "mdr1": ("fold of total efflux of the payload", 1),
    "slc46a3": ("activity of SLC46A3, 1 intact, 0 lost", 1),
    "internalization": ("fold of endocytosis", 1),
    "recycling": ("fold of recycling", 1),
    "lysosome": ("fold of lysosomal activity", 1),
}
"""What a clone says: meaning, and what is normal (None where nothing is)."""
_WORDS = {
    "mdr1": "efflux times",
    "slc46a3": "SLC46A3 activity",
    "internalization": "endocytosis times",
    "recycling": "recycling times",
    "lysosome": "lysosomal activity",
}


def of_model(facts: Facts) -> Iterator[Table]:
    """Return the numbers of the model in use, in the order of the catalogue."""
    rows = tuple((_marked(row), row.meaning, row.value, row.unit, _origin(row)) for row in facts.rows)
    yield Table("Numbers of the model", HEAD, rows)


def _marked(row: Row) -> str:
    return f"{row.symbol}*" if row.changed else row.symbol


def _origin(row: Row) -> str:
    text = row.status
    if row.rows:
        text += f", data {spans(row.rows)}"
    if row.default:
        text += f"; catalogue: {row.default}"
    return text + cite(row.references)


def of_clones(facts: Facts) -> Iterator[Table]:
    """Return what each clone carries, and where each trait is from."""
    for name, traits in facts.get("tumour", "clones").items():
        rows = []
        for path, value in _flat(traits):
            origin = facts.origins.get(("tumour", "clones", name, *path), "")
            key = ".".join(path)
            meaning, normal = TRAITS.get(key) or TRAITS.get(path[0], (_other(path), None))
            mark = "*" if normal is not None and value != normal else ""
            rows.append((f"{key}{mark}", meaning, str(value), origin))
        yield Table(f"Clone {name} (* not normal)", CLONE_HEAD, tuple(rows))


def _other(path: tuple[str, ...]) -> str:
    if path[0] == "becomes":
        return "probability per daughter at division of becoming that clone (assumed)"
    return "base rate of this clone alone" if path[0] == "rates" else ""


def _flat(traits: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in traits.items():
        if isinstance(value, Mapping):
            yield from _flat(value, (*above, str(key)))
        else:
            yield (*above, str(key)), value


def departures(traits: Mapping[str, Any]) -> list[str]:
    """Return in words what is not normal in a clone."""
    found = []
    for key, words in _WORDS.items():
        value = traits.get(key)
        median = value.get("median") if isinstance(value, Mapping) else value
        if median is not None and number_of(median) != TRAITS[key][1]:
            found.append(f"{words} {median}")
    if traits.get("pten") == "deficient":
        found.append("PTEN deficient")
    if traits.get("her2_driven") is False:
        found.append("not driven by HER2")
    return found


def fits(facts: Facts) -> list[str]:
    """Return for each calibrated value what it was fitted to: the catalogue's note, and the data behind its rows."""
    known, told = facts.catalogue.evidence, []
    for row in facts.rows:
        if row.status != "calibrated":
            continue
        entry = facts.catalogue.parameters.get(row.symbol)
        note = entry.note if entry is not None else ""
        sources = dict.fromkeys(_source(known[name]) for name in row.rows if name in known)
        data = f" Rows {spans(row.rows)}: {'; '.join(sources)}." if sources else ""
        told.append(f"{row.symbol}: {note}{data}")
    return told


def _source(row: Mapping[str, str]) -> str:
    return f"{row['system']}, {row['source']}" if row["system"] else row["source"]
