"""R4: the figure of PTEN and the shield draws its differences, shows every q, and says when the sign depends on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tdm1sim.figures import pten_shield, slide
from tdm1sim.figures.pten_shield import Contrast
from tdm1sim.intervals import Interval
from tests.figures.sheets import boxes as boxes_of
from tests.figures.sheets import by_gid, flat, overlaps, words_on

SIZE = "8 paired replicates of 2,000 founder cells, seed 1."


def contrasts(live: tuple[float, ...] = (-0.06, -0.02, 0.05), half: float = 0.01) -> list[Contrast]:
    """Differences for q 1, 1.5 and 2; the area is ten times the cells, and without payload both are above zero."""
    found = []
    for q, mean in zip((1.0, 1.5, 2.0), live, strict=True):
        for payload in (True, False):
            one = mean if payload else 0.08
            found.append(Contrast(q, payload, "live", Interval(mean=one, low=one - half, high=one + half)))
            found.append(
                Contrast(q, payload, "auc", Interval(mean=10 * one, low=10 * one - half, high=10 * one + half))
            )
    return found


@pytest.mark.parametrize("measure", list(pten_shield.MEASURES))
@pytest.mark.parametrize("payload", [True, False])
def test_R4_marks_and_intervals_are_the_differences(measure: str, payload: bool) -> None:
    found = contrasts()
    panel = pten_shield.page(found, SIZE).axes[0].child_axes[list(pten_shield.MEASURES).index(measure)]
    wanted = [one for one in found if one.measure == measure and one.payload == payload]
    words = "with" if payload else "without"
    (marks,) = [line for line in panel.get_lines() if line.get_gid() == f"{words}-payload"]
    np.testing.assert_allclose(marks.get_ydata(), [one.difference["mean"] for one in wanted])
    (lines,) = [c for c in panel.collections if c.get_gid() == f"{words}-interval"]
    ends = [segment[:, 1].tolist() for segment in lines.get_segments()]
    np.testing.assert_allclose(ends, [[one.difference["low"], one.difference["high"]] for one in wanted])
    assert [label.get_text() for label in panel.get_xticklabels()] == ["q = 1", "q = 1.5", "q = 2"]


def test_R4_a_sign_that_depends_on_q_is_said() -> None:
    found = contrasts()
    assert pten_shield.title(found) == (
        "Whether PTEN loss helps cells under T-DM1 depends on q; living cells per founder: "
        "−0.06 at q 1, −0.02 at q 1.5, +0.05 at q 2"
    )
    caption = pten_shield.caption(found, SIZE)
    assert "Living cells per founder, day 21, with payload: the sign depends on q." in caption
    assert "day 21, without payload: the same sign for every q." in caption
    assert "q 1.5, with payload, living cells per founder, day 21: −0.020 (−0.030 to −0.010)." in caption


def test_companion_one_that_does_not_is_not() -> None:
    title = pten_shield.title(contrasts((0.03, 0.04, 0.05)))
    assert (
        title == "Under T-DM1, PTEN loss changes living cells per founder by +0.03 at q 1, +0.04 at q 1.5, +0.05 at q 2"
    )
    unclear = contrasts((-0.06, -0.02, 0.05), half=0.055)
    assert "depends" not in pten_shield.title(unclear)
    assert "nothing clear of chance at q 1.5" in pten_shield.title(unclear)
    assert "no change of sign that is clear of chance" in pten_shield.caption(unclear, SIZE)
    assert pten_shield.title(contrasts(half=1.0)).endswith("nothing clear of chance, at q 1, 1.5 and 2")


def test_the_limit_lines_stand_on_it_and_nothing_overlaps() -> None:
    sheet = pten_shield.page(contrasts(), SIZE)
    sheet.draw_without_rendering()
    words, caption = words_on(sheet), flat(pten_shield.caption(contrasts(), SIZE))
    for line in (*pten_shield.LIMITS, SIZE):
        assert line in words
        assert line in caption
    assert flat(pten_shield.title(contrasts())) in words
    ticks = {label.get_text() for p in sheet.axes[0].child_axes for label in p.get_yticklabels()}
    found = [(words, box) for words, box in boxes_of(sheet) if words not in ticks]
    assert overlaps(found) == []
    wide, tall = sheet.get_size_inches() * sheet.dpi
    assert [w for w, box in found if box.x0 < 0 or box.y0 < 0 or box.x1 > wide or box.y1 > tall] == []
    assert by_gid(sheet, "title") != []


def test_it_is_written_with_its_caption(tmp_path: Path) -> None:
    found = contrasts()
    told = pten_shield.title(found), pten_shield.caption(found, SIZE)
    written = slide.save(pten_shield.page(found, SIZE), tmp_path / "figures", pten_shield.NAME, *told)
    assert [path.name for path in written] == ["pten_shield.png", "pten_shield.svg", "pten_shield.md"]
    assert written[-1].read_text(encoding="utf-8").startswith(f"# {told[0]}\n")
