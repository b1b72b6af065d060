"""Horizontal bars side by side: groups of rows, parts of a bar stacked, the interval of what counts, a note per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdm1sim.figures import labels, narrow, style, texts
from tdm1sim.figures.reading import Floats
from tdm1sim.figures.several import pairs
from tdm1sim.figures.words import per_founder
from tdm1sim.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = 3.3
"""Room right of the axes for notes, in."""
HEADING, GAP = 0.85, 0.35
"""Height of a group's name, and gap between groups; a row is 1 high."""
THICK, THICKER = 0.66, 0.88
"""Height of the bar of a row, and of several together."""
WIDEST, WIDEST_ON_PAPER = 240.0, 142.0
"""Room for the names of rows, points as drawn."""
ROW_ON_PAPER, TALLER = 38.0, 44.0
"""Height of a row on paper, points as drawn: names may take two lines; and of one with several bars."""
BESIDE = 7.0
"""Gap between a bar and its number, points."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes
    ----------
    parts : tuple of (str, float)
        Meanings (keys of `style.MEANING`) and sizes, from zero on.
    found : Interval
        What counts and its interval, drawn as a line.
    text : str
        The number beside it.
    short : str
        The same where there is little room.
    """

    parts: tuple[tuple[str, float], ...]
    found: Interval
    text: str
    short: str

    @property
    def ends(self) -> tuple[float, float]:
        """Return the lowest and the highest thing drawn."""
        mean = pairs.mean(self.found)
        low = mean if self.found["low"] is None else self.found["low"]
        high = mean if self.found["high"] is None else self.found["high"]
        whole = sum(size for _, size in self.parts)
        return min(0.0, low, whole), max(0.0, high, whole)


