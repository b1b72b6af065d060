"""What the pages for users promise is what the program does."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim.cli.main import COMMANDS
from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]
ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LANGUAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")


def scenarios_in(page: str) -> list[str]:
    """Every indented block that starts a scenario."""
    blocks = re.findall(r"(?:^    .*\n)+(?:\n?(?:^    .*\n)+)*", page, flags=re.MULTILINE)
    return [textwrap.dedent(block) for block in blocks if block.strip().startswith("format:")]


@pytest.mark.parametrize("page", [README, LANGUAGE], ids=["README", "scenarios"])
def test_the_example_scenarios_are_valid(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tdm1sim: Program
) -> None:
    monkeypatch.chdir(tmp_path)
    examples = scenarios_in(page)
    assert examples
    for text in examples:
        Path("example.yaml").write_text(text, encoding="utf-8")
        assert tdm1sim("validate", "example.yaml") == Ending(0, "example.yaml: OK\n", "")


def test_the_readme_lists_exactly_the_commands_there_are() -> None:
    rows = re.findall(r"^\| `tdm1sim ([\w-]+)", README, flags=re.MULTILINE)
    assert rows == list(COMMANDS)


def test_every_override_of_the_page_works(tdm1sim: Program) -> None:
    paths = re.findall(r"^\| `([^`]*=[^`]*)` \|", LANGUAGE, flags=re.MULTILINE)
    assert len(paths) >= 7
    for path in paths:
        change = shlex.split(path)[0].replace("mdr1_high.mdr1", "main.mdr1")
        done = tdm1sim("validate", "her2_positive", "--set", change)
        assert done.code == 0, (path, done.err)


def test_every_key_of_the_language_is_on_the_page(tdm1sim: Program) -> None:
    schema = json.loads(tdm1sim("schema").out)
    keys: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            keys.update(node.get("properties", {}))
            for part in node.values():
                walk(part)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(schema)
    missing = {key for key in keys if not re.search(rf"\b{re.escape(key)}\b", LANGUAGE)}
    # Symbols of the model are listed by `tdm1sim explain`, not here.
    from tdm1sim.catalogue import load_catalogue

    assert missing - set(load_catalogue().parameters) == set()


def test_an_example_with_a_wrong_key_would_be_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tdm1sim: Program
) -> None:
    """The companion of the first test."""
    monkeypatch.chdir(tmp_path)
    broken = scenarios_in(README)[0].replace("clones:", "klones:")
    assert "klones" in broken
    Path("broken.yaml").write_text(broken, encoding="utf-8")
    assert tdm1sim("validate", "broken.yaml").code == 1
