"""The page itself: what it says, and how its template is filled."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tdm1sim import __version__
from tdm1sim.figures.again import Drawable, drawable
from tdm1sim.report import pictures, tables
from tdm1sim.report.tables import Sheet
from tdm1sim.tables import DISCLAIMER

TEMPLATE = "page.html.j2"
_FIRST = "fates"
"""The figure whose finding stands at the top, where there is one."""
MOST_ROWS = 200
"""Of a table that is as long as a sweep."""


def write(folder: Path) -> str:
    """Return the page about a result as HTML.

    Parameters
    ----------
    folder : Path
        Of a run, a comparison or a sweep.

    Raises
    ------
    InputError
        It is no such folder, or not whole.
    """
    result = drawable(folder)
    said = _SAID[result.kind](folder, result)
    drawn = pictures.of(result, result.usual)
    said["pictures"] = drawn
    said["finding"] = next((one.title for one in drawn if one.name == _FIRST), drawn[0].title if drawn else "")
    return _filled({**said, "kind": result.kind, "version": __version__, "disclaimer": DISCLAIMER})


def _filled(said: Mapping[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("tdm1sim.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(said)


# A run -----------------------------------------------------------------------------------------------------------


def _run(folder: Path, result: Drawable) -> dict[str, Any]:
    from tdm1sim.methods import facts_of, write_up
    from tdm1sim.methods.layout import numbered
    from tdm1sim.results import Results

    results = Results.read(folder)
    facts = facts_of(results)
    document = write_up(facts)
    order = document.cited()

    def plain(text: str) -> str:
        return numbered(text, order).strip()

    methods = [
        {
            "title": section.title,
            "paragraphs": [plain(text) for text in (*section.paragraphs, *section.items)],
            "sheets": [
                Sheet(
                    table.caption,
                    table.head,
                    tuple(tuple(plain(cell) for cell in row) for row in table.rows),
                    numeric=False,
                )
                for table in section.tables
            ],
        }
        for section in document.sections
    ]
    summary, manifest = results.summary, results.manifest
    return {
        "title": result.name,
        "question": str(summary.get("question") or ""),
        "size": (
            f"{_count(summary['replicates'], 'replicate')} of {_count(summary['cells_start'], 'cell')}, "
            f"{summary['duration_h'] / 24:.4g} days, seed {summary['seed']}"
        ),
        "sheets": list(tables.of_run(results)),
        "methods": methods,
        "references": [document.references[key] for key in order],
        "warnings": [str(text) for text in (*manifest.get("warnings", ()), *facts.warnings)],
        "commands": [f"tdm1sim repeat {folder.name}", f"tdm1sim run {folder.name}/resolved.yaml"],
        "made": _made(manifest),
        "resolved": results.resolved_text,
    }


# A comparison and a sweep ----------------------------------------------------------------------------------------


def _comparison(folder: Path, result: Drawable) -> dict[str, Any]:
    content = json.loads((folder / "compare.json").read_text(encoding="utf-8"))
    arms = [arm["name"] for arm in content["arms"]]
    sheets = []
    for other, found in zip(arms[1:], content["differences"], strict=True):
        drawn = "uncertain" in content
        rows = tuple(_differences(found, drawn=drawn))
        head = ("", arms[0], other, f"{other} \u2212 {arms[0]}", "95 % interval (chance)")
        caption, note = f"{other} against {arms[0]}", "Fractions of cells, not of patients."
        sheets.append(tables.sheet(caption, head, rows, note, drawn=drawn))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {
        "title": result.name,
        "question": f"What differs between {' and '.join(arms)}, on the same luck?",
        "size": "",
        "sheets": sheets,
        "methods": [],
        "references": [],
        "warnings": [str(text) for text in content.get("warnings", ())],
        "commands": [f"tdm1sim compare {' '.join(f'{folder.name}/{arm}/resolved.yaml' for arm in arms)}"],
        "made": _made(manifest),
        "resolved": "",
    }


def _differences(found: Any, above: str = "", *, drawn: bool) -> list[tuple[str, ...]]:
    """Return a row for each paired difference in a tree of them."""
    rows: list[tuple[str, ...]] = []
    if not isinstance(found, Mapping):
        return rows
    if {"a", "b", "mean"} <= found.keys():
        if found["a"] is not None or found["b"] is not None:
            numbers = (tables.number(found[key]) for key in ("a", "b", "mean"))
            other = (tables.span(found, "model_low", "model_high"),) if drawn else ()
            rows.append((above.replace("_", " "), *numbers, tables.span(found), *other))
        return rows
    for key, inner in found.items():
        rows += _differences(inner, f"{above} {key}".strip(), drawn=drawn)
    return rows


def _sweep(folder: Path, result: Drawable) -> dict[str, Any]:
    with (folder / "sweep.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {
        "title": result.name,
        "question": str(manifest.get("question") or ""),
        "size": f"{_count(len(rows), 'point')}",
        "sheets": [tables.of_csv("Every point (sweep.csv)", head, rows, MOST_ROWS, "sweep.csv")],
        "methods": [],
        "references": [],
        "warnings": [str(text) for text in manifest.get("warnings", ())],
        "commands": [str(manifest["command"])] if manifest.get("command") else [],
        "made": _made(manifest),
        "resolved": (folder / "base.yaml").read_text(encoding="utf-8"),
    }


_SAID = {"run": _run, "comparison": _comparison, "sweep": _sweep}


def _made(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return program, machine and scenario of a result as pairs of name and value."""
    names = {
        "tdm1sim": "tdm1sim",
        "python": "Python",
        "platform": "platform",
        "engine": "engine",
        "seed": "seed",
        "scenario_hash": "hash of the scenario (SHA-256)",
    }
    found = [(label, str(manifest[key])) for key, label in names.items() if manifest.get(key) not in (None, "")]
    packages = manifest.get("packages") or {}
    return [*found, *((str(name), str(version)) for name, version in packages.items())]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
