"""Entries drawn: pictures, a page of words for each, and pictures for slides. Runs in any process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.gallery.entry import Entry, Told

if TYPE_CHECKING:
    from tdm1sim.figures.bare import Page


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
    from tdm1sim.figures.bare import bare
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
        pictures = tuple(bare(sheet) for sheet in built)
    return Told(entry.letter, entry.name, words, job.command, tuple(files), pictures)


def _saved(sheet: Page, job: Job, name: str, title: str) -> list[str]:
    """Write a page in every format; return the names of the files."""
    from tdm1sim.figures import style
    from tdm1sim.figures.slide import metadata

    files = []
    with style.look():
        for kind in job.formats:
            files.append(f"{name}.{kind}")
            # told, since what is saved otherwise has the dots per inch the page was made with, not those of its style
            sheet.savefig(job.folder / files[-1], format=kind, dpi=sheet.dpi, metadata=metadata(kind, title))
    return files


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
    shown = [f"![{_alternative(told, file)}]({file})" for file in first_pictures(told)]
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


def _alternative(told: Told, file: str) -> str:
    """Return what stands for a picture where none is seen: its finding, or which frame it is of what is built up."""
    name, _, step = file.rpartition(".")[0].rpartition("_")
    return f"Built up, frame {step}" if name == told.name else told.words.title


def first_pictures(told: Told) -> list[str]:
    """Return the files a page of words shows: the picture itself, then its frames, in the format browsers show best."""
    for kind in ("png", "svg"):
        found = [file for file in told.files if file.endswith(f".{kind}")]
        if found:
            return found
    return []
