"""The tree of clones over time: who arose in whom, and the share of the living cells that each lineage makes up.

Bands of the first replicate, each lineage inside the one it arose in (a Muller plot), and a mark wherever a cell
became another clone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import captions, labels, reading, style, texts
from tdm1sim.figures.clones import names
from tdm1sim.figures.words import duration, elide, listed, percent, plain, spoken
from tdm1sim.lineages import clone_tree, lineages

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "clone_tree"
MARGIN = 4.15
"""Room right of the axes for labels, in."""

MOST = 60
"""Acquired lineages that are drawn one by one: those with the most cells; the others are part of where they arose."""
MARKS = 104.0
"""Height of the marks above the bands, on the axis of per cent."""


@dataclass(frozen=True, slots=True)
class Band:
    """One lineage: its clone, and the living cells in it (without those that arose in it) at each recorded time."""

    lineage: str
    clone: str
    living: reading.Floats


def applies(results: Results) -> bool:
    """Whether a clone of the run may become another."""
    return any(traits.get("becomes") for traits in reading.clones(results).values())


def unasked(results: Results) -> bool:
    """Whether any did, in the replicate whose cells are kept."""
    return bool(tree(results)["parent"].notna().any())


def tree(results: Results) -> pd.DataFrame:
    """Return the tree of clones."""
    return clone_tree(results.cells)


def bands(results: Results) -> list[Band]:
    """Return the lineages that are drawn: those of the founders, then those acquired that had the most cells."""
    found = tree(results)
    counts = _living(results.cells, reading.times(results))
    acquired = found[found["parent"].notna()].copy()
    acquired["peak"] = [counts[lineage].max() for lineage in acquired["lineage"]]
    kept = set(acquired.sort_values(["peak", "arose_h"], ascending=[False, True], kind="stable")["lineage"][:MOST])
    parents = dict(zip(found["lineage"], found["parent"], strict=True))
    shown = found[found["parent"].isna() | found["lineage"].isin(kept)]
    total = {lineage: counts[lineage].copy() for lineage in shown["lineage"]}
    for lineage in (name for name in found["lineage"] if name not in total):
        home = parents[lineage]
        while home not in total:
            home = parents[home]
        total[home] += counts[lineage]
    return [Band(one, clone, total[one]) for one, clone in zip(shown["lineage"], shown["clone"], strict=True)]


def _living(cells: pd.DataFrame, times: reading.Floats) -> dict[str, reading.Floats]:
    """Return the living cells of each lineage at each time (h)."""
    of = lineages(cells).to_numpy()
    birth, end = cells["birth_h"].to_numpy(dtype=float), cells["end_h"].to_numpy(dtype=float)
    end = np.where(cells["fate"].to_numpy() == "surviving", np.inf, end)
    # Tables hold six digits: a birth at a recorded time counts as before it.
    at = times * (1.0 + 1e-6)
    found = {}
    for lineage in dict.fromkeys(of):
        mine = of == lineage
        begun, ended = np.sort(birth[mine]), np.sort(end[mine])
        found[lineage] = (np.searchsorted(begun, at, "right") - np.searchsorted(ended, at, "right")).astype(float)
    return found


def stack(results: Results) -> list[tuple[Band, reading.Floats, reading.Floats]]:
    """Return every strip from below, with its lower and upper edge in per cent of the living cells.

    A lineage in which others arose has a strip below them and one above. Where no cell lives there is none.
    """
    drawn = bands(results)
    parents = dict(zip(tree(results)["lineage"], tree(results)["parent"], strict=True))
    total = np.sum([band.living for band in drawn], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(total > 0, 100.0 / total, 0.0)
    found, floor = [], np.zeros(len(total))
    for band, share in _order(drawn, parents):
        top = floor + share * band.living * scale
        found.append((band, floor, top))
        floor = top
    return found


def _order(drawn: list[Band], parents: Mapping[str, str]) -> Iterator[tuple[Band, float]]:
    """Yield each lineage around those that arose in it, with the part of it that is drawn there."""
    shown = {band.lineage for band in drawn}

    def home(lineage: str) -> str | None:
        above = parents[lineage]
        while isinstance(above, str) and above not in shown:
            above = parents[above]
        return above if isinstance(above, str) else None

    inside: dict[str | None, list[Band]] = {}
    for band in drawn:
        inside.setdefault(home(band.lineage), []).append(band)

    def around(band: Band) -> Iterator[tuple[Band, float]]:
        within = inside.get(band.lineage, [])
        yield band, 0.5 if within else 1.0
        for other in within:
            yield from around(other)
        if within:
            yield band, 0.5

    for root in inside.get(None, []):
        yield from around(root)


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the tree on ``ax`` and return it."""
    time, label = reading.clock(results)
    style.time_axis(ax, float(time[-1]), label)
    known = names(results)
    looks = {name: style.clone_look(i, len(known)) for i, name in enumerate(known)}
    for band, floor, top in stack(results):
        ax.fill_between(
            time,
            floor,
            top,
            facecolor=looks[band.clone].colour,
            edgecolor=style.colour("ground"),
            linewidth=0.7,
            gid=band.lineage,
        )
    _marks(results, ax, looks)
    ax.set_ylim(0.0, 108.0)
    ax.set_yticks(np.arange(0.0, 101.0, 20.0))
    style.number_ticks(ax.yaxis)
    ax.set_ylabel(texts.label("share_of_living"))
    labels.margin_labels(ax, _entries(results, looks), MARGIN)
    labels.dress(ax, title(results), captions.below(NAME, results, "First replicate."))
    return ax


