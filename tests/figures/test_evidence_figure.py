"""The figure of the evidence: every number drawn where it belongs, misses named, labels apart."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.evidence import Comparison, Line, Row, compare
from tdm1sim.figures import evidence, style

ENTRIES = ("krop_course", "marianne_auc", "bo25499_course", "internalisation", "degradation", "efflux")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(entries=ENTRIES)


def test_every_number_is_drawn_and_uses_are_apart(comparison: Comparison) -> None:
    ax = evidence.page(comparison).axes[0]
    drawn = {c.get_gid(): len(c.get_offsets()) for c in ax.collections if c.get_gid()}  # type: ignore[arg-type]
    assert drawn == {"calibration": 10, "prediction-plasma": 10, "prediction-cells": 2}
    assert "within 2-fold" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_kinds_differ_in_shape_and_have_colours_that_mean_the_same_elsewhere() -> None:
    assert set(style.MEANING) >= {meaning for _, meaning in evidence._KINDS.values()}
    assert len({marker for marker, _ in evidence._KINDS.values()}) == len(evidence._KINDS)


def test_misses_are_named_with_their_fold(comparison: Comparison) -> None:
    ax = evidence.page(comparison).axes[0]
    named = {text.get_gid(): text.get_text() for text in ax.texts if str(text.get_gid()).startswith("miss-")}
    assert list(named) == ["miss-degradation"]
    assert "-fold" in named["miss-degradation"]


def test_title_says_the_share_and_where_it_fails(comparison: Comparison) -> None:
    share = comparison.summary("prediction")["within_2_fold"]
    assert f"{100 * share:.0f} % of 12" in evidence.title(comparison)
    missed = [row for row in comparison.rows("prediction") if row.fold_error > 2.0]
    told = [int(number) for number in re.findall(r"(\d+) in ", evidence.title(comparison).partition("misses: ")[2])]
    assert sum(told) == len(missed) > 0  # every point outside the grey band


def fake(name: str, folds: list[float]) -> Line:
    entry = load_catalogue().published[name]
    rows = [Row(f"x{i}", "", "", 1.0, None, None, f, f, entry.used_for, "") for i, f in enumerate(folds)]
    return Line(entry, tuple(rows))


def test_names_of_misses_do_not_overlap() -> None:
    names = ("static_n87", "static_bt474", "static_bt474eei", "uptake_pet", "carcinosarcoma_01")
    page = evidence.page(Comparison(tuple(fake(name, [8.0 + i / 10]) for i, name in enumerate(names))))
    page.canvas.draw()  # type: ignore[no-untyped-call]
    boxes = [t.get_window_extent() for t in page.axes[0].texts if str(t.get_gid()).startswith("miss-")]
    assert len(boxes) == len(names)
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert one.y1 <= other.y0 + 2.0 or other.y1 <= one.y0 + 2.0


def test_what_was_not_reached_has_no_point_and_the_floor_counts() -> None:
    line = fake("bt474eei_curve", [0.0, 0.5])
    assert evidence.points(line) == [(1.0, 0.05), (1.0, 0.5)]
    row = line.rows[0]
    lost = Line(line.entry, (Row(row.id, "", "", 1.0, None, None, None, math.inf, row.used_for, ""),))
    assert evidence.points(lost) == []


def test_files(comparison: Comparison, tmp_path: Path) -> None:
    written = evidence.write(comparison, tmp_path / "figures", ("svg",))
    assert [path.name for path in written] == ["evidence.svg", "evidence.md"]
    assert "median fold error" in written[-1].read_text(encoding="utf-8")


def test_a_name_is_written_only_where_it_has_room() -> None:
    from matplotlib.figure import Figure

    ax = Figure(figsize=(4.0, 4.0)).add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_xscale("log")
    ax.set_xlim(1.0, 100.0)
    words = "a name of some length"
    wide = drawn_width(words)
    assert 100.0 < wide < 274.0
    assert evidence._has_room(words, 99.0, 14.0, ax, above=True)
    assert not evidence._has_room(words, 1.5, 14.0, ax, above=True)
    assert evidence._has_room(words, 1.5, 14.0, ax, above=False)
    assert not evidence._has_room(words, 99.0, 14.0, ax, above=False)


def drawn_width(words: str) -> float:
    from tdm1sim.figures import labels

    return labels.width_of(words, 14.0)
