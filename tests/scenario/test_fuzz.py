"""Whatever stands in a file: a scenario, or a list of problems; never another exception."""

from __future__ import annotations

import contextlib
import copy
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.scenario.reader import read_text
from tests.scenario.test_resolution import RICH, WELL
from tests.scenario.writing import written

JUNK = st.one_of(
    st.sampled_from(
        [
            "",
            "3+",
            "rest",
            "t-dm1",
            "cycle 2",
            "off",
            "10 nM",
            "21 d",
            "1e309 d",
            "-1 h",
            "her2_positive",
            "0.5",
            "~",
            "é",
        ]
    ),
    st.sampled_from([None, True, 0, -1, 1, 3, 0.5, 1e6, 1e300, float("inf"), float("nan"), 10**40]),
    st.sampled_from([[], {}, [[]], [{}], {"a": 1}, ["3 h"], [None], {"receptors": 1e5}, {"median": 1}]),
)


def paths(tree: Any, done: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [done] if done else []
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += paths(value, (*done, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            found += paths(value, (*done, index))
    return found


def text_of(tree: Any) -> str:
    yaml, text = YAML(typ="safe", pure=True), io.StringIO()
    yaml.dump(tree, text)
    return text.getvalue()


def loads_or_complains(path: Path, overrides: tuple[str, ...] = ()) -> bool:
    found: tuple[Problem, ...] = ()
    try:
        resolve(load_scenario(path, overrides))
    except InputError as error:
        found = error.problems
    assert all(problem.message and (problem.file or problem.path) for problem in found)
    return not found


TREES = [YAML(typ="safe", pure=True).load(text) for text in (RICH, WELL)]
SPOTS = [(number, path) for number, tree in enumerate(TREES) for path in paths(tree)]


@given(st.lists(st.tuples(st.sampled_from(SPOTS), JUNK, st.booleans()), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_junk_anywhere(tmp_path: Path, changes: list[Any]) -> None:
    number = changes[0][0][0]
    tree = copy.deepcopy(TREES[number])
    for (other, path), junk, removes in changes:
        table = tree
        if other != number:
            continue
        try:
            for key in path[:-1]:
                table = table[key]
            if removes and isinstance(table, dict):
                table.pop(path[-1], None)
            else:
                table[path[-1]] = copy.deepcopy(junk)
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # an earlier change took the place away
    loads_or_complains(written(tmp_path, text_of(tree)))


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text(text: str) -> None:
    with contextlib.suppress(InputError):
        read_text(text, "x.yaml")


@given(st.binary(max_size=100))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    loads_or_complains(written(tmp_path, data))


@given(
    st.sampled_from(SPOTS),
    st.sampled_from(["=", "+=", ".x=", ".*=", ".0="]),
    st.sampled_from(["3", "x", "[1]", "{a: 1}", ""]),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_override(tmp_path: Path, spot: tuple[int, tuple[Any, ...]], sign: str, value: str) -> None:
    number, path = spot
    override = ".".join(str(part) for part in path) + sign + value
    loads_or_complains(written(tmp_path, (RICH, WELL)[number]), (override,))


@pytest.mark.parametrize("text", [RICH, WELL])
def test_what_is_changed_was_fine(tmp_path: Path, text: str) -> None:
    assert loads_or_complains(written(tmp_path, text))
