"""Results as tables for a terminal: floor 7, reads Results only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tdm1sim import given
from tdm1sim.attribution import COALITIONS, LABELS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tdm1sim.given import Words
    from tdm1sim.results import Results

DISCLAIMER = "A teaching and research tool, never clinical advice."
"""The one line under every report."""

MEASURES = {
    "live_cells": "on living cells over time",
    "cell_number": "on living cells at the end",
    "killing": "on survival of cells (killing)",
}
"""What the drug makes smaller, as shown."""

NOTHING: Mapping[str, float | None] = {"mean": None, "low": None, "high": None}

OUTCOMES = {
    "completed": "completed",
    "cleared": "cleared",
    "capacity_reached": "stopped at its capacity",
}
"""Each outcome as shown."""


def plain_table(title: str) -> Table:
    """Return an empty table in the house style: a title to the left, a rule under the head, no boxes."""
    return Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        show_edge=False,
    )


def fates_of(words: Words) -> dict[str, tuple[str, str]]:
    """Return each fate as shown, and what is said under it."""
    return {
        "apoptosis": ("rapid (interphase) apoptosis", ""),
        "mitotic_catastrophe": (words.dead, f"({words.aside})"),
        "adcc": ("killed by NK cells (ADCC)", ""),
        "surviving": ("surviving", ""),
    }


def living_of(words: Words) -> dict[str, str]:
    """Return what survivors do, as shown."""
    return {"cycling": "cycling", "arrested": words.arrested, "multinucleated": words.slipped.partition(" (")[0]}


def run_report(results: Results, folder: Path, figures: int) -> Sequence[RenderableType]:
    """Return what a person sees at the end of a run, at most 80 columns wide.

    Parameters
    ----------
    results : Results
        The run.
    folder : Path
        Where its files are.
    figures : int
        How many figures were drawn.

    Returns
    -------
    sequence of renderables
        Heading, table of fates with intervals, what else to know, where the files are.
    """
    summary = results.summary
    return [
        *_heading(summary),
        *_branch(results),
        Text(""),
        fates_table(summary, given.of(results).words),
        Text(f"Fractions of cells, not of patients; {_covered(results)}.", style="dim"),
        *_draws(results),
        *_attribution(summary),
        Text(""),
        *_closing(summary, folder, figures),
    ]


def _branch(results: Results) -> list[Text]:
    """Return which saved state the run goes on from; nothing for a run from the start."""
    branch = getattr(results, "manifest", {}).get("branch")
    if not branch:
        return []
    changed = [path.removeprefix("parameters.") for path in branch["changed"]]
    names = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
    other = f"; from then on with other {names}" if changed else ""
    return [Text(f"Continues {branch['continues']} from {branch['at_h'] / 24:.4g} d{other}")]


def _draws(results: Results) -> list[Text]:
    """Return what the column of other values is; nothing where none were drawn."""
    drawn = getattr(results, "manifest", {}).get("uncertain")
    if not drawn:
        return []
    text = f"Other values: the middle 95 % of {drawn['draws']} draws of what nobody has measured."
    if results.summary.get("attribution") is not None:
        text += f"\n{every_subset(drawn)}"
    return [Text(text, style="dim")]


def every_subset(drawn: Mapping[str, Any]) -> str:
    """Return what it took to share out the effect of every draw, from what the manifest says about the draws."""
    draws, replicates, runs = drawn["draws"], drawn["replicates"], len(COALITIONS) + 1
    count = f"{draws} x {replicates} x {runs} = {draws * replicates * runs:,} simulations"
    return f"Each draw ran all subsets of the drug's arms: {count}."


def _covered(results: Results) -> str:
    """Return what the intervals cover."""
    patient = getattr(results, "scenario", {}).get("patient")
    many = isinstance(patient, Mapping) and patient.get("population") is True
    return "intervals: chance, and how patients differ (PK)" if many else "intervals are for chance alone"


def fates_table(summary: Mapping[str, Any], words: Words) -> Table:
    """Return the fates of the cells that did not divide, and the living per founder, with 95 % intervals."""
    table = plain_table("")
    table.title = None
    drawn = drawn_in(summary["cell_number_ratio"])
    table.add_column(
        "Fate of cells that did not divide" if drawn else "Fate of the cells that did not divide", no_wrap=True
    )
    table.add_column("fraction", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    if drawn:
        table.add_column("other values", justify="right", no_wrap=True)

    def cells(estimate: Mapping[str, float | None]) -> tuple[str, ...]:
        return (*_cells(estimate), *_other_values(estimate, drawn=drawn))

    for key, (label, aside) in fates_of(words).items():
        if key == "adcc" and not summary["fates"][key]["mean"]:
            continue  # most runs have no NK cells to speak of
        table.add_row(label, *cells(summary["fates"][key]))
        if aside and not drawn:  # room for four columns
            table.add_row(Text(f"  {aside}", style="dim"))
    for key, label in living_of(words).items():
        table.add_row(Text(f"  {label}", style="dim"), *cells(summary["living"][key]))
    table.add_section()
    table.add_row("Live cells per founder at the end", *cells(summary["cell_number_ratio"]))
    return table


def _attribution(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return the share of each arm of the drug and what must be said beside it; nothing where it was not asked for."""
    found = summary.get("attribution")
    if found is None:
        return []
    return [
        Text(""),
        attribution_table(found),
        Text("Shares add to 1 and depend on E_T and q, which nobody measured.", style="dim"),
    ]


