"""``tdm1sim figures --gallery`` as people call it, with runs that are there already."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim import gallery
from tdm1sim.gallery import making
from tests.cli.cli_fakes import Ending
from tests.gallery.small import Ready, entry

Program = Callable[..., Ending]


@pytest.fixture(autouse=True)
def _two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    two = {"dm1": entry("e", "dm1", Ready("dm1_bands")), "fates": entry("f", "fates", Ready())}
    for room in (gallery, making):
        monkeypatch.setattr(room, "ENTRIES", two)


def test_table_files_and_slides(tdm1sim: Program) -> None:
    done = tdm1sim("figures", "--gallery", "there", "--pptx", "deck.pptx", "--jobs", "1", "--formats", "svg")
    assert done.code == 0
    assert "Per founder cell" in done.out
    assert "2 figures in" in done.out
    assert "there/index.html" in done.out
    assert "Slides: deck.pptx (2)" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    assert done.err == ""
    assert {file.suffix for file in Path("there").iterdir()} == {".svg", ".md", ".json", ".html"}
    assert Path("deck.pptx").stat().st_size > 10_000


def test_json_says_where_everything_is(tdm1sim: Program) -> None:
    done = tdm1sim("figures", "--gallery", "there", "--figure", "fates", "--jobs", "1", "--json")
    (said,) = [json.loads(line) for line in done.out.splitlines()]
    assert said["letter"] == "f"
    assert said["command"] == "tdm1sim run patient --figure fates"
    assert all(Path(file).is_file() for file in said["files"])
    assert said["pptx"] is None
    assert done.err == ""


def test_quiet_says_nothing_and_nothing_is_overwritten(tdm1sim: Program) -> None:
    words = ("figures", "--gallery", "there", "--figure", "fates", "--jobs", "1", "--quiet", "--formats", "png")
    assert tdm1sim(*words) == Ending(0, "", "")
    again = tdm1sim(*words)
    assert again.code == 1
    assert "fates.png" in again.err
    assert "--force" in again.err
    assert tdm1sim(*words, "--force").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--gallery DIR"),
        (("--gallery", "there", "--figure", "fate"), "did you mean fates"),
        (("--gallery", "there", "results/her2_positive"), "not both"),
        (("results/her2_positive", "--pptx", "deck.pptx"), "--pptx belongs to --gallery"),
        (("results/her2_positive", "--jobs", "2"), "--jobs belongs to --gallery"),
        (("--gallery", "there", "--out", "other"), "--out is for results"),
        (("--gallery", "there", "--formats", "gif"), "png, svg, pdf"),
    ],
)
def test_wrong_usage(tdm1sim: Program, words: tuple[str, ...], told: str) -> None:
    done = tdm1sim("figures", *words)
    assert done.code == 2
    assert told in done.err
    assert not Path("there").exists()


def test_a_deck_of_a_paper_gallery_has_slides(tdm1sim: Program) -> None:
    done = tdm1sim(
        *("figures", "--gallery", "there", "--figure", "fates", "--style", "paper", "--jobs", "1"),
        *("--formats", "png", "--pptx", "deck.pptx"),
    )
    assert done.code == 0
    from pptx import Presentation

    (slide,) = Presentation("deck.pptx").slides
    assert slide.shapes.title.text_frame.text.startswith("Per founder cell")


def test_a_result_is_drawn_again(tdm1sim: Program) -> None:
    size = ("--cells", "20", "--replicates", "2", "--set", "run.duration=2 d", "--jobs", "1")
    assert tdm1sim("run", "her2_positive", *size, "--no-figures", "--quiet").code == 0
    done = tdm1sim("figures", "results/her2_positive", "--figure", "fates", "--formats", "png", "--out", "again")
    assert done.code == 0, done.err
    assert sorted(file.name for file in Path("again").iterdir()) == ["fates.md", "fates.png"]
