"""The figures of a run: each one file, drawn from results only, with its finding, its limits and its caption.

A figure is ``draw(results, ax) -> Axes``, ``title(results) -> str`` and ``caption(results) -> str`` in a file
of its own, and one line in :data:`FIGURES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tdm1sim.errors import UsageError
from tdm1sim.figures import (
    attribution,
    cell_scatter,
    clone_tree,
    clones,
    dm1_bands,
    dose_response,
    drug_path,
    exposure,
    fates,
    mechanism,
    pharmacokinetics,
    plasma_dm1,
    proteolysis_activity,
    shed_ectodomain,
    style,
    three_lives,
)
from tdm1sim.figures.narrow import shrunk
from tdm1sim.figures.slide import blank, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.results import Results

__all__ = ["FIGURES", "Figure", "applicable", "draw_all", "page", "usual"]

FORMATS = ("png", "svg", "pdf")


def _always(_: Results) -> bool:
    return True


def _never(_: Results) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Figure:
    """One kind of figure.

    Attributes
    ----------
    draw : callable
        ``draw(results, ax) -> Axes``: draws everything on the given axes, title and limit lines included.
    title : callable
        The finding in one sentence, from the run's own numbers.
    caption : callable
        What is shown: run, parameters, replicates and cells, meaning of intervals, limits, sources.
    applies : callable
        Whether a run has what the figure shows.
    unasked : callable
        Whether it is drawn where nobody says which figures to draw: the lecture figures always, the others where they
        are the point of the run.
    margin : float
        Room it needs right of its axes for labels, in.
    key : callable
        Whether it puts a key between title and axes.
    """

    draw: Callable[[Results, Axes], Axes]
    title: Callable[[Results], str]
    caption: Callable[[Results], str]
    applies: Callable[[Results], bool] = _always
    unasked: Callable[[Results], bool] = _always
    margin: float = 0.5
    key: Callable[[Results], bool] = _never


FIGURES: dict[str, Figure] = {
    "mechanism": Figure(
        mechanism.draw,
        mechanism.title,
        mechanism.caption,
        applies=mechanism.applies,
        unasked=_never,
        margin=mechanism.MARGIN,
    ),
    "exposure": Figure(exposure.draw, exposure.title, exposure.caption, margin=1.35, key=exposure.has_key),
    "pharmacokinetics": Figure(
        pharmacokinetics.draw,
        pharmacokinetics.title,
        pharmacokinetics.caption,
        applies=pharmacokinetics.applies,
        unasked=_never,
        margin=pharmacokinetics.MARGIN,
    ),
    "drug_path": Figure(drug_path.draw, drug_path.title, drug_path.caption, key=_always),
    "dm1_bands": Figure(dm1_bands.draw, dm1_bands.title, dm1_bands.caption, margin=dm1_bands.MARGIN),
    "three_lives": Figure(
        three_lives.draw,
        three_lives.title,
        three_lives.caption,
        applies=three_lives.applies,
        unasked=_never,
        margin=three_lives.MARGIN,
        key=_always,
    ),
    "cell_scatter": Figure(
        cell_scatter.draw,
        cell_scatter.title,
        cell_scatter.caption,
        applies=cell_scatter.applies,
        unasked=_never,
        margin=cell_scatter.MARGIN,
    ),
    "fates": Figure(fates.draw, fates.title, fates.caption, margin=fates.MARGIN),
    "clones": Figure(clones.draw, clones.title, clones.caption, margin=clones.MARGIN),
    "clone_tree": Figure(
        clone_tree.draw,
        clone_tree.title,
        clone_tree.caption,
        applies=clone_tree.applies,
        unasked=clone_tree.unasked,
        margin=clone_tree.MARGIN,
    ),
    "dose_response": Figure(
        dose_response.draw, dose_response.title, dose_response.caption, applies=dose_response.applies, key=_always
    ),
    "attribution": Figure(
        attribution.draw, attribution.title, attribution.caption, applies=attribution.applies, key=_always
    ),
    "plasma_dm1": Figure(
        plasma_dm1.draw,
        plasma_dm1.title,
        plasma_dm1.caption,
        applies=plasma_dm1.applies,
        unasked=plasma_dm1.unasked,
        key=_always,
    ),
    "shed_ectodomain": Figure(
        shed_ectodomain.draw,
        shed_ectodomain.title,
        shed_ectodomain.caption,
        applies=shed_ectodomain.applies,
        unasked=shed_ectodomain.unasked,
    ),
    "proteolysis_activity": Figure(
        proteolysis_activity.draw,
        proteolysis_activity.title,
        proteolysis_activity.caption,
        applies=proteolysis_activity.applies,
    ),
}
"""Every figure there is, by name, in the order of a lecture."""


def applicable(results: Results) -> list[str]:
    """Return the names of the figures that this run has the data for."""
    return [name for name, figure in FIGURES.items() if figure.applies(results)]


def usual(results: Results) -> list[str]:
    """Return the names of the figures drawn where nobody says which: the scenario's choice, or all fit for it."""
    asked = _asked(results)
    if asked is not None:
        return list(asked)
    return [name for name in applicable(results) if FIGURES[name].unasked(results)]


