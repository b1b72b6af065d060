"""Figures inside the page: drawn for a light and for a dark screen, as text of SVG."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tdm1sim.figures.again import Drawable
from tdm1sim.figures.style import using


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: name, finding, caption in paragraphs, and the picture for light and dark, as ``data:`` addresses."""

    name: str
    title: str
    caption: tuple[str, ...]
    light: str
    dark: str


def of(result: Drawable, names: Sequence[str]) -> list[Picture]:
    """Draw figures of a result in both styles and return them."""
    with tempfile.TemporaryDirectory() as place:
        drawn = {}
        for style in ("slide", "dark"):
            folder = Path(place) / style
            with using(style):
                drawn[style] = [path for path in result.draw(folder, names, ("svg",)) if path.suffix == ".svg"]
        return [_picture(light, dark) for light, dark in zip(drawn["slide"], drawn["dark"], strict=True)]


def _picture(light: Path, dark: Path) -> Picture:
    head, _, rest = light.with_suffix(".md").read_text(encoding="utf-8").partition("\n")
    paragraphs = tuple(part.strip() for part in rest.split("\n\n") if part.strip())
    return Picture(light.stem, head.removeprefix("# ").strip(), paragraphs, _address(light), _address(dark))


def _address(path: Path) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
