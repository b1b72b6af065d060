"""Where everything stands in the picture of the mechanism, and what is said beside it, in four steps.

Places are points of a slide, from the lower left corner of the picture, `WIDE` by `HIGH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdm1sim import given
from tdm1sim.figures import glyphs, labels, reading, style
from tdm1sim.figures import mechanism_amounts as amounts
from tdm1sim.figures.glyphs import Canvas, Point
from tdm1sim.figures.words import percent, plain, short

if TYPE_CHECKING:
    from tdm1sim.results import Results

WIDE, HIGH = 912.0, 370.0
"""Size of the picture, points of a slide."""

STEPS = 4
"""Frames: the surface; endosome and lysosome; payload; what it does to the cell."""

MEMBRANE, LEFT, RIGHT, FLOOR = 248.0, 6.0, 744.0, 4.0
"""The drawn cell."""

BOUND_AT, SIGNAL_AT, NK_AT, PUMP_AT = 214.0, 92.0, 508.0, 692.0
"""Places of the three receptors and of MDR1 along the membrane."""

ENDOSOME, LYSOSOME, CYTOSOL, SPINDLE = (240.0, 104.0), (440.0, 106.0), (604.0, 126.0), (690.0, 72.0)
PI3K, PTEN, NUCLEUS, NK = (98.0, 172.0), (46.0, 126.0), (90.0, 54.0), (584.0, 316.0)
BAR, BAR_FLOOR, BAR_TOP = 760.0, 8.0, 204.0

PATHS: Mapping[str, tuple[int, tuple[Point, ...]]] = {
    "bound": (1, ((352.0, 334.0), (316.0, 346.0), (274.0, 334.0), (262.0, 296.0))),
    "dissociated": (1, ((282.0, 268.0), (320.0, 268.0), (356.0, 280.0), (366.0, 312.0))),
    "shed_receptor": (1, ((76.0, 264.0), (56.0, 266.0), (44.0, 276.0), (40.0, 292.0))),
    "internalised": (2, ((224.0, 212.0), (228.0, 192.0), (234.0, 170.0), (236.0, 144.0))),
    "recycled": (2, ((278.0, 120.0), (330.0, 136.0), (360.0, 180.0), (360.0, 238.0))),
    "sorted_to_lysosome": (2, ((280.0, 98.0), (394.0, 100.0))),
    "catabolite_to_cytosol": (3, ((502.0, 114.0), (584.0, 122.0))),
    "dm1_effluxed": (3, ((618.0, 146.0), (664.0, 160.0), (692.0, 176.0), (692.0, 316.0))),
}
"""The step with which an arrow of the ledger appears, and its curve."""


@dataclass(frozen=True, slots=True)
class Note:
    """Words beside a part: on a slide where they stand, on paper a number there and the words in the key.

    Attributes
    ----------
    step : int
        The frame with which they appear.
    at : tuple of float
        Where.
    text : str
        What is said; line breaks are those of a slide.
    side : str
        Horizontal alignment on a slide.
    meaning : str
        Of the colour of the swatch in the key; empty for what has no colour of its own.
    badge : tuple of float, optional
        Where the number stands, if not at the middle of the words.
    """

    step: int
    at: Point
    text: str
    side: str = "left"
    meaning: str = ""
    badge: Point | None = None


def notes(results: Results) -> list[Note]:
    """Return everything that is said beside a part of the picture, in the order of the drug's way."""
    n, drugs = amounts.carried(results), given.of(results)
    name, payload = drugs.conjugate.short, drugs.payload
    killed = float(results.summary["fates"]["adcc"]["mean"])
    peak, held = amounts.cytosol(results)
    told = [
        Note(1, (242.0, 362.0), f"binds at IV: {amounts.million(n['bound'])}", "left", "conjugate", (300.0, 362.0)),
        Note(1, (382.0, 286.0), f"comes off:\n{_part(n, 'dissociated', 'bound')}", "left", "conjugate", (352.0, 280.0)),
        Note(1, (196.0, 304.0), "pertuzumab\nbinds at II", "right", "", (200.0, 296.0)),
        Note(1, (62.0, 354.0), f"shed HER2:\n{amounts.million(n['shed_receptor'])}", "left", "shed", (30.0, 272.0)),
        Note(1, (624.0, 342.0), f"killed by\nNK cells:\n{percent(killed)}", "left", "adcc", (540.0, 350.0)),
        Note(2, (250.0, 186.0), f"taken in:\n{amounts.million(n['internalised'])}", "left", "conjugate"),
        Note(2, (378.0, 180.0), f"recycled:\n{_part(n, 'recycled', 'internalised')}", "left", "conjugate"),
        Note(2, (282.0, 72.0), f"to lysosomes:\n{amounts.million(n['sorted_to_lysosome'])}", "left", "conjugate"),
        Note(3, (440.0, 24.0), f"{payload} set free: {amounts.million(n['carried_released'])}", "center", "catabolite"),
        Note(3, (502.0, 152.0), f"to the cytosol:\n{amounts.million(n['catabolite_to_cytosol'])}", "left", "payload"),
        Note(3, (708.0, 312.0), f"pumped out:\n{amounts.million(n['dm1_effluxed'])}", "left", "payload"),
        Note(3, (574.0, 86.0), f"{payload} in the cytosol:\n{plain(peak, 2)} nM at its peak", "center", "payload"),
        Note(4, (676.0, 30.0), f"{percent(held)} on tubulin:\nmitotic arrest", "center", ""),
        Note(4, (124.0, 158.0), _blockade(results), "left", ""),
    ]
    return told


