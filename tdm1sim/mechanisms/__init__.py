"""What happens in a cell: pure functions from numbers to numbers. Floor 3."""

from __future__ import annotations

SCHEDULE: tuple[tuple[str, str], ...] = (
    ("surroundings", "drug enters: infusion, plasma to tissue, or a change of medium"),
    ("sharing", "cells and what they share advance together; gives the mean free antibody and payload of the step"),
    ("bystander", "the same for a payload that crosses membranes and enters other cells (only if kin > 0)"),
    ("synthesis", "HER2 made: turnover, and growth of cells in the cycle"),
    ("trafficking", "binding, endocytosis, recycling, sorting to lysosomes: exact for the step"),
    ("carried", "the payload on bound antibody, its loss by deconjugation: exact for the step"),
    ("pi3k_activity", "PI3K activity from the share of HER2 that is bound (blockade) and inhibitors, at both ends"),
    ("adcc_hazard", "hazard of being killed by an NK cell, from the antibody on the surface"),
    ("impairment", "DM1 slows proteolysis (off unless C_T is set)"),
    ("proteolysis", "lysosomes digest antibody and release its payload (with what came by fluid-phase uptake)"),
    ("catabolite", "Lys-MCC-DM1: SLC46A3 carries it to the cytosol"),
    ("cytosol", "DM1 binds tubulin; free DM1 is pumped out (MDR1, P-gp inhibitors)"),
    ("death_factor", "PI3K activity shields from death by the payload"),
    ("apoptosis_hazard", "hazard of rapid apoptosis from the DM1 level"),
    ("cycle", "G1 (slowed by blockade), S, G2, M"),
    (
        "events",
        "in order of time: apoptosis, NK, arrest at the checkpoint, slippage, death, division: chance is spent",
    ),
    ("booking", "what cells took and returned is booked to what they share; lost cells leave or give back"),
    ("record", "at record times: counts, medians and bands, flows, traces, read-outs"),
)


def schedule() -> list[tuple[str, str]]:
    """Return the order of one step as (name, what it does)."""
    return list(SCHEDULE)
