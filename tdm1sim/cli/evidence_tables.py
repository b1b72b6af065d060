"""The tables of ``tdm1sim evidence``, at most 80 columns wide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from tdm1sim.tables import plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tdm1sim.catalogue import Catalogue
    from tdm1sim.catalogue.published import Use
    from tdm1sim.evidence import Comparison, Line
    from tdm1sim.evidence.folds import Fold

TITLES: dict[Use, str] = {
    "calibration": "Calibration: a value in force was fitted to these",
    "prediction": "Prediction: no value was fitted to these",
}


def report(comparison: Comparison) -> list[RenderableType]:
    """Return both tables, what they come to, and where the model fails."""
    shown: list[RenderableType] = []
    for use, title in TITLES.items():
        lines = [line for line in comparison.lines if line.entry.used_for == use]
        if lines:
            shown += [_table(title, lines), Text("")]
    shown += [Text(sentence) for sentence in sentences(comparison)]
    failing = [line for line in comparison.lines if line.entry.used_for == "prediction" and line.fold > 2.0]
    if failing:
        shown += [Text(""), Text("Where it fails (predicted, median fold error above 2)", style="bold")]
        for line in sorted(failing, key=lambda line: -line.fold):
            note = f". {line.entry.note}" if line.entry.note else ""
            shown.append(Text(f"- {line.entry.label}: {number(line.fold)}-fold{note}"))
    return shown


def _table(title: str, lines: Sequence[Line]) -> Table:
    table = plain_table(title)
    table.add_column("what", width=40)
    for head in ("n", "measured", "simulated", "fold", "worst"):
        table.add_column(head, justify="right", no_wrap=True)
    for line in lines:
        single = len(line.rows) == 1
        measured = number(line.rows[0].measured) if single else ""
        simulated = number(line.rows[0].simulated) if single else ""
        unit = f" ({line.entry.unit})" if single else ""
        worst = "" if single else number(line.worst)
        table.add_row(Text(line.entry.label + unit), str(len(line.rows)), measured, simulated, number(line.fold), worst)
    return table


def number(value: float | None) -> str:
    """Return three digits, or that it was not reached."""
    if value is None or not math.isfinite(value):
        return "not reached"
    return f"{value:.3g}"


def sentences(comparison: Comparison) -> list[str]:
    """Return what the predictions come to, the same without the plasma courses, and the calibration."""
    from tdm1sim.evidence import Comparison as Part
    from tdm1sim.figures.evidence import kind_of

    others = Part(tuple(line for line in comparison.lines if kind_of(line) != "plasma"))
    told = []
    for words, part, use in _SENTENCES:
        s = (others if part else comparison).summary(use)
        if s["rows"] and not (part and s["rows"] == comparison.summary(use)["rows"]):
            told.append(f"{words}: {_come_to(s['rows'], s['median_fold_error'], s['within_2_fold'])}")
    return told


_SENTENCES: tuple[tuple[str, bool, Use], ...] = (
    ("Prediction", False, "prediction"),
    ("  without plasma", True, "prediction"),
    ("Calibration", False, "calibration"),
)
"""What is said, whether plasma is left out, of which rows."""


def _come_to(rows: int, middle: float | None, share: float) -> str:
    return f"{rows} numbers, median fold error {number(middle)}, {100 * share:.0f} % within 2-fold"


def unused_table(catalogue: Catalogue) -> Table:
    """Return the rows that nothing is held against, by reason."""
    table = plain_table("Rows of the evidence data that no simulation is held against")
    table.add_column("reason", ratio=1)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("which", ratio=1)
    for group in catalogue.unused.values():
        table.add_row(Text(group.reason), str(len(group.rows)), Text(spans(group.rows)))
        table.add_section()
    return table


def spans(rows: Sequence[str]) -> str:
    """Return row names with runs drawn together: ``c001, c004-c006``."""
    parts: list[list[str]] = []
    for row in sorted(rows):
        last = parts[-1][-1] if parts else ""
        if last and last[0] == row[0] and int(row[1:]) == int(last[1:]) + 1:
            parts[-1].append(row)
        else:
            parts.append([row])
    return ", ".join(part[0] if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def folds_table(folds: Sequence[Fold]) -> list[RenderableType]:
    """Return how much every mechanism moves the IC50."""
    from tdm1sim.evidence.folds import HOURS, RECEPTORS

    table = plain_table(f"{HOURS:g} h IC50 of SK-BR-3 with {RECEPTORS:g} receptors, one trait changed")
    table.add_column("mechanism", no_wrap=True)
    table.add_column("set to", no_wrap=True)
    for column in ("IC50 (nM)", "fold", "lowest"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in folds:
        name = one.mechanism or "none"
        table.add_row(Text(name), Text(one.setting), number(one.ic50), number(one.fold), f"{one.lowest:.2f}")
    assumed = {one.mechanism: one.assumed for one in folds if one.assumed}
    notes = [Text(f"- {name}: {why}", style="dim") for name, why in assumed.items()]
    head = Text("Every size was chosen within its plausible range. Besides, assumed:", style="dim")
    foot = Text("Not reached: the signal never falls to half of untreated. Lowest: of untreated.", style="dim")
    return [table, foot, head, *notes]
