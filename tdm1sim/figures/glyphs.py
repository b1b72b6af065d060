"""The parts of a drawn cell: receptor, antibody, organelles, pumps, and arrows of a stated width.

Everything is drawn in the units of a `Canvas`, which are points on a slide and smaller by one factor on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.figures import labels, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]

HEAD_WIDER, HEAD_LONG = 11.0, 0.72
"""An arrow's head: how much wider than the arrow, and its length as a share of its own width."""

DOMAINS = ("IV", "III", "II", "I")
"""The subdomains of HER2's ectodomain, from the membrane outwards."""
DOMAIN_WIDE, DOMAIN_HIGH = 24.0, 16.0


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a picture is drawn: axes whose unit is a point of the slide.

    Attributes
    ----------
    ax : Axes
        Switched off, with equal scales.
    scale : float
        Points of the page, as drawn, for each unit.
    words : bool
        Whether words stand beside what they name; where there is no room, numbers stand for them.
    """

    ax: Axes
    scale: float
    words: bool

    def add(self, patch: Any) -> Any:
        """Add a patch as it is, not cut off at the edge."""
        patch.set_clip_on(False)
        return self.ax.add_patch(patch)

    def line(self, points: Sequence[Point], colour: str, width: float, order: float = 3.0, **more: Any) -> None:
        """Draw a line through points, width in units."""
        from matplotlib.lines import Line2D

        x, y = zip(*points, strict=True)
        told: dict[str, Any] = {"solid_capstyle": "round", "clip_on": False, **more}
        self.ax.add_line(Line2D(x, y, color=colour, linewidth=width * self.scale, zorder=order, **told))

    def write(self, at: Point, text: str, size: float = 14.0, **more: Any) -> None:
        """Write words where there is room for words; size in points of the page."""
        if self.words:
            told: dict[str, Any] = {"ha": "left", "va": "center", "linespacing": 1.12, **more}
            self.ax.text(*at, text, fontsize=style.letters(size), zorder=6, clip_on=False, **told)

    def badge(self, at: Point, text: str) -> None:
        """Write a number in a disc, which stands for the words of the key."""
        from matplotlib.patches import Circle

        size = style.letters(0.0)
        ground, edge = style.colour("ground"), style.colour("ink")
        radius = 0.62 * size / self.scale if len(text) < 2 else 0.85 * size / self.scale
        disc = Circle(at, radius, facecolor=ground, edgecolor=edge, linewidth=1.0, zorder=7)
        self.add(disc)
        self.ax.text(*at, text, fontsize=size, ha="center", va="center_baseline", zorder=8, clip_on=False)


def bezier(points: Sequence[Point], share: float) -> Point:
    """Return the point at a share of a curve given by start, two controls and end."""
    p = np.array(points)
    u = 1.0 - share
    found = u**3 * p[0] + 3 * u * u * share * p[1] + 3 * u * share**2 * p[2] + share**3 * p[3]
    return float(found[0]), float(found[1])


def arrow(canvas: Canvas, points: Sequence[Point], width: float, colour: str, name: str, line: Any = "-") -> None:
    """Draw an arrow along a curve; the shaft is as wide as told, the head a little wider.

    Parameters
    ----------
    points : sequence of 2 or 4 points
        Start and end, or start, two controls and end of a cubic curve.
    width : float
        Of the shaft, units.
    name : str
        The shaft's `gid` is ``arrow-NAME``.
    """
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    if len(points) == 2:
        (x0, y0), (x1, y1) = points
        third = ((x1 - x0) / 3.0, (y1 - y0) / 3.0)
        points = [(x0, y0), (x0 + third[0], y0 + third[1]), (x1 - third[0], y1 - third[1]), (x1, y1)]
    p = np.array(points)
    along = (p[3] - p[2]) / np.hypot(*(p[3] - p[2]))
    wide = width + HEAD_WIDER * min(1.0, 0.55 + width / 12.0)
    base = p[3] - along * wide * HEAD_LONG
    shaft = np.array([p[0], p[1], p[2] - along * wide * HEAD_LONG * 0.5, base])
    codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    common: dict[str, Any] = {"facecolor": "none", "capstyle": "butt"}
    path = Path(shaft, codes)
    canvas.add(
        PathPatch(
            path,
            edgecolor=colour,
            linewidth=width * canvas.scale,
            linestyle=line,
            zorder=4,
            gid=f"arrow-{name}",
            **common,
        )
    )
    across = np.array([-along[1], along[0]]) * wide / 2.0
    tip = [base - across, p[3], base + across]
    canvas.add(Polygon(tip, closed=True, facecolor=colour, edgecolor="none", linewidth=0.0, zorder=4))


def stop(canvas: Canvas, start: Point, end: Point, colour: str, width: float = 3.0, name: str = "") -> None:
    """Draw a line that ends in a bar: what holds something back."""
    p, q = np.array(start), np.array(end)
    along = (q - p) / np.hypot(*(q - p))
    across = np.array([-along[1], along[0]]) * 8.0
    canvas.line([start, end], colour, width, gid=f"stop-{name}")
    canvas.line([tuple(q - across), tuple(q + across)], colour, width + 1.0)


def receptor(canvas: Canvas, x: float, membrane: float, *, lettered: bool = False, kinase: bool = True) -> None:
    """Draw HER2 in a membrane at height ``membrane``: subdomains IV to I outside, the kinase inside."""
    from matplotlib.patches import Ellipse

    edge = style.colour("edge")
    canvas.line([(x, membrane - 22.0), (x, membrane + 4.0)], edge, 4.0, 2.6)
    if kinase:
        face = style.colour("organelle")
        canvas.add(Ellipse((x, membrane - 27.0), 26.0, 20.0, facecolor=face, edgecolor=edge, linewidth=1.4, zorder=3))
    ectodomain(canvas, (x, membrane + 4.0), 90.0, edge, lettered=lettered)


def ectodomain(canvas: Canvas, start: Point, angle: float, edge: str, *, lettered: bool = False) -> None:
    """Draw the four subdomains in a row from ``start`` (where IV begins) at an angle (degrees)."""
    from matplotlib.patches import FancyBboxPatch
    from matplotlib.transforms import Affine2D

    turned = Affine2D().rotate_deg_around(*start, angle - 90.0) + canvas.ax.transData
    for i, name in enumerate(DOMAINS):
        low = start[1] + i * (DOMAIN_HIGH + 1.5)
        wide = DOMAIN_WIDE if name in {"I", "III"} else DOMAIN_WIDE - 5.0
        face = style.colour("organelle" if name != "IV" else "ground")
        box = FancyBboxPatch(
            (start[0] - wide / 2.0, low),
            wide,
            DOMAIN_HIGH,
            boxstyle="round,pad=0,rounding_size=5",
            facecolor=face,
            edgecolor=style.MEANING["conjugate"].colour if lettered and name == "IV" else edge,
            linewidth=(2.4 if lettered and name == "IV" else 1.4) * canvas.scale,
            transform=turned,
            zorder=3,
            gid=f"subdomain-{name}" if lettered else None,
        )
        canvas.add(box)
        if lettered:
            middle = (start[0], low + DOMAIN_HIGH / 2.0)
            canvas.write(middle, name, 11.0, ha="center", va="center_baseline", fontweight="bold")


def antibody(canvas: Canvas, hinge: Point, angle: float, *, loaded: bool = True, order: float = 5.0) -> None:
    """Draw an antibody: two arms around ``angle`` (degrees), the Fc stem opposite, payload as black diamonds."""
    blue = style.MEANING["conjugate"].colour
    x, y = hinge

    def away(degrees: float, far: float) -> Point:
        return x + far * float(np.cos(np.radians(degrees))), y + far * float(np.sin(np.radians(degrees)))

    ends = [away(angle - 32.0, 17.0), away(angle + 32.0, 17.0), away(angle + 180.0, 18.0)]
    for end in ends:
        canvas.line([hinge, end], blue, 6.0, order)
    if loaded:
        places = [away(angle - 50.0, 11.0), away(angle + 50.0, 11.0), away(angle + 160.0, 13.0)]
        payload(canvas, places, 5.5, order + 0.1)


def payload(canvas: Canvas, places: Sequence[Point], size: float = 7.0, order: float = 5.0) -> None:
    """Draw payload set free, or on an antibody: diamonds."""
    from matplotlib.patches import RegularPolygon

    colour, ground = style.MEANING["payload"].colour, style.colour("ground")
    for at in places:
        canvas.add(RegularPolygon(at, 4, radius=size, facecolor=colour, edgecolor=ground, linewidth=0.8, zorder=order))


def disc(canvas: Canvas, centre: Point, radius: float, face: str, edge: str, order: float = 2.0) -> None:
    """Draw a round body: a vesicle, a cell, a kinase."""
    from matplotlib.patches import Circle

    canvas.add(Circle(centre, radius, facecolor=face, edgecolor=edge, linewidth=2.0 * canvas.scale, zorder=order))


def crossed(canvas: Canvas, centre: Point, radius: float) -> None:
    """Cross out what a cell has lost."""
    x, y = centre
    far = 0.75 * radius
    for side in (-1.0, 1.0):  # under its name
        canvas.line([(x - far, y - side * far), (x + far, y + side * far)], style.colour("guide"), 3.0, 3.5)


def pump(canvas: Canvas, centre: Point, angle: float) -> None:
    """Draw a protein that lets something through a membrane, ``angle`` being the direction of what passes."""
    from matplotlib.patches import FancyBboxPatch
    from matplotlib.transforms import Affine2D

    turned = Affine2D().rotate_deg_around(*centre, angle - 90.0) + canvas.ax.transData
    for side in (-1.0, 1.0):
        low = (centre[0] + side * 11.0 - 5.0, centre[1] - 14.0)
        box = FancyBboxPatch(
            low,
            10.0,
            28.0,
            boxstyle="round,pad=0,rounding_size=4.5",
            facecolor=style.colour("guide"),
            edgecolor=style.colour("ground"),
            linewidth=1.2 * canvas.scale,
            transform=turned,
            zorder=3.5,
        )
        canvas.add(box)


def spindle(canvas: Canvas, centre: Point, wide: float, high: float) -> None:
    """Draw the spindle of microtubules that mitosis needs: fibres between two poles, chromosomes in the middle."""
    x, y = centre
    edge = style.colour("edge")
    for bend in (-1.0, -0.5, 0.0, 0.5, 1.0):
        t = np.linspace(0.0, 1.0, 25)
        across = x - wide / 2.0 + wide * t
        curve = [(float(u), float(y + bend * high / 2.0 * np.sin(np.pi * v))) for u, v in zip(across, t, strict=True)]
        canvas.line(curve, edge, 2.0, 3.0)
        middle = y + bend * high / 2.0
        canvas.line([(x - 3.0, middle), (x + 3.0, middle)], style.colour("ink"), 5.0, 3.2)
    for side in (-1.0, 1.0):
        disc(canvas, (x + side * wide / 2.0, y), 3.5, edge, edge, 3.3)


def ended(canvas: Canvas, fate: str, centre: Point, radius: float = 12.0) -> None:
    """Draw a small cell as its fate left it: whole, with several nuclei, in fragments, or bitten."""
    from matplotlib.patches import Circle, Wedge

    look, edge, ground = style.MEANING[fate], style.colour("edge"), style.colour("ground")
    x, y = centre
    body: dict[str, Any] = {"facecolor": look.colour, "edgecolor": edge, "linewidth": 1.2 * canvas.scale, "zorder": 4}
    nuclei: dict[str, tuple[tuple[float, float, float], ...]] = {
        "surviving": ((0.0, 0.0, 0.42),),
        "mitotic_catastrophe": ((-0.4, 0.2, 0.26), (0.35, 0.4, 0.22), (0.2, -0.35, 0.28)),
    }
    if fate == "apoptosis":
        for dx, dy, size in ((-0.4, 0.3, 0.52), (0.55, 0.4, 0.36), (0.25, -0.4, 0.46), (-0.65, -0.5, 0.28)):
            canvas.add(Circle((x + dx * radius, y + dy * radius), size * radius, **body))
        return
    if fate == "adcc":
        canvas.add(Wedge(centre, radius, 75.0, 375.0, **body))
        return
    canvas.add(Circle(centre, radius, **body))
    for dx, dy, size in nuclei[fate]:
        at = (x + dx * radius, y + dy * radius)
        canvas.add(Circle(at, size * radius, facecolor=ground, edgecolor=edge, linewidth=0.8, zorder=4.1))


def wrapped(text: str, width: float, size: float) -> str:
    """Return words in lines no wider than told, points of the page."""
    return labels.wrap(text, width, style.letters(size))
