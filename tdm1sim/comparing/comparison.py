"""Arms run on common luck, what came out, and the folder it is written to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim import __version__
from tdm1sim.comparing import measures
from tdm1sim.comparing.arms import Arms
from tdm1sim.comparing.contrasts import differences, over_groups
from tdm1sim.comparing.words import changes
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.results import Results, rounded
from tdm1sim.results_folder import MANIFEST
from tdm1sim.uncertainty import BANDS, borders_of, bounded, curve_bands, of_draws, over, plan
from tdm1sim.uncertainty.bands import Borders, Found, enriched
from tdm1sim.uncertainty.values import asked_text

if TYPE_CHECKING:
    import pandas as pd

FILE = "compare.json"
CURVES = "uncertainty.csv"
REPLICATES, GROUPS, NOTHING = "replicates", "groups of founders", "nothing"
"""What intervals are over."""
Progress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several arms on common luck.

    Attributes
    ----------
    name : str
        ``a-vs-b``.
    arms : mapping of str to Results
        By name, the first one is what the others are compared with.
    content : dict
        ``compare.json``.
    uncertainty : pandas.DataFrame or None
        Bands of ignorance of the differences over time; None unless asked for.
    """

    name: str
    arms: Mapping[str, Results]
    content: dict[str, Any]
    uncertainty: pd.DataFrame | None = None

    @property
    def times(self) -> measures.FloatArray:
        """Return the times (h) that all arms share."""
        return measures.shared_times(list(self.arms.values()))

    def write(self, folder: Path) -> None:
        """Write every file but the figures into an existing `folder`: ``compare.json`` and a folder for each arm."""
        for name, results in self.arms.items():
            (folder / name).mkdir()
            results.write(folder / name)
        manifest = {key: next(iter(self.arms.values())).manifest.get(key) for key in ("packages", "platform", "engine")}
        for file, content in ((FILE, self.content), (MANIFEST, {"tdm1sim": __version__, **manifest})):
            text = json.dumps(rounded(content), indent=2, ensure_ascii=False, allow_nan=False)
            (folder / file).write_bytes((text + "\n").encode())
        if self.uncertainty is not None:
            table = self.uncertainty.to_csv(index=False, float_format="%.6g", lineterminator="\n")
            (folder / CURVES).write_bytes(table.encode())

    @classmethod
    def read(cls, folder: str | Path) -> Comparison:
        """Read what `write` wrote.

        Raises
        ------
        InputError
            If the folder does not hold a whole comparison.
        """
        import pandas as pd

        from tdm1sim.errors import InputError, Problem

        folder = Path(folder)
        if not (folder / FILE).is_file():
            raise InputError([Problem("", f"not a comparison: {FILE} missing", file=str(folder))])
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        names = [arm["name"] for arm in content["arms"]]
        bands = pd.read_csv(folder / CURVES) if (folder / CURVES).is_file() else None
        return cls("-vs-".join(names), {name: Results.read(folder / name) for name in names}, content, bands)


