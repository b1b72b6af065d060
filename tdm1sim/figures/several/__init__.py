"""Figures of several runs side by side: each one file, drawn from results only, and one line in `SEVERAL`.

A figure names its arms (bundled scenarios and what is changed in them); from their results come the page, the finding
and the caption. Arms on common luck are paired, so that differences have far less chance in them than either run.

>>> from tdm1sim.ensemble import simulate_resolved
>>> from tdm1sim.scenario import load_scenario, resolve
>>> arms = SEVERAL["reversal"].arms
>>> runs = {a.name: simulate_resolved(resolve(load_scenario(a.scenario, a.overrides))) for a in arms}  # doctest: +SKIP
>>> page("reversal", runs).savefig("reversal.png")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdm1sim.figures import style
from tdm1sim.figures.narrow import shrunk
from tdm1sim.figures.several import (
    codosing_uptake,
    cyp3a4,
    her2_positive_low,
    naked,
    reversal,
    shed_with_antibody,
    t_dm1_t_dxd,
    trafficking,
)
from tdm1sim.figures.several.arms import Arm
from tdm1sim.figures.several.pairs import Runs, check
from tdm1sim.figures.slide import blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

__all__ = ["SEVERAL", "Arm", "Runs", "Several", "check", "page"]


@dataclass(frozen=True, slots=True)
class Several:
    """One kind of figure of several runs.

    Attributes
    ----------
    arms : tuple of Arm
        What is run, all on the same luck.
    draw : callable
        ``draw(runs, ax) -> Axes``: draws everything on the given axes, title and limit lines included; ``runs`` maps
        the names of the arms to their results.
    title : callable
        The finding in one sentence, from the runs' own numbers.
    caption : callable
        What is shown: runs, parameters, replicates and cells, meaning of intervals, limits, sources.
    margin : float
        Room it needs right of its axes for labels, in.
    key : bool
        Whether it puts a key between title and axes.
    """

    arms: tuple[Arm, ...]
    draw: Callable[[Runs, Axes], Axes]
    title: Callable[[Runs], str]
    caption: Callable[[Runs], str]
    margin: float = 0.5
    key: bool = False


SEVERAL: dict[str, Several] = {
    "her2_positive_low": Several(
        her2_positive_low.ARMS,
        her2_positive_low.draw,
        her2_positive_low.title,
        her2_positive_low.caption,
        margin=her2_positive_low.MARGIN,
        key=True,
    ),
    "reversal": Several(
        reversal.ARMS, reversal.draw, reversal.title, reversal.caption, margin=reversal.MARGIN, key=True
    ),
    "t_dm1_t_dxd": Several(
        t_dm1_t_dxd.ARMS, t_dm1_t_dxd.draw, t_dm1_t_dxd.title, t_dm1_t_dxd.caption, margin=t_dm1_t_dxd.MARGIN
    ),
    "naked": Several(naked.ARMS, naked.draw, naked.title, naked.caption, margin=naked.MARGIN, key=True),
    "shed_with_antibody": Several(
        shed_with_antibody.ARMS,
        shed_with_antibody.draw,
        shed_with_antibody.title,
        shed_with_antibody.caption,
        margin=shed_with_antibody.MARGIN,
    ),
    "cyp3a4": Several(cyp3a4.ARMS, cyp3a4.draw, cyp3a4.title, cyp3a4.caption, margin=cyp3a4.MARGIN),
    "codosing_uptake": Several(
        codosing_uptake.ARMS,
        codosing_uptake.draw,
        codosing_uptake.title,
        codosing_uptake.caption,
        margin=codosing_uptake.MARGIN,
    ),
    "trafficking": Several(
        trafficking.ARMS,
        trafficking.draw,
        trafficking.title,
        trafficking.caption,
        margin=trafficking.MARGIN,
        key=True,
    ),
}
"""Every figure of several runs, by name, in the order of a lecture."""


def page(name: str, runs: Runs) -> Page:
    """Return one figure as a slide (a matplotlib figure that belongs to no window and no global state).

    Parameters
    ----------
    name : str
        A key of `SEVERAL`.
    runs : mapping of str to Results
        By the names of its arms.

    Raises
    ------
    UsageError
        If an arm has no run, or the runs cannot be paired.
    """
    figure = SEVERAL[name]
    check(figure.arms, runs)
    with style.look():
        sheet, ax = blank(figure.title(runs), figure.margin, key=figure.key)
        figure.draw(runs, ax)
        return shrunk(sheet)
