"""The page about a dose series: where each curve is halved, dose by dose, and how the curves were made."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tdm1sim.comparing.words import changes
from tdm1sim.doses.reading import SCENARIO, places
from tdm1sim.figures.dose_curves import assay, published
from tdm1sim.figures.reading import interval
from tdm1sim.methods import facts_of, write_up
from tdm1sim.methods.bibliography import in_full
from tdm1sim.report.said import Chapter, Said, differing, made_of, manifest_of, once, size_of, written_up
from tdm1sim.report.tables import ABSENT, Sheet, number, span

if TYPE_CHECKING:
    from tdm1sim.doses import Curve, Estimate

FIT = (
    "A logistic curve with four parameters, bottom + (top \u2212 bottom) / (1 + (dose / middle)^slope), was fitted by "
    "weighted least squares to the means over replicates of the signal relative to untreated wells. The absolute IC50 "
    "is the dose at half of untreated, the relative one half-way between the plateaus. Intervals are 95 %, chance "
    "alone: Student's t over the fits of single replicates, whose wells share founders and luck."
)


def said(folder: Path, curves: Sequence[Curve]) -> Said:
    """Return the page about a dose series."""
    manifest, first = manifest_of(folder), curves[0]
    facts = [facts_of(curve.results) for curve in curves]
    chapters, references = written_up(write_up(facts[0]))
    known = facts[0].catalogue.references
    others = {key: in_full(known[key]) for one in facts[1:] for key in one.references}
    plan = first.asked.resolved.parameters.plan
    runs = [curve.results.manifest["scenario_hash"] for curve in curves]
    names = places(folder)
    return Said(
        title=folder.name,
        question=first.asked.resolved.question,
        size=size_of(plan.replicates, plan.cells, plan.duration, plan.seed),
        sheets=(_halves(curves), *(_points(curve) for curve in curves)),
        chapters=(
            Chapter("Curves", (assay(curves), FIT), tuple(_sources(curves)), tuple(_differ(curves))),
            *(_of_first(chapter, first.asked.name, alone=len(curves) == 1) for chapter in chapters),
        ),
        references=once((*references, *others.values())),
        warnings=once((*manifest.get("warnings", ()), *(text for one in facts for text in one.warnings))),
        commands=(
            *(f"tdm1sim repeat {folder.name}/runs/{name}" for name in names),
            f"tdm1sim dose-response {folder.name}/{SCENARIO} {shlex.join(manifest['asked'])} --out again".replace(
                "  ", " "
            ),
        ),
        made=(
            *made_of(manifest),
            *((f"hash of the scenario of {c.asked.name} (SHA-256)", sha) for c, sha in zip(curves, runs, strict=True)),
        ),
        scenarios=tuple(
            (f"The complete scenario of {curve.asked.name}", curve.results.resolved_text) for curve in curves
        ),
    )


def _of_first(chapter: Chapter, name: str, *, alone: bool) -> Chapter:
    """Return a chapter of the first curve under a heading that says so, where there are others."""
    if alone:
        return chapter
    return Chapter(f"{chapter.title} ({name})", chapter.paragraphs, chapter.points, chapter.sheets)


def _halves(curves: Sequence[Curve]) -> Sheet:
    """Return the fits of all curves, one below the other."""
    drawn = any(curve.ignorance is not None for curve in curves)
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    for curve in curves:
        fit, name = curve.fit, curve.asked.name
        found = [(f"{name}: IC50, half of untreated (nM)", *_cells(fit.ic50), _model(curve))]
        found += [
            (f"\u2003measured: {points.label} (nM)", number(points.ic50), "", "")
            for points in published([curve])
            if points.ic50 is not None
        ]
        found += [
            ("\u2003half-way between plateaus (nM)", *_cells(fit.middle), ""),
            ("\u2003slope", *_cells(fit.slope), ""),
            ("\u2003upper plateau (of untreated)", *_cells(fit.top), ""),
            ("\u2003lower plateau (of untreated)", *_cells(fit.bottom), ""),
            ("\u2003where the simulated means cross half (nM)", number(fit.crossing), "", ""),
            ("\u2003residual of the curve (rms, of untreated)", number(fit.residual), "", ""),
        ]
        rows += [row if drawn else row[:-1] for row in found]
        notes += once(f"{name}: {why}." for why in (fit.ic50.why, fit.middle.why, fit.slope.why) if why)
    if drawn:
        draws = max(curve.ignorance.draws for curve in curves if curve.ignorance is not None)
        notes.append(f"Other values: the middle 95 % of {draws} draws of what nobody has measured, inside its bounds.")
    head = ("Curve", "value", "95 % interval (chance)", *(["other values"] if drawn else []))
    return Sheet("Where the signal is halved", head, tuple(rows), note=" ".join(notes))


def _cells(found: Estimate) -> tuple[str, str]:
    return number(found.value), span(asdict(found))


def _model(curve: Curve) -> str:
    band = curve.ignorance
    if band is None:
        return ABSENT
    low, high = ("not reached" if end is None else number(end) for end in (band.ic50_low, band.ic50_high))
    return low if low == high == "not reached" else f"{low} to {high}"


def _points(curve: Curve) -> Sheet:
    """Return the signal of a curve dose by dose."""
    found, band = interval(curve.of_untreated), curve.ignorance
    drawn = band is not None and band.low.size > 0
    rows = []
    for i, dose in enumerate(curve.doses.tolist()):
        ends = f"{number(float(found.low[i]))} to {number(float(found.high[i]))}" if found.has_interval else ABSENT
        row = [number(dose), number(float(found.mean[i])), ends]
        if drawn and band is not None:
            row.append(f"{number(float(band.low[i]))} to {number(float(band.high[i]))}")
        rows.append(tuple(row))
    head = ("concentration (nM)", "of untreated", "95 % interval (chance)", *(["other values"] if drawn else []))
    note = "Every replicate is in dose_response.csv."
    return Sheet(f"{curve.asked.name}, dose by dose", head, tuple(rows), note=note)


def _sources(curves: Sequence[Curve]) -> Iterator[str]:
    for points in published(curves):
        fitted = "; values of the model were fitted to it" if points.calibration else ""
        yield f"Measured, {points.label}{fitted}: {'; '.join(points.sources)}."


def _differ(curves: Sequence[Curve]) -> Iterator[Sheet]:
    """Yield in what the scenarios of the other curves differ from the first."""
    first = curves[0]
    for curve in curves[1:]:
        listed, _ = changes(first.asked.resolved, curve.asked.resolved)
        words = [asdict(change) for change in listed]
        yield differing(f"What differs in {curve.asked.name}", words, first.asked.name, curve.asked.name)
