"""The page about a sensitivity study: every effect with its bounds, what was not varied, and the scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tdm1sim.figures.tornado import bounds, interval, is_morris
from tdm1sim.figures.words import capital, plain
from tdm1sim.methods import base_of, facts_of, write_up
from tdm1sim.report.said import Chapter, Said, count, made_of, once, size_of, written_up
from tdm1sim.report.tables import ABSENT, Sheet, number
from tdm1sim.sensitivity.reading import SCENARIO

if TYPE_CHECKING:
    from tdm1sim.sensitivity import Index, Output, Study

MORRIS = (
    "Elementary effects were screened after Morris 1991 (doi:10.1080/00401706.1991.10484804), summarised after "
    "Campolongo et al. 2007 (doi:10.1016/j.envsoft.2006.10.004). Effect: change of the output when a parameter goes "
    "from its lower to its upper bound, mean over trajectories with Student's t interval; size: the same without its "
    "sign. Screening is not proof, and bounds are what matters."
)
SOBOL = (
    "Shares of the output's variance after Sobol, as Saltelli et al. 2010 estimate them "
    "(doi:10.1016/j.cpc.2009.09.018): of each parameter alone, and in total with its interactions. Bounds are what "
    "matters."
)


def said(folder: Path, study: Study) -> Said:
    """Return the page about a sensitivity study."""
    plan, run = study.plan, study.plan.base.parameters.plan
    facts = facts_of(base_of(plan.base.text, plan.manifest))
    chapters, references = written_up(write_up(facts, (_runs(study), MORRIS if is_morris(study) else SOBOL)))
    size = size_of(run.replicates, run.cells, run.duration, run.seed)
    return Said(
        title=folder.name,
        question=plan.base.question,
        size=f"{count(len(plan.design.points), 'run')}; each {size}",
        sheets=tuple(_sheet(study, output) for output in plan.outputs),
        chapters=(*chapters, *_left(study)),
        references=references,
        warnings=once((*plan.manifest.get("warnings", ()), *facts.warnings)),
        commands=(_command(folder, study),),
        made=made_of(plan.manifest),
        scenarios=(("The complete scenario, as it stands", plan.base.text),),
    )


def _sheet(study: Study, output: Output) -> Sheet:
    """Return the parameters that one output depends on, the strongest first."""
    indices, morris = study.indices[output.name], is_morris(study)
    moved = [index for index in indices if index.strength > 0.0]
    rows = tuple(_row(index, morris=morris) for index in moved)
    numbers = ("effect", "95 % interval", "size") if morris else ("alone", "in total", "95 % interval of that")
    head = ("parameter", *numbers, "bounds (* by the logarithm)", "how sure")
    still = len(indices) - len(moved)
    now = study.plan.first.outputs[output.name]
    note = f"Now {plain(now or 0.0)}. {still} of {len(indices)} parameters have no effect at all."
    return Sheet(capital(output.label), head, rows, numeric=False, note=note)


def _row(index: Index, *, morris: bool) -> tuple[str, ...]:
    ends = interval(index, morris=morris)
    told = ABSENT if ends is None else f"{number(ends[0], 2)} to {number(ends[1], 2)}"
    mean, strength = number(index.mean, 2), number(index.strength, 2)
    numbers = (mean, told, strength) if morris else (mean, strength, told)
    factor = index.factor
    name = f"{factor.symbol}: {factor.entry.name}"
    return (name, *numbers, f"{bounds(factor)}{'*' if factor.log else ''}", str(factor.entry.status))


def _runs(study: Study) -> str:
    plan, run = study.plan, study.plan.base.parameters.plan
    noun = "trajectories" if is_morris(study) else "samples"
    told = (
        f"{count(len(plan.factors), 'parameter')} were varied between their bounds: {plan.design.blocks} {noun}, "
        f"{count(len(plan.design.points), 'run')} of {count(run.replicates, 'replicate')} of {run.cells:,} founder "
        f"cells over {run.duration:g} h. Every run had the same luck (seed {run.seed}), so that chance does not look "
        "like an effect."
    )
    refused = plan.design.refused
    if refused:
        common = max(dict.fromkeys(refused), key=refused.count)
        told += f" {len(refused)} {noun} with a combination that cannot be were set aside ({common})."
    return told


def _left(study: Study) -> tuple[Chapter, ...]:
    """Return which parameters were not varied, by reason."""
    by: dict[str, list[str]] = {}
    for one in study.plan.left:
        by.setdefault(one.why, []).append(one.symbol)
    if not by:
        return ()
    rows = tuple((capital(why), ", ".join(symbols)) for why, symbols in by.items())
    return (Chapter("Not varied", sheets=(Sheet("By reason", ("why", "parameters"), rows, numeric=False),)),)


def _command(folder: Path, study: Study) -> str:
    """Return the command that runs the study again from its own scenario: the same parameters, bounds and points."""
    plan = study.plan
    source = f"{folder.name}/{SCENARIO}" if (folder / SCENARIO).is_file() else plan.name  # an older folder has none
    words = [f"tdm1sim sensitivity {source} --replicates {plan.base.parameters.plan.replicates}"]
    if is_morris(study):
        words.append(f"--method morris --trajectories {plan.design.blocks}")
    else:
        words.append(f"--method sobol --samples {plan.design.blocks + len(plan.design.refused)}")
    words += [f"--output {output.name}" for output in plan.outputs]
    for factor in plan.factors:
        words.append(f"--parameter {factor.symbol}")
        if (factor.low, factor.high) != _usual(study, factor.symbol):
            words.append(f"--bounds {factor.symbol}={factor.low:g}:{factor.high:g}")
    return " ".join([*words, "--out again"])


def _usual(study: Study, symbol: str) -> tuple[float, float]:
    from tdm1sim.catalogue import load_catalogue

    entry = load_catalogue().parameters_with(study.plan.base.parameters.drug)[symbol]
    return entry.low, entry.high
