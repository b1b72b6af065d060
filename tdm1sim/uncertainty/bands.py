"""From what every draw found to ``model_low`` and ``model_high``: beside each interval, and over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.attribution import MEASURES
from tdm1sim.results import Results
from tdm1sim.scenario import Resolved
from tdm1sim.uncertainty import peaks
from tdm1sim.uncertainty.draws import Plan, plan
from tdm1sim.uncertainty.running import over
from tdm1sim.uncertainty.values import asked_text

if TYPE_CHECKING:
    import pandas as pd

BANDS = ("time_h", "quantity", "model_low", "model_high")
"""Columns of ``uncertainty.csv``."""
ENDS = (0.025, 0.975)
"""The middle 95 % of the draws."""
INTERVAL = {"mean", "low", "high"}
TIMES = ("regrowth_d", "time_to_kill_d")
"""Parts of the summary in which nothing means never."""

LEVELS = ("dm1_nM", "bands", "pk")
"""Parts of the summary with plain numbers that the run found or the values set: levels, limits of bands, plasma."""

Found = tuple[dict[str, Any], "pd.DataFrame"]
Borders = tuple[peaks.FloatArray, float]


# Intervals -----------------------------------------------------------------------------------------------------


def bounded(
    content: Mapping[str, Any], found: Sequence[Mapping[str, Any]], never: Sequence[str] = TIMES
) -> dict[str, Any]:
    """Return a tree in which every interval has ``model_low`` and ``model_high`` beside it.

    Parameters
    ----------
    content : mapping
        What the run itself says; an interval is a mapping with mean, low and high.
    found : sequence of mapping
        The same of every draw.
    never : sequence of str
        Keys below which nothing means never.

    Returns
    -------
    dict
        The middle 95 % of the draws' means. Where nothing means never, a draw without a value counts as later than all
        others, so that ``model_high`` is None where more than a few have none; elsewhere such draws are left out.
    """
    return {
        key: _bounded(inner, [one.get(key) for one in found], key in never, never) for key, inner in content.items()
    }


def _bounded(node: Any, found: Sequence[Any], late: bool, never: Sequence[str]) -> Any:
    if isinstance(node, list) and all(isinstance(one, list) for one in found):
        return [_bounded(inner, [one[i] for one in found], late, never) for i, inner in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    if node.keys() >= INTERVAL:
        means = [one["mean"] if isinstance(one, Mapping) else None for one in found]
        low, high = middle(means, never=late)
        return {**node, "model_low": low, "model_high": high}
    same = [one if isinstance(one, Mapping) else {} for one in found]
    return {
        key: _bounded(inner, [one.get(key) for one in same], late or key in never, never) for key, inner in node.items()
    }


def middle(values: Sequence[float | None], *, never: bool = False) -> tuple[float | None, float | None]:
    """Return the ends of the middle 95 % of values; None where there is none.

    Parameters
    ----------
    values : sequence of float or None
        One per draw.
    never : bool
        Whether None is later than every number; left out otherwise.
    """
    known = [value for value in values if value is not None]
    if not known:
        return None, None
    if never and len(known) < len(values):
        # nothing lies between a number and never: the next value outwards is taken
        whole = [*known, *[math.inf] * (len(values) - len(known))]
        low = float(np.quantile(whole, ENDS[0], method="lower"))
        high = float(np.quantile(whole, ENDS[1], method="higher"))
        return (low if math.isfinite(low) else None), (high if math.isfinite(high) else None)
    ends = np.quantile(known, ENDS)
    return float(ends[0]), float(ends[1])


def levels_bounded(content: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a summary in which plain numbers of `LEVELS` have their bounds behind them: ``median_model_low``.

    Parameters
    ----------
    content : mapping
        The summary of the run itself.
    found : sequence of mapping
        Those of the draws.
    """
    told = dict(content)
    for part in LEVELS:
        if isinstance(content.get(part), Mapping):
            told[part] = _numbers(content[part], [one.get(part) or {} for one in found])
    return told


