"""The tables of ``tdm1sim bench``, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from tdm1sim.benching.report import FULL_ONLY, count
from tdm1sim.benching.targets import MISSED, OPEN
from tdm1sim.tables import DISCLAIMER, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tdm1sim.benching import Report


def tables(report: Report, place: Path) -> list[RenderableType]:
    """Return the targets, the speeds, how the numbers came about, and where the files are."""
    machine = report.machine
    packages = ", ".join(f"{name} {version or 'not installed'}" for name, version in machine["packages"].items())
    on = f"{machine['cpus']} CPUs, {machine['system']} {machine['machine']}, Python {machine['python']}, {packages}"
    how = f"median of {report.sizes.rounds} rounds in turn (span); {report.seconds:.0f} s in all"
    notes = [Text(f"- {row['what']}: {row['note']}") for row in _shown(report) if row["note"]]
    files = Text(f"Files: {place}", no_wrap=True, overflow="ignore")
    return [
        Text("bench, small sizes" if report.quick else "bench", style="bold"),
        Text(on),
        Text(how),
        Text(""),
        _targets(report),
        Text(""),
        _speeds(report),
        Text(""),
        *notes,
        *(Text(note) for note in report.notes()),
        files,
        Text(DISCLAIMER, style="dim"),
    ]


def _targets(report: Report) -> Table:
    table = plain_table("Targets")
    table.add_column("what", width=27)
    for head in ("measured", "span", "floor", "goal"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in _shown(report):
        style = {MISSED: "bold red", OPEN: "dim"}.get(row["verdict"], "")
        told = "open" if row["verdict"] == OPEN else row["verdict"]
        told += ", goal" if row["goal_reached"] else ""
        table.add_row(row["what"], short(row["measured"]), _span(row), *_bounds(row), Text(told, style=style))
    return table


def _shown(report: Report) -> list[dict[str, Any]]:
    """Return the rows, without those that a quick bench does not try."""
    return [row for row in report.rows if row["note"] != FULL_ONLY]


def _span(row: Mapping[str, Any]) -> str:
    return "" if row["low"] is None else f"{short(row['low'])}-{short(row['high'])}"


def _bounds(row: Mapping[str, Any]) -> tuple[str, str]:
    sign = ">" if row["better"] == "more" else "<"
    return f"{sign} {short(row['floor'])}", "" if row["goal"] is None else f"{sign} {short(row['goal'])}"


def _speeds(report: Report) -> Table:
    table = plain_table("Cell-steps per CPU-second")
    table.add_column("engine", no_wrap=True)
    for head in ("cells", "hours", "speed", "span"):
        table.add_column(head, justify="right", no_wrap=True)
    for speed in report.speeds:
        r = speed.runner
        name = {"mesa": "plain Mesa agents"}.get(r.engine, r.engine)
        name += f", {r.threads} threads" if r.threads > 1 else ""
        name += f", {r.precision}" if r.precision != "double" else ""
        span = f"{speed.low:.2g}-{speed.high:.2g}"
        table.add_row(name, count(r.cells), f"{r.hours:g}", f"{speed.value:.2g}", span)
    return table


def short(value: float | None) -> str:
    """Return a number in two or three digits; a dash where there is none."""
    if value is None:
        return "-"
    if value >= 100.0:
        return f"{value:.0f}"
    return f"{value:.2g}" if value < 10.0 else f"{value:.3g}"
