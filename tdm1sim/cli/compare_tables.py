"""The tables of ``tdm1sim compare``, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from tdm1sim import given
from tdm1sim.comparing.comparison import GROUPS, NOTHING
from tdm1sim.figures.words import elide
from tdm1sim.tables import DISCLAIMER, every_subset, fates_of, living_of, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tdm1sim.comparing import Comparison
    from tdm1sim.given import Words

WIDEST = 20
"""Letters of an arm's name at the head of a column."""
Row = tuple[str, Mapping[str, Any]]


def report(comparison: Comparison, folder: Path, figures: int) -> list[RenderableType]:
    """Return what a person sees: what differs, every difference, what the intervals are, where the files are."""
    content = comparison.content
    size = f"{content['replicates']:,} x {content['cells_start']:,} cells, {content['until_h'] / 24.0:.4g} d"
    shown: list[RenderableType] = [Text(f"{size}, seed {content['seed']}, the same luck in every arm", style="bold")]
    words = given.of(next(iter(comparison.arms.values()))).words
    for found in content["differences"]:
        shown += [Text(""), *_words(found), Text(""), differences_table(found, words, drawn="uncertain" in content)]
    shown += [Text(line, style="dim") for line in _meaning(content)]
    drawn = "" if not figures else " (1 figure in figures/)"
    files = Text(f"Files: {folder}{drawn}", no_wrap=True, overflow="ignore")
    return [*shown, Text(""), files, Text(DISCLAIMER, style="dim")]


def _words(found: Mapping[str, Any]) -> list[RenderableType]:
    """Return in what two arms differ."""
    if not found["words"]:
        return [Text(f"{found['arm']} does not differ from {found['against']} in what is simulated.")]
    table = plain_table("")
    table.title = None
    table.add_column("What differs", overflow="fold")
    for side, name in (("a", found["against"]), ("b", found["arm"])):
        table.add_column(f"{side}: {elide(name, WIDEST)}", overflow="fold")
    for change in found["words"]:
        table.add_row(Text(change["path"]), Text(change["a"]), Text(change["b"]))
    follow = found["values_that_follow"]
    return [table, Text(f"and {follow} values that follow from these", style="dim")] if follow else [table]


def differences_table(found: Mapping[str, Any], words: Words, *, drawn: bool) -> Table:
    """Return every difference b - a with its interval, and how much wider it would be without pairing."""
    table = plain_table("")
    table.title = None
    table.add_column("", no_wrap=True)
    for head, width in (("a", 6), ("b", 6), ("b - a", 6), ("95 % interval", 13), ("unpaired", 8)):
        table.add_column(head, justify="right", no_wrap=True, min_width=width)
    for label, told in _rows(found, words):
        unpaired = "-" if told["narrower"] is None else f"x {told['narrower']:.1f}"
        table.add_row(Text(label), *(_number(told.get(key)) for key in ("a", "b", "mean")), _ends(told), unpaired)
        if drawn:
            bounds = {"low": told.get("model_low"), "high": told.get("model_high")}
            table.add_row(Text("  other values", style="dim"), "", "", "", _ends(bounds), "")
    return table


def _rows(found: Mapping[str, Any], words: Words) -> Iterator[Row]:
    """Yield each difference under the name people know it by; what is none in both arms is left out."""
    for key, (label, _) in fates_of(words).items():
        if found["fates"][key]["a"] or found["fates"][key]["b"]:
            yield elide(label, 29), found["fates"][key]
    for key, label in living_of(words).items():
        yield f"  {elide(label, 27)}", found["living"][key]
    yield "live cells per founder", found["cell_number_ratio"]
    yield "  b / a", found["cell_number_fold"]
    yield "  added up over days", found["live_cells_area_d"]
    yield "  lowest", found["nadir"]["ratio"]
    yield (
        "DM1, median at the end, nM" if words.target == "tubulin" else "payload, median, nM",
        found["dm1_nM"]["median"],
    )
    yield "  highest median, nM", found["dm1_nM"]["highest_median"]
    for label, told in (
        ("day of lowest", found["nadir"]["day"]),
        ("days to half killed", found["time_to_kill_d"]["0.5"]),
        ("days to nine tenths killed", found["time_to_kill_d"]["0.9"]),
        ("day of regrowth", found["regrowth_d"]),
    ):
        if told["pairs"]:
            yield label + _reached(told), told
    clones = found["clones"]
    if len(clones) > 1:
        for name, told in clones.items():
            yield f"share of {elide(name, 20)}", told


def _reached(told: Mapping[str, Any]) -> str:
    """Return how many pairs reached it, where not all did."""
    reached = told.get("reached")
    return "" if reached is None or min(reached) == max(reached) == told["pairs"] else f" ({told['pairs']} pairs)"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    size = abs(value)
    return f"{value:z.3f}" if size < 10.0 else f"{value:.1f}" if size < 1000.0 else f"{value:,.0f}"


def _ends(told: Mapping[str, Any]) -> str:
    low, high = told["low"], told["high"]
    return "-" if low is None or high is None else f"{_number(low)} to {_number(high)}"


def _meaning(content: Mapping[str, Any]) -> list[str]:
    """Return what the columns are, and what they are not."""
    over = content["intervals_over"]
    if over == NOTHING:
        return ["One replicate that met its capacity: no interval."]
    pairs = "20 groups of founders of one replicate" if over == GROUPS else f"{content['replicates']} replicates"
    lines = [
        f"Intervals are for chance alone, over pairs: {pairs}.",
        "Unpaired: how many times wider they would be with other luck in each arm, at\nequal cost.",
    ]
    if "uncertain" in content:
        drawn = content["uncertain"]["draws"]
        lines.append(f"Other values: the middle 95 % of {drawn} draws of what nobody has measured.")
        if "without_shares" in content["uncertain"]:
            lines.append(every_subset(content["uncertain"]))
    return lines
