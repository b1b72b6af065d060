"""The figures of a finished result of any kind, drawn again from its files: nothing is simulated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdm1sim.errors import InputError, UsageError

Draw = Callable[[Path, Sequence[str], Sequence[str]], list[Path]]
"""Draws figures of these names into a folder, in these formats; returns the files."""


@dataclass(frozen=True, slots=True)
class Drawable:
    """A result and what can be drawn of it.

    Attributes
    ----------
    kind, name : str
        ``run``, ``comparison`` or ``sweep``; of the scenario.
    names : tuple of str
        Every figure there is data for.
    usual : tuple of str
        Those drawn where nobody says which.
    draw : callable
        See `Draw`.
    """

    kind: str
    name: str
    names: tuple[str, ...]
    usual: tuple[str, ...]
    draw: Draw

    def chosen(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return which figures are to be drawn: those named, each once, or the usual ones.

        Raises
        ------
        UsageError
            There is no such figure of this result.
        """
        for name in names:
            if name not in self.names:
                msg = f"this {self.kind} has no figure {name!r}; it has: {', '.join(self.names)}"
                raise UsageError(msg)
        return tuple(dict.fromkeys(names)) or self.usual


def drawable(folder: Path) -> Drawable:
    """Return what can be drawn of a result folder.

    Raises
    ------
    InputError
        It is no result folder, or one whose figures only its own command can draw.
    """
    for file, read in _KINDS.items():
        if (folder / file).is_file():
            return read(folder)
    if not folder.is_dir():
        msg = f"{folder} is no folder; name the folder that a run, a comparison or a sweep wrote"
        raise InputError(msg)
    for file, command in _ELSEWHERE.items():
        if (folder / file).is_file():
            msg = f"{folder}: its figure is drawn by `tdm1sim {command}` alone, which keeps too little to draw it again"
            raise InputError(msg)
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:6]) or "nothing"
    msg = f"{folder} is no result of a run, a comparison or a sweep (it holds {found})"
    raise InputError(msg)


def _run(folder: Path) -> Drawable:
    from tdm1sim.figures import applicable, draw_all, usual
    from tdm1sim.results import Results

    results = Results.read(folder)

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return draw_all(results, to, formats, names)

    return Drawable("run", str(results.summary["scenario"]), tuple(applicable(results)), tuple(usual(results)), draw)


def _comparison(folder: Path) -> Drawable:
    from tdm1sim.comparing.comparison import Comparison
    from tdm1sim.figures import comparison as drawn

    found = Comparison.read(folder)

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return drawn.write(found, to, formats) if names else []

    return Drawable("comparison", found.name, (drawn.NAME,), (drawn.NAME,), draw)


def _sweep(folder: Path) -> Drawable:
    from tdm1sim.figures import sweep as drawn
    from tdm1sim.figures.sweep_words import DEFAULT
    from tdm1sim.sweeping.folder import read

    found = read(folder)
    there = [measure for measure in found.quantities if drawn.has_values(found, measure)]
    before = [name for name in there if any((folder / "figures").glob(f"{drawn.NAME}_{name}.*"))]

    def draw(to: Path, names: Sequence[str], formats: Sequence[str]) -> list[Path]:
        return drawn.write(found, to, names, formats)

    return Drawable("sweep", folder.name, tuple(there), tuple(before or [DEFAULT]), draw)


_KINDS: dict[str, Callable[[Path], Drawable]] = {
    "compare.json": _comparison,
    "sweep.csv": _sweep,
    "summary.json": _run,
}
"""The file by which a kind of result is known."""
_ELSEWHERE = {"fit.json": "dose-response", "sensitivity.csv": "sensitivity", "evidence.json": "evidence"}
