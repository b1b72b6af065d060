"""Words under figures of several runs: limit lines of all of them, and captions from which they can be repeated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tdm1sim.figures import captions, reading
from tdm1sim.figures import limits as limits_table
from tdm1sim.figures.limits import ADVICE, CELLS, limit_lines
from tdm1sim.figures.several.arms import Arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import INTERVAL, PATIENTS, plain

if TYPE_CHECKING:
    from tdm1sim.results import Results


PUT_IN = "HER2 drives no cell of the HER2-low tumour, so blockade slows none there: put in, not found."
"""As the line of single runs, which says "here"."""


def limits(like: Iterable[str], runs: Runs, *more: str) -> tuple[str, ...]:
    """Return the limit lines of all runs, each once, those of every figure last.

    A line that another one begins with is left out.

    Parameters
    ----------
    like : iterable of str
        The figures of one run whose lines hold here too.
    runs : mapping of str to Results
        By arm.
    *more : str
        Lines of this figure alone, first.
    """
    lines = [line for figure in like for results in runs.values() for line in limit_lines(figure, results)]
    drawn = max(reading.draws(results) for results in runs.values())
    lines += [limits_table.central(drawn)] if drawn else []
    known = list(dict.fromkeys((*more, *(PUT_IN if line == limits_table.PUT_IN else line for line in lines))))
    said = [line for line in known if not any(_begins(other, line) for other in known)]
    return tuple(sorted(said, key=lambda line: line in {CELLS, ADVICE}))


def _begins(longer: str, line: str) -> bool:
    """Whether another line begins with all that a line says."""
    return longer != line and longer.startswith(line.rstrip("."))


def below(like: Iterable[str], runs: Runs, meant: str, *more: str) -> tuple[str, ...]:
    """Return the small lines under a figure: surroundings, what intervals mean, limit lines."""
    first = next(iter(runs.values()))
    return tuple(line for line in (captions.surroundings(first), meant, *limits(like, runs, *more)) if line)


def intervals(runs: Runs, drawn: str, *, differences: bool = True) -> str:
    """Return what the intervals drawn as ``drawn`` mean, and those of differences; nothing for single replicates."""
    every = list(runs.values())
    if any(len(reading.founders(results)) < 2 for results in every):
        return ""
    what = PATIENTS if any(reading.is_population(results) for results in every) else INTERVAL
    return f"{drawn}: {what}{'; differences are paired' if differences else ''}."


def caption(arms: Sequence[Arm], runs: Runs, lines: Sequence[str], meant: str, what: str, *more: str) -> str:
    """Return a whole caption.

    Parameters
    ----------
    arms : sequence of Arm
        What was run.
    runs : mapping of str to Results
        By arm.
    lines : sequence of str
        Limit lines, from `limits`.
    meant : str
        What the intervals mean.
    what : str
        What is shown.
    *more : str
        Every number that is told in words.
    """
    keys = dict.fromkeys(str(key) for one in arms for key in runs[one.name].manifest.get("citations", ()))
    first = runs[arms[0].name]
    paragraphs = [
        what,
        " ".join(part for part in more if part),
        " ".join(part for part in (_size(first), captions.surroundings(first), meant) if part),
        " ".join(_arm(one, runs[one.name]) for one in arms),
        _clones(arms, runs),
        f"Limits: {' '.join(lines)}",
        f"Sources of the parameters (keys; `tdm1sim cite` writes them out): {', '.join(keys)}." if keys else "",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _clones(arms: Sequence[Arm], runs: Runs) -> str:
    """Return the clones of each tumour once, with the arms that have it."""
    found: dict[str, list[str]] = {}
    for one in arms:
        found.setdefault(captions.clones(runs[one.name]), []).append(one.name)
    if len(found) == 1:
        return next(iter(found))
    every = [
        f"{', '.join(names)}: {text.removesuffix(captions.SCALE).strip()}" for text, names in found.items() if text
    ]
    return " ".join((*every, captions.SCALE))


def _size(results: Results) -> str:
    """Return size, length, seed and version, which all arms share."""
    summary, count = results.summary, len(reading.founders(results))
    size = f"{count} replicates of {plain(float(reading.founders(results)[0]), 7)} founder cells"
    if count == 1:
        size = f"1 replicate of {plain(float(reading.founders(results)[0]), 7)} founder cells"
    version = str(results.manifest.get("tdm1sim", ""))
    text = f"Each run: {reading.length(results)}, {size}, seed {summary['seed']}"
    doubling = reading.setting(results, "tumour.growth.doubling")
    text += f", tdm1sim {version}." if version not in {"", "unknown"} else "."
    return text if doubling is None else f"{text} Untreated doubling time {doubling}."


def _arm(one: Arm, results: Results) -> str:
    """Return which run an arm is, so that it can be repeated, and its treatment."""
    changed = " ".join(f"`--set {_quoted(text)}`" for text in one.changes)
    return (
        f"{one.name}: scenario `{one.scenario}`{f' with {changed}' if changed else ''}. {captions.treatment(results)}"
    )


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text
