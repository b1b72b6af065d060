"""The deck read back: finding, picture, limit lines on a slide, everything else in its notes, nothing over the edge."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest

from tdm1sim.errors import InputError, MachineError
from tdm1sim.figures import style
from tdm1sim.gallery import deck, make
from tests.gallery.small import Ready, entry

pptx = pytest.importorskip("pptx")

BREAKS = {0x0B: " ", 0xA0: " "}
"""Breaks of lines that the deck sets, and spaces where no line may break; a reader sees spaces."""

TWO = [entry("e", "dm1", Ready("dm1_bands")), entry("f", "fates", Ready())]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    folder = tmp_path_factory.mktemp("deck")
    told = make(folder / "gallery", TWO, formats=("png",), slides="slide")
    assert deck.write(folder / "deck.pptx", TWO, told) == 2
    return folder / "deck.pptx", told


def test_a_slide_has_the_finding_the_picture_and_the_limit_lines(made: tuple[Path, list[Any]]) -> None:
    file, told = made
    slides = list(pptx.Presentation(str(file)).slides)
    for slide, one in zip(slides, told, strict=True):
        assert slide.shapes.title.text_frame.text.translate(BREAKS) == one.words.title
        (picture,) = [shape for shape in slide.shapes if shape.shape_type == 13]
        assert picture._element.nvPicPr.cNvPr.get("descr") == one.words.title
        (limits,) = [shape for shape in slide.shapes if shape.name == "limits"]
        assert "never clinical advice" in limits.text_frame.text
        notes = slide.notes_slide.notes_text_frame.text
        for part in (one.words.caption, one.command, "ASK FIRST\nWhat of", "COMMON WRONG ANSWER\nThis."):
            assert part in notes
        assert "RIGHT\nThat." in notes


def test_nothing_overlaps_or_leaves_the_slide(made: tuple[Path, list[Any]]) -> None:
    read = pptx.Presentation(str(made[0]))
    assert read.slide_width / read.slide_height == pytest.approx(16 / 9, rel=1e-4)
    for slide in read.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        assert len(boxes) == 3  # no placeholder is left empty
        for left, top, right, bottom in boxes:
            assert left >= 0
            assert top >= 0
            assert right <= read.slide_width + 2
            assert bottom <= read.slide_height + 2
        for one, other in itertools.combinations(boxes, 2):
            assert one[3] <= other[1] + 2 or other[3] <= one[1] + 2


def test_letters_fit_their_boxes_and_are_large(made: tuple[Path, list[Any]]) -> None:
    from tdm1sim.figures import labels

    for slide in pptx.Presentation(str(made[0])).slides:
        for shape in slide.shapes:
            if not shape.has_text_frame:
                continue
            (paragraph,) = shape.text_frame.paragraphs
            size = paragraph.font.size.pt
            assert size >= (16 if shape == slide.shapes.title else 8)
            lines = labels.wrap(shape.text_frame.text.replace("\v", "\n"), shape.width.pt, size, "bold").count("\n") + 1
            assert lines * 1.2 * size <= shape.height.pt + 1.0 or shape.name == "limits"


def test_a_dark_deck_is_dark(tmp_path: Path) -> None:
    told = make(tmp_path / "gallery", TWO[1:], formats=("png",), style="dark", slides="dark")
    deck.write(tmp_path / "deck.pptx", TWO[1:], told, style="dark")
    (slide,) = pptx.Presentation(str(tmp_path / "deck.pptx")).slides
    assert f"#{slide.background.fill.fore_color.rgb}".lower() == style.STYLES["dark"].colours["ground"]
    assert str(slide.shapes.title.text_frame.paragraphs[0].font.color.rgb) == "FFFFFF"


def test_a_deck_that_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"ends in \.pptx"):
        deck.check(tmp_path / "deck.pdf", force=False)
    (tmp_path / "deck.pptx").write_text("")
    with pytest.raises(InputError, match="--force"):
        deck.check(tmp_path / "deck.pptx", force=False)
    deck.check(tmp_path / "deck.pptx", force=True)
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(MachineError, match=r'pip install "tdm1sim\[slides\]"'):
        deck.check(tmp_path / "other.pptx", force=False)
