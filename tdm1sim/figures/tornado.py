"""Which parameters an output depends on: a bar each, the strongest on top, coloured by how sure its value is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.figures import labels, limits, style, texts
from tdm1sim.figures.narrow import shrunk
from tdm1sim.figures.slide import blank, save
from tdm1sim.figures.words import capital, listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.sensitivity import Factor, Index, Study

NAME = "sensitivity"
MOST = 10
"""Bars that a slide has room for."""
MARGIN = 0.4
_BARS = (0.44, 0.02, 0.34, 0.97)
"""Where the bars are inside the axes of the slide: left, bottom, width, height; words on both sides of them."""
_BAR = 0.62
LIMITS = (
    "Screening, not proof: effects hold between these bounds and nowhere else, and most bounds are ours.",
    "Every run has the same luck.",
    limits.CELLS,
    limits.ADVICE,
)


def shown(study: Study, output: str) -> list[Index]:
    """Return the bars: the strongest parameters that move the output at all."""
    return [index for index in study.indices[output] if index.strength > 0.0][:MOST]


def is_morris(study: Study) -> bool:
    """Whether bars are effects (else shares of variance)."""
    return study.plan.design.method == "morris"


def draw(study: Study, output: str, ax: Axes) -> Axes:
    """Draw the bars of one output on ``ax`` and return it."""
    from matplotlib.patches import Patch

    bars = shown(study, output)
    ax.set_axis_off()
    inner, places = ax.inset_axes(_places()), places_of(study, output)
    for place, index in enumerate(bars):
        _bar(inner, place, index, morris=is_morris(study))
        _words(ax, place, len(bars), index, number(index, places, texts.label, morris=is_morris(study)))
    _axes(inner, len(bars), study, output)
    used = [status for status in ("assumed", "calibrated", "sourced") if any(_sure(b) == status for b in bars)]
    looks = {texts.label(f"status_{status}"): style.MEANING[status] for status in used}
    handles = [
        Patch(facecolor=look.colour, hatch=look.hatch, edgecolor=style.colour("ground"), label=text)
        for text, look in looks.items()
    ]
    if handles:
        labels.key_above(ax, handles)
    labels.dress(ax, title(study, output), below(study, output))
    return ax


def _sure(index: Index) -> str:
    return str(index.factor.entry.status)


def _bar(inner: Axes, place: int, index: Index, *, morris: bool) -> None:
    """Draw one bar: filled to the mean effect (share alone), outlined to the strength, and its interval."""
    look, symbol = style.MEANING[_sure(index)], index.factor.symbol
    far = index.strength if index.mean >= 0.0 or not morris else -index.strength
    inner.barh(place, far, _BAR, facecolor="none", edgecolor=look.colour, linewidth=1.6, gid=f"strength-{symbol}")
    near = index.mean if morris else max(index.mean, 0.0)
    bar: dict[str, Any] = {
        "color": look.colour,
        "hatch": look.hatch,
        "edgecolor": style.colour("ground"),
        "linewidth": 0.0,
    }
    inner.barh(place, near, _BAR, gid=f"mean-{symbol}", **bar)
    ends = interval(index, morris=morris)
    if ends is not None:
        inner.hlines(place, *ends, color=style.colour("ink"), linewidth=2.2, gid=f"interval-{symbol}")


def interval(index: Index, *, morris: bool) -> tuple[float, float] | None:
    """Return the interval drawn: of the mean effect, or of the total share of variance."""
    if morris:
        return None if index.low is None or index.high is None else (index.low, index.high)
    return max(0.0, index.strength - index.strength_conf), index.strength + index.strength_conf


def _words(ax: Axes, place: int, count: int, index: Index, told: str) -> None:
    """Write symbol, meaning with bounds, and the number of one bar, at its height."""
    left, bottom, width, height = _places()
    y = bottom + height * (1.0 - (place + 0.5) / max(count, 4))
    wide, tall = labels.width_within(ax), labels.height_of(ax)
    common: dict[str, Any] = {"transform": ax.transAxes, "va": "center", "clip_on": False}
    symbol = index.factor.symbol
    ax.text(left + width + 0.012, y, told, fontsize=style.letters(13.0), gid="number", **common)
    if _is_column():  # the caption has the meaning
        letters = min(14.0, 14.0 * 76.0 / labels.width_of(symbol, 14.0, "bold"))
        ax.text(-6.0 / wide, y, symbol, fontsize=letters, fontweight="bold", ha="right", gid="symbol", **common)
        return
    letters = min(14.0, 14.0 * 0.122 * wide / labels.width_of(symbol, 14.0, "bold"))
    ax.text(-0.075, y, symbol, fontsize=letters, fontweight="bold", gid="symbol", **common)
    room = (left - 0.075) * wide
    lines = height * tall / max(count, 4) - 2.0
    sizes = (12.0, 11.0, 10.0, 9.0) if style.used().slide else (style.used().smallest,)
    text, size = labels.fit(f"{index.factor.entry.name} ({bounds(index.factor, texts.label)})", room, lines, sizes)
    ax.text(0.055, y, text, fontsize=size, linespacing=1.1, gid="meaning", **common)


def _is_column() -> bool:
    """Whether the page is one column of a journal, which has no room for what parameters mean."""
    return not style.used().slide and style.used().width < 0.75 * style.WIDTH


def _places() -> tuple[float, float, float, float]:
    """Return where the bars are, as shares of the axes."""
    return (0.0, _BARS[1], 0.44, _BARS[3]) if _is_column() else _BARS


def bounds(factor: Factor, words: texts.Words = texts.english) -> str:
    """Return bounds with their unit: ``60 to 240 nM``."""
    unit = "" if factor.entry.unit == "1" else f" {factor.entry.unit}"
    return words("range", low=f"{factor.low:g}", high=f"{factor.high:g}{unit}")


def number(index: Index, places: int, words: texts.Words = texts.english, *, morris: bool) -> str:
    """Return the number beside a bar: effect with sign and interval, or total share of the variance."""
    if not morris:
        return f"{_percent(index.strength)} ± {_percent(index.strength_conf)}"
    if both_ways(index):
        return words("both_ways", size=_unsigned(index.strength, places))
    told, ends = signed(index.mean, places), interval(index, morris=True)
    if ends is None:
        return told
    return f"{told} ({words('range', low=signed(ends[0], places), high=signed(ends[1], places))})"


def places_of(study: Study, output: str) -> int:
    """Return the decimals at which the strongest effect has two digits: all numbers of a figure share them."""
    strongest = max((index.strength for index in study.indices[output]), default=0.0)
    return max(0, 1 - math.floor(math.log10(strongest))) if strongest > 0.0 else 0


def both_ways(index: Index) -> bool:
    """Whether a parameter raises the output here and lowers it there, so that its mean effect hides it."""
    return abs(index.mean) < 0.5 * index.strength


def _unsigned(value: float, places: int) -> str:
    return f"{abs(value):,.{places}f}" if places else plain(abs(value), 2)


def signed(value: float, places: int) -> str:
    """Return a number with its sign, a true minus, no sign for what rounds to nothing."""
    text = _unsigned(value, places)
    return text if float(text.replace(",", "")) == 0.0 else f"{'−' if value < 0 else '+'}{text}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %".replace("-", "−")


def _axes(inner: Axes, count: int, study: Study, output: str) -> None:
    inner.set_ylim(max(count, 4) - 0.5, -0.5)
    inner.set_yticks([])
    inner.spines["left"].set_visible(False)
    inner.axvline(0.0, color=style.colour("ink"), linewidth=1.2)
    if is_morris(study):
        reach = max((abs(end) for one in shown(study, output) for end in _reach(one)), default=1.0)
        inner.set_xlim(-1.06 * reach, 1.06 * reach)
        told = texts.label("change_over_bounds" if _is_column() else "change_of_output_over_bounds")
        inner.set_xlabel(told, fontsize=15.0)
    else:
        inner.set_xlim(0.0, max(1.0, inner.dataLim.x1 * 1.05))
        inner.set_xlabel(texts.label("share_of_variance"), fontsize=15.0)
    style.even_ticks(inner.xaxis)
    inner.tick_params(axis="x", labelsize=style.letters(13.0))
    inner.grid(axis="x")


def _reach(index: Index) -> tuple[float, ...]:
    return (index.strength, *(interval(index, morris=True) or ()))


def title(study: Study, output: str) -> str:
    """Return the finding: which parameters the output depends on most, and by how much."""
    label = next(one.label for one in study.plan.outputs if one.name == output)
    clear = [index for index in shown(study, output) if index.strength > index.strength_conf][:3]
    if not shown(study, output):
        return f"Nothing that was varied moves the {label}"
    if not clear:
        return f"No parameter stands out: too few runs to tell what the {label} depends on"
    names = listed([one.factor.symbol for one in clear])
    if not is_morris(study):
        told = [f"{one.factor.symbol} ({_percent(one.strength)})" for one in clear]
        return f"{capital(label)}: most of its variance comes from {listed(told)}"
    places, now = places_of(study, output), study.plan.first.outputs[output]
    sizes = [f"±{_unsigned(one.strength, places)}" if both_ways(one) else signed(one.mean, places) for one in clear]
    one, their = ("changes", "its") if len(clear) == 1 else ("change", "their")
    return f"{names} {one} the {label} most: by {listed(sizes)} between {their} bounds (now {plain(now or 0.0, 2)})"


def below(study: Study, output: str) -> Sequence[str]:
    """Return the small lines under the figure."""
    moved = [index for index in study.indices[output] if index.strength > 0.0]
    rest = len(study.indices[output]) - len(shown(study, output))
    still = len(study.indices[output]) - len(moved)
    others = f"{rest} more were varied: {still} without any effect, the others weaker." if rest else ""
    if is_morris(study):
        what = "Filled: mean effect; outline: mean size of the effect, whatever its sign; line: 95 % interval"
        what += f" over {study.plan.design.blocks} trajectories."
    else:
        what = "Filled: share of the parameter alone; outline: with its interactions; line: 95 % interval of that."
    return tuple(line for line in (size(study), what, others, *LIMITS) if line)


def size(study: Study) -> str:
    """Return what was run."""
    plan, run = study.plan, study.plan.base.parameters.plan
    kind = "Morris" if is_morris(study) else "Sobol"
    cells = f"{run.replicates} x {plain(run.cells, 6)} cells"
    return f"{kind}, {plain(len(plan.design.points), 6)} runs of {cells} of {plan.name}, {plain(run.duration)} h."


def caption(study: Study, output: str) -> str:
    """Return what is shown and every number of it."""
    label = next(one.label for one in study.plan.outputs if one.name == output)
    places = places_of(study, output)
    rows = [
        f"{one.factor.symbol} ({_sure(one)}, {bounds(one.factor)}{', by its logarithm' if one.factor.log else ''}): "
        f"{number(one, places, morris=is_morris(study))}; {one.factor.entry.name}"
        for one in shown(study, output)
    ]
    what = f"{capital(label)}: how it changes when a parameter goes from its lower to its upper bound."
    if not is_morris(study):
        what = f"{capital(label)}: which share of its variance each parameter makes over its bounds."
    return "\n\n".join((what, "\n".join(f"- {row}" for row in rows), " ".join(below(study, output))))


def page(study: Study, output: str) -> Page:
    """Return the figure of one output as a slide."""
    with style.look():
        sheet, ax = blank(title(study, output), MARGIN, key=bool(shown(study, output)))
        draw(study, output, ax)
        return shrunk(sheet)


def write(
    study: Study, folder: Path, formats: Iterable[str] = ("png", "svg"), outputs: Sequence[str] | None = None
) -> list[Path]:
    """Write a figure and its caption per output, or of some outputs, into ``folder``; return the files."""
    formats = tuple(formats)
    written: list[Path] = []
    for output in study.indices if outputs is None else outputs:
        name = NAME if len(study.indices) == 1 else f"{NAME}_{output}"
        written += save(page(study, output), folder, name, title(study, output), caption(study, output), formats)
    return written
