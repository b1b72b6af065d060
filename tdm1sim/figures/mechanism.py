"""The mechanism in one picture: a drawn cell, in which the arrows are as wide as what they carried in this run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
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
        narrow.key_below(ax, scene.key_entries(results, step), labels.wrap)
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


def heading(results: Results, step: int) -> str:
    """Return what the title of a frame says."""
    n, payload = amounts.carried(results), given.of(results).payload
    if step == 1:
        off = percent(amounts.share(n, "dissociated", "bound"))
        return f"{amounts.million(n['bound'])} times an antibody bound HER2 per founder cell; {off} came off again"
    if step == 2:
        back = percent(amounts.share(n, "recycled", "internalised"))
        return (
            f"Of {amounts.million(n['internalised'])} uptakes of antibody per founder cell, {back} ended in recycling"
        )
    if step == 3 and n["catabolite_to_cytosol"] > 0.0:
        out = percent(amounts.share(n, "dm1_effluxed", "catabolite_to_cytosol"))
        into = amounts.million(n["catabolite_to_cytosol"])
        return f"{into} {payload} per founder cell reached the cytosol; {out} left the cell again"
    return title(results)


def title(results: Results) -> str:
    """Return the finding: how much was taken in, how much payload reached the cytosol, and how many cells died."""
    n, payload = amounts.carried(results), given.of(results).payload
    taken, into = amounts.million(n["internalised"]), amounts.million(n["catabolite_to_cytosol"])
    back = percent(amounts.share(n, "recycled", "internalised"))
    dead = percent(1.0 - float(results.summary["fates"]["surviving"]["mean"]))
    return (
        f"{taken} uptakes of antibody per founder cell, {back} of them recycled, bring {into} {payload} into the "
        f"cytosol: {dead} of the cells die"
    )


def caption(results: Results) -> str:
    """Return what is shown, by which rule arrows are wide, from which run."""
    n, drugs = amounts.carried(results), given.of(results)
    payload = drugs.payload
    what = (
        "A cell and what happens in it, drawn and not to scale: antibody on subdomain IV of HER2; endosome and way "
        f"back; lysosome, in which the antibody is digested; {drugs.conjugate.released}, which leaves it by SLC46A3; "
        "MDR1; tubulin; PI3K and its brake PTEN; shedding; an NK cell with its Fc receptor."
    )
    rule = (
        "Solid coloured arrows are the run's own: molecules that took them by its end, per founder cell and its "
        f"descendants, mean over replicates; blue antibody (with {payload} or without), black {payload} (white "
        f"on a dark ground), brown HER2. "
        f"Their width is the square root of the amount, the widest being that with most ({_widest(n)}); none is drawn "
        f"thinner than {plain(amounts.THINNEST)} points of a slide. An antibody counts each time it binds, goes in and "
        "comes back. Grey dashed arrows stand for what is no count of molecules."
    )
    more = (
        f"Not drawn: {amounts.million(n['pinocytosed'])} antibodies taken up with fluid; from lysosomes, "
        f"{amounts.million(n['conjugate_exocytosed'])} antibodies returned undigested and "
        f"{amounts.million(n['catabolite_exocytosed'])} {payload}; {amounts.million(n['carried_deconjugated'])} "
        f"{payload} that fell off; {amounts.million(n['lost_payload'])} {payload} left in dead cells. The way to the "
        "cytosol includes a leak beside SLC46A3, and what leaves the cell goes by MDR1 and every other way out. "
        f"PI3K: median cell, median over time. {capital(payload)} in the cytosol and on tubulin: median cell, at its "
        "peak. Bar: cells that did not divide, mean over replicates."
    )
    return captions.compose(NAME, results, what, rule, more)


def _widest(n: Mapping[str, float]) -> str:
    name = max(amounts.ARROWS, key=lambda arrow: n[arrow])
    return f"`{name}`, {amounts.million(n[name])}"


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


def write_frames(results: Results, folder: Path, formats: Iterable[str] = ("png", "svg")) -> list[Path]:
    """Write the four frames and their captions into a folder, made when absent: ``mechanism_1.png`` and so on.

    Parameters
    ----------
    results : Results
        The run.
    folder : Path
        Where to; files of the same names are replaced.
    formats : iterable of str
        ``png``, ``svg``, ``pdf``.
    """
    from tdm1sim.figures.slide import save

    written: list[Path] = []
    kinds, told = tuple(formats), caption(results)
    for number, frame in enumerate(frames(results), 1):
        written += save(frame, folder, f"{NAME}_{number}", heading(results, number), told, kinds)
    return written
