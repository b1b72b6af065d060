"""The page about a comparison: in what the arms differ, and what came of it on common luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim import given
from tdm1sim.methods import facts_of, write_up
from tdm1sim.methods.bibliography import in_full
from tdm1sim.report.said import Chapter, Said, differing, made_of, manifest_of, once, size_of, without_bands, written_up
from tdm1sim.report.tables import Sheet, number, share, span
from tdm1sim.tables import fates_of, living_of

if TYPE_CHECKING:
    from tdm1sim.comparing.comparison import Comparison
    from tdm1sim.given import Words


def said(folder: Path, compared: Comparison) -> Said:
    """Return the page about a comparison."""
    content, arms = compared.content, compared.arms
    names = list(arms)
    facts = [facts_of(results) for results in arms.values()]
    words = given.of(arms[names[0]]).words
    chapters, references = written_up(write_up(facts[0]))
    known = facts[0].catalogue.references
    others = {key: in_full(known[key]) for one in facts[1:] for key in one.references}
    sheets: list[Sheet] = []
    for found in content["differences"]:
        if found["words"]:
            title = f"What differs in {found['arm']}"
            sheets.append(differing(title, found["words"], found["against"], found["arm"]))
        sheets.append(_differences(found, content, words))
    return Said(
        title=compared.name,
        question=f"What differs between {' and '.join(names)}, on the same luck?",
        size=size_of(content["replicates"], content["cells_start"], content["until_h"], content["seed"]),
        sheets=tuple(sheets),
        chapters=(
            Chapter("Arms", tuple(_arms(content))),
            *(_of_first(chapter, names[0]) for chapter in chapters),
        ),
        references=once((*references, *others.values())),
        warnings=once((*content.get("warnings", ()), *(text for one in facts for text in one.warnings))),
        commands=(
            f"tdm1sim compare {' '.join(f'{folder.name}/{arm}/resolved.yaml' for arm in names)} --out again",
            *(f"tdm1sim repeat {folder.name}/{arm}" for arm in names),
            *without_bands("uncertain" in content),
        ),
        made=made_of(
            {
                "seed": content["seed"],
                **manifest_of(folder),
                "scenario_hash": "; ".join(f"{arm['name']} {arm['scenario_hash']}" for arm in content["arms"]),
            }
        ),
        scenarios=tuple((f"The complete scenario of {name}", arms[name].resolved_text) for name in names),
    )


def _arms(content: Mapping[str, Any]) -> Iterator[str]:
    for arm in content["arms"]:
        yield f"{arm['name']}: {arm['question'] or 'no question stated'}"
    for found in content["differences"]:
        if not found["words"]:
            yield f"{found['arm']} does not differ from {found['against']} in what is simulated."
        elif found["values_that_follow"]:
            follow = found["values_that_follow"]
            yield f"{follow} further values of {found['arm']} follow from what differs; its complete scenario is below."


def _of_first(chapter: Chapter, name: str) -> Chapter:
    """Return a chapter of the first arm under a heading that says so."""
    return Chapter(f"{chapter.title} ({name})", chapter.paragraphs, chapter.points, chapter.sheets)


def _differences(found: Mapping[str, Any], content: Mapping[str, Any], words: Words) -> Sheet:
    first, other = found["against"], found["arm"]
    drawn = "uncertain" in content
    rows = []
    for label, told, told_as in _rows(found, words):
        cells = [told_as(told.get(key)) for key in ("a", "b", "mean")]
        ends = [span(told, told_as=told_as)]
        ends += [span(told, "model_low", "model_high", told_as=told_as)] if drawn else []
        rows.append((label, *cells, *ends))
    head = ("", first, other, "difference", "95 % interval (chance)", *(["other values"] if drawn else []))
    note = f"Fractions of cells, not of patients. Intervals over pairs: {content['intervals_over']}."
    if drawn:
        draws = content["uncertain"]["draws"]
        note += f" Other values: the middle 95 % of {draws} draws of what nobody has measured, inside its bounds."
    return Sheet(f"{other} against {first}", head, tuple(rows), note=note)


def _rows(found: Mapping[str, Any], words: Words) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield each difference by the name people know it by, and how its numbers are told."""
    for key, parts in fates_of(words).items():
        yield " ".join(part for part in parts if part), found["fates"][key], share
    for key, label in living_of(words).items():
        yield f"\u2003{label}", found["living"][key], share
    yield "live cells per founder at the end", found["cell_number_ratio"], number
    yield "\u2003as a ratio", {"a": None, "b": None, **found["cell_number_fold"]}, number
    yield "\u2003added up over time (days)", found["live_cells_area_d"], number
    yield "\u2003lowest", found["nadir"]["ratio"], number
    yield "DM1 in living cells at the end, median (nM)", found["dm1_nM"]["median"], number
    yield "highest level of each cell, median (nM)", found["dm1_nM"]["highest_median"], number
    for label, told in (
        ("day of the lowest number", found["nadir"]["day"]),
        ("days to half killed", found["time_to_kill_d"]["0.5"]),
        ("days to nine tenths killed", found["time_to_kill_d"]["0.9"]),
        ("day of regrowth", found["regrowth_d"]),
    ):
        if told["pairs"]:
            yield label, told, number
    clones = found["clones"] if len(found["clones"]) > 1 else {}
    for name, told in clones.items():
        yield f"share of {name}", told, share
