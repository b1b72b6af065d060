"""Styles: every figure of a run in each of them; letters, widths, contrast; paper is the drawing made smaller."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from tdm1sim.errors import UsageError
from tdm1sim.figures import FIGURES, narrow, page, style
from tests.figures.sheets import PAGES, overlaps, results_of

FIRST = {name: story for story, name in reversed(PAGES)}
"""One story for each figure."""
ENOUGH = 4.5
"""Contrast of letters on their ground that WCAG 2.1 asks for (success criterion 1.4.3)."""


def luminance(colour: Any) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: Any, other: Any) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def drawn(name: str, story: str, how: str) -> Figure:
    with style.using(how):
        sheet = page(name, results_of(story))
    with style.using(how), style.look():
        sheet.draw_without_rendering()
    return sheet


def texts(sheet: Figure) -> list[Text]:
    """What is written on a page; matplotlib keeps ticks outside the axes without drawing them."""
    outside = set()
    for axis in sheet.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        room = 1e-6 * (high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low - room <= tick.get_loc() <= high + room or not axis.get_visible():
                outside |= {id(tick.label1), id(tick.label2)}
    shown = [text for text in sheet.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in shown if id(text) not in outside and (text.axes is None or in_use(text))]


def in_use(text: Text) -> bool:
    """Axes that are switched off draw no ticks and no labels of their own."""
    axes = text.axes
    return axes is None or axes.axison or not any(text in axis.findobj(Text) for axis in (axes.xaxis, axes.yaxis))


def places(sheet: Figure) -> list[tuple[str, Any]]:
    renderer = FigureCanvasAgg(sheet).get_renderer()
    return [(text.get_text(), Text.get_window_extent(text, renderer)) for text in texts(sheet)]


def cut_off(sheet: Figure) -> list[str]:
    wide, tall = sheet.bbox.size
    return [words for words, box in places(sheet) if min(box.x0, box.y0, wide - box.x1, tall - box.y1) < -1.0]


def test_every_figure_has_a_story() -> None:
    assert set(FIRST) == set(FIGURES)


@pytest.mark.parametrize("how", style.STYLES)
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_is_cut_off_or_too_faint(name: str, how: str) -> None:
    sheet = drawn(name, FIRST[name], how)
    assert not cut_off(sheet)
    slack = 2.0 * sheet.dpi / style.DPI
    assert not overlaps(places(sheet), slack)
    ground = sheet.get_facecolor()
    grounds = [ground]
    with style.using(how):
        if name in {"dm1_bands", "cell_scatter"}:
            grounds += [style.MEANING[band].colour for band in ("low", "intermediate", "high")]
        if name == "mechanism":
            grounds += [style.colour("cell"), style.colour("organelle")]
    for text, under in itertools.product(texts(sheet), grounds):
        assert contrast(text.get_color(), under) >= ENOUGH, text.get_text()


@pytest.mark.parametrize(
    ("how", "wide", "highest"),
    [("paper", 85.0, 1.7), ("paper-double", 175.0, 0.9)],  # of six panels in three rows the highest
)
@pytest.mark.parametrize("name", FIGURES)
def test_a_paper_figure_is_as_wide_as_its_columns_with_letters_of_7_to_8_points(
    name: str, how: str, wide: float, highest: float
) -> None:
    sheet = drawn(name, FIRST[name], how)
    assert sheet.get_figwidth() * 25.4 == pytest.approx(wide)
    assert sheet.get_figheight() < highest * sheet.get_figwidth()
    sizes = {round(float(text.get_fontsize()), 3) for text in texts(sheet)}
    assert min(sizes) >= 7.0
    assert max(sizes) <= 8.0
    assert contrast(sheet.get_facecolor(), "white") == 1.0


def pixels(sheet: Figure, dpi: float) -> np.ndarray:
    file = io.BytesIO()
    with style.look():
        sheet.savefig(file, format="png", dpi=dpi)
    file.seek(0)
    return np.asarray(imread(file))[..., :3]


def difference(name: str, monkeypatch: pytest.MonkeyPatch) -> float:
    """The share of pixels in which the small page differs from the one it was drawn as."""
    small = drawn(name, FIRST[name], "paper")
    with monkeypatch.context() as patched, style.using("paper"):
        patched.setattr("tdm1sim.figures.shrunk", lambda sheet: sheet)
        large = page(name, results_of(FIRST[name]))
    with style.using("paper"):
        one, other = pixels(small, 200.0), pixels(large, 200.0 * style.STYLES["paper"].scale)
    assert one.shape == other.shape
    return float((np.abs(one - other).max(axis=-1) > 0.25).mean())


@pytest.mark.parametrize("name", ["exposure", "drug_path", "clones", "clone_tree", "plasma_dm1"])
def test_printing_smaller_shrinks_everything_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert difference(name, monkeypatch) < 0.01


def test_a_line_that_is_not_shrunk_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "_smaller", lambda artist, factor: None)
    assert difference("clones", monkeypatch) > 0.01


def test_faint_letters_are_seen() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", style.STYLES["dark"].colours["ground"]) < ENOUGH


def test_colours_keep_their_meaning_in_the_dark() -> None:
    light = dict(style.MEANING)
    with style.using("dark"):
        dark = dict(style.MEANING)
        ground = style.colour("ground")
    greys = {meaning for meaning, look in light.items() if look.colour != "#000000" and grey(look.colour)}
    assert {"low", "high", "adcc"} < greys
    for meaning, look in light.items():
        if look.colour == "#000000":
            assert dark[meaning].colour == "#ffffff"
        elif meaning not in greys:
            assert dark[meaning].colour == look.colour
        if meaning not in {"low", "intermediate", "high"}:
            assert contrast(dark[meaning].colour, ground) >= 3.0, meaning


def test_cells_drug_and_her2_share_no_colour() -> None:
    """They stand in one picture, the mechanism: what is green there is alive, and HER2 that was shed is not."""
    groups = (
        ("surviving", "arrested", "multinucleated", "mitotic_catastrophe", "apoptosis", "adcc"),
        ("conjugate", "local", "payload"),
        ("shed",),
    )
    colours = [{style.MEANING[name].colour for name in group} for group in groups]
    assert len(set().union(*colours)) == sum(len(one) for one in colours)
    assert len(colours[0]) == len(groups[0])


def grey(shade: str) -> bool:
    return len(set(to_rgb(shade))) == 1


def test_arms_and_lines_have_no_colour_that_means_something() -> None:
    meant = {look.colour for look in style.MEANING.values() if not grey(look.colour)}
    for how in style.STYLES:
        with style.using(how):
            shades = [style.series_look(i).colour for i in range(6)]
            assert len(set(shades)) == 6
            assert not meant & set(shades)
            assert all(contrast(shade, style.colour("ground")) >= 3.0 for shade in shades)


def test_clones_are_seen_on_either_ground() -> None:
    for how in style.STYLES:
        with style.using(how):
            assert all(contrast(style.clone_look(i, 6).colour, style.colour("ground")) >= 3.0 for i in range(6))


def test_an_unknown_style_is_refused_and_a_style_ends_with_its_block() -> None:
    with pytest.raises(UsageError, match="slide, paper, paper-double, dark"), style.using("poster"):
        pass
    with style.using("dark"):
        assert style.used() is style.STYLES["dark"]
    assert style.used() is style.STYLES["slide"]
