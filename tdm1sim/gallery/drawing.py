"""Entries drawn: pictures, a page of words for each, and pictures for slides. Runs in any process."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.gallery.entry import Entry, Picture, Told

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Page
    from matplotlib.text import Annotation

GAP = 4.0
"""Room kept between the picture of a slide and the words around it, points."""


@dataclass(frozen=True, slots=True)
class Job:
    """An entry to be drawn.

    Attributes
    ----------
    entry : Entry
        Which.
    data : object
        What was simulated for it.
    command : str
        The command that makes it.
    folder : Path
        Where its files go; it exists.
    formats : tuple of str
        Of `tdm1sim.figures.FORMATS`.
    style : str
        Of `tdm1sim.figures.style.STYLES`.
    slides : str
        The style of pictures for slides; empty for none.
    """

    entry: Entry
    data: Any = field(repr=False)
    command: str
    folder: Path
    formats: tuple[str, ...]
    style: str
    slides: str = ""


def drawn(job: Job) -> Told:
    """Draw an entry: write its files, return what is told of it."""
    from tdm1sim.figures.style import using

    entry, source = job.entry, job.entry.source
    words = source.words(job.data)
    with using(job.style):
        frames = [(f"{entry.name}_{i}", sheet) for i, sheet in enumerate(source.frames(job.data), 1)]
        sheets = [(entry.name, source.page(job.data)), *frames]
        files = [file for name, sheet in sheets for file in _saved(sheet, job, name, words.title)]
    told = Told(entry.letter, entry.name, words, job.command, tuple(files))
    if not job.slides:
        return told
    with using(job.slides):
        built = source.frames(job.data) or (source.page(job.data),)
        pictures = tuple(picture(sheet) for sheet in built)
    return Told(entry.letter, entry.name, words, job.command, tuple(files), pictures)


def _saved(sheet: Page, job: Job, name: str, title: str) -> list[str]:
    """Write a page in every format; return the names of the files."""
    from tdm1sim.figures import style
    from tdm1sim.figures.slide import metadata

    files = []
    with style.look():
        for kind in job.formats:
            files.append(f"{name}.{kind}")
            sheet.savefig(job.folder / files[-1], format=kind, metadata=metadata(kind, title))
    return files


def picture(sheet: Page) -> Picture:
    """Return a page as a picture for a slide: finding and limit lines taken off, for the slide says them itself."""
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

    from tdm1sim.figures import style

    with style.look():
        sheet.draw_without_rendering()
        words = {text.get_gid(): text for text in sheet.findobj(Annotation) if text.get_gid() in {"title", "limits"}}
        told = {gid: _one_line(text) for gid, text in words.items()}
        wide, tall = sheet.get_figwidth(), sheet.get_figheight()
        low, high = 0.0, tall
        if "limits" in words:
            low = words["limits"].get_window_extent().y1 / sheet.dpi + GAP / 72.0
        if "title" in words:
            high = words["title"].get_window_extent().y0 / sheet.dpi - GAP / 72.0
        for text in words.values():
            text.set_visible(False)
        stream = io.BytesIO()
        sheet.savefig(stream, format="png", bbox_inches=Bbox([[0.0, low], [wide, high]]), pad_inches=0.0)
    return Picture(stream.getvalue(), told.get("title", ""), told.get("limits", ""), low, high)


def _one_line(text: Annotation) -> str:
    return " ".join(text.get_text().split())


def page_of(entry: Entry, told: Told, references: Mapping[str, str]) -> str:
    """Return the page of words of an entry, Markdown.

    Parameters
    ----------
    entry : Entry
        Which.
    told : Told
        What is told of it.
    references : mapping of str to str
        Key to reference, written out.
    """
    shown = [f"![{told.words.title}]({file})" for file in first_pictures(told)]
    keys = dict.fromkeys((*told.words.citations, *entry.citations))
    sources = [f"* `{key}` {references[key]}" for key in keys if key in references]
    parts = [
        f"# {told.words.title}",
        *shown,
        told.words.caption,
        "## Made by",
        f"    {told.command}",
        "## Ask first",
        entry.question,
        f"Common wrong answer: {entry.wrong}",
        f"Right: {entry.right}",
    ]
    if sources:
        parts += ["## Sources", "\n".join(sources)]
    return "\n\n".join(parts) + "\n"


def first_pictures(told: Told) -> list[str]:
    """Return the files a page of words shows: the picture itself, then its frames, in the format browsers show best."""
    for kind in ("png", "svg"):
        found = [file for file in told.files if file.endswith(f".{kind}")]
        if found:
            return found
    return []
