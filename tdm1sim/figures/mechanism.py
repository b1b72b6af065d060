"""The mechanism in one picture: a drawn cell, in which the arrows are as wide as what they carried in this run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdm1sim import given
from tdm1sim.figures import captions, glyphs, labels, narrow, reading, style
from tdm1sim.figures import mechanism_amounts as amounts
from tdm1sim.figures import mechanism_scene as scene
from tdm1sim.figures.words import capital, percent, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.results import Results

NAME = "mechanism"
MARGIN = 0.5
"""Room right of the axes, in."""

EDGE, FOOT = 24.0, 62.0
"""Room left and right of the picture, and between its foot and the page's for the limit lines, points."""


def applies(results: Results) -> bool:
    """Whether the run has what the picture is of: a conjugate that carries a poison of microtubules."""
    if not reading.has_conjugate(results) or given.of(results).conjugate.payload != "microtubule":
        return False
    n = amounts.carried(results)
    return bool(n) and n["bound"] > 0.0


def draw(results: Results, ax: Axes, step: int = scene.STEPS) -> Axes:
    """Draw the picture on ``ax``, up to a step (1 to 4), and return it."""
    ax.set_axis_off()
    canvas = _canvas(ax)
    scene.paint(results, canvas, step)
    if not canvas.words:
        _key(results, ax)
    labels.dress(ax, heading(results, step), captions.below(NAME, results))
    return ax


def _canvas(ax: Axes) -> glyphs.Canvas:
    """Return the canvas: the whole width of the page, between title and limit lines."""
    paper = not style.used().slide
    edge, foot = (6.0, 6.0) if paper else (EDGE, FOOT)
    sheet = narrow.top_page(ax)
    page_wide = sheet.get_figwidth() * labels.POINTS
    if paper:
        wanted = (page_wide - 2 * edge) * scene.HIGH / scene.WIDE + 2 * foot
        narrow.taller(ax, wanted - sheet.get_figheight() * labels.POINTS)
    page_tall = sheet.get_figheight() * labels.POINTS
    box = ax.get_position()
    top = page_tall - foot if paper else box.y1 * page_tall + 4.0
    wide, tall = page_wide - 2 * edge, top - foot
    scale = min(wide / scene.WIDE, tall / scene.HIGH)
    low = top - scale * scene.HIGH
    left = edge + (wide - scale * scene.WIDE) / 2.0
    x, y = (left / page_wide - box.x0) / box.width, (low / page_tall - box.y0) / box.height
    size = scale * scene.WIDE / page_wide / box.width, scale * scene.HIGH / page_tall / box.height
    inner = ax.inset_axes((x, y, *size))
    inner.set_axis_off()
    inner.set_xlim(0.0, scene.WIDE)
    inner.set_ylim(0.0, scene.HIGH)
    return glyphs.Canvas(inner, scale, words=not paper)


def _key(results: Results, ax: Axes) -> None:
    from matplotlib.lines import Line2D

    def swatch(meaning: str) -> Line2D:
        colour = style.MEANING[meaning].colour if meaning else style.colour("guide")
        return Line2D([], [], color=colour, linewidth=4.0)

    narrow.key_below(ax, [(text, swatch(meaning)) for text, meaning in scene.key_entries(results)], labels.wrap)


def heading(results: Results, step: int) -> str:
    """Return what a frame says in its title."""
    n, payload = amounts.carried(results), given.of(results).payload
    if step == 1:
        off = percent(n["dissociated"] / n["bound"])
        return f"{amounts.million(n['bound'])} times an antibody bound HER2 per founder cell; {off} came off again"
    if step == 2:
        return (
            f"Of {amounts.million(n['internalised'])} antibodies taken in per founder cell, "
            f"{percent(n['recycled'] / n['internalised'])} were recycled to the surface"
        )
    if step == 3:
        return (
            f"Lysosomes set {amounts.million(n['carried_released'])} {payload} free per founder cell; "
            f"{percent(n['dm1_effluxed'] / n['catabolite_to_cytosol'])} of what reached the cytosol was pumped out again"
        )
    return title(results)


def title(results: Results) -> str:
    """Return the finding: how much was taken in, how much payload reached the cytosol, and how many cells died."""
    n, payload = amounts.carried(results), given.of(results).payload
    dead = 1.0 - float(results.summary["fates"]["surviving"]["mean"])
    return (
        f"{amounts.million(n['internalised'])} antibodies taken in per founder cell, "
        f"{percent(n['recycled'] / n['internalised'])} of them recycled, bring {amounts.million(n['catabolite_to_cytosol'])} "
        f"{payload} into the cytosol: {percent(dead)} of the cells die"
    )


def caption(results: Results) -> str:
    """Return what is shown, by which rule arrows are wide, from which run."""
    return captions.compose(NAME, results, "x")


def frames(results: Results) -> list[Page]:
    """Return the picture as four pages that build it up, all of the same geometry; the last is the whole."""
    from tdm1sim.figures.slide import blank

    pages = []
    with style.look():
        for step in range(1, scene.STEPS + 1):
            sheet, ax = blank(title(results), MARGIN, key=False)
            draw(results, ax, step)
            pages.append(narrow.shrunk(sheet))
    return pages
