"""A deck of slides: finding, picture, limit lines on each; caption, sources and what to ask in its notes."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.errors import InputError, MachineError
from tdm1sim.gallery.entry import Entry, Told

if TYPE_CHECKING:
    from types import ModuleType

    from tdm1sim.figures.bare import Bare

EDGE = 0.3
"""Room left and right of the words of a slide, in."""
TITLE_SIZES = (26, 24, 22, 20, 18, 16)
LIMIT_SIZES = (12, 11, 10, 9, 8)
"""Letters, points, from the wanted size to the smallest."""


def library() -> ModuleType:
    """Return python-pptx.

    Raises
    ------
    MachineError
        It is not installed.
    """
    try:
        return importlib.import_module("pptx")
    except ImportError:
        message = 'slides need python-pptx, which is not installed: pip install "tdm1sim[slides]"'
        raise MachineError(message) from None


def check(file: Path, *, force: bool) -> None:
    """Refuse, before any work is done, a deck that could not be written in the end.

    Raises
    ------
    InputError
        A file stands there already and may not be replaced, or its name is not that of a deck.
    MachineError
        python-pptx is not installed, or the folder of the file is not there.
    """
    library()
    if file.suffix.lower() != ".pptx":
        message = f"--pptx {file}: a deck ends in .pptx"
        raise InputError(message)
    if file.is_dir() or (file.exists() and not force):
        message = f"{file} exists already; nothing is overwritten unless asked: add --force, or choose another name"
        raise InputError(message)


def write(file: Path, entries: Sequence[Entry], told: Sequence[Told], *, style: str = "slide") -> int:
    """Write a deck; return how many slides it has.

    Parameters
    ----------
    file : Path
        Where to; replaced as a whole, its folder made when absent.
    entries, told : sequence of Entry, sequence of Told
        What is shown, drawn with pictures for slides.
    style : str
        Of `tdm1sim.figures.style.STYLES`: the colours of ground and letters.

    Raises
    ------
    MachineError
        python-pptx is not installed, or the file cannot be written.
    """
    from tdm1sim.figures import style as look

    deck = library().Presentation()
    deck.slide_width, deck.slide_height = _length(look.WIDTH), _length(look.HEIGHT)
    deck.core_properties.title = "How T-DM1 works, and why it stops working"
    deck.core_properties.author = "tdm1sim"
    with look.using(style):
        for entry, one in zip(entries, told, strict=True):
            for number, picture in enumerate(one.pictures, 1):
                _slide(deck, entry, one, picture, number)
    partial = file.with_name(f".{file.name}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        deck.save(str(partial))
        partial.replace(file)
    except OSError as error:
        message = f"cannot write {file}: {error.strerror or error}"
        raise MachineError(message) from error
    finally:
        partial.unlink(missing_ok=True)
    return len(deck.slides)


def notes_of(entry: Entry, told: Told) -> str:
    """Return the notes of a slide: what to ask first, what is often answered, caption and command."""
    parts = (
        f"ASK FIRST\n{entry.question}",
        f"COMMON WRONG ANSWER\n{entry.wrong}",
        f"RIGHT\n{entry.right}",
        f"CAPTION\n{told.words.caption}",
        f"SOURCES\n{_sources(entry, told)}",
        f"MADE BY\n{told.command}",
    )
    return "\n\n".join(parts)


def _sources(entry: Entry, told: Told) -> str:
    from tdm1sim.catalogue import load_catalogue

    references = load_catalogue().references
    keys = dict.fromkeys((*told.words.citations, *entry.citations))
    return "\n".join(f"{key}: {references[key].text}" for key in keys if key in references) or "See the caption."


def _slide(deck: Any, entry: Entry, told: Told, picture: Bare, number: int) -> None:
    """Add a slide: its picture where the figure has it, its words where the figure had them."""
    from tdm1sim.figures import style

    slide = deck.slides.add_slide(deck.slide_layouts[5])  # title only
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = _colour("ground")
    wide, tall = style.WIDTH, style.HEIGHT
    title = slide.shapes.title
    title.left, title.top = _length(EDGE), _length(0.1)
    title.width, title.height = _length(wide - 2 * EDGE), _length(tall - picture.high - 0.1)
    title.name = "finding"
    _write(title.text_frame, picture.title, TITLE_SIZES, wide - 2 * EDGE, tall - picture.high - 0.1, bold=True)
    size = _length(0.0), _length(tall - picture.high), _length(wide), _length(picture.high - picture.low)
    shape = slide.shapes.add_picture(io.BytesIO(picture.png), *size)
    shape.name = told.name if len(told.pictures) < 2 else f"{told.name} {number} of {len(told.pictures)}"
    shape._element.nvPicPr.cNvPr.set(
        "descr", picture.title
    )  # what a screen reader says; the library has no word for it
    box = slide.shapes.add_textbox(
        _length(EDGE), _length(tall - picture.low), _length(wide - 2 * EDGE), _length(picture.low - 0.05)
    )
    box.name = "limits"
    _write(box.text_frame, picture.limits, LIMIT_SIZES, wide - 2 * EDGE, picture.low - 0.05, bold=False)
    slide.notes_slide.notes_text_frame.text = notes_of(entry, told)


def _write(frame: Any, text: str, sizes: Sequence[int], wide: float, tall: float, *, bold: bool) -> None:
    """Write text into a box (in) in the largest letters that fit, left and at the top."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    from tdm1sim.figures import labels

    points = labels.POINTS
    _, size = labels.fit(text, wide * points, tall * points, sizes, "bold" if bold else "normal")
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.TOP
    # a title breaks where it is balanced: letters of PowerPoint are narrower than those it is measured in
    broken = labels.balanced(text, wide * points, size, "bold").replace("\n", "\v") if bold else text
    frame.text = labels.together(broken)
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.font.size, paragraph.font.bold = Pt(size), bold
        paragraph.font.name = "Arial"
        paragraph.font.color.rgb = _colour("ink" if bold else "small")


def _colour(name: str) -> Any:
    from tdm1sim.figures import style

    code = style.colour(name)
    return importlib.import_module("pptx.dml.color").RGBColor(*(int(code[i : i + 2], 16) for i in (1, 3, 5)))


def _length(inches: float) -> Any:
    from pptx.util import Inches

    return Inches(float(inches))
