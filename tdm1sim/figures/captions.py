"""The parts that captions share: the run, its parameters, what intervals mean, limits and sources."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import reading
from tdm1sim.figures.limits import limit_lines
from tdm1sim.figures.words import listed, number_of, percent, plain

if TYPE_CHECKING:
    from tdm1sim.results import Results

SCALE = "Sources disagree threefold on receptors per cell; this is the scale used here."
"""What is said wherever receptors are told."""


def surroundings(results: Results) -> str:
    """Return in one sentence what the cells live in: transport to the tissue, or the dish."""
    if not reading.is_patient(results):
        medium = reading.setting(results, "culture.medium")
        cells = number_of(reading.setting(results, "culture.cells_per_well"))
        dish = "Culture" if medium is None else f"Culture in {_with_unit(medium, 'uL')} medium"
        wells = "" if math.isnan(cells) else f", {plain(cells, 6)} cells per well"
        return f"{dish}{wells}, {reading.length(results)}."
    permeability, radius = transport(results)
    return (
        f"Patient tumour as one supply-limited compartment: vessel permeability {permeability}, Krogh radius {radius}."
    )


def transport(results: Results) -> tuple[str, str]:
    """Return vessel permeability and Krogh radius with their units, as the resolved scenario gives them."""
    permeability = reading.setting(results, "tumour.transport.permeability")
    radius = reading.setting(results, "tumour.transport.krogh_radius")
    if permeability is None:
        per_hour = number_of(reading.setting(results, "parameters.P"))
        permeability = "not stated" if math.isnan(per_hour) else f"{plain(24.0 * per_hour)} um/d"
    if radius is None:
        value = reading.setting(results, "parameters.RK")
        radius = "not stated" if value is None else value
    return _with_unit(permeability, "um/h"), _with_unit(radius, "um")


def _with_unit(value: Any, unit: str) -> str:
    """Return a scenario value with a unit: its own, or the canonical one where it is a bare number."""
    text = str(value)
    bare = len(text.split()) == 1 and not math.isnan(number_of(text))
    return _micro(f"{text} {unit}" if bare else text)


def _micro(text: str) -> str:
    """Return ``75 um`` as ``75 µm``; only units, for trastuzumab is none."""
    return re.sub(r"\bu(?=(?:m|L|g|M)\b)", "µ", text)


def treatment(results: Results) -> str:
    """Return the treatment in words."""
    if not reading.has_drug(results):
        return "No drug was given."
    left = str(reading.setting(results, "patient.residual_trastuzumab") or "")
    return treated(reading.setting(results, "treatment"), left)


def treated(entries: Any, left: str = "") -> str:
    """Return entries of a treatment in words, and trastuzumab ``left`` in plasma from earlier therapy."""
    told = [_entry(entry) for entry in entries or () if isinstance(entry, Mapping)]
    if number_of(left) > 0:
        told.append(f"trastuzumab left from earlier therapy, {_micro(left)} in plasma at the start")
    return f"Treatment: {listed(told)}." if told else "Treatment: see resolved.yaml."


def _entry(entry: Mapping[str, Any]) -> str:
    drug = load_catalogue().drugs.get(str(entry.get("drug")))
    name = "drug" if drug is None else drug.label if drug.kind == "inhibitor" else drug.short
    head = f"{name} {entry.get('dose', entry.get('concentration', ''))}".strip()
    share = number_of(entry.get("inhibition"))
    if not math.isnan(share):
        head += f" taking away {percent(share)}"
    rest = [
        f"{word} {entry[key]}"
        for key, word in (("every", "every"), ("from", "from"), ("until", "until"))
        if entry.get(key) is not None and not (key == "from" and number_of(entry[key]) == 0)
    ]
    cycles = number_of(entry.get("cycles"))
    if cycles > 1:
        rest.append(f"for {plain(cycles)} cycles")
    elif cycles == 1:
        rest = ["once", *rest[1:]] if entry.get("every") is not None else ["once", *rest]
    return _micro(" ".join([head, *rest]))


def clones(results: Results) -> str:
    """Return the clones of the run with HER2 (and its scale) and whatever is not normal in them."""
    told = []
    for name, (her2_class, receptors) in reading.her2_of(results).items():
        traits = reading.clones(results)[name]
        parts = [f"HER2 {her2_class}".strip(), f"{plain(receptors)} receptors per cell"]
        share = number_of(traits.get("fraction"))
        if not math.isnan(share):
            parts.insert(0, f"{percent(share)} of founders")
        parts += departures(traits)
        told.append(f"{name} ({', '.join(part for part in parts if part != 'HER2')})")
    if not told:
        return ""
    return f"Clones: {'; '.join(told)}. {SCALE}"


def departures(traits: Mapping[str, Any]) -> list[str]:
    """Return whatever is not normal in a clone, but its HER2."""
    found = reading.folds(traits)
    if _own_doubling(traits) is not None:
        found.append(f"untreated doubling time {_own_doubling(traits)}")
    if str(traits.get("pten", "intact")) == "deficient":
        found.append("PTEN deficient")
    return found


def run(results: Results) -> str:
    """Return in one or two sentences which run this is: scenario, size, seed, growth."""
    summary, manifest = results.summary, results.manifest
    version = str(manifest.get("tdm1sim", ""))
    text = (
        f"Scenario `{summary['scenario']}`, {reading.length(results)}, {_replicates(results)} of "
        f"{plain(float(reading.founders(results)[0]), 7)} founder cells, seed {summary['seed']}"
    )
    text += f", tdm1sim {version}." if version not in {"", "unknown"} else "."
    doubling = reading.setting(results, "tumour.growth.doubling")
    if doubling is not None and any(_own_doubling(traits) is None for traits in reading.clones(results).values()):
        text += f" Untreated doubling time {doubling}."
    if summary.get("outcome") == "capacity_reached":
        text += " A replicate stopped where its cells met the capacity of the run;"
        text += " means after that are over those that go on."
    return text


def _own_doubling(traits: Mapping[str, Any]) -> Any:
    """Return a clone's own doubling time, which goes before the tumour's; None when it has none."""
    rates = traits.get("rates")
    return rates.get("doubling") if isinstance(rates, Mapping) else traits.get("doubling")


def _replicates(results: Results) -> str:
    count = len(reading.founders(results))
    return "1 replicate" if count == 1 else f"{count} replicates"


def intervals(results: Results) -> str:
    """Return what the intervals of this run mean."""
    ignorance = ignorance_of(reading.draws(results))
    if len(reading.founders(results)) < 2:
        text = "One replicate: no interval over time; those at the end come from groups of founders."
        return f"{text} {ignorance}".strip()
    if ignorance:
        return f"Bands: {reading.interval_name(results)} (Student t over replicates). {ignorance}"
    return (
        f"Bands: {reading.interval_name(results)} (Student t over replicates"
        f"{', each another patient' if reading.is_population(results) else ''}); they say nothing about how uncertain "
        "the model's parameters are."
    )


def ignorance_of(draws: int, drawn: str = "Lighter bands, dotted edges") -> str:
    """Return what the lighter bands, or what is `drawn` instead, are; nothing where no values were drawn."""
    if not draws:
        return ""
    return (
        f"{drawn}: ignorance, the middle 95 % of {draws} draws of assumed and calibrated values "
        "within their bounds; drawn one by one they overstate it."
    )


def below(figure: str, results: Results, *more: str) -> tuple[str, ...]:
    """Return the small lines under a figure: surroundings, what is special to it, and its limit lines."""
    return (surroundings(results), *(line for line in more if line), *limit_lines(figure, results))


def bands(results: Results) -> str:
    """Return what shaded bands around lines are; nothing where one replicate leaves none and no values were drawn."""
    chance = f"Bands: {reading.interval_name(results)}." if len(reading.founders(results)) > 1 else ""
    return f"{chance} {ignorance_of(reading.draws(results))}".strip()


def compose(figure: str, results: Results, *parts: str, cells: str | None = None) -> str:
    """Return a whole caption: what is shown, the run, parameters, limits, sources (reference keys).

    ``cells`` says instead of this run's treatment and clones what was given to which, where several runs are shown.
    """
    keys = [str(key) for key in results.manifest.get("citations", ())]
    own = f"{treatment(results)} {clones(results)}" if cells is None else cells
    shared = [run(results), surroundings(results), own.strip()]
    paragraphs = [
        " ".join(part for part in parts if part),
        " ".join(part for part in shared if part),
        "Limits: " + " ".join(limit_lines(figure, results)),
        f"Sources of the parameters (keys; `tdm1sim cite` writes them out): {', '.join(keys)}." if keys else "",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
