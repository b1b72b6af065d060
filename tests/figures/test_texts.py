"""Words in pictures stand in one table, and no figure has words inside it that are not in it."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from tdm1sim import figures, gallery
from tdm1sim.errors import UsageError
from tdm1sim.figures import texts
from tdm1sim.given import WORDS
from tests.figures.literals import Module

ROOMS = [Path(str(room.__file__)).parent for room in (figures, gallery)]
TABLE = ROOMS[0] / "texts"


def sources() -> dict[str, str]:
    """Every module of the rooms that draw, but for the table, by its path."""
    files = [file for room in ROOMS for file in sorted(room.rglob("*.py")) if TABLE not in file.parents]
    return {file.relative_to(ROOMS[0].parent).as_posix(): file.read_text(encoding="utf-8") for file in files}


@pytest.mark.parametrize("name", list(sources()))
def test_no_figure_writes_words_into_a_picture_itself(name: str) -> None:
    assert Module(sources()[name]).faults() == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('ax.set_ylabel("cells")', ["1: cells"]),
        ('ax.set_xlabel(f"{drug} (nM), in all")', ["1:  (nM), in all"]),
        ('ax.plot(x, y, color="black", label="measured")', ["1: measured"]),
        ('panel.set_title(name, loc="left")\nname = "total"', ["2: total"]),
        ('ax.annotate(labels.wrap("many words", 3.0, size), (0, 0), ha="left")', ["1: many words"]),
        ('ax.text(0.5, 0.5, none if some else "none", va="center")', ["1: none"]),
        ('ax.set_xticks(at, ["with", "without"])', ["1: with", "1: without"]),
        ('scale.set_label("share " + what)', ["1: share "]),
        (
            'def f(ax):\n    text = "alive"\n    text += f" after {when}"\n    Entry(text, look, 1.0)',
            ["2: alive", "3:  after "],
        ),
        ('def told(x):\n    return f"{x} to go"\n\ndef f(ax):\n    Entry(told(3), look, 1.0)', ["2:  to go"]),
        (
            'NAMES = {"a": "first arm"}\ndef f(ax):\n    for key, name in NAMES.items():\n        Row(name, ())',
            ["1: first arm"],
        ),
        ('for a, b in (("x", "one"), ("y", "two")):\n    canvas.write(at, b)', ["1: one", "1: two"]),
        ('bars.draw(ax, groups, "living cells", names)', ["1: living cells"]),
    ],
)
def test_companion_words_in_a_picture_are_noticed(source: str, told: list[str]) -> None:
    assert Module(source).faults() == told


@pytest.mark.parametrize(
    "source",
    [
        'ax.set_ylabel(texts.label("cells_percent"))',
        'ax.set_xlabel("")',
        'ax.plot(x, y, color="black", gid="median", label=f"{name}: {plain(x)} nM")',
        'NAMES = {"a": "first_arm"}\nfor key, name in NAMES.items():\n    Row(texts.label(name), ())',
        'title = f"Cells live {when}"\nsave(sheet, folder, "name", "a sentence")',
    ],
)
def test_what_comes_from_the_table_is_no_fault(source: str) -> None:
    assert Module(source).faults() == []


def asked() -> re.Pattern[str]:
    """What the rooms ask the table for: names written out, and those made with a part, as one pattern."""
    found = set()
    for source in sources().values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in texts.ENGLISH:
                found.add(re.escape(node.value))
            if isinstance(node, ast.JoinedStr) and re.match(r"f['\"][a-z0-9]+_\{", ast.unparse(node)):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values
                ]
                found.add("".join(parts))
    return re.compile("|".join(sorted(found)))


def test_every_label_of_the_table_is_asked_for() -> None:
    some = asked()
    assert [name for name in texts.ENGLISH if not some.fullmatch(name) and not _of_payload(name)] == []
    assert not some.fullmatch("nobody_asks")


def _of_payload(name: str) -> bool:
    """Whether `texts.of_payload` asks for it."""
    return name.startswith(tuple(f"{payload}_" for payload in WORDS))


def test_every_name_asked_for_is_in_the_table() -> None:
    assert {name: line for name, line in names_asked().items() if name not in texts.ENGLISH} == {}
    assert len(names_asked()) > 150


def names_asked() -> dict[str, str]:
    """The names written out where a label is asked for, each with a place."""
    return {
        str(choice.value): f"{path}:{node.lineno}"
        for path, source in sources().items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"texts.label", "texts.english", "words"}
        for choice in _choices(node.args[0])
    }


def _choices(node: ast.expr) -> list[ast.Constant]:
    if isinstance(node, ast.IfExp):
        return _choices(node.body) + _choices(node.orelse)
    return [node] if isinstance(node, ast.Constant) else []


def parts(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def strange(table: dict[str, str]) -> list[str]:
    """What a column has that the English one does not: names, or parts of a label."""
    return [
        name
        for name, text in table.items()
        if name not in texts.ENGLISH or not parts(text) <= parts(texts.ENGLISH[name])
    ]


def test_every_language_has_labels_of_the_table_with_their_parts() -> None:
    for table in texts.LANGUAGES.values():
        assert strange(dict(table)) == []
    assert strange({"simulated": "simuliert", "new": "neu", "in_medium": "{drog} im Medium"}) == ["new", "in_medium"]


def test_a_label_is_filled_in_or_refused() -> None:
    assert texts.label("in_medium", drug="T-DM1") == "T-DM1 in the medium (nM)"
    with pytest.raises(KeyError):
        texts.label("in_medium")
    with pytest.raises(KeyError):
        texts.label("nobody_asks")


def test_another_language_is_another_column_and_english_where_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(texts.LANGUAGES, "de", {"in_medium": "{drug} im Medium (nM)"})
    with texts.speaking("de"):
        assert texts.label("in_medium", drug="T-DM1") == "T-DM1 im Medium (nM)"
        assert texts.label("simulated") == "simulated (in the same unit)"
        assert texts.english("in_medium", drug="T-DM1") == "T-DM1 in the medium (nM)"
    assert texts.label("in_medium", drug="T-DM1") == "T-DM1 in the medium (nM)"


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with (
        pytest.raises(UsageError, match=r"unknown language 'xx'; there are: en; docs/pictures.md says"),
        texts.speaking("xx"),
    ):
        pass


def test_cells_of_a_payload_are_told_as_tables_tell_them() -> None:
    for payload, words in WORDS.items():
        assert texts.of_payload(payload) == words
