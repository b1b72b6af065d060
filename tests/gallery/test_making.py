"""A gallery made of runs that are there already: files, words, index; nothing of anybody else is touched."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tdm1sim.errors import InputError, MachineError
from tdm1sim.figures import FIGURES, style
from tdm1sim.figures.bare import bare
from tdm1sim.figures.several import SEVERAL
from tdm1sim.gallery import ENTRIES, drawing, make
from tdm1sim.gallery.entry import Told, Words
from tdm1sim.gallery.making import check, distinct
from tests.figures.sheets import results_of
from tests.gallery.small import SIZE, Ready, entry

TWO = [entry("e", "dm1", Ready("dm1_bands")), entry("f", "fates", Ready())]


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_every_entry_has_pictures_and_a_page_and_the_index_lists_them(tmp_path: Path) -> None:
    folder, steps = tmp_path / "deep" / "gallery", []
    told = make(folder, TWO, progress=lambda done, whole: steps.append((done, whole)))
    index = {"gallery.json", "index.md", "index.html"}
    assert names(folder) == {f"{name}.{kind}" for name in ("dm1", "fates") for kind in ("png", "svg", "md")} | index
    assert [one.letter for one in told] == ["e", "f"]
    assert [path.name for path in folder.parent.iterdir()] == ["gallery"]  # nothing half-written is left
    done = [step for step, _ in steps]
    assert done == sorted(done)
    assert steps[-1][0] == pytest.approx(steps[-1][1])
    assert len({whole for _, whole in steps}) == 1


@pytest.mark.parametrize(("how", "pixels"), [("slide", 2000), ("paper", 85.0 / 25.4 * 600), ("paper-double", 4134)])
def test_a_picture_has_the_dots_of_its_style(tmp_path: Path, how: str, pixels: float) -> None:
    make(tmp_path, TWO[1:], formats=("png",), style=how)
    wide = int.from_bytes((tmp_path / "fates.png").read_bytes()[16:20], "big")  # of the header of a PNG
    assert wide == pytest.approx(pixels, abs=2)


def test_a_page_says_everything(tmp_path: Path) -> None:
    make(tmp_path, TWO[1:])
    text, figure = (tmp_path / "fates.md").read_text(encoding="utf-8"), FIGURES["fates"]
    results = results_of("patient")
    assert text.startswith(f"# {figure.title(results)}\n")
    for part in (figure.caption(results), "tdm1sim run patient --figure fates", TWO[1].question, "This.", "That."):
        assert part in text
    assert "](fates.png)" in text
    assert "`lewis_phillips_2008`" in text or "`lu_2014`" in text


def test_a_frame_is_told_as_one_where_no_picture_is_seen() -> None:
    told = Told("a", "some_name", Words("A finding", "A caption"), "", ("some_name.png", "some_name_2.png"))
    text = drawing.page_of(TWO[1], told, {})
    assert "![A finding](some_name.png)" in text
    assert "![Built up, frame 2](some_name_2.png)" in text


def test_the_index_works_from_a_folder_alone(tmp_path: Path) -> None:
    make(tmp_path, TWO)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    targets = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert len(targets) > 8
    for target in targets:
        assert target == "data:," or (tmp_path / target).is_file(), target
    assert not re.search(r"https?:|<script|@import|url\(", page)
    assert 'name="viewport"' in page
    assert "What of fates &amp; &lt;co&gt;?" in page
    assert page.index("e. Dead") < page.index("f. Per founder")
    assert "[fates](fates.md)" in (tmp_path / "index.md").read_text(encoding="utf-8")


def test_a_figure_is_added_to_a_gallery_that_is_there(tmp_path: Path) -> None:
    make(tmp_path, TWO[1:])
    make(tmp_path, TWO[:1])
    content = json.loads((tmp_path / "gallery.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in content["figures"]] == ["dm1", "fates"]
    (tmp_path / "dm1.md").unlink()
    make(tmp_path, TWO[1:], force=True)
    content = json.loads((tmp_path / "gallery.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in content["figures"]] == ["fates"]


def test_what_stands_there_is_neither_replaced_nor_removed_unless_asked(tmp_path: Path) -> None:
    for name in ("fates.png", "mine.txt", "index.html"):
        (tmp_path / name).write_text("mine")
    for formats, found in ((("png",), "fates.png"), (("svg",), "index.html")):
        with pytest.raises(InputError, match=f"{found}.*--force"):
            make(tmp_path, TWO[1:], formats=formats)
    assert names(tmp_path) == {"fates.png", "mine.txt", "index.html"}
    make(tmp_path, TWO[1:], formats=("png",), force=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "fates.png").read_bytes().startswith(b"\x89PNG")


@dataclass(frozen=True, slots=True)
class Broken(Ready):
    """A source whose figure cannot be drawn."""

    def page(self, data: Any) -> Any:
        raise RuntimeError


def test_one_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        make(tmp_path / "gallery", [TWO[0], entry("f", "fates", Broken())])
    assert names(tmp_path) == set()


def test_a_folder_that_cannot_be_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="not a folder"):
        check(tmp_path / "file" / "gallery", TWO, ("png",), force=False)


def test_work_of_the_same_key_is_done_once() -> None:
    studies = [Ready(count=2).study(SIZE), Ready(count=3).study(SIZE)]
    assert [work.key for work in distinct(studies)] == ["patient 2", "patient 1", "patient 0"]


@pytest.mark.parametrize("how", ["slide", "dark"])
def test_a_picture_for_a_slide_has_lost_finding_and_limit_lines(how: str) -> None:
    from io import BytesIO

    from matplotlib.image import imread

    with style.using(how):
        sheet = Ready().page(results_of("patient"))
        found = bare(sheet)
    assert found.title == FIGURES["fates"].title(results_of("patient"))
    assert "never clinical advice" in found.limits
    assert 0.3 < found.low < 1.5
    assert style.HEIGHT - 1.6 < found.high < style.HEIGHT
    pixels = imread(BytesIO(found.png))
    assert pixels.shape[1] == pytest.approx(style.WIDTH * style.DPI, abs=2)
    assert pixels.shape[0] == pytest.approx((found.high - found.low) * style.DPI, abs=2)
    ground = pixels[0, 0, :3]
    edge = abs(pixels[:3, :, :3] - ground).max(), abs(pixels[-3:, :, :3] - ground).max()
    assert max(edge) == 0.0  # no letter of what was taken off reaches into it


@pytest.mark.slow
def test_the_whole_gallery_at_a_small_size(tmp_path: Path) -> None:
    """Every entry is simulated, drawn and told; the command beside it is one that the program takes."""
    told = make(tmp_path, list(ENTRIES.values()), size=SIZE, jobs=2, slides="slide")
    assert [one.name for one in told] == list(ENTRIES)
    for one in told:
        assert {f"{one.name}.png", f"{one.name}.svg"} <= set(one.files)
        assert all((tmp_path / file).stat().st_size > 5000 for file in one.files)
        assert not re.search(r"\bnan\b|None|unknown", one.words.title), one.words.title
        assert "never clinical advice" in one.words.caption
        assert all(picture.title and picture.limits for picture in one.pictures)
    counts = {one.name: len(one.pictures) for one in told}
    assert counts == {name: 4 if name == "mechanism" else 1 for name in ENTRIES}
    assert {f"mechanism_{i}.png" for i in range(1, 5)} <= names(tmp_path)
    arms = {arm.name for arm in SEVERAL["naked"].arms}
    assert all(f"{arm}: scenario" in told[14].words.caption for arm in arms)