def _part(n: Mapping[str, float], some: str, of: str) -> str:
    """Return an amount with its share of another."""
    share = f"\n({percent(n[some] / n[of])})" if n[of] > 0 else ""
    return f"{amounts.million(n[some])}{share}"


def _blockade(results: Results) -> str:
    left = amounts.pi3k(results)
    return f"PI3K signal:\n{percent(left)} left"


def paint(results: Results, canvas: Canvas, step: int = STEPS) -> None:
    """Draw everything up to a step."""
    n = amounts.carried(results)
    wide = amounts.widths(n)
    _cell(canvas)
    _surface(canvas, given.of(results).conjugate.short)
    if step >= 2:
        _vesicles(canvas)
    if step >= 3:
        _payload(canvas, given.of(results).conjugate.released)
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
    canvas.write(NK, "NK\ncell", ha="center", fontweight="bold")
    canvas.write((566.0, 268.0), "Fc receptor", 13.0)
    canvas.write((BOUND_AT - 16.0, MEMBRANE + 12.0), "HER2", 14.0, ha="right", fontweight="bold")


def _vesicles(canvas: Canvas) -> None:
    """Draw endosome and lysosome."""
    edge, face = style.colour("edge"), style.colour("organelle")
    glyphs.disc(canvas, ENDOSOME, 38.0, face, edge)
    glyphs.antibody(canvas, (ENDOSOME[0] + 4.0, ENDOSOME[1] + 4.0), 205.0)
    canvas.write((ENDOSOME[0], ENDOSOME[1] - 50.0), "endosome", ha="center", fontweight="bold")
    glyphs.disc(canvas, LYSOSOME, 48.0, face, edge)
    canvas.write((LYSOSOME[0], LYSOSOME[1] - 58.0), "lysosome", ha="center", fontweight="bold")


def _payload(canvas: Canvas, released: str) -> None:
    """Draw what is set free in the lysosome, the way into the cytosol, and the pump."""
    x, y = LYSOSOME
    glyphs.payload(canvas, [(x - 20.0, y + 28.0), (x + 8.0, y + 30.0), (x - 12.0, y - 29.0), (x + 18.0, y - 25.0)])
    canvas.write((x, y + 2.0), released.replace("MCC-", "MCC-\n"), 13.0, ha="center", fontweight="bold")
    glyphs.pump(canvas, (x + 48.0, y + 6.0), 0.0)
    canvas.write((x + 64.0, y + 72.0), "SLC46A3", ha="left", fontweight="bold")
    x, y = CYTOSOL
    glyphs.payload(canvas, [(x - 14.0, y), (x + 2.0, y + 12.0), (x + 4.0, y - 12.0), (x + 18.0, y + 4.0)])
    glyphs.pump(canvas, (PUMP_AT, MEMBRANE - 3.0), 90.0)
    canvas.write((PUMP_AT + 20.0, MEMBRANE + 18.0), "MDR1 (P-gp)", ha="left", fontweight="bold")


