"""The page about a sweep: its quantities point by point, and the scenario that it went out from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.figures.sweep_words import axis_label, measure_of
from tdm1sim.figures.words import capital
from tdm1sim.methods import base_of, facts_of, write_up
from tdm1sim.methods.writing import intervals
from tdm1sim.report.said import Said, count, made_of, once, size_of, written_up
from tdm1sim.report.tables import ABSENT, Sheet, number

if TYPE_CHECKING:
    import pandas as pd

    from tdm1sim.sweeping.folder import SweepResults

MOST_ROWS = 200
"""Of a table on the page."""
USUAL = ("cell_number_ratio", "surviving", "apoptosis", "mitotic_catastrophe")
"""Quantities that have a table on the page beside those that are drawn."""
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
        sheets=tuple(_sheet(swept, name) for name in shown),
        chapters=chapters,
        references=references,
        warnings=once((*manifest.get("warnings", ()), *facts.warnings)),
        commands=(_command(folder, swept),),
        made=made_of(manifest),
        scenarios=(("The complete scenario, with what was varied", swept.base),),
    )


def _sheet(swept: SweepResults, measure: str) -> Sheet:
    """Return one quantity over the points."""
    columns = [column for column in swept.columns if column.path != "sets"]
    ends = [CHANCE, MODEL] if "uncertain" in swept.manifest else [CHANCE]
    rows = []
    for _, row in swept.table.head(MOST_ROWS).iterrows():
        where = [_value(row[column.name]) for column in columns]
        mean = _known(row[f"{measure}_mean"])
        rows.append((*where, number(mean), *(_span(row, measure, *pair) for pair in ends)))
    heads = [axis_label(swept, column, thousands=False) for column in columns]
    last = ["95 % interval (chance)", "other values"][: len(ends)]
    left = len(swept.table) - len(rows)
    note = f"{left:,} further points and {len(swept.quantities)} quantities in all are in sweep.csv."
    if left <= 0:
        note = f"All {len(swept.quantities)} quantities are in sweep.csv."
    label = measure_of(measure).label
    return Sheet(capital(label), (*heads, "mean", *last), tuple(rows), note=note)


def _known(value: Any) -> float | None:
    number_ = float(value)
    return None if number_ != number_ else number_  # noqa: PLR0124  # not a number


def _span(row: pd.Series, measure: str, lower: str, upper: str) -> str:
    low, high = (_known(row[f"{measure}_{end}"]) for end in (lower, upper))
    return ABSENT if low is None or high is None else f"{number(low)} to {number(high)}"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value
    known = _known(value)
    return "" if known is None else f"{known:.6g}"


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
    if "uncertain" in manifest:
        words.append(f"--uncertain {manifest['uncertain']['draws']}")
    return " ".join([*words, "--out again"])
