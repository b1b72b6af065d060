"""Clones that cells become at division: what a scenario may say of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario.test_resolution import round_trip
from tests.scenario.writing import changed, problems, run


def test_an_acquired_clone_may_have_no_founders_and_become_a_third(tmp_path: Path) -> None:
    text = changed(
        "main: {fraction: 1, her2: 3+}",
        "main: {fraction: 1, her2: 3+, becomes: {b: 0.4, c: 0.6}}\n"
        "    b: {fraction: 0, her2: 3+, becomes: {c: 1}}\n    c: {fraction: 0, her2: 1+}",
    )
    clones = run(tmp_path, text).parameters.clones
    assert [(clone.fraction, clone.becomes) for clone in clones] == [
        (1.0, (("b", 0.4), ("c", 0.6))),
        (0.0, (("c", 1.0),)),
        (0.0, ()),
    ]
    round_trip(tmp_path, run(tmp_path, text))


@pytest.mark.parametrize(
    ("becomes", "said"),
    [
        ("{b: 0.7, c: 0.4}", "the probabilities add to 1.1; at most 1"),
        ("{b: 1.2}", "1.2"),
        ("{b: -0.1}", "-0.1"),
        ("{d: 0.1}", "there is no clone 'd'"),
        ("{main: 0.1}", "is the clone itself"),
    ],
)
def test_chances_that_mean_nothing_are_refused(tmp_path: Path, becomes: str, said: str) -> None:
    text = changed(
        "main: {fraction: 1, her2: 3+}",
        f"main: {{fraction: 1, her2: 3+, becomes: {becomes}}}\n"
        "    b: {fraction: 0, her2: 3+}\n    c: {fraction: 0, her2: 1+}",
    )
    found = problems(tmp_path, text)
    assert any(said in str(problem) and "becomes" in str(problem) for problem in found), found
