"""The page about a sweep: its quantities point by point, and the scenario that it went out from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.figures.sweep_words import axis_label, measure_of
from tdm1sim.methods import base_of, facts_of, write_up
from tdm1sim.methods.writing import intervals
from tdm1sim.report.said import Said, count, made_of, once, size_of, without_bands, written_up
from tdm1sim.report.tables import ABSENT, Sheet, number

if TYPE_CHECKING:
    import pandas as pd

    from tdm1sim.sweeping.folder import SweepResults

MOST_ROWS, MOST_COLUMNS = 200, 4
"""Points and quantities of a table on the page."""
USUAL = ("cell_number_ratio", "surviving", "apoptosis", "mitotic_catastrophe")
"""Quantities that are told beside those that are drawn."""
CHANCE, MODEL = ("low", "high"), ("model_low", "model_high")


def said(folder: Path, swept: SweepResults, drawn: Sequence[str]) -> Said:
    """Return the page about a sweep of which some quantities are drawn."""
    manifest = swept.manifest
    facts = facts_of(base_of(swept.base, manifest))
    chapters, references = written_up(write_up(facts, tuple(_runs(manifest))))
    shown = [name for name in dict.fromkeys((*drawn, *USUAL)) if name in swept.quantities]
    return Said(
        title=folder.name,
        question=str(manifest.get("question") or ""),
        size=(
            f"{count(len(swept.table), 'point')}; at each "
            f"{size_of(manifest['replicates'], manifest['cells_start'], manifest['duration_h'], manifest['seed'])}"
        ),
        sheets=tuple(_sheet(swept, shown[i : i + MOST_COLUMNS]) for i in range(0, len(shown), MOST_COLUMNS)),
        chapters=chapters,
        references=references,
        warnings=once((*manifest.get("warnings", ()), *facts.warnings)),
        commands=(_command(folder, swept), *without_bands("uncertain" in manifest)),
        made=made_of(manifest),
        scenarios=(("The complete scenario, with what was varied", swept.base),),
    )


def _sheet(swept: SweepResults, measures: Sequence[str]) -> Sheet:
    """Return some quantities over the points: means with their intervals."""
    columns = [column for column in swept.columns if column.path != "sets"]
    drawn = "uncertain" in swept.manifest
    rows = []
    for _, row in swept.table.head(MOST_ROWS).iterrows():
        where = [_value(row[column.name]) for column in columns]
        rows.append((*where, *(_told(row, measure, drawn=drawn) for measure in measures)))
    heads = [axis_label(swept, column, thousands=False) for column in columns]
    left = len(swept.table) - len(rows)
    note = "Means with 95 % intervals for chance; fractions are of the cells that did not divide, not of patients."
    if drawn:
        draws = swept.manifest["uncertain"]["draws"]
        note += f" In square brackets: the middle 95 % of {draws} draws of what nobody has measured, inside its bounds."
    rest = f"{left:,} further points and all" if left > 0 else "All"
    note += f" {rest} {len(swept.quantities)} quantities are in sweep.csv."
    names = [measure_of(measure).short for measure in measures]
    return Sheet("Point by point", (*heads, *names), tuple(rows), note=note)


def _told(row: pd.Series, measure: str, *, drawn: bool) -> str:
    """Return mean, interval and band of a quantity: ``0.76 (0.67 to 0.88) [0.5 to 1.2]``."""
    mean = _known(row[f"{measure}_mean"])
    if mean is None:
        return ABSENT
    ends = [("(", ")", CHANCE), ("[", "]", MODEL)]
    parts = [number(mean)]
    for opening, closing, (lower, upper) in ends[: 2 if drawn else 1]:
        low, high = (_known(row[f"{measure}_{end}"]) for end in (lower, upper))
        if low is not None and high is not None:
            parts.append(f"{opening}{number(low)} to {number(high)}{closing}".replace(" ", "\u00a0"))
    return " ".join(parts)


def _known(value: Any) -> float | None:
    found = float(value)
    return None if math.isnan(found) else found


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value
    known = _known(value)
    return "" if known is None else f"{known:.4g}"


def _runs(manifest: Mapping[str, Any]) -> list[str]:
    """Return what was run, in words."""
    axes = "; ".join(manifest["axes"])
    design = {"grid": "every combination of these values", "one at a time": "one resistance at a time"}
    how = design.get(manifest["design"], f"a design called {manifest['design']}")
    varied = f" Varied: {axes}." if axes else ""
    replicates = manifest["replicates"]
    many = "as many replicates as the asked precision needed" if manifest["replicates_until"] else ""
    told = (
        f"The scenario was run at {count(manifest['points'], 'point')}, {how}.{varied} At each there "
        f"{'was' if replicates == 1 and not many else 'were'} {many or count(replicates, 'replicate')} of "
        f"{manifest['cells_start']:,} founder cells over {manifest['duration_h'] / 24.0:.4g} days, on the same luck "
        f"(seed {manifest['seed']}): differences between points are paired. {intervals(replicates)}"
    )
    drawn = manifest.get("uncertain")
    if drawn:
        told += (
            f" Each point was run again with {drawn['draws']} draws of what nobody has measured, inside its bounds and "
            "the same at every point."
        )
    return [told]


def _command(folder: Path, swept: SweepResults) -> str:
    """Return the command that runs the sweep again from its own scenario."""
    manifest, words = swept.manifest, [f"tdm1sim sweep {folder.name}/base.yaml"]
    if manifest["kind"] == "resistances":
        most = swept.table["resistance"].value_counts().max()
        words.append(f"--resistances --points {most}")
    until = manifest["replicates_until"]
    if until:
        words.append(f'--replicates-until "{until["asked"]}" --max-replicates {until["max_replicates"]}')
    return " ".join([*words, "--out again"])
