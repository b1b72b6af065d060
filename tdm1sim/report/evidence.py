"""The page about the evidence: every published number beside the simulated one, and the numbers of the model."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from tdm1sim.catalogue import load_catalogue
from tdm1sim.methods.bibliography import PROGRAM, in_full, program
from tdm1sim.methods.facts import spans
from tdm1sim.methods.layout import Document, Section, Table, cite
from tdm1sim.methods.writing import MODEL
from tdm1sim.report.said import Chapter, Said, count, made_of, manifest_of, written_up
from tdm1sim.report.tables import Sheet, number

if TYPE_CHECKING:
    from tdm1sim.catalogue import Catalogue
    from tdm1sim.catalogue.entries import ParameterEntry
    from tdm1sim.catalogue.published import Use
    from tdm1sim.evidence import Comparison, Line

QUESTION = "How near do the numbers of the model come to published measurements?"
USES: dict[Use, str] = {
    "prediction": "Predicted: no value was fitted to these",
    "calibration": "Fitted: a value in force was fitted to these",
}
HOW = (
    "Each published experiment is simulated as the evidence data of the catalogue say, with the catalogue's own "
    "numbers. Fold error: the larger of measured and simulated over the smaller, 1 where they agree; below a detection "
    "limit both count as the limit. Points of one curve are not independent."
)


def said(folder: Path, compared: Comparison) -> Said:
    """Return the page about the evidence."""
    manifest, catalogue = manifest_of(folder), load_catalogue()
    only = str(manifest.get("only") or "")
    chapters, references = written_up(_document(catalogue, str(manifest.get("tdm1sim", ""))))
    numbers = sum(len(line.rows) for line in compared.lines)
    lines = {use: [line for line in compared.lines if line.entry.used_for == use] for use in USES}
    return Said(
        title="evidence",
        question=QUESTION,
        size=f"{count(numbers, 'published number')}" + (f", those that contain {only!r}" if only else ""),
        sheets=tuple(_sheet(use, some, compared) for use, some in lines.items() if some),
        chapters=(*_failing(lines["prediction"]), *_every(compared), *chapters),
        references=references,
        commands=(shlex.join(["tdm1sim", "evidence", *(["--only", only] if only else []), "--out", "again"]),),
        made=made_of(manifest),
    )


def _sheet(use: Use, lines: list[Line], compared: Comparison) -> Sheet:
    """Return a row for each experiment's kind of number."""
    rows = []
    for line in lines:
        single = line.rows[0] if len(line.rows) == 1 else None
        measured, simulated = (number(single.measured), _reached(single.simulated)) if single else ("", "")
        label = f"{line.entry.label} ({line.entry.unit})"
        rows.append((label, str(len(line.rows)), measured, simulated, _fold(line.fold), _fold(line.worst)))
    told = compared.summary(use)
    share = told["within_2_fold"]
    note = (
        f"{count(told['rows'], 'number')}: median fold error {number(told['median_fold_error'])}"
        f"{f', {100 * share:.0f} % within 2-fold' if share is not None else ''}."
    )
    return Sheet(USES[use], ("what", "numbers", "measured", "simulated", "fold error", "worst"), tuple(rows), note=note)


def _reached(value: float | None) -> str:
    return "not reached" if value is None else number(value)


def _fold(value: float) -> str:
    return number(value) if math.isfinite(value) else "not reached"


def _failing(lines: list[Line]) -> tuple[Chapter, ...]:
    failing = sorted((line for line in lines if line.fold > 2.0), key=lambda line: -line.fold)
    if not failing:
        return ()
    items = tuple(f"{line.entry.label}: {_fold(line.fold)}-fold. {line.entry.note}".strip() for line in failing)
    return (Chapter("Where it fails", ("Predicted, median fold error above 2.",), items),)


def _every(compared: Comparison) -> tuple[Chapter, ...]:
    """Return each number with its source."""
    rows = tuple(
        (
            row.id,
            f"{row.quantity} ({line.entry.unit}); {row.system}",
            number(row.measured),
            _reached(row.simulated),
            _fold(row.fold_error),
            row.source,
        )
        for line in compared.lines
        for row in line.rows
    )
    head = ("row", "what", "measured", "simulated", "fold error", "source")
    return (Chapter("Every number", (HOW,), sheets=(Sheet("Published numbers", head, rows, numeric=False),)),)


def _document(catalogue: Catalogue, version: str) -> Document:
    """Return the model in words and its numbers, with the references that they are from."""
    rows = tuple(_row(entry) for entry in catalogue.parameters.values() if entry.group != "arms")  # no switches
    table = Table("Numbers of the model", ("symbol", "meaning", "value", "unit", "where from"), rows)
    keys = dict.fromkeys(key for entry in catalogue.parameters.values() for key in entry.references)
    references = {PROGRAM: program(version)}
    references |= {key: in_full(catalogue.references[key]) for key in keys if key in catalogue.references}
    sections = (Section("Model", (MODEL + cite([PROGRAM]),)), Section("Parameters", tables=(table,)))
    return Document("Evidence", sections, references)


def _row(entry: ParameterEntry) -> tuple[str, ...]:
    values = {setting: entry.in_setting(setting) for setting in ("culture", "patient")}
    told = {setting: "off" if math.isinf(value) else f"{value:.6g}" for setting, value in values.items()}
    same = told["culture"] == told["patient"]
    value = told["culture"] if same else f"{told['culture']} in culture, {told['patient']} in patients"
    origin = str(entry.status)
    if entry.status == "calibrated" and entry.evidence:
        origin += f", data {spans(entry.evidence)}"
    unit = "" if entry.unit == "1" else entry.unit
    return (entry.symbol, entry.name, value, unit, origin + cite(entry.references))
