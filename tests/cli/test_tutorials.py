"""Every tutorial is run as it is printed: its files, its commands, and what they print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tutorial import ROOT, Command, File, differences, matches, refreshed, steps

PAGES = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
PAGE = """\
# A page

Words, and an indented block that is no step:

    just an example

A file, and what is done with it:

    # mine.yaml
    format: 1
    extends: her2_positive

    run: {duration: 1 d}

    $ tdm1sim validate mine.yaml
    mine.yaml: OK
    $ tdm1sim resolve mine.yaml | tail -n +4
    format: 1
    ...
      MW_trastuzumab: 145.2 kg/mol              # catalogue (assumed)
"""


def test_there_are_tutorials() -> None:
    assert [page.stem for page in PAGES] == ["mdr1_regrowth"]
    for page in PAGES:
        assert sum(isinstance(step, Command) for step in steps(page.read_text(encoding="utf-8"))) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_tutorial_does_what_it_prints(page: Path, tmp_path: Path) -> None:
    assert differences(page.read_text(encoding="utf-8"), tmp_path) == []


def test_files_and_commands_are_found() -> None:
    file, first, second = steps(PAGE)
    assert file == File("mine.yaml", "# mine.yaml\nformat: 1\nextends: her2_positive\n\nrun: {duration: 1 d}\n")
    assert first == Command("tdm1sim validate mine.yaml", "mine.yaml: OK")
    assert isinstance(second, Command)
    assert second.output.startswith("format: 1\n...")


def test_a_page_that_holds_is_left_as_it_is(tmp_path: Path) -> None:
    assert differences(PAGE, tmp_path) == []
    assert refreshed(PAGE, tmp_path) == PAGE


def test_companion_a_wrong_output_is_noticed_and_can_be_refreshed(tmp_path: Path) -> None:
    broken = PAGE.replace("mine.yaml: OK", "mine.yaml: fine").replace("145.2", "145.3")
    found = differences(broken, tmp_path)
    assert len(found) == 2
    assert "promised:\nmine.yaml: fine\nfound:\nmine.yaml: OK" in found[0]
    assert refreshed(broken.replace("145.3", "145.2"), tmp_path) == PAGE


def test_companion_a_command_that_fails_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the key 'rum' is not known here"):
        differences(PAGE.replace("run:", "rum:"), tmp_path)


@pytest.mark.parametrize(
    ("promised", "found", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb", "a\nb\nc", False),
        ("a\n...", "a\nb\nc", True),
        ("...\nc", "a\nb\nc", True),
        ("a\n...\nc", "a\nc", False),
        ("a.c", "abc", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_what_matches(promised: str, found: str, same: bool) -> None:
    assert matches(promised, found) is same
