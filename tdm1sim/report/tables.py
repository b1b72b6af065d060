"""Tables of the page: text in cells, ready to be escaped and set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tdm1sim import given
from tdm1sim.attribution import LABELS
from tdm1sim.tables import MEASURES, drawn_in, fates_of, living_of

if TYPE_CHECKING:
    from tdm1sim.results import Results

ABSENT = "–"
OTHER = "other values"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: what it shows, its head, its rows; the first column names the row, numbers stand right."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True
    note: str = ""

    @property
    def wide(self) -> bool:
        """Whether the numbers of a row do not fit beside each other without being broken."""
        columns = zip(*(row[1:] for row in self.rows), strict=True)
        return sum(max(map(len, column)) for column in columns) > MOST_LETTERS


MOST_LETTERS = 65
"""Of the numbers in a row of a table."""


def number(value: float | None, digits: int = 3) -> str:
    """Return a number as people read it; a dash where there is none."""
    if value is None:
        return ABSENT
    text = f"{value:,.{digits}g}" if abs(value) < 10.0**digits else f"{value:,.0f}"
    return text.replace("-", "\u2212") if "e" not in text else text


def share(value: float | None) -> str:
    """Return a fraction with three decimals; a dash where there is none."""
    return ABSENT if value is None else f"{value:z.3f}".replace("-", "\u2212")


def span(
    told: Mapping[str, Any], low: str = "low", high: str = "high", *, told_as: Callable[[float], str] = number
) -> str:
    """Return an interval in words; a dash where there is none."""
    first, last = told.get(low), told.get(high)
    return ABSENT if first is None or last is None else f"{told_as(first)} to {told_as(last)}"


def of_run(results: Results) -> Iterator[Sheet]:
    """Return the tables of a run: fates, levels, pharmacokinetics, and each way of acting where it was asked for."""
    yield _fates(results)
    yield _levels(results.summary)
    if (pk := results.summary.get("pk")) is not None and any(value is not None for value in pk.values()):
        yield _pk(pk)
    if (found := results.summary.get("attribution")) is not None:
        yield _attribution(found)


def _fates(results: Results) -> Sheet:
    summary, words = results.summary, given.of(results).words
    drawn = drawn_in(summary["cell_number_ratio"])

    def row(label: str, told: Mapping[str, Any]) -> tuple[str, ...]:
        cells = label, share(told["mean"]), span(told, told_as=share)
        return (*cells, span(told, "model_low", "model_high", told_as=share)) if drawn else cells

    rows = [
        row(" ".join(part for part in label if part), summary["fates"][key]) for key, label in fates_of(words).items()
    ]
    rows += [row(f"\u2003{label}", summary["living"][key]) for key, label in living_of(words).items()]
    rows.append(row("Live cells per founder at the end", summary["cell_number_ratio"]))
    head = ("Fate of the cells that did not divide", "fraction", "95 % interval (chance)")
    note = "Fractions of cells, not of patients."
    return sheet("Fates", head, rows, note, drawn=drawn)


def sheet(
    caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], note: str, *, drawn: bool, moved: bool = True
) -> Sheet:
    """Return a table, with the head and the meaning of the column of other values where they were drawn."""
    if drawn:
        head = (*head, OTHER)
        note += " Other values: the middle 95 % of draws of what nobody has measured, inside its bounds."
        note += "" if moved else " Nothing that was drawn has a part in these numbers."
    return Sheet(caption, head, tuple(rows), note=note)


def _level_span(told: Mapping[str, Any], key: str, told_as: Callable[[float], str] = number) -> str:
    """Return the bounds of a plain number of the summary."""
    return span(told, f"{key}_model_low", f"{key}_model_high", told_as=told_as)


def _levels(summary: Mapping[str, Any]) -> Sheet:
    dm1, bands = summary["dm1_nM"], summary["bands"]
    drawn = drawn_in(summary["cell_number_ratio"])

    def row(*cells: str, other: str) -> tuple[str, ...]:
        return (*cells, other) if drawn else cells

    rows = [
        row(
            "DM1 in the cytosol of living cells at the end, median (nM)",
            number(dm1["median"]),
            span(dm1, "p05", "p95"),
            other=_level_span(dm1, "median"),
        ),
        row(
            "Highest level of each cell, median of all (nM)",
            number(dm1["peak_median"]),
            "",
            other=_level_span(dm1, "peak_median"),
        ),
    ]
    low, high = number(bands["low_nM"]), number(bands["high_nM"])
    labels = {"low": f"below {low}", "intermediate": f"{low} to {high}", "high": f"above {high}"}
    rows += [
        row(
            f"Cells whose highest level lies {where} nM (fraction)",
            share(bands[key]["mean"]),
            span(bands[key], told_as=share),
            other=span(bands[key], "model_low", "model_high", told_as=share),
        )
        for key, where in labels.items()
    ]
    note = "For the level at the end: the 5th and the 95th percentile of the cells; else a 95 % interval for chance."
    if drawn:
        note += (
            f" With other values the limits of the bands move too: {_level_span(bands, 'low_nM')} nM and "
            f"{_level_span(bands, 'high_nM')} nM."
        )
    return sheet("DM1 in cells", ("", "value", "range"), rows, note, drawn=drawn)


def _pk(pk: Mapping[str, Any]) -> Sheet:
    names = {
        "cmax_ug_ml": "Highest concentration (µg/mL)",
        "auc_ug_d_ml": "Area under the curve (µg·d/mL)",
        "half_life_d": "Terminal half-life (d)",
        "trough_ug_ml": "Trough (µg/mL)",
    }
    known = {key: value for key, value in pk.items() if value is not None and "_model_" not in key}
    ends = {key: _pk_ends(pk, key) for key in known}
    drawn = any(None not in some for some in ends.values())
    rows = [
        (names.get(key, key), _estimate(value), *([span(dict(zip("ab", ends[key], strict=True)), "a", "b")] * drawn))
        for key, value in known.items()
    ]
    note = "From the closed form of the two-compartment model."
    moved = any(low != high for low, high in ends.values())
    return sheet("Conjugate in plasma", ("", "value"), rows, note, drawn=drawn, moved=moved)


def _pk_ends(pk: Mapping[str, Any], key: str) -> tuple[float | None, float | None]:
    """Return the bounds of a number of plasma: of an interval where patients differ, else behind the number."""
    if isinstance(pk[key], Mapping):
        return pk[key].get("model_low"), pk[key].get("model_high")
    return pk.get(f"{key}_model_low"), pk.get(f"{key}_model_high")


def _estimate(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{number(value.get('mean'))} ({span(value)})"
    return number(value)


def _attribution(found: Mapping[str, Any]) -> Sheet:
    rows: list[tuple[str, ...]] = []
    drawn = drawn_in(found["effect"])

    def other(told: Mapping[str, Any]) -> tuple[str, ...]:
        return (span(told, "model_low", "model_high", told_as=share),) if drawn else ()

    for measure, label in MEASURES.items():
        game = found if measure == "live_cells" else found[measure]
        whole = game["effect"]
        rows.append((label, share(whole["mean"]), "", span(whole, told_as=share), *other(whole)))
        for part, told in {**game["arms"], "other": game["other"]}.items():
            if part != "other" or told["effect"]["mean"]:
                part_of = told["share"] or {}
                numbers = share(told["effect"]["mean"]), share(part_of.get("mean")), span(part_of, told_as=share)
                rows.append((f"\u2003{LABELS[part]}", *numbers, *other(part_of)))
    head = ("Effect, ln(untreated / treated)", "effect", "share", "95 % interval (chance)")
    note = "Shares add to 1 and depend on E_T and q, which nobody measured: both are assumed."
    return sheet("Which way of acting does how much", head, rows, note, drawn=drawn)
