"""The page about a run: fates, levels, ways of acting, methods and every number with its source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tdm1sim.methods import facts_of, write_up
from tdm1sim.report import tables
from tdm1sim.report.said import Said, made_of, once, size_of, written_up

if TYPE_CHECKING:
    from tdm1sim.results import Results


def said(folder: Path, results: Results) -> Said:
    """Return the page about a run."""
    facts = facts_of(results)
    chapters, references = written_up(write_up(facts))
    summary = results.summary
    return Said(
        title=str(summary["scenario"]),
        question=str(summary.get("question") or ""),
        size=size_of(summary["replicates"], summary["cells_start"], summary["duration_h"], summary["seed"]),
        sheets=tuple(tables.of_run(results)),
        chapters=chapters,
        references=references,
        warnings=once((*results.manifest.get("warnings", ()), *facts.warnings)),
        commands=(f"tdm1sim repeat {folder.name}", f"tdm1sim run {folder.name}/resolved.yaml --out again"),
        made=made_of(results.manifest),
        scenarios=(("The complete scenario", results.resolved_text),),
    )