def drawn_in(estimate: Mapping[str, Any]) -> bool:
    """Whether an estimate has bounds of other values beside its interval."""
    return "model_low" in estimate


def attribution_table(found: Mapping[str, Any]) -> Table:
    """Return the effect on each measure, ln(untreated / treated), and each arm's share of it, with 95 % intervals.

    Where values were drawn, the bounds of the effect, or of an arm's share, stand in the last column.
    """
    table = plain_table("")
    table.title = None
    drawn = drawn_in(found["effect"])
    # on 80 columns there is less room for words beside one more column of numbers
    table.add_column("ln(untreated / treated) of" if drawn else "Effect, ln(untreated / treated)", no_wrap=True)
    for head in ("effect", "share", "95 % interval", *(["other values"] if drawn else [])):
        table.add_column(head, justify="right", no_wrap=True)
    for measure, label in MEASURES.items():
        game = found if measure == "live_cells" else found[measure]
        mean, interval = _cells(game["effect"])
        table.add_row(
            label.removeprefix("on ") if drawn else label,
            mean,
            "",
            interval,
            *_other_values(game["effect"], drawn=drawn),
        )
        for part, told in {**game["arms"], "other": game["other"]}.items():
            share = told["share"] or NOTHING
            row = (_cells(told["effect"])[0], *_cells(share), *_other_values(share, drawn=drawn))
            if part != "other" or told["effect"]["mean"]:
                table.add_row(Text(f"  {LABELS[part]}"), *row)
    return table


def _heading(summary: Mapping[str, Any]) -> list[Text]:
    """Return what was asked and how it was computed."""
    lines = [Text(f"{summary['scenario']}", style="bold")]
    if summary["question"]:
        lines.append(Text(str(summary["question"])))
    size = f"{_count(summary['replicates'], 'replicate')} of {_count(summary['cells_start'], 'cell')}"
    days = summary["duration_h"] / 24
    outcome = OUTCOMES.get(summary["outcome"], summary["outcome"])
    lines.append(Text(f"{size}, {days:.4g} d, seed {summary['seed']}: {outcome}"))
    return lines


def _closing(summary: Mapping[str, Any], folder: Path, figures: int) -> list[Text]:
    """Return what must not be misread, where the files are, and what this tool is not."""
    lines = []
    if summary["outcome"] == "cleared":
        simulated = summary["replicates"] * summary["cells_start"]
        lines.append(Text(f"None of {simulated:,} simulated cells is left; rarer survivors are invisible; not a cure."))
    drawn = f" ({_count(figures, 'figure')} in figures/)" if figures else ""
    # A path is never broken in two: it is there to be copied.
    lines.append(Text(f"Files: {folder}{drawn}", no_wrap=True, overflow="ignore"))
    lines.append(Text(DISCLAIMER, style="dim"))
    return lines


def _cells(estimate: Mapping[str, float | None]) -> tuple[str, str]:
    """Return a mean and its interval as the two cells of a row; a dash where there is nothing to say."""
    mean, low, high = (estimate[key] for key in ("mean", "low", "high"))
    interval = "-" if low is None or high is None else f"{low:z.3f} to {high:z.3f}"
    return "-" if mean is None else f"{mean:z.3f}", interval


def _other_values(estimate: Mapping[str, float | None], *, drawn: bool) -> tuple[str, ...]:
    """Return the bounds of other values as the last cell of a row; no cell where none were drawn."""
    if not drawn:
        return ()
    return (_cells({"mean": None, "low": estimate.get("model_low"), "high": estimate.get("model_high")})[1],)


def _count(number: int, noun: str) -> str:
    """Return ``1 cell``, ``2,000 cells``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
