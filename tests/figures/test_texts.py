"""Labels of axes stand in one table, and no figure has words at its axes that are not in it."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from tdm1sim import figures
from tdm1sim.figures import texts

ROOM = Path(figures.__file__).parent
LITERAL = re.compile(r"""set_[xy]label\(\s*f?["'](?!["'])""")
"""A label written at an axis; an empty one takes a label away."""


def written(folder: Path) -> list[str]:
    """Return the files of a folder that write words at an axis themselves."""
    return [path.name for path in sorted(folder.rglob("*.py")) if LITERAL.search(path.read_text(encoding="utf-8"))]


def used() -> set[str]:
    sources = "".join(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py"))
    found = re.findall(r"""texts\.label\([^)"]*"(\w+)"(?: if _is_column\(\) else "(\w+)")?""", sources)
    return {name for names in found for name in names if name}


def test_every_label_of_the_table_is_used_and_the_others_do_not_exist() -> None:
    assert used() == set(texts.ENGLISH)


def test_no_figure_writes_words_at_an_axis() -> None:
    assert written(ROOM) == []


def test_companion_words_at_an_axis_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('ax.set_ylabel("cells")\n')
    (tmp_path / "two.py").write_text('ax.set_xlabel(f"{drug} (nM)")\nax.set_ylabel("")\n')
    (tmp_path / "three.py").write_text('ax.set_xlabel("")\nax.set_ylabel(texts.label("cells"))\n')
    assert written(tmp_path) == ["one.py", "two.py"]


def test_every_language_has_every_label_with_the_same_parts() -> None:
    def parts(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for table in texts.LANGUAGES.values():
        assert table.keys() == texts.ENGLISH.keys()
        assert all(parts(table[name]) == parts(text) for name, text in texts.ENGLISH.items())


def test_a_label_is_filled_in_or_refused() -> None:
    assert texts.label("in_medium", drug="T-DM1") == "T-DM1 in the medium (nM)"
    with pytest.raises(KeyError):
        texts.label("in_medium")
    with pytest.raises(KeyError):
        texts.label("simulated", language="xx")
