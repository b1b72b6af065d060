"""From what every draw found to ``model_low`` and ``model_high``: beside each interval, and over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.results import Results
from tdm1sim.scenario import Resolved
from tdm1sim.uncertainty.draws import Plan, plan
from tdm1sim.uncertainty.running import over

if TYPE_CHECKING:
    import pandas as pd

BANDS = ("time_h", "quantity", "model_low", "model_high")
"""Columns of ``uncertainty.csv``."""
ENDS = (0.025, 0.975)
"""The middle 95 % of the draws."""
INTERVAL = {"mean", "low", "high"}
TIMES = ("regrowth_d", "time_to_kill_d")
"""Parts of the summary in which nothing means never."""

Found = tuple[dict[str, Any], "pd.DataFrame"]


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


# Curves --------------------------------------------------------------------------------------------------------


def curves_of(results: Results) -> pd.DataFrame:
    """Return the mean curves of a run: ``time_h, quantity, value``, one row for each time and quantity.

    Quantities are the columns of ``timeseries.csv`` by their names; ``clones.<name>.live_cells`` and
    ``clones.<name>.share`` (of the living); ``readouts.<kind>.<nM>`` relative to untreated. Means are over the
    replicates; a time that a replicate did not reach is left out.
    """
    import pandas as pd

    parts = [_means(results.timeseries, "")]
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


def of_draws(found: Sequence[Results]) -> Found:
    """Return what the bands of a run are made of: its summary and its mean curves."""
    return found[0].summary, curves_of(found[0])


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
    found = over(chosen, of_draws, engine=engine, jobs=jobs, progress=progress)
    return enriched(results, chosen, found)


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
    return replace(
        results,
        summary=bounded(results.summary, summaries),
        uncertainty=curve_bands([curves for _, curves in found]),
        manifest={
            **results.manifest,
            "warnings": warnings,
            "uncertain": {**chosen.as_json(), "stopped_at_capacity": stopped},
        },
    )
