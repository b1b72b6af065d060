"""Commands about what the program knows: ``list``, ``explain``, ``schema``, ``schedule``."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.terminal import say, say_json, show


class Section(StrEnum):
    """What ``list`` can be narrowed to."""

    scenarios = "scenarios"
    cell_lines = "cell_lines"
    her2 = "her2"
    resistance = "resistance"
    drugs = "drugs"
    figures = "figures"


SectionName = Annotated[
    Section | None,
    typer.Argument(metavar="SECTION", help=f"One of: {', '.join(Section)}.", show_default=False),
]
Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="A parameter, drug, cell line, HER2 class, resistance, measured curve or reference.",
        show_default=False,
    ),
]


@guarded
def list_(
    section: SectionName = None,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Show what there is: scenarios, cell lines, drugs and more."""
    from tdm1sim.cli import contents

    sections = [section] if section else list(Section)
    for index, one in enumerate(sections):
        rows = contents.contents(one.value)
        if json:
            for row in rows:
                say_json({"section": one.value, **row})
            continue
        if index:
            say()
        show(contents.contents_table(one.value, rows))


@guarded
def explain(
    name: Name = None,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Explain a number or a name: unit, range, source, how sure.

    Without a name: all parameters of the model.
    """
    from tdm1sim.cli import cards

    if name is None:
        if json:
            for record in cards.parameter_records():
                say_json(record)
        else:
            show(*cards.parameter_tables())
            say()
            say("`tdm1sim explain NAME` shows the note and the sources of one.")
        return
    found = cards.find(name)
    for index, card in enumerate(found):
        if json:
            say_json(card.record)
            continue
        if index:
            say()
        for line in card.lines:
            say(line)


@guarded
def schema(debug: options.Debug = False) -> None:  # noqa: ARG001  # read by the guard
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from tdm1sim.scenario import json_schema

    say(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@guarded
def schedule(
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Print the order of one time step."""
    from tdm1sim.cli.contents import schedule_table
    from tdm1sim.mechanisms import schedule as steps

    if json:
        for number, (name, text) in enumerate(steps(), start=1):
            say_json({"order": number, "step": name, "does": text})
        return
    show(schedule_table(steps()))