def own_title(name: str, results: Results) -> str:
    """Return the title that the scenario gives a figure; empty where it gives none."""
    return (_asked(results) or {}).get(name, "")


def _asked(results: Results) -> dict[str, str] | None:
    """Return the figures that the scenario asks for, each with its own title or none; None where it says nothing."""
    wanted = results.scenario.get("figures")
    if not isinstance(wanted, Sequence) or isinstance(wanted, str):
        return None
    asked: dict[str, str] = {}
    for one in wanted:
        for name, title in one.items() if isinstance(one, Mapping) else [(str(one), "")]:
            asked[name] = asked.get(name) or str(title)
    return asked


def page(name: str, results: Results) -> Page:
    """Return one figure as a slide (a matplotlib figure that belongs to no window and no global state)."""
    figure, own = FIGURES[name], own_title(name, results)
    with style.look(), style.titled(own):
        sheet, ax = blank(own or figure.title(results), figure.margin, key=figure.key(results))
        figure.draw(results, ax)
        return shrunk(sheet)


def draw_all(
    results: Results,
    folder: Path,
    formats: Iterable[str] = ("png", "svg"),
    names: Iterable[str] | None = None,
) -> list[Path]:
    """Write figures and their captions into a folder.

    Parameters
    ----------
    results : Results
        The run.
    folder : Path
        Where to; made when absent. Files of the same names are replaced.
    formats : iterable of str
        ``png``, ``svg``, ``pdf``.
    names : iterable of str, optional
        Which figures; when not given, the lecture figures and those that are the point of the run.

    Returns
    -------
    list of Path
        ``NAME.png``, ``NAME.svg`` and ``NAME.md`` (title, caption) of each figure.

    Raises
    ------
    UsageError
        For a name or format that does not exist, or a figure that this run has no data for.
    """
    formats = tuple(dict.fromkeys(formats))
    chosen = _chosen(results, names)
    for unknown in (kind for kind in formats if kind not in FORMATS):
        message = f"unknown figure format {unknown!r}; there are: {', '.join(FORMATS)}"
        raise UsageError(message)
    written: list[Path] = []
    for name in chosen:
        finding, own = FIGURES[name].title(results), own_title(name, results)
        caption = FIGURES[name].caption(results)
        told = (own, f"Finding: {finding}.\n\n{caption}") if own else (finding, caption)
        written += save(page(name, results), folder, name, *told, formats)
    return written


def _chosen(results: Results, names: Iterable[str] | None) -> list[str]:
    there = applicable(results)
    chosen = list(dict.fromkeys(usual(results) if names is None else names))
    for name in chosen:
        if name not in FIGURES:
            message = f"unknown figure {name!r}; there are: {', '.join(FIGURES)}"
            raise UsageError(message)
        if name not in there:
            message = f"this run has no data for the figure {name!r}; it has: {', '.join(there)}"
            raise UsageError(message)
    return chosen