@dataclass(frozen=True, slots=True)
class Row:
    """One run: its name, its bars, and a note at the right."""

    name: str
    bars: tuple[Bar, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a name, with what is said beside it where there is room; an empty name is not written."""

    name: str
    rows: tuple[Row, ...]
    aside: str = ""


def of_living(alive: Mapping[str, Floats]) -> Bar:
    """Return the bar of living cells per founder in their states, from `pairs.alive`."""
    sizes = {name: pairs.mean(pairs.spread(alive[name])) for name in pairs.ALIVE}
    found = pairs.spread(alive["total"])
    return Bar(tuple(sizes.items()), found, pairs.told(found, texts.label), per_founder(pairs.mean(found)))


def draw(ax: Axes, groups: Sequence[Group], xlabel: str, names: Mapping[str, str]) -> Axes:
    """Draw groups of bars on a panel inside ``ax``; return the panel.

    Parameters
    ----------
    ax : Axes
        Switched off; names of rows stand at its left, notes right of it.
    groups : sequence of Group
        From above.
    xlabel : str
        With the unit.
    names : mapping of str to str
        Meanings in the order of the key, and their words; no key for one meaning.
    """
    ax.set_axis_off()
    slots = _slots(groups)
    if not style.used().slide:
        more = slots * (TALLER if _most(groups) > 1 else ROW_ON_PAPER) - labels.height_of(ax)
        if more > 0:
            narrow.taller(ax, more)
    size = style.letters(style.TICK)
    widest = WIDEST if style.used().slide else WIDEST_ON_PAPER
    words = {row.name: labels.wrap(row.name, widest, size) for group in groups for row in group.rows}
    longest = max(labels.width_of(line, size) for text in words.values() for line in text.split("\n"))
    wide = labels.width_within(ax)
    left = max(0.0, longest + 12.0 - _room_left(ax)) / wide
    panel = ax.inset_axes((left, 0.0, 1.0 - left, 1.0))
    tall = labels.height_of(ax) / slots
    letters = _letters(tall, _most(groups))
    _scale(panel, groups, wide * (1.0 - left), letters)
    panel.set_ylim(-slots, 0.0)
    _fill(panel, groups, words, tall)
    panel.set_xlabel(xlabel if style.used().slide else _narrow(ax, xlabel, wide * (1.0 - left)))
    style.even_ticks(panel.xaxis)
    panel.grid(axis="x")
    panel.axvline(0.0, color=style.colour("ink"), linewidth=1.4, zorder=3.2)
    panel.spines["left"].set_visible(False)
    if len(names) > 1:
        _key(ax, names, left, notes=any(row.note for group in groups for row in group.rows))
    return panel


def _room_left(ax: Axes) -> float:
    """Return the room left of the axes that names of rows may take, points: as far as the finding begins."""
    left = ax.get_position().x0 * narrow.top_page(ax).get_figwidth() * labels.POINTS
    return float(min(left, 72.0) if style.used().slide else left - 8.0)


def _narrow(ax: Axes, xlabel: str, wide: float) -> str:
    """Return the label of the axis in lines that a column holds, with room for them; ``wide`` is the panel, points."""
    size = style.letters(style.LABEL)
    text = labels.balanced(xlabel, wide, size)
    if "\n" in text:
        narrow.grow(narrow.top_page(ax), text.count("\n") * labels.SPACING * size)
    return text


def _slots(groups: Sequence[Group]) -> float:
    """Return the height of everything, rows."""
    heights = sum((HEADING if group.name else 0.0) + len(group.rows) for group in groups)
    return heights + GAP * (len(groups) - 1)


def _most(groups: Sequence[Group]) -> int:
    """Return how many bars a row has at most."""
    return max(len(row.bars) for group in groups for row in group.rows)


def _letters(tall: float, count: int) -> float:
    """Return the letters of the numbers beside ``count`` bars in a row ``tall`` points high."""
    return style.letters(min(14.0, 0.8 * _thick(count) * tall / count))


def _thick(count: int) -> float:
    return THICK if count == 1 else THICKER


def _scale(panel: Axes, groups: Sequence[Group], wide: float, letters: float) -> None:
    """Set an axis of x that has room for the number beside every bar; ``wide`` is that of the panel, points."""
    bars = [bar for group in groups for row in group.rows for bar in row.bars]
    low = min(bar.ends[0] for bar in bars)
    top = max(1e-6, *(bar.ends[1] for bar in bars))
    free = [wide - labels.width_of(_beside(bar), letters) - BESIDE - 4.0 for bar in bars]
    least = low - (0.03 * (top - low) if low < 0 else 0.0)
    high = max(least + (bar.ends[1] - least) * wide / room for bar, room in zip(bars, free, strict=True))
    panel.set_xlim(least, max(high, top))


def _beside(bar: Bar) -> str:
    return bar.text if style.used().slide else bar.short


def _fill(panel: Axes, groups: Sequence[Group], words: Mapping[str, str], tall: float) -> None:
    """Write and draw all rows, each ``tall`` points high."""
    at, ticks = 0.0, {}
    for group in groups:
        if group.name:
            aside = f" ({group.aside})" if group.aside and style.used().slide else ""
            _heading(panel, group.name + aside, at - HEADING / 2.0)
            at -= HEADING
        for row in group.rows:
            ticks[at - 0.5] = words[row.name]
            _row(panel, row, at - 0.5, tall)
            at -= 1.0
        at -= GAP
    panel.set_yticks(list(ticks), list(ticks.values()))
    panel.tick_params(axis="y", left=False)


def _heading(panel: Axes, name: str, at: float) -> None:
    panel.annotate(
        name,
        (0.0, at),
        (4.0, -2.0),
        textcoords="offset points",
        fontsize=style.letters(style.DIRECT),
        fontweight="bold",
        va="center",
        bbox=_ground(),
    )


def _row(panel: Axes, row: Row, at: float, tall: float) -> None:
    thick = _thick(len(row.bars)) / len(row.bars)
    letters = _letters(tall, len(row.bars))
    for i, bar in enumerate(row.bars):
        middle = at + thick * (len(row.bars) / 2.0 - i - 0.5)
        _bar(panel, bar, middle, thick if len(row.bars) == 1 else 0.85 * thick, row.name)
        _number(panel, bar, middle, letters)
    if row.note and style.used().slide:
        size = min(13.0, 0.4 * tall)
        panel.annotate(
            labels.wrap(row.note, MARGIN * labels.POINTS - 24.0, size),
            (1.0, at),
            (8.0, 0.0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            fontsize=size,
            va="center",
            linespacing=1.1,
            annotation_clip=False,
            gid="note",
        )


def _bar(panel: Axes, bar: Bar, at: float, thick: float, name: str) -> None:
    start = 0.0
    for meaning, size in bar.parts:
        look = style.MEANING[meaning]
        panel.barh(
            [at],
            [size],
            thick,
            left=[start],
            color=look.colour,
            hatch=look.hatch,
            edgecolor=style.colour("ground"),
            linewidth=0.8,
            gid=f"{name}: {meaning}",
        )
        start += size
    low, high = bar.found["low"], bar.found["high"]
    if low is not None and high is not None:
        # ink within ground, so that it is seen on every part
        for colour, width, gid, level in (("ground", 5.0, "", 3.0), ("ink", 2.5, f"{name}: interval", 3.4)):
            panel.hlines([at], [low], [high], color=style.colour(colour), linewidth=width, gid=gid, zorder=level)


def _number(panel: Axes, bar: Bar, at: float, letters: float) -> None:
    panel.annotate(
        _beside(bar),
        (bar.ends[1], at),
        (BESIDE, 0.0),
        textcoords="offset points",
        fontsize=letters,
        va="center",
        annotation_clip=False,
        bbox=_ground(),
    )


def _ground() -> dict[str, object]:
    """Return what keeps lines of the grid out of words."""
    return {"boxstyle": "square,pad=0.1", "facecolor": style.colour("ground"), "linewidth": 0.0}


def _key(ax: Axes, names: Mapping[str, str], left: float, *, notes: bool) -> None:
    from matplotlib.patches import Patch

    looks = {meaning: style.MEANING[meaning] for meaning in names}
    labels.key_above(
        ax,
        [
            Patch(facecolor=look.colour, hatch=look.hatch, edgecolor=style.colour("ground"), label=names[meaning])
            for meaning, look in looks.items()
        ],
        start=left,
        beyond=MARGIN if notes else 0.0,
    )
