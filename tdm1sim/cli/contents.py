"""What ``list`` and ``schedule`` print: what there is, and in which order a step happens."""

# Imports inside functions: `list drugs` need not wait for the figures.

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from tdm1sim.catalogue import load_catalogue
from tdm1sim.cli.wording import number, sets_of
from tdm1sim.tables import plain_table

TITLES = {
    "scenarios": "Scenarios",
    "cell_lines": "Cell lines (clone key cell_line)",
    "her2": "HER2 classes (clone key her2)",
    "resistance": "Resistance mechanisms (clone key resistance)",
    "drugs": "Drugs (treatment key drug)",
    "figures": "Figures (run option --figure)",
}
"""Heading of each section of ``list``."""


def contents(section: str) -> list[dict[str, Any]]:
    """Return what one section of ``list`` holds: dicts with ``name`` and ``about``, and more for programs."""
    return _CONTENTS[section]()


def contents_table(section: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return one section of ``list`` as a table of names and what they are."""
    table = plain_table(TITLES[section])
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for row in rows:
        table.add_row(Text(row["name"]), Text(row["about"]))
    return table


def _scenarios() -> list[dict[str, Any]]:
    from tdm1sim.scenario import bundled, load_scenario

    found = []
    for name in bundled():
        question = load_scenario(name).question
        found.append({"name": name, "about": question, "question": question})
    return found


def _cell_lines() -> list[dict[str, Any]]:
    rows = []
    for line in load_catalogue().cell_lines.values():
        receptors = line.values.get("receptors")
        amount = f", {number(receptors)} receptors per cell" if receptors is not None else ""
        rows.append({"name": line.name, "about": f"{line.label}{amount}", "values": dict(line.values)})
    return rows


def _her2() -> list[dict[str, Any]]:
    return [
        {
            "name": c.name,
            "about": f"{number(c.receptors)} receptors per cell, {number(c.low)} to {number(c.high)} ({c.status})",
            "receptors": c.receptors,
        }
        for c in load_catalogue().her2_classes.values()
    ]


def _resistance() -> list[dict[str, Any]]:
    return [
        {"name": entry.name, "about": f"{entry.label} ({sets_of(entry)})", "sets": dict(entry.sets)}
        for entry in load_catalogue().resistance.values()
    ]


def _drugs() -> list[dict[str, Any]]:
    return [
        {
            "name": drug.name,
            "about": drug.label if drug.kind == "inhibitor" else f"{drug.label}; {drug.kind}",
            "kind": drug.kind,
        }
        for drug in load_catalogue().drugs.values()
    ]


def _figures() -> list[dict[str, Any]]:
    from tdm1sim.figures import FIGURES

    rows = []
    for name, figure in FIGURES.items():
        # A figure says what it shows in the first line of its own file.
        text = sys.modules[figure.draw.__module__].__doc__ or ""
        rows.append({"name": name, "about": text.strip().partition("\n")[0]})
    return rows


_CONTENTS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "scenarios": _scenarios,
    "cell_lines": _cell_lines,
    "her2": _her2,
    "resistance": _resistance,
    "drugs": _drugs,
    "figures": _figures,
}


def schedule_table(steps: Sequence[tuple[str, str]]) -> Table:
    """Return the order of one step as a numbered table."""
    table = plain_table("One step, in this order")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for index, (name, text) in enumerate(steps, start=1):
        table.add_row(str(index), Text(name), Text(text))
    return table
