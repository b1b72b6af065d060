"""Figures inside the page: drawn for a light and a dark screen and for a phone, as text of SVG."""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdm1sim.figures.again import Drawable
from tdm1sim.figures.style import using

STYLES = {"light": "slide", "dark": "dark", "phone": "paper"}
"""Style of each drawing: a column of a journal is as narrow as a phone, and its letters can be read there."""
_SOURCES = "Sources of the parameters (keys;"
_RUN, _LIST = "Scenario `", "- "
_LETTERS = frozenset({"adcc", "dm1", "dxd", "her2", "pten"})
"""Words of names that are spoken by their letters."""
_SIZE = re.compile(rb"<svg[^>]*viewBox=\"0 0 ([\d.]+) ([\d.]+)\"")


@dataclass(frozen=True, slots=True)
class Image:
    """A drawing as a ``data:`` address, and its width and height (points)."""

    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: name, finding, caption in paragraphs, and its drawings by the keys of `STYLES`."""

    name: str
    title: str
    caption: tuple[str, ...]
    images: Mapping[str, Image]

    @property
    def heading(self) -> str:
        """Return its name as a heading: ``DM1 bands``."""
        words = [word.upper() if word in _LETTERS else word for word in self.name.split("_")]
        return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def of(result: Drawable, names: Sequence[str]) -> list[Picture]:
    """Draw figures of a result in each style and return them.

    What the page tells elsewhere is left out: sources, lists of numbers, and but for the first time of which run it is.
    """
    with tempfile.TemporaryDirectory() as place:
        drawn = {}
        for kind, style in STYLES.items():
            with using(style):
                written = result.draw(Path(place) / kind, names, ("svg",))
            drawn[kind] = [path for path in written if path.suffix == ".svg"]
        told: set[str] = set()
        every = zip(*drawn.values(), strict=True)
        return [_picture(dict(zip(drawn, paths, strict=True)), told) for paths in every]


def _picture(paths: Mapping[str, Path], told: set[str]) -> Picture:
    path = paths["light"]
    head, _, rest = path.with_suffix(".md").read_text(encoding="utf-8").partition("\n")
    paragraphs = []
    for part in (piece.strip() for piece in rest.split("\n\n")):
        if not part or part.startswith((_SOURCES, _LIST)) or (part.startswith(_RUN) and part in told):
            continue
        told.add(part)
        paragraphs.append(part)
    images = {kind: _image(path) for kind, path in paths.items()}
    return Picture(path.stem, head.removeprefix("# ").strip(), tuple(paragraphs), images)


def _image(path: Path) -> Image:
    content = path.read_bytes()
    found = _SIZE.search(content)
    wide, tall = (float(number) for number in found.groups()) if found else (16.0, 9.0)
    address = "data:image/svg+xml;base64," + base64.b64encode(content).decode("ascii")
    return Image(address, round(wide), round(tall))