def compare(
    arms: Arms,
    *,
    engine: str = "auto",
    jobs: int = 1,
    uncertain: int = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Run arms on common luck and compare each with the first.

    Parameters
    ----------
    arms : Arms
        From `arms_of` or `changed`.
    engine, jobs
        As in `tdm1sim.ensemble.simulate_resolved`; what comes out does not depend on `jobs`.
    uncertain : int
        Draws of the assumed and calibrated values, the same in every arm; 0 for none.
    progress : callable, optional
        Called with what is done and in all, in replicates.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If draws are asked for and nothing is uncertain.
    """
    draws = plan(arms.resolved, uncertain) if uncertain else None
    runs = [resolved.parameters.plan.replicates for resolved in arms.resolved]
    later = len(draws.runs) * sum(run.parameters.plan.replicates for run in draws.runs[0]) if draws else 0
    whole = float(sum(runs) + later)
    found: dict[str, Results] = {}
    for index, (name, resolved) in enumerate(zip(arms.names, arms.resolved, strict=True)):
        step = _part(progress, sum(runs[:index]), runs[index], whole)
        found[name] = simulate_resolved(resolved, engine=engine, jobs=jobs, progress=step)
    comparison = _compared(arms, found)
    if draws is None:
        return comparison
    step = _part(progress, sum(runs), later, whole)
    measure = partial(_of_draw, like=[borders_of(results) for results in found.values()])
    drawn = over(draws, measure, engine=engine, jobs=jobs, progress=step)
    enriched_arms = {
        name: replace(enriched(results, draws, [one[0][index] for one in drawn]), asked_text=asked_text(resolved))
        for index, ((name, results), resolved) in enumerate(zip(found.items(), arms.resolved, strict=True))
    }
    content = bounded(comparison.content, [{"differences": one[1]} for one in drawn], never=())
    content["uncertain"] = next(iter(enriched_arms.values())).manifest["uncertain"]
    content["warnings"] = _warnings(enriched_arms)
    bands = curve_bands([one[2] for one in drawn])[list(BANDS)]
    return replace(comparison, arms=enriched_arms, content=content, uncertainty=bands)


def _part(progress: Progress | None, before: float, size: float, whole: float) -> Progress | None:
    """Return a progress for one part of the work."""
    if progress is None:
        return None
    return lambda done, total: progress(before + size * done / total, whole)


def _compared(arms: Arms, found: Mapping[str, Results]) -> Comparison:
    """Return the comparison of arms that were run."""
    first = next(iter(found.values()))
    times = measures.shared_times(list(found.values()))
    told = []
    for name, resolved in list(zip(arms.names, arms.resolved, strict=True))[1:]:
        listed, follow = changes(arms.resolved[0], resolved)
        words = {"words": [asdict(change) for change in listed], "values_that_follow": follow}
        changed = bool(listed or follow)
        told.append(
            {"arm": name, "against": arms.names[0], **words, **between(first, found[name], times, changed=changed)}
        )
    content = {
        "format": 1,
        "tdm1sim": __version__,
        "arms": [
            {
                "name": name,
                "scenario": results.summary["scenario"],
                "question": results.summary["question"],
                "outcome": results.summary["outcome"],
                "scenario_hash": results.manifest["scenario_hash"],
            }
            for name, results in found.items()
        ],
        **{key: first.summary[key] for key in ("seed", "replicates", "cells_start", "duration_h")},
        "until_h": float(times[-1]),
        "engine": first.manifest["engine"],
        "intervals_over": over_what(list(found.values())),
        "aligned": list(arms.aligned),
        "differences": told,
        "warnings": _warnings(found),
    }
    return Comparison(arms.name, found, content)


def over_what(arms: Sequence[Results]) -> str:
    """Return what the intervals are over: replicates; groups of founders of a single one that ran to its end."""
    if arms[0].summary["replicates"] > 1:
        return REPLICATES
    return NOTHING if any(results.summary["outcome"] == "capacity_reached" for results in arms) else GROUPS


def between(a: Results, b: Results, times: measures.FloatArray, *, changed: bool = True) -> dict[str, Any]:
    """Return every difference of two arms.

    Parameters
    ----------
    a, b : Results
        On common luck.
    times : array
        Times that all arms share, h.
    changed : bool
        Whether the arms differ in anything at all.
    """
    first, second = (measures.of_replicates(results, times) for results in (a, b))
    first = measures.with_missing_clones(first, second)
    second = measures.with_missing_clones(second, first)
    counted = a.summary["cells_start"] * a.summary["replicates"] if changed else 0
    found = differences(first, second, counted=counted)
    if over_what([a, b]) == GROUPS:
        return over_groups(found, *(measures.of_groups(results) for results in (a, b)), counted=counted)
    return found


def _of_draw(
    found: Sequence[Results], like: Sequence[Borders]
) -> tuple[list[Found], list[dict[str, Any]], pd.DataFrame]:
    """Return what bands are made of in one draw: of each arm, of the differences, of the differences over time."""
    import pandas as pd

    times = measures.shared_times(found)
    curves = [measures.live_per_founder(results, times).mean(axis=0) for results in found]
    parts = [
        pd.DataFrame({"time_h": times, "quantity": curve_name(index), "value": curve - curves[0]})
        for index, curve in enumerate(curves)
        if index
    ]
    told = [between(found[0], results, times) for results in found[1:]]
    arms = [of_draws([results], [own]) for results, own in zip(found, like, strict=True)]
    return arms, told, pd.concat(parts, ignore_index=True)


def curve_name(index: int) -> str:
    """Return what ``uncertainty.csv`` calls the difference in living cells per founder of an arm (from 1)."""
    return f"difference.{index}.live_cells_per_founder"


def _warnings(arms: Mapping[str, Results]) -> list[str]:
    """Return what a reader must know, each once, with the arm it is about."""
    found = [f"{name}: {text}" for name, results in arms.items() for text in results.manifest.get("warnings", ())]
    last = [results.timeseries["time_h"].max() for results in arms.values()]
    end = float(measures.shared_times(list(arms.values()))[-1])
    if end < max(last) - 1e-6:
        found.append(
            f"the comparison covers the first {end / 24.0:.3g} days only: an arm outgrew its capacity there; start "
            "with fewer cells or raise run.capacity"
        )
    return list(dict.fromkeys(found))