def _effects(results: Results, canvas: Canvas) -> None:
    """Draw the spindle, the signal of HER2, and what becomes of the cells."""
    from matplotlib.patches import Ellipse

    edge, face, grey = style.colour("edge"), style.colour("organelle"), style.colour("guide")
    glyphs.spindle(canvas, SPINDLE, 70.0, 40.0)
    glyphs.arrow(canvas, ((626.0, 120.0), (662.0, 92.0)), 3.0, grey, "to-tubulin", (0, (2.0, 1.0)))
    start, end = (BOUND_AT - 16.0, MEMBRANE - 26.0), (PI3K[0] + 24.0, PI3K[1] + 10.0)
    glyphs.arrow(canvas, (start, end), 3.0, grey, "signal", (0, (2.0, 1.0)))
    blue = style.MEANING["conjugate"].colour
    glyphs.stop(canvas, (BOUND_AT - 28.0, MEMBRANE - 8.0), (BOUND_AT - 38.0, MEMBRANE - 30.0), blue, name="blockade")
    glyphs.disc(canvas, PI3K, 22.0, face, edge)
    canvas.write(PI3K, "PI3K", 13.0, ha="center", fontweight="bold")
    glyphs.disc(canvas, PTEN, 22.0, face, edge)
    canvas.write(PTEN, "PTEN", 12.0, ha="center", fontweight="bold")
    glyphs.stop(canvas, (PTEN[0] + 14.0, PTEN[1] + 18.0), (PI3K[0] - 18.0, PI3K[1] - 20.0), grey, name="pten")
    canvas.add(Ellipse(NUCLEUS, 128.0, 70.0, facecolor=face, edgecolor=edge, linewidth=2.0 * canvas.scale, zorder=2))
    canvas.write(NUCLEUS, "nucleus", ha="center", fontweight="bold")
    glyphs.arrow(canvas, ((PI3K[0] + 2.0, PI3K[1] - 24.0), (NUCLEUS[0], NUCLEUS[1] + 38.0)), 3.0, grey, "growth")
    canvas.write((PI3K[0] + 12.0, 122.0), "drives G1", ha="left")
    _fates(results, canvas)


def _fates(results: Results, canvas: Canvas) -> None:
    """Draw a bar of what became of the cells, with its parts named."""
    from matplotlib.patches import Rectangle

    found, told = results.summary["fates"], short(given.of(results).words)
    order = ("surviving", "mitotic_catastrophe", "apoptosis", "adcc")
    low, high, x = BAR_FLOOR, BAR_TOP, BAR
    glyphs.arrow(canvas, ((728.0, 74.0), (757.0, 84.0)), 3.0, style.colour("guide"), "to-fates", (0, (2.0, 1.0)))
    glyphs.arrow(canvas, ((630.0, 132.0), (757.0, 156.0)), 3.0, style.colour("guide"), "to-apoptosis", (0, (2.0, 1.0)))
    canvas.write((x, high + 25.0), "what became\nof the cells", fontweight="bold")
    wanted, texts, floor = [], [], low
    for name in order:
        share = float(found[name]["mean"])
        tall, look = share * (high - low), style.MEANING[name]
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
        if share > 0.0:
            wanted.append(floor + tall / 2.0)
            texts.append((name, glyphs.wrapped(f"{told[name]} {percent(share)}".replace("(interphase) ", ""), 104.0, 13.0)))
        floor += tall
    heights = [max(16.0 * (text.count("\n") + 1), 28.0) + 4.0 for _, text in texts]
    places = labels.spread(wanted, heights, 0.0, high + 6.0)
    for i, ((name, text), y) in enumerate(zip(texts, places, strict=True)):
        canvas.line([(x + 17.0, wanted[i]), (x + 24.0, y)], style.colour("guide"), 1.2)
        glyphs.ended(canvas, name, (x + 34.0, y))
        canvas.write((x + 52.0, y), text, 13.0)


def _key_of_widths(canvas: Canvas, n: Mapping[str, float]) -> None:
    """Show what the widths of the arrows mean."""
    largest = max(n[name] for name in amounts.ARROWS)
    x, y = 818.0, 350.0
    canvas.write((x, y), "arrow width:\nsquare root\nof molecules", 12.0)
    for i, size in enumerate(amounts.key(n)):
        at = y - 36.0 - 22.0 * i
        canvas.line(
            [(x, at), (x + 26.0, at)],
            style.colour("guide"),
            amounts.width(size, largest),
            solid_capstyle="butt",
            gid=f"width-{size:.0f}",
        )
        canvas.write((x + 32.0, at), amounts.million(size), 12.0)


def key_entries(results: Results) -> list[tuple[str, str]]:
    """Return the words of the key on paper with the meaning of their colour."""
    return [(f"{i + 1}  {note.text.replace(chr(10), ' ')}", note.meaning) for i, note in enumerate(notes(results))]
