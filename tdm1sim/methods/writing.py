"""The sections of the document: from the facts of a run to sentences and tables. No number is written here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.figures.words import listed, number_of, plain
from tdm1sim.methods import tables
from tdm1sim.methods.bibliography import PROGRAM, in_full, program
from tdm1sim.methods.facts import STATUSES, Facts, drugs_of
from tdm1sim.methods.layout import Document, Section, cite
from tdm1sim.population import FOUNDER_GROUPS

MODEL = (
    "tdm1sim follows single cells. Antibody binds HER2 at the surface of a cell, is taken in, recycled or sorted to "
    "lysosomes and digested there; the payload that is set free leaves the lysosome, is bound by its target and is "
    "pumped out of the cytosol. How much of it a cell holds decides whether it dies in interphase, stops at its "
    "checkpoint and dies there or after leaving it, or divides; blockade of HER2 slows G1, and NK cells kill by bound "
    "antibody. Cells take the drug out of what they share. Each random decision is a function of the seed, the cell's "
    "lineage and the decision, so that a cell meets the same luck in scenarios that are compared."
)
LIMITS = "Fractions are fractions of simulated cells, not of patients. Toxicity is not modelled."
CHANCE_ALONE = "Intervals cover chance alone and say nothing about how uncertain the numbers of the model are."
IGNORANCE = (
    "Intervals cover chance alone. The ends of the draws rest on bounds that were chosen value by value: drawn one by "
    "one, values overstate ignorance, and what is not in the model is not in them."
)


def write_up(facts: Facts, runs: Sequence[str] = ()) -> Document:
    """Return methods, tables and references of a run as one document.

    Parameters
    ----------
    facts : Facts
        Of a run, or of the scenario that many runs went out from.
    runs : sequence of str
        Paragraphs about those many runs, instead of that about the one.
    """
    version = facts.recorded("tdm1sim")
    sections = (
        Section(
            "Methods",
            (
                _program(facts),
                MODEL,
                f"{_surroundings(facts)} {_treatment(facts)}",
                _cells(facts),
                *(runs or (_runs(facts),)),
                _assumptions(facts),
            ),
        ),
        Section(
            "Parameters",
            ("Values marked * were changed by the scenario; the catalogue's own value is given beside them.",),
            tables=tuple(tables.of_model(facts)),
        ),
        Section("Clones", tables=tuple(tables.of_clones(facts))),
        *_fits(facts),
    )
    references = {PROGRAM: program(version)}
    references |= {key: in_full(facts.catalogue.references[key]) for key in facts.references}
    return Document(f"Methods of {facts.results.summary.get('scenario', '')}".rstrip(), sections, references)


def _program(facts: Facts) -> str:
    version, engine = facts.recorded("tdm1sim"), facts.recorded("engine")
    text = f"Simulations were run with tdm1sim{f' {version}' if version else ''}{cite([PROGRAM])}"
    packages = facts.results.manifest.get("packages")
    with_ = [f"Python {facts.recorded('python')}"] if facts.recorded("python") else []
    if isinstance(packages, Mapping):
        with_ += [f"{name} {number}" for name, number in packages.items() if number not in {None, "unknown"}]
    details = [f"engine {engine}"] if engine else []
    details += [listed(with_)] if with_ else []
    machine = facts.recorded("machine")
    text += f" ({'; '.join(details)}{f'; {machine}' if machine else ''})." if details else "."
    question = facts.results.summary.get("question")
    asked = f" Scenario `{facts.results.summary.get('scenario', '')}`"
    return text + asked + (f" asks: {question}" if question else ".")


def _surroundings(facts: Facts) -> str:
    if facts.setting == "culture":
        where = facts.get("culture")
        return (
            f"Cells were simulated in culture: {where.get('medium')} of medium and "
            f"{_count(where.get('cells_per_well'))} cells per well, of which each simulated cell stands for "
            f"{plain(number_of(where.get('cells_per_well')) / number_of(facts.get('tumour', 'cells')))}."
        )
    body, transport = facts.get("patient"), facts.get("tumour", "transport") or {}
    who = "patients around one" if body.get("population") is True else "a patient"
    text = (
        f"Cells were simulated in the tumour of {who} of {body.get('weight')}, as one compartment that vessels supply"
    )
    known = [
        f"{words} {transport[key]}"
        for key, words in (
            ("permeability", "permeability of the vessel wall"),
            ("capillary_radius", "capillary radius"),
            ("krogh_radius", "radius of the tissue that one vessel feeds"),
            ("void", "share of the volume that antibody reaches"),
        )
        if key in transport
    ]
    text += f" ({', '.join(known)})." if known else "."
    if body.get("population") is True:
        text += (
            " Each replicate was another patient: weight, clearance and central volume, and trastuzumab left from "
            "earlier therapy unless stated, were drawn."
        )
    left = str(body.get("residual_trastuzumab", ""))
    if number_of(left) > 0:
        text += f" Earlier therapy had left {left} of trastuzumab in plasma."
    return text


def _treatment(facts: Facts) -> str:
    entries = [entry for entry in facts.get("treatment") or () if isinstance(entry, Mapping)]
    if not entries:
        return "No drug was given."
    told = [_entry(facts, entry) for entry in entries]
    return f"Given {'was' if len(told) == 1 else 'were'} {listed(told)}."


def _entry(facts: Facts, entry: Mapping[str, Any]) -> str:
    name = str(entry.get("drug"))
    drug = facts.catalogue.drugs.get(name)
    words = [(drug.short or name) if drug is not None and drug.kind != "inhibitor" else drug.label if drug else name]
    if "inhibition" in entry:
        words.append(f"(share of the activity taken away {entry['inhibition']})")
    words += [f"at {entry[key]}" for key in ("dose", "concentration") if key in entry]
    cycles = number_of(entry.get("cycles"))
    if cycles == 1:
        words.append("once")
    elif cycles > 1:
        every = f"every {entry['every']} " if "every" in entry else ""
        words.append(f"{every}for {plain(cycles)} cycles")
    if "infusion" in entry:
        words.append(f"(infusions of {entry['infusion']})")
    if number_of(entry.get("from")) > 0:
        words.append(f"from {entry['from']}")
    if "until" in entry and number_of(entry["until"]) != number_of(facts.get("run", "duration")):
        words.append(f"until {entry['until']}")
    known = [key for key in (drug.references if drug else ()) if key in facts.references]
    return " ".join(words) + cite(known)


def _cells(facts: Facts) -> str:
    clones = facts.get("tumour", "clones")
    doubling = facts.get("tumour", "growth", "doubling") or facts.get("parameters", "doubling")
    text = f"Each replicate began with {_count(facts.get('tumour', 'cells'))} founder cells in "
    text += "one clone" if len(clones) == 1 else f"{len(clones)} clones"
    text += f": {listed([_clone(name, traits) for name, traits in clones.items()])}."
    if doubling:
        text += f" Untreated, cells double in {doubling}" + (
            ", unless their clone says otherwise." if len(clones) > 1 else "."
        )
    text += " HER2 differs between cells by a lognormal distribution around the clone's median."
    changes = [
        f"a daughter of {name} becomes {other} with a probability of {chance} at each division"
        for name, traits in clones.items()
        for other, chance in (traits.get("becomes") or {}).items()
    ]
    return text + (f" Resistance can be acquired: {listed(changes)} (assumed)." if changes else "")


def _clone(name: str, traits: Mapping[str, Any]) -> str:
    share = number_of(traits.get("fraction"))
    said = traits.get("her2")
    her2 = said if isinstance(said, Mapping) else {}
    parts = ["none at the start" if share == 0 else f"{plain(100.0 * share)} % of the founders"]
    parts.append(f"median of {_count(her2.get('receptors'))} HER2 per cell")
    parts += tables.departures(traits)
    return f"{name} ({', '.join(parts)})"


def _runs(facts: Facts) -> str:
    run, summary, results = facts.get("run"), facts.results.summary, facts.results
    count = int(run["replicates"])
    text = f"Simulated time was {run['duration']} in steps of at most {run['dt']}"
    text += f", in {_count(count)} independent replicates" if count > 1 else ", in one replicate"
    text += f", with seed {run['seed']}"
    steps = results.manifest.get("steps")
    text += f" ({_count(steps)} steps each)." if steps and count > 1 else f" ({_count(steps)} steps)." if steps else "."
    text += _branch(results.manifest.get("branch"))
    text += f" {_outcome(summary, run)} {intervals(count)}"
    text += _draws(facts)
    text += _readouts(facts)
    record = facts.get("record") or {}
    if record.get("attribution") is True:
        text += (
            " The share of payload, HER2 blockade and ADCC in the effect is the Shapley value over runs of the same "
            "cells on common luck in which every subset of the three was switched off."
        )
    if record.get("saved_by") is True:
        text += (
            " A surviving line was saved by a trait when, on common luck, it dies out once the trait is normal in all "
            "clones (first replicate)."
        )
    stated = results.manifest.get("scenario_hash")
    text += f" The complete scenario has the SHA-256 {stated}." if stated else ""
    return text


def _draws(facts: Facts) -> str:
    """Return how values that nobody has measured were drawn; nothing where they were not."""
    drawn = facts.results.manifest.get("uncertain")
    if not drawn:
        return ""
    count, copies = _count(drawn["draws"]), drawn["replicates"]
    text = (
        f" Ignorance is shown beside chance: the run was repeated in {count} draws (Latin hypercube) of "
        f"{_count(len(drawn['values']))} assumed and calibrated values within their bounds, on the same luck, with "
        f"{_count(copies)} {'replicate' if copies == 1 else 'replicates'} each; given are the middle 95 % of the means "
        "of the draws."
    )
    if facts.results.summary.get("attribution") is not None:
        text += " Every draw shared its effect out among payload, HER2 blockade and ADCC by runs of its own."
    return text


def _branch(branch: Mapping[str, Any] | None) -> str:
    """Return that a run goes on from a saved state, where that is more than a saving of time."""
    if not branch or not branch["changed"]:
        return ""
    names = listed([path.removeprefix("parameters.") for path in branch["changed"]])
    return (
        f" The run continues the state of `{branch['continues']}` at {plain(branch['at_h'] / 24.0)} d; until then "
        f"{names} had the values of that run."
    )


def _outcome(summary: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    outcome = summary.get("outcome")
    if outcome == "capacity_reached":
        return f"A replicate stops where it outgrows {_count(run['capacity'])} living cells, and at least one did."
    if outcome == "cleared":
        return "No simulated cell was left in any replicate; rarer survivors are invisible at this size."
    return f"No replicate outgrew the limit of {_count(run['capacity'])} living cells."


def intervals(count: int) -> str:
    """Return what intervals over some replicates are."""
    if count > 1:
        how = f"by Student's t distribution over the {count} replicates"
    else:
        how = f"over {FOUNDER_GROUPS} groups of founders, as there is one replicate"
    return (
        f"Intervals are 95 % for chance alone, {how}, clipped to what is possible; where none or all cells count, the "
        "limit away from the edge is three over the number of cells."
    )


def _readouts(facts: Facts) -> str:
    readouts = (facts.get("record") or {}).get("readouts") or ()
    told = []
    for entry in readouts:
        at = entry.get("at")
        times = listed([str(time) for time in at]) if isinstance(at, list) else str(at)
        wells = entry.get("concentrations")
        series = f" in wells at {listed([str(c) for c in wells])}" if wells else ""
        told.append(f"{entry.get('kind')} at {times}{series}")
    if not told:
        return ""
    return f" Read-outs were {'; '.join(told)}, each relative to untreated cells at the same time and on the same luck."


def _assumptions(facts: Facts) -> str:
    counts = {status: [row for row in facts.rows if row.status == status] for status in STATUSES}
    changed = [row for row in facts.rows if row.changed]
    text = (
        f"Of the {len(facts.rows)} numbers of the model in use, {len(counts['sourced'])} were read in the literature, "
        f"{len(counts['calibrated'])} calibrated and {len(counts['assumed'])} assumed"
    )
    if changed:
        number = f"{len(changed)} {'was' if len(changed) == 1 else 'were'}"
        text += f"; {number} changed by the scenario ({listed([row.symbol for row in changed])})."
    else:
        text += "; none was changed by the scenario."
    if counts["assumed"]:
        text += f" Assumed are {listed([row.symbol for row in counts['assumed']])}."
    conjugate = _conjugate(facts)
    if conjugate != DEFAULT:
        text += f" The model is not calibrated for {conjugate}: read directions, not sizes."
    meant = IGNORANCE if facts.results.manifest.get("uncertain") else CHANCE_ALONE
    return f"{text} {LIMITS} {meant}"


def _conjugate(facts: Facts) -> str:
    drugs = facts.catalogue.drugs
    return next((n for n in drugs_of(facts.results.scenario) if n in drugs and drugs[n].kind == "conjugate"), DEFAULT)


def _fits(facts: Facts) -> tuple[Section, ...]:
    items = tables.fits(facts)
    if not items:
        return ()
    return (Section("Data of the calibrated values", items=tuple(items)),)


def _count(value: object) -> str:
    """Return a whole number with its thousands, any other as it stands."""
    number = number_of(value)
    if math.isnan(number):
        return "not recorded" if value is None else str(value)
    return f"{number:,.0f}" if number == round(number) and number < 1e15 else f"{number:.6g}"