def _numbers(part: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, value in part.items():
        told[key] = value
        drawn = [one.get(key) for one in found]
        if isinstance(value, Mapping) or not any(isinstance(one, float) for one in drawn):
            continue
        told[f"{key}_model_low"], told[f"{key}_model_high"] = middle(drawn)
    return told


# Curves --------------------------------------------------------------------------------------------------------


def curves_of(results: Results) -> pd.DataFrame:
    """Return the mean curves of a run: ``time_h, quantity, value``, one row for each time and quantity.

    Quantities are the columns of ``timeseries.csv`` by their names; ``flows.<arrow>``; ``clones.<name>.live_cells`` and
    ``clones.<name>.share`` (of the living); ``readouts.<kind>.<nM>`` relative to untreated. Means are over the
    replicates; a time that a replicate did not reach is left out.
    """
    import pandas as pd

    parts = [_means(results.timeseries, ""), _means(results.flows, "flows.")]
    table = results.clones.assign(time_h=results.clones["time_h"].round(6))
    total = table.groupby(["replicate", "time_h"])["live_cells"].transform("sum")
    table["share"] = (table["live_cells"] / total).where(total > 0)
    parts += [
        _means(part.drop(columns="clone"), f"clones.{name}.") for name, part in table.groupby("clone", sort=False)
    ]
    if results.readouts is not None:
        parts.append(_readouts(results.readouts))
    return pd.concat([part[["time_h", "quantity", "value"]] for part in parts], ignore_index=True)


def _readouts(table: pd.DataFrame) -> pd.DataFrame:
    doses = table["concentration_nM"].astype(float).fillna(0.0)
    names = [f"readouts.{kind}.{dose:.6g}" for kind, dose in zip(table["readout"], doses, strict=True)]
    rows = table.assign(quantity=names, value=table["of_untreated"].astype(float))
    return rows.groupby(["quantity", "time_h"], sort=False)["value"].mean().reset_index()


def _means(table: pd.DataFrame, prefix: str) -> pd.DataFrame:
    numbers = table.astype(float).assign(time_h=table["time_h"].astype(float).round(6))
    groups = numbers.groupby("time_h")
    whole = groups.size() == numbers["replicate"].nunique()
    means = groups.mean()[whole.to_numpy()].drop(columns="replicate")
    long = means.rename(columns=lambda name: f"{prefix}{name}").reset_index()
    return long.melt("time_h", var_name="quantity", value_name="value")


def curve_bands(curves: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return ``uncertainty.csv``: the middle 95 % of the draws' mean curves, at the times that all of them reached.

    Parameters
    ----------
    curves : sequence of DataFrame
        From `curves_of`, one per draw.
    """
    import pandas as pd

    indexed = [one.set_index(["quantity", "time_h"])["value"] for one in curves]
    shared = indexed[0].index
    for one in indexed[1:]:
        shared = shared[shared.isin(one.index)]
    values = np.stack([one.loc[shared].to_numpy(dtype=float) for one in indexed])
    some = np.isfinite(values).any(axis=0)  # such as levels of living cells where no draw has any
    low, high = np.nanquantile(values[:, some], ENDS, axis=0)
    kept = shared[some]
    return pd.DataFrame(
        {
            "time_h": kept.get_level_values("time_h"),
            "quantity": kept.get_level_values("quantity"),
            "model_low": low,
            "model_high": high,
        }
    )


# One run -------------------------------------------------------------------------------------------------------


def of_draws(found: Sequence[Results], like: Sequence[Borders]) -> Found:
    """Return what the bands of a run are made of: its summary, its mean curves, its cells by their highest level.

    Parameters
    ----------
    found : sequence of Results
        Of one draw; the first is taken.
    like : sequence of Borders
        The bins of the run itself, from `borders_of`.
    """
    import pandas as pd

    (results, *_), ((borders, at), *_) = found, like
    return results.summary, pd.concat([curves_of(results), peaks.rows(results, borders, at)], ignore_index=True)


def borders_of(results: Results) -> Borders:
    """Return the bins that the cells of every draw are counted in, nM, and the time (h) they are told at."""
    return peaks.bins(results), float(results.timeseries["time_h"].max())


def with_model_bands(
    results: Results,
    resolved: Resolved,
    draws: int | Plan,
    *,
    engine: str = "auto",
    jobs: int = 1,
    progress: Callable[[float, float], None] | None = None,
) -> Results:
    """Return the results of a run with ``model_low`` and ``model_high`` in its summary and the bands over time.

    Parameters
    ----------
    results : Results
        The run as its scenario has it.
    resolved : Resolved
        What was run.
    draws : int or Plan
        How many draws, or the draws themselves.
    engine, jobs, progress
        As in `tdm1sim.uncertainty.over`.

    Raises
    ------
    InputError
        If nothing of the scenario is uncertain.
    """
    chosen = plan([resolved], draws) if isinstance(draws, int) else draws
    measure = partial(of_draws, like=[borders_of(results)])
    found = over(chosen, measure, engine=engine, jobs=jobs, progress=progress)
    return replace(enriched(results, chosen, found), asked_text=asked_text(resolved))


def enriched(results: Results, chosen: Plan, found: Sequence[Found]) -> Results:
    """Return the results with the bands of what every draw found."""
    summaries = [summary for summary, _ in found]
    stopped = sum(summary["outcome"] == "capacity_reached" for summary in summaries)
    warnings = list(results.manifest.get("warnings", ()))
    if stopped:
        warnings.append(
            f"{stopped} of {len(found)} draws of --uncertain outgrew run.capacity: their ends are those of that "
            "moment, and the bands over time stop there; raise run.capacity or start with fewer cells"
        )
    told = {**chosen.as_json(), "stopped_at_capacity": stopped}
    if "attribution" in results.summary:
        told["without_shares"] = without_shares(summaries)
        warnings += _nothing_to_share(told["without_shares"], len(found))
    return replace(
        results,
        summary=bounded(levels_bounded(results.summary, summaries), summaries),
        uncertainty=curve_bands([curves for _, curves in found]),
        manifest={**results.manifest, "warnings": warnings, "uncertain": told},
    )


def without_shares(summaries: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return for each measure of attribution in how many draws there is no effect to share out."""
    games = {
        measure: [one["attribution"] if measure == "live_cells" else one["attribution"][measure] for one in summaries]
        for measure in MEASURES
    }
    return {measure: sum(game["other"]["share"] is None for game in some) for measure, some in games.items()}


def _nothing_to_share(missing: Mapping[str, int], draws: int) -> list[str]:
    """Return what a reader of the bounds of shares must know."""
    some = [f"{count} for {measure}" for measure, count in missing.items() if count]
    if not some:
        return []
    return [
        f"attribution: of {draws} draws of --uncertain, these have no effect to share out (none that their replicates "
        "agree on, or no living cell is left in an arm) and are left out of the bounds of the shares: "
        f"{', '.join(some)}"
    ]