def _marks(results: Results, ax: Axes, looks: Mapping[str, style.Look]) -> None:
    """Mark where a cell became another clone: filled where its descendants live at the end."""
    found = tree(results)
    unit = 24.0 if reading.in_days(results) else 1.0
    for clone, look in looks.items():
        some = found[(found["clone"] == clone) & found["parent"].notna()]
        for alive in (True, False):
            at = some.loc[(some["living_descendants"] > 0) == alive, "arose_h"].to_numpy(dtype=float) / unit
            ax.plot(
                at,
                np.full(len(at), MARKS),
                linestyle="none",
                marker="v",
                markersize=9,
                markeredgecolor=look.colour,
                markerfacecolor=look.colour if alive else style.colour("ground"),
                clip_on=False,
                gid=f"became-{clone}-{'living' if alive else 'gone'}",
            )


def _entries(results: Results, looks: Mapping[str, style.Look]) -> list[labels.Entry]:
    found, strips = tree(results), stack(results)
    share = _end_shares(results)
    entries = []
    for clone, look in looks.items():
        own = [(floor[-1], top[-1]) for band, floor, top in strips if band.clone == clone and top[-1] > floor[-1]]
        widest = max(own, key=lambda ends: ends[1] - ends[0], default=(0.0, 0.0))
        arose = found[(found["clone"] == clone) & found["parent"].notna()]
        text = texts.label("clone_at_end", clone=elide(spoken(clone), 20), share=percent(share[clone]))
        if len(arose):
            alive = int((arose["living_descendants"] > 0).sum())
            counts = {"alive": str(alive), "gone": str(len(arose) - alive)}
            text += f"; {texts.label('clone_arose', times=_times(len(arose), texts.label), **counts)}"
        entries.append(labels.Entry(text, look, sum(widest) / 2.0))
    return entries


def _end_shares(results: Results) -> dict[str, float]:
    """Return the share of each clone among the cells that live at the end of the first replicate."""
    alive = tree(results).groupby("clone")["living"].sum()
    total = max(int(alive.sum()), 1)
    return {name: float(alive.get(name, 0)) / total for name in names(results)}


def _times(count: int, words: texts.Words = texts.english) -> str:
    if count in {1, 2}:
        return words("once" if count == 1 else "twice")
    return words("times", count=plain(count, 6))


def title(results: Results) -> str:
    """Return the finding: which clone arose how often, when first, and what it makes up at the end."""
    when = reading.length(results)
    found = tree(results)
    acquired = found[found["parent"].notna()]
    targets = list(dict.fromkeys(t for traits in reading.clones(results).values() for t in traits.get("becomes") or ()))
    if acquired.empty:
        return (
            f"No cell of the first replicate became {listed([elide(spoken(name), 24) for name in targets])} in {when}"
        )
    clone = acquired["clone"].value_counts().index[0]
    own = acquired[acquired["clone"] == clone]
    days = reading.in_days(results)
    first = float(own["arose_h"].min())
    moment = duration(first, in_days=days and first >= 24.0, digits=2)
    told = f"{elide(spoken(str(clone)), 24)} arose {_times(len(own))}, first after {moment}"
    alive = int((own["living_descendants"] > 0).sum())
    if not alive:
        return f"{told}, and none of these lineages is left after {when}"
    share = _end_shares(results)[str(clone)]
    return (
        f"{told}; {plain(alive, 6)} of these lineages live after {when}, when it makes up {percent(share)} of the cells"
    )


def caption(results: Results) -> str:
    """Return what is shown, from which run."""
    pooled = int(tree(results)["parent"].notna().sum()) - MOST
    what = (
        "Share of each lineage among the living cells of the first replicate over time. A band inside another arose in "
        "it: a daughter that became another clone at a division. Marks above: when; filled where descendants live at "
        "the end. A share can rise because a lineage grows or because the others die, so read it beside the fates."
    )
    if pooled > 0:
        smaller = f"{plain(pooled, 6)} smaller ones are part of those they arose in"
        what += f" The {MOST} lineages with the most cells are drawn; {smaller}."
    return captions.compose(NAME, results, what)
