"""The page itself: what it says, by the kind of result, and how its template is filled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim import __version__
from tdm1sim.figures.again import Drawable, drawable
from tdm1sim.report import comparison, doses, evidence, pictures, run, sensitivity, sweep
from tdm1sim.report.said import Said
from tdm1sim.tables import DISCLAIMER

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATE = "page.html.j2"
_FIRST = "fates"
"""The figure whose finding stands at the top, where there is one."""
_SAID: Mapping[str, Callable[[Path, Drawable], Said]] = {
    "run": lambda folder, result: run.said(folder, result.read),
    "comparison": lambda folder, result: comparison.said(folder, result.read),
    "sweep": lambda folder, result: sweep.said(folder, result.read, result.usual),
    "dose-response": lambda folder, result: doses.said(folder, result.read),
    "sensitivity": lambda folder, result: sensitivity.said(folder, result.read),
    "evidence": lambda folder, result: evidence.said(folder, result.read),
}
_KINDS = {"dose-response": "a dose series", "sensitivity": "a sensitivity study", "evidence": "the evidence"}


def write(folder: Path) -> str:
    """Return the page about a result as HTML.

    Parameters
    ----------
    folder : Path
        That a command wrote, of any kind.

    Raises
    ------
    InputError
        It is no such folder, or not whole.
    """
    result = drawable(folder)
    said = _SAID[result.kind](folder.resolve(), result)
    drawn = pictures.of(result, result.usual)
    finding = next((one.title for one in drawn if one.name == _FIRST), drawn[0].title if drawn else "")
    return _filled(
        {
            **{field.name: getattr(said, field.name) for field in fields(said)},
            "pictures": drawn,
            "finding": finding,
            "kind": _KINDS.get(result.kind, f"a {result.kind}"),
            "version": __version__,
            "disclaimer": DISCLAIMER,
        }
    )


def _filled(said: Mapping[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("tdm1sim.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ticks"] = ticks
    return environment.get_template(TEMPLATE).render(said)


def ticks(text: str) -> Markup:
    """Return a text escaped, with what stands in backticks as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped first
