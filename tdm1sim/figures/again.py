"""The figures of a finished result of any kind, drawn again from its files: nothing is simulated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdm1sim.errors import InputError, UsageError

Draw = Callable[[Path, Sequence[str], Sequence[str]], list[Path]]
"""Draws figures of these names into a folder, in these formats; returns the files."""


@dataclass(frozen=True, slots=True)
class Drawable:
    """A result and what can be drawn of it.

    Attributes
    ----------
    kind, name : str
        A name of `KINDS`; of the scenario.
    names : tuple of str
        Every figure there is data for.
    usual : tuple of str
        Those drawn where nobody says which.
    draw : callable
        See `Draw`.
    read : object
        What the files hold: Results, Comparison, SweepResults, list of Curve, Study, Comparison of evidence.
    """

    kind: str
    name: str
    names: tuple[str, ...]
    usual: tuple[str, ...]
    draw: Draw
    read: Any

    def chosen(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return which figures are to be drawn: those named, each once, or the usual ones.

        Raises
        ------
        UsageError
            There is no such figure of this result.
        """
        for name in names:
            if name not in self.names:
                msg = f"{self.name} ({self.kind}) has no figure {name!r}; it has: {', '.join(self.names)}"
                raise UsageError(msg)
        return tuple(dict.fromkeys(names)) or self.usual


def drawable(folder: Path) -> Drawable:
    """Return what can be drawn of a result folder.

    Raises
    ------
    InputError
        It is no result folder, or not a whole one.
    """
    for file, read in _KINDS.items():
        if (folder / file).is_file():
            return read(folder)
    if not folder.is_dir():
        msg = f"{folder} is no folder; name the folder that a command wrote ({', '.join(KINDS)})"
        raise InputError(msg)
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:6]) or "nothing"
    msg = f"{folder} is no result of a {', '.join(KINDS[:-1])} or {KINDS[-1]} (it holds {found})"
    raise InputError(msg)


def _run(folder: Path) -> Drawable:
    from tdm1sim.figures import applicable, draw_all, usual
    from tdm1sim.results import Results

    results = Results.read(folder)

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return draw_all(results, to, formats, names)

    return Drawable(
        "run", str(results.summary["scenario"]), tuple(applicable(results)), tuple(usual(results)), draw, results
    )


def _comparison(folder: Path) -> Drawable:
    from tdm1sim.comparing.comparison import Comparison
    from tdm1sim.figures import comparison as drawn

    found = Comparison.read(folder)

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return drawn.write(found, to, formats) if names else []

    return Drawable("comparison", found.name, (drawn.NAME,), (drawn.NAME,), draw, found)


def _sweep(folder: Path) -> Drawable:
    from tdm1sim.figures import sweep as drawn
    from tdm1sim.figures.sweep_words import DEFAULT
    from tdm1sim.sweeping.folder import read

    found = read(folder)
    there = [measure for measure in found.quantities if drawn.has_values(found, measure)]
    before = [name for name in there if any((folder / "figures").glob(f"{drawn.NAME}_{name}.*"))]

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return drawn.write(found, to, names, formats)

    return Drawable("sweep", folder.name, tuple(there), tuple(before or [DEFAULT]), draw, found)


def _evidence(folder: Path) -> Drawable:
    import json

    from tdm1sim.evidence import Comparison
    from tdm1sim.figures import evidence as drawn

    try:
        content = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{folder / 'evidence.json'} cannot be read: {error}; run `tdm1sim evidence` again"
        raise InputError(msg) from None
    found = Comparison.from_json(content)

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return list(drawn.write(found, to, formats)) if names else []

    return Drawable("evidence", drawn.NAME, (drawn.NAME,), (drawn.NAME,), draw, found)


def _doses(folder: Path) -> Drawable:
    from tdm1sim.doses import read
    from tdm1sim.figures import dose_curves as drawn

    curves = read(folder)

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return list(drawn.write(curves, to, formats)) if names else []

    name = curves[0].asked.resolved.name
    return Drawable("dose-response", name, (drawn.NAME,), (drawn.NAME,), draw, curves)


def _sensitivity(folder: Path) -> Drawable:
    from tdm1sim.figures import tornado as drawn
    from tdm1sim.sensitivity import read

    study = read(folder)

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return drawn.write(study, to, formats, names)

    outputs = tuple(study.indices)
    return Drawable("sensitivity", study.plan.name, outputs, outputs, draw, study)


_KINDS: dict[str, Callable[[Path], Drawable]] = {
    "compare.json": _comparison,
    "sweep.csv": _sweep,
    "summary.json": _run,
    "fit.json": _doses,
    "sensitivity.csv": _sensitivity,
    "evidence.json": _evidence,
}
"""The file by which a kind of result is known."""
KINDS = ("run", "comparison", "sweep", "dose-response", "sensitivity", "evidence")
"""What wrote it."""
