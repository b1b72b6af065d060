"""What ``sweep`` prints: which points, and one quantity over them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rich.table import Table
from rich.text import Text

from tdm1sim.figures.sweep_words import axis_label, measure_of
from tdm1sim.sweeping.ignorance import PARTS
from tdm1sim.tables import DISCLAIMER, plain_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from tdm1sim.sweeping.folder import SweepResults

MOST_ROWS = 40
"""Points that are printed; of more, those with the lowest and the highest mean."""
_ENDS = 5


def report(results: SweepResults, folder: Path, measure: str, figures: int) -> tuple[RenderableType, ...]:
    """Return heading, table of one quantity and closing lines."""
    manifest = results.manifest
    heading = [Text(manifest["scenario"], style="bold")]
    if manifest["question"]:
        heading.append(Text(manifest["question"]))
    axes = "; ".join(manifest["axes"])
    heading.append(Text(f"{manifest['points']} points, {manifest['design']}{': ' + axes if axes else ''}"))
    heading.append(
        Text(f"{_replicates(manifest)} of {manifest['cells_start']:,} cells at each, seed {manifest['seed']}")
    )
    drawn = "" if not figures else f" ({figures} figure{'s' if figures > 1 else ''} in figures/)"
    closing = [
        Text("Fractions of cells, not of patients; intervals are for chance alone.", style="dim"),
        *_draws(manifest),
        Text(f"Files: {folder}{drawn}", no_wrap=True, overflow="ignore"),
        Text(DISCLAIMER, style="dim"),
    ]
    return (*heading, Text(""), _table(results, measure), *closing)


def _replicates(manifest: dict[str, Any]) -> str:
    if manifest["replicates_until"] is not None:
        return f"as many replicates as {manifest['replicates_until']['asked']} needs"
    return "1 replicate" if manifest["replicates"] == 1 else f"{manifest['replicates']} replicates"


def _draws(manifest: dict[str, Any]) -> list[Text]:
    if "uncertain" not in manifest:
        return []
    count = manifest["uncertain"]["draws"]
    words = f"Other values: middle 95 % of {count} draws of what nobody has measured."
    return [Text(words, style="dim")]


def _table(results: SweepResults, measure: str) -> Table:
    table = plain_table("")
    table.title = None
    # The trait that a resistance sets says less to people than its name.
    columns = [column for column in results.columns if column.path != "sets"]
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.numeric else "left"
        table.add_column(axis_label(results, column, thousands=False), justify=justify, overflow="fold")
    table.add_column(measure_of(measure).label, justify="right")
    table.add_column("95 % interval", justify="right", no_wrap=True)
    drawn = "uncertain" in results.manifest
    if drawn:
        table.add_column("other values", justify="right", no_wrap=True)
    rows = results.table
    if len(rows) > MOST_ROWS:
        ordered = rows.sort_values(f"{measure}_mean", kind="stable").dropna(subset=[f"{measure}_mean"])
        rows = ordered.iloc[[*range(_ENDS), *range(-_ENDS, 0)]] if len(ordered) > 2 * _ENDS else ordered
        table.caption = f"the {_ENDS} lowest and the {_ENDS} highest of {len(results.table)} points"
    for _, row in rows.iterrows():
        where = [_shown(row[column.name]) for column in columns]
        mean = row[f"{measure}_mean"]
        bands = [_band(row, measure, *ends) for ends in (("low", "high"), PARTS)[: 2 if drawn else 1]]
        table.add_row(*where, "-" if mean != mean else f"{mean:z.3f}", *bands)  # noqa: PLR0124  # not a number
    return table


def _band(row: pd.Series, measure: str, lower: str, upper: str) -> str:
    low, high = row[f"{measure}_{lower}"], row[f"{measure}_{upper}"]
    return "-" if low != low or high != high else f"{low:z.3f} to {high:z.3f}"  # noqa: PLR0124  # not a number


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"  # noqa: PLR0124  # not a number
    return str(value)
