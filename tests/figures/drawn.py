"""Look-alike results with draws: what `--uncertain` adds, made by its own functions from scaled copies of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from tdm1sim.uncertainty import borders_of, bounded, curve_bands, curves_of, peaks
from tdm1sim.uncertainty.bands import levels_bounded
from tests.figures.look_alike import FakeResults

FACTORS = (0.7, 0.9, 1.0, 1.1, 1.4)
"""What each draw is, of the run itself."""


def scaled(node: Any, factor: float) -> Any:
    """Return a summary whose estimates and limits are this many times as large."""
    if isinstance(node, dict):
        return {key: scaled(inner, factor) for key, inner in node.items()}
    return factor * node if isinstance(node, float) else node


def with_draws(results: FakeResults) -> FakeResults:
    """Return the results as `--uncertain` would leave them."""
    borders, at = borders_of(results)  # type: ignore[arg-type]
    own = pd.concat([curves_of(results), peaks.rows(results, borders, at)], ignore_index=True)  # type: ignore[arg-type]
    curves = [own.assign(value=factor * own["value"]) for factor in FACTORS]
    summaries = [scaled(results.summary, factor) for factor in FACTORS]
    return replace(
        results,
        summary=bounded(levels_bounded(results.summary, summaries), summaries),
        uncertainty=curve_bands(curves),
        manifest={**results.manifest, "uncertain": {"draws": len(FACTORS), "replicates": 2, "values": []}},
    )
