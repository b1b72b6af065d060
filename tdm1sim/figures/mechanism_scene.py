"""Where everything stands in the picture of the mechanism, and what is said beside it, in four steps.

Places are points of a slide, from the lower left corner of the picture, `WIDE` by `HIGH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tdm1sim import given
from tdm1sim.figures import glyphs, labels, style, texts
from tdm1sim.figures import mechanism_amounts as amounts
from tdm1sim.figures.glyphs import Canvas, Point
from tdm1sim.figures.mechanism_notes import drives, lost_pten, mdr1, notes, slc46a3
from tdm1sim.figures.words import drawn_in_short, percent

if TYPE_CHECKING:
    from tdm1sim.results import Results

WIDE, HIGH = 912.0, 370.0
"""Size of the picture, points of a slide."""

STEPS = 4
"""Frames: the surface; endosome and lysosome; payload; what it does to the cell."""

MEMBRANE, LEFT, RIGHT, FLOOR = 248.0, 6.0, 744.0, 4.0
"""The drawn cell."""

BOUND_AT, SIGNAL_AT, NK_AT, PUMP_AT = 214.0, 86.0, 508.0, 692.0
"""Places of the three receptors and of MDR1 along the membrane."""

ENDOSOME, LYSOSOME, CYTOSOL, SPINDLE = (240.0, 104.0), (440.0, 106.0), (604.0, 126.0), (690.0, 72.0)
PI3K, PTEN, NUCLEUS, NK = (98.0, 172.0), (46.0, 126.0), (90.0, 54.0), (584.0, 316.0)
BAR, BAR_FLOOR, BAR_TOP = 760.0, 8.0, 204.0

FATES = ("surviving", "mitotic_catastrophe", "apoptosis", "adcc")
"""What became of the cells, from the foot of the bar."""

PATHS: Mapping[str, tuple[int, tuple[Point, ...]]] = {
    "bound": (1, ((352.0, 334.0), (316.0, 346.0), (274.0, 334.0), (262.0, 296.0))),
    "dissociated": (1, ((282.0, 268.0), (320.0, 268.0), (356.0, 280.0), (366.0, 312.0))),
    "shed_receptor": (1, ((70.0, 264.0), (52.0, 266.0), (42.0, 276.0), (39.0, 292.0))),
    "internalised": (2, ((224.0, 212.0), (228.0, 192.0), (234.0, 170.0), (236.0, 144.0))),
    "recycled": (2, ((278.0, 120.0), (334.0, 136.0), (366.0, 180.0), (366.0, 238.0))),
    "sorted_to_lysosome": (2, ((280.0, 98.0), (394.0, 100.0))),
    "catabolite_to_cytosol": (3, ((502.0, 114.0), (584.0, 122.0))),
    "dm1_effluxed": (3, ((618.0, 146.0), (664.0, 160.0), (692.0, 176.0), (692.0, 316.0))),
}
"""The step with which an arrow of the ledger appears, and its curve."""


def paint(results: Results, canvas: Canvas, step: int = STEPS) -> None:
    """Draw everything up to a step."""
    n = amounts.carried(results)
    wide = amounts.widths(n)
    _cell(canvas)
    _surface(canvas, given.of(results).conjugate.short)
    if step >= 2:
        _vesicles(canvas)
    if step >= 3:
        _payload(results, canvas)
    if step >= 4:
        _effects(results, canvas)
    for name, (first, curve) in PATHS.items():
        if first <= step and wide[name] > 0.0:
            look = style.MEANING[amounts.ARROWS[name]]
            glyphs.arrow(canvas, curve, wide[name], look.colour, name)
    for i, note in enumerate(notes(results)):
        if note.step <= step:
            canvas.write(note.at, note.text, ha=note.side)
            if not canvas.words:
                canvas.badge(note.badge or note.at, str(i + 1))
    if canvas.words:
        _key_of_widths(canvas, n)


def _cell(canvas: Canvas) -> None:
    """Draw the body of the cell and its membrane."""
    from matplotlib.patches import FancyBboxPatch

    for inset, face, edge in ((0.0, "cell", "edge"), (6.0, "cell", "edge")):
        low, size = (LEFT + inset, FLOOR + inset), (RIGHT - LEFT - 2 * inset, MEMBRANE - FLOOR - 2 * inset)
        canvas.add(
            FancyBboxPatch(
                low,
                *size,
                boxstyle=f"round,pad=0,rounding_size={44.0 - inset}",
                facecolor=style.colour(face),
                edgecolor=style.colour(edge),
                linewidth=1.8 * canvas.scale,
                zorder=1,
            )
        )


def _surface(canvas: Canvas, name: str) -> None:
    """Draw receptors, antibody, the shed ectodomain and the NK cell."""
    glyphs.receptor(canvas, SIGNAL_AT, MEMBRANE)
    glyphs.receptor(canvas, BOUND_AT, MEMBRANE, lettered=True)
    glyphs.antibody(canvas, (BOUND_AT + 28.0, MEMBRANE + 19.0), 205.0)
    glyphs.ectodomain(canvas, (30.0, 298.0), 78.0, style.MEANING["shed"].colour)
    glyphs.antibody(canvas, (374.0, 334.0), 150.0)
    canvas.write((394.0, 344.0), name, ha="left", fontweight="bold")
    canvas.line([(198.0, 300.0), (BOUND_AT - 12.0, MEMBRANE + 47.0)], style.colour("guide"), 1.2)
    glyphs.receptor(canvas, NK_AT, MEMBRANE)
    glyphs.antibody(canvas, (NK_AT + 28.0, MEMBRANE + 19.0), 205.0)
    fc = style.MEANING["adcc"].colour
    glyphs.disc(canvas, NK, 34.0, style.colour("organelle"), fc, 2.0)
    canvas.line([(554.0, 279.0), (566.0, 288.0)], fc, 9.0, 2.5)
    canvas.write(NK, texts.label("drawn_nk"), ha="center", fontweight="bold")
    canvas.write((566.0, 268.0), texts.label("drawn_fc"), 14.0)
    canvas.write((BOUND_AT - 16.0, MEMBRANE + 12.0), texts.label("drawn_her2"), ha="right", fontweight="bold")


def _vesicles(canvas: Canvas) -> None:
    """Draw endosome and lysosome."""
    edge, face = style.colour("edge"), style.colour("organelle")
    glyphs.disc(canvas, ENDOSOME, 38.0, face, edge)
    glyphs.antibody(canvas, (ENDOSOME[0] + 4.0, ENDOSOME[1] + 4.0), 205.0)
    canvas.write((ENDOSOME[0], ENDOSOME[1] - 50.0), texts.label("drawn_endosome"), ha="center", fontweight="bold")
    glyphs.disc(canvas, LYSOSOME, 48.0, face, edge)
    canvas.write((LYSOSOME[0], LYSOSOME[1] - 58.0), texts.label("drawn_lysosome"), ha="center", fontweight="bold")


def _payload(results: Results, canvas: Canvas) -> None:
    """Draw what is set free in the lysosome, the way into the cytosol, and the pump."""
    x, y = LYSOSOME
    released = given.of(results).conjugate.released
    glyphs.payload(canvas, [(x - 20.0, y + 28.0), (x + 8.0, y + 30.0), (x - 12.0, y - 29.0), (x + 18.0, y - 25.0)])
    canvas.write((x, y + 2.0), released.replace("MCC-", "MCC-\n"), 13.0, ha="center", fontweight="bold")
    glyphs.pump(canvas, (x + 48.0, y + 6.0), 0.0)
    canvas.write((x + 64.0, y + 72.0), slc46a3(results), fontweight="bold")
    x, y = CYTOSOL
    glyphs.payload(canvas, [(x - 14.0, y), (x + 2.0, y + 12.0), (x + 4.0, y - 12.0), (x + 18.0, y + 4.0)])
    glyphs.pump(canvas, (PUMP_AT, MEMBRANE - 3.0), 90.0)
    canvas.write((PUMP_AT + 20.0, MEMBRANE + 18.0), mdr1(results), fontweight="bold")


def _effects(results: Results, canvas: Canvas) -> None:
    """Draw the spindle, the signal of HER2, and what becomes of the cells."""
    from matplotlib.patches import Ellipse

    edge, face, grey = style.colour("edge"), style.colour("organelle"), style.colour("guide")
    glyphs.spindle(canvas, SPINDLE, 70.0, 40.0)
    glyphs.arrow(canvas, ((626.0, 120.0), (662.0, 92.0)), 3.0, grey, "to-tubulin", (0, (2.0, 1.0)))
    start, end = (BOUND_AT - 16.0, MEMBRANE - 26.0), (PI3K[0] + 24.0, PI3K[1] + 10.0)
    glyphs.arrow(canvas, (start, end), 3.0, grey, "signal", (0, (2.0, 1.0)))
    if drives(results):
        blue = style.MEANING["conjugate"].colour
        glyphs.stop(
            canvas, (BOUND_AT - 28.0, MEMBRANE - 8.0), (BOUND_AT - 38.0, MEMBRANE - 30.0), blue, name="blockade"
        )
    glyphs.disc(canvas, PI3K, 22.0, face, edge)
    canvas.write(PI3K, texts.label("drawn_pi3k"), 13.0, ha="center", fontweight="bold")
    glyphs.disc(canvas, PTEN, 22.0, face, edge)
    canvas.write(PTEN, texts.label("drawn_pten"), 12.0, ha="center", fontweight="bold")
    if lost_pten(results):
        glyphs.crossed(canvas, PTEN, 26.0)
    glyphs.stop(canvas, (PTEN[0] + 14.0, PTEN[1] + 18.0), (PI3K[0] - 18.0, PI3K[1] - 20.0), grey, name="pten")
    canvas.add(Ellipse(NUCLEUS, 128.0, 70.0, facecolor=face, edgecolor=edge, linewidth=2.0 * canvas.scale, zorder=2))
    canvas.write(NUCLEUS, texts.label("drawn_nucleus"), ha="center", fontweight="bold")
    glyphs.arrow(canvas, ((PI3K[0] + 2.0, PI3K[1] - 24.0), (NUCLEUS[0], NUCLEUS[1] + 38.0)), 3.0, grey, "growth")
    canvas.write((PI3K[0] + 12.0, 122.0), texts.label("drawn_growth"), ha="left")
    _fates(results, canvas)


def _fates(results: Results, canvas: Canvas) -> None:
    """Draw a bar of what became of the cells, with its parts named."""
    from matplotlib.patches import Rectangle

    found, told = results.summary["fates"], dict(fates(results))
    low, high, x = BAR_FLOOR, BAR_TOP, BAR
    canvas.write((x, high + 25.0), texts.label("drawn_fates"), fontweight="bold")
    wanted, floor = [], low
    middles = {}
    for name in FATES:
        share = float(found[name]["mean"])
        tall, look = share * (high - low), style.MEANING[name]
        middles[name] = floor + tall / 2.0
        canvas.add(
            Rectangle(
                (x, floor),
                16.0,
                tall,
                facecolor=look.colour,
                hatch=look.hatch,
                edgecolor=style.colour("ground"),
                linewidth=0.8,
                zorder=3,
                gid=f"fate-{name}",
            )
        )
        if name in told:
            wanted.append(middles[name])
            told[name] = glyphs.wrapped(told[name], 104.0, 13.0)
        floor += tall
    for name, start in (("mitotic_catastrophe", (728.0, 82.0)), ("apoptosis", (628.0, 134.0))):
        if name in told:
            end = (x - 3.0, middles[name])
            glyphs.arrow(canvas, (start, end), 3.0, style.colour("guide"), f"to-{name}", (0, (2.0, 1.0)))
    heights = [max(16.0 * (text.count("\n") + 1), 28.0) + 4.0 for text in told.values()]
    places = labels.spread(wanted, heights, 0.0, high + 6.0)
    for i, ((name, text), y) in enumerate(zip(told.items(), places, strict=True)):
        canvas.line([(x + 17.0, wanted[i]), (x + 24.0, y)], style.colour("guide"), 1.2)
        glyphs.ended(canvas, name, (x + 34.0, y))
        canvas.write((x + 52.0, y), text, 13.0)


def _key_of_widths(canvas: Canvas, n: Mapping[str, float]) -> None:
    """Show what the widths of the arrows mean."""
    largest = max(n[name] for name in amounts.ARROWS)
    x, y = 818.0, 350.0
    canvas.write((x, y), texts.label("drawn_widths"), 12.0)
    for i, size in enumerate(amounts.key(n)):
        at = y - 36.0 - 22.0 * i
        canvas.line(
            [(x, at), (x + 26.0, at)],
            style.colour("guide"),
            amounts.width(size, largest),
            solid_capstyle="butt",
            gid=f"width-{size:.0f}",
        )
        canvas.write((x + 32.0, at), amounts.million(size, words=texts.label), 12.0)


def key_entries(results: Results, step: int) -> list[tuple[str, Any]]:
    """Return the words of the key on paper with their swatches."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    grey = style.colour("guide")
    entries: list[tuple[str, Any]] = []
    for i, note in enumerate(notes(results)):
        if note.step <= step:
            colour = style.MEANING[note.meaning].colour if note.meaning else grey
            entries.append((f"{i + 1}  {note.told}".replace("\n", " "), Line2D([], [], color=colour, linewidth=4.0)))
    if step >= STEPS:
        for name, text in fates(results):
            look = style.MEANING[name]
            ground = style.colour("ground")
            entries.append((text, Patch(facecolor=look.colour, hatch=look.hatch, edgecolor=ground)))
    n = amounts.carried(results)
    for size in amounts.key(n)[-1:]:
        wide = amounts.width(size, max(n[name] for name in amounts.ARROWS))
        text = texts.label("key_widths", count=amounts.million(size, words=texts.label))
        scale = style.used().width * labels.POINTS / WIDE
        entries.append((text, Line2D([], [], color=grey, linewidth=wide * scale, solid_capstyle="butt")))
    return entries


def fates(results: Results) -> list[tuple[str, str]]:
    """Return the fates that cells had, from the foot of the bar, with their shares in words."""
    found, told = results.summary["fates"], drawn_in_short(given.of(results).conjugate.payload)
    shares = [(name, float(found[name]["mean"])) for name in FATES]
    return [(name, f"{told[name]} {percent(share)}") for name, share in shares if share > 0]
