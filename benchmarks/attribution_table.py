"""Print the attribution table of docs/what_the_model_shows.md: shares of payload, blockade and ADCC, on common luck.

Run with ``python benchmarks/attribution_table.py``; every row is nine runs of 8 x 2,000 cells, which takes half an hour
on two cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdm1sim import load_scenario
from tdm1sim.attribution import PLAYERS
from tdm1sim.ensemble import attribute
from tdm1sim.scenario import resolve

SCENARIOS = ("her2_positive", "her2_low")
SHIELDS = ("1", "1.5", "2")
MEASURES = {"live_cells": "living cells over time", "cell_number": "living cells at the end", "killing": "killing"}


def said(found: Mapping[str, float | None] | None, digits: int = 3) -> str:
    """Return mean and 95 % interval as text; a dash where there is no effect to share."""
    if found is None or found["mean"] is None:
        return "-"
    mean, low, high = (f"{found[key]:z.{digits}f}" for key in ("mean", "low", "high"))
    return mean if low == high == mean else f"{mean} ({low} to {high})"


def rows(scenario: str, q: str) -> None:
    """Print the rows of one scenario and one strength of the PI3K shield."""
    found = attribute(resolve(load_scenario(scenario, [f"parameters.q={q}"])).parameters, jobs=2)
    for measure, label in MEASURES.items():
        game: Mapping[str, Any] = found if measure == "live_cells" else found[measure]
        shares = [said(game["arms"][player]["share"]) for player in PLAYERS]
        left = said(game["other"]["share"])
        print(f"| {scenario} | {q} | {label} | {said(game['effect'])} | {' | '.join(shares)} | {left} |", flush=True)


if __name__ == "__main__":
    print("| scenario | q | effect on | ln(untreated / treated) | payload | HER2 blockade | ADCC | other |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in SCENARIOS:
        for shield in SHIELDS:
            rows(name, shield)
