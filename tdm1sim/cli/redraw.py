"""``tdm1sim figures RESULT``: the figures of finished results, drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tdm1sim.cli.terminal import say, say_json
from tdm1sim.errors import UsageError

FOLDER = "figures"
"""Where the figures of a result are, in its folder."""


def redraw(
    results: Sequence[str],
    *,
    names: Sequence[str] = (),
    formats: Sequence[str] = ("png", "svg"),
    style: str = "slide",
    out: Path | None = None,
    quiet: bool = False,
    json: bool = False,
) -> None:
    """Draw the figures of some results and say which files were written; files of the same names are replaced.

    Parameters
    ----------
    results : sequence of str
        Result folders.
    names : sequence of str
        Which figures (of a sweep: which quantities); those that the result's own command draws where empty.
    formats, style
        As in `tdm1sim run`.
    out : Path, optional
        Instead of ``figures/`` in the result folder; of several results each goes into a folder of its name there.
    quiet, json : bool
        Say nothing; one object per result.
    """
    from tdm1sim.figures.again import drawable
    from tdm1sim.figures.style import using

    places = [Path(one) for one in results]
    if len({place.resolve() for place in places}) < len(places):
        msg = "figures: a result is named twice"
        raise UsageError(msg)
    found = [drawable(place) for place in places]
    chosen = [one.chosen(names) for one in found]
    for place, one, which in zip(places, found, chosen, strict=True):
        to = place / FOLDER if out is None else out / place.name if len(places) > 1 else out
        with using(style):
            written = one.draw(to, which, formats)
        if json:
            say_json({"folder": str(place), "kind": one.kind, "files": [str(path) for path in written]})
        elif not quiet:
            for path in written:
                say(str(path))
