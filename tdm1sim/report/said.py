"""What a page says, whatever kind of result it is about; and the parts that several kinds share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdm1sim.errors import InputError
from tdm1sim.methods.layout import Document, numbered
from tdm1sim.report.tables import Sheet

MANIFEST = "manifest.json"
_MADE = {
    "tdm1sim": "tdm1sim",
    "python": "Python",
    "platform": "platform",
    "machine": "machine",
    "engine": "engine",
    "seed": "seed",
    "scenario_hash": "hash of the scenario (SHA-256)",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the page under a heading: paragraphs, a list, tables."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """The words and tables of a page.

    Attributes
    ----------
    title, question, size : str
        The result, what it asks, how large it is; empty where nobody said.
    sheets : tuple of Sheet
        Its numbers.
    chapters : tuple of Chapter
        How it was made, from which numbers.
    references : tuple of str
        In full, in the order of their numbers in the chapters.
    warnings : tuple of str
        What a reader must know.
    commands : tuple of str
        How to make it again, beside the folder.
    made : tuple of (str, str)
        Programs, machine, seed.
    scenarios : tuple of (str, str)
        Complete scenarios, each with what it is.
    """

    title: str
    question: str = ""
    size: str = ""
    sheets: tuple[Sheet, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    references: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    made: tuple[tuple[str, str], ...] = ()
    scenarios: tuple[tuple[str, str], ...] = ()


def written_up(document: Document) -> tuple[tuple[Chapter, ...], tuple[str, ...]]:
    """Return the chapters of a document, citations as numbers, and its references in that order."""
    order = document.cited()

    def plain(text: str) -> str:
        return numbered(text, order).strip()

    chapters = tuple(
        Chapter(
            section.title,
            tuple(plain(text) for text in section.paragraphs),
            tuple(plain(text) for text in section.items),
            tuple(
                Sheet(one.caption, one.head, tuple(tuple(map(plain, row)) for row in one.rows), numeric=False)
                for one in section.tables
            ),
        )
        for section in document.sections
    )
    return chapters, tuple(document.references[key] for key in order)


def made_of(manifest: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return program, machine and scenario of a result as pairs of name and value."""
    found = [(label, str(manifest[key])) for key, label in _MADE.items() if manifest.get(key) not in (None, "")]
    packages = manifest.get("packages") or {}
    known = {str(name): str(version) for name, version in packages.items() if version is not None}
    return (*found, *known.items())


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a result folder.

    Raises
    ------
    InputError
        It is not there, or no JSON.
    """
    try:
        return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        msg = f"{folder / MANIFEST} cannot be read: {error}"
        raise InputError(msg) from None


def once(texts: Iterable[object]) -> tuple[str, ...]:
    """Return texts, each once, in their order."""
    return tuple(dict.fromkeys(str(text) for text in texts))


def count(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 cell``, ``2,000 cells``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size_of(replicates: int, cells: int, hours: float, seed: object) -> str:
    """Return how much was simulated, in words; hours where it was less than ten days."""
    length = f"{hours / 24.0:.4g} days" if hours >= 240.0 else f"{hours:.4g} hours"
    return f"{count(replicates, 'replicate')} of {count(cells, 'cell')}, {length}, seed {seed}"


def without_bands(drawn: bool) -> tuple[str, ...]:
    """Return what is said where a complete scenario, which leaves nothing uncertain, cannot give the bands again."""
    return ("# without the bands of other values: they need the scenarios it came from, and --uncertain",) * drawn


def differing(title: str, words: Sequence[Mapping[str, Any]], one: str, other: str) -> Sheet:
    """Return a table of what differs between two scenarios (`tdm1sim.comparing.words.changes`)."""
    rows = tuple((str(word["path"]), str(word["a"]), str(word["b"]), str(word["what"])) for word in words)
    head = ("value", one, other, "meaning")
    told = 4 if any(row[3] for row in rows) else 3
    return Sheet(title, head[:told], tuple(row[:told] for row in rows), numeric=False)
