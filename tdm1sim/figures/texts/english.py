"""The English column of the table of labels, ordered by where they stand."""

from __future__ import annotations

from dataclasses import fields

from tdm1sim import attribution, given
from tdm1sim.figures.texts.english_of_many import ASSAYS, SEVERAL, SWEEPS

AXES: dict[str, str] = {
    # time
    "time_days": "time (days)",
    "time_hours": "time (hours)",
    # drug around cells and in plasma
    "in_medium": "{drug} in the medium (nM)",
    "antibody_in_plasma": "antibody (µg/mL)",
    "dm1_set_free": "DM1 (ng/mL)",
    "dm1_in_plasma": "DM1 in plasma (ng/mL)",
    "what_in_plasma": "{what} (µg/mL)",
    "what_in_medium": "{what} in the medium (nM)",
    "same_in_nM": "the same in nM",
    "shed_in_tissue": "shed HER2 in the tissue ({unit})",
    "shed_in_medium": "shed HER2 in the medium ({unit})",
    "conjugate": "conjugate",
    "antibody": "antibody",
    "conjugate_and_antibody": "conjugate, antibody",
    # in cells
    "peak_payload": "peak {payload} (nM{foot})",
    "peak_payload_at_foot": "; foot: {level} or less",
    "peak_payload_in_cytosol": "peak {payload} in the cytosol, total (nM{first})",
    "peak_payload_in_first_bar": "; first bar: {level} or less",
    "payload_in_cytosol": "{payload} in the cytosol, total (nM)",
    "payload_to_lysosomes": "DM1 carried to lysosomes so far\n(million molecules per founder cell)",
    "her2_untreated": "HER2 per untreated cell (million receptors)",
    "digestion_left": "digestion left in lysosomes (%)",
    "per_cell": "per cell",
    "thousands_of": "thousand {unit}",
    "thousands": "thousands",
    # cells
    "cells_per_founder": "cells per founder cell",
    "cells_per_founder_of_band": "cells per founder cell of the band after {when}",
    "living_per_founder": "living cells per founder cell",
    "living_per_founder_after": "living cells per founder cell after {when}",
    "living_per_founder_of_kind": "living cells per founder cell of the same kind after {when}",
    "living_per_founder_in_two_lines": "living cells\nper founder cell",
    "share_of_living": "share of the living cells (%)",
    "cells_percent": "cells (%)",
    "difference": "difference",
    # what-ifs and assays
    "of_untreated": "{readout} (untreated: 1)",
    "relative_to_untreated": "relative to untreated",
    "effect": "part of ln(untreated / treated)",
    "effect_and_share": "part of ln(untreated / treated); beside each bar its share of the effect",
    "share_of_effect": "at each bar its share of the effect",
    "ways_and_share_of_effect": "way in which the drug acts; at each bar its share of the effect",
    "share_of_variance": "share of the variance",
    "change_over_bounds": "change over the bounds",
    "change_of_output_over_bounds": "change of the output over the bounds",
    "more_than_without": "{measure},{between}more than without resistance",
    "times_normal": "times more or less than normal",
    "pten_difference": "PTEN deficient − intact",
    # against measurements
    "measured": "measured (in the unit of each)",
    "simulated": "simulated (in the same unit)",
}

NUMBERS: dict[str, str] = {
    "range": "{low} to {high}",
    "range_in_two_lines": "{low} to\n{high}",
    "below": "below {level}",
    "above": "above {level}",
    "day": "day {day}",
    "one_day": "1 day",
    "days": "{days} days",
    "million": "{count} million",
    "interval_chance": "95 % interval, chance alone",
    "interval_patients": "95 % interval, chance and patients",
}

CELLS: dict[str, str] = {
    "fate_apoptosis": "rapid (interphase) apoptosis",
    "fate_apoptosis_in_short": "rapid apoptosis",
    "fate_adcc": "NK cells (ADCC)",
    "fate_surviving": "surviving",
    "state_cycling": "cycling",
    # beside the stack of fates
    "died_by": "died by {fate}",
    "killed_by": "killed by {fate}",
    "living_in_all": "living in all",
    # beside clones, in clones
    "clone_per_founder": "{clone}: {cells} per founder",
    "clone_at_end": "{clone}: {share} at the end",
    "clone_arose": "arose {times}: {alive} live on (▼), {gone} do not (▽)",
    "once": "once",
    "twice": "twice",
    "times": "{count} times",
    # bands of payload
    "band_low": "low",
    "band_intermediate": "intermediate",
    "band_high": "high",
    "band_low_below": "low, below {level} nM",
    "band_high_above": "high, above {level} nM",
    "low_band_below": "low band, below {level} nM",
    "intermediate_band": "intermediate band",
    "high_band_above": "high band, above {level} nM",
    "share_of_cells": "{share} of cells",
    # beside cells, one by one
    "quarters": "quarters of cells by HER2",
    "cells_of_fate": "{fate}: {share}; median {her2} HER2",
    "life": "{fate}: {her2} HER2, at most {peak} nM",
    "life_alive": "alive at the end",
    "event_division": "division",
    "event_multinucleated": "out of arrest",
    "event_death": "death",
    "event_alive": "alive",
}

DRUG: dict[str, str] = {
    # in the key of the exposure
    "exposure_plasma": "plasma: {drug}",
    "exposure_all_antibody": "plasma: all antibody, with {payload} or not",
    "exposure_in_tumour": "free in the tumour: {drug}",
    "exposure_naked_in_plasma": "plasma",
    "exposure_naked_in_tumour": "free in the tumour (interstitial)",
    "exposure_all_in_medium": "all antibody, with payload or not",
    # in its axes where nothing is drawn
    "course_not_recorded": "{drugs} given: course not recorded",
    "no_antibody_given": "no antibody given",
    "no_drug_given": "no drug given",
    "and": "{some} and {last}",
    # beside the curves in plasma
    "plasma_conjugate": "T-DM1, antibody that carries DM1",
    "plasma_all_antibody": "all antibody, with DM1 or not",
    "plasma_dm1": "DM1 set free",
    "published_peak_and_trough": "published peaks, troughs, side by side: mean, SD",
    "published_peak": "published peak: mean, SD",
    "measured_peak": "measured peak, mean and SD",
    "measured_peak_is": "measured peak, mean and SD: {level} ng/mL",
    "dm1_total": "total",
    "dm1_free": "free",
    "dm1_unbound": "not bound to protein",
    "dm1_of_arm": "{kind}, {arm}: peak {level} ng/mL",
    # over the panels of the way of the drug, and in their key
    "station_surface": "1  bound at the surface",
    "station_endosomes": "2  in endosomes",
    "station_lysosomes": "3  intact in lysosomes",
    "station_catabolite": "4  {catabolite} in lysosomes",
    "station_cytosol": "5  {payload} in the cytosol, total",
    "station_target": "6  {payload} on {target}",
    "catabolite": "catabolite",
    "nothing_there": "none",
    "path_antibody": "antibody, conjugate",
    "path_in_lysosomes": "{catabolite} in lysosomes",
    "path_in_cytosol": "{payload} in the cytosol",
    "mean_chance": "mean, 95 % interval (chance alone)",
    "ignorance_of_draws": "ignorance: middle 95 % of {count} draws",
    "path_middle": "living cells: median, middle 90 %",
    "path_other_values": "other values",
}

MECHANISM: dict[str, str] = {
    # in the drawing
    "drawn_nk": "NK\ncell",
    "drawn_fc": "Fc receptor",
    "drawn_her2": "HER2",
    "drawn_endosome": "endosome",
    "drawn_lysosome": "lysosome",
    "drawn_nucleus": "nucleus",
    "drawn_pi3k": "PI3K",
    "drawn_pten": "PTEN",
    "drawn_growth": "drives G1",
    "drawn_fates": "what became\nof the cells",
    "drawn_widths": "arrow width:\nsquare root\nof molecules",
    "mdr1": "MDR1 (P-gp)",
    "mdr1_fold": "MDR1 (P-gp) ×{fold}",
    "mdr1_inhibited": "{mdr1}\n(inhibited)",
    "slc46a3": "SLC46A3",
    "slc46a3_fold": "SLC46A3 ×{fold}",
    "slc46a3_lost": "SLC46A3 lost",
    # beside its parts, and the same in the key on paper
    "note_binds": "binds at IV: {count}",
    "note_comes_off": "comes off:\n{count}",
    "note_pertuzumab": "pertuzumab\nbinds at II",
    "note_shed": "shed HER2:\n{count}",
    "note_nk": "killed by\nNK cells:\n{share}",
    "note_taken_in": "taken in:\n{count}",
    "note_recycled": "recycled:\n{count}",
    "note_lysosomes": "to lysosomes:\n{count}",
    "note_set_free": "{payload} set free: {count}",
    "note_to_cytosol": "to the cytosol:\n{count}",
    "note_in_cytosol": "{payload} in the cytosol:\n{level} at its peak",
    "note_out_again": "out again:\n{count}",
    "note_signal": "PI3K signal:\n{share} left",
    "note_not_driven": "HER2 drives\nno cell here",
    "note_target": "{share} on tubulin:\nmitotic arrest",
    "key_binds": "{drug} binds subdomain IV of HER2: {count}",
    "key_comes_off": "comes off again: {count}",
    "key_pertuzumab": "subdomain II, where pertuzumab binds",
    "key_shed": "HER2's ectodomain is shed: {count}",
    "key_nk": "NK cell, whose Fc receptor holds the antibody; killed so: {share} of the cells",
    "key_taken_in": "taken into endosomes: {count}",
    "key_recycled": "recycled to the surface: {count}",
    "key_lysosomes": "sorted to lysosomes: {count}",
    "key_set_free": "lysosome: the antibody is digested, {payload} set free as {released}: {count}",
    "key_to_cytosol": "{slc46a3}, to the cytosol: {count}",
    "key_in_cytosol": "{payload} in the cytosol: {level} in the median cell at its peak",
    "key_out_again": "{mdr1} and other ways out: {count}",
    "key_signal": "PI3K, which PTEN holds back, drives G1; the antibody leaves {share} of its signal",
    "key_not_driven": "PI3K drives G1; HER2 drives no cell here",
    "key_target": "spindle: {share} of it binds tubulin, and cells stop in mitosis",
    "key_widths": "{count} molecules per founder cell; widths: square root",
}


def _elsewhere() -> dict[str, str]:
    """Return words that tables and reports have too, where they are kept."""
    cells = {
        f"{payload}_{field.name}": str(getattr(words, field.name))
        for payload, words in given.WORDS.items()
        for field in fields(given.Words)
    }
    return cells | {f"part_{name}": text for name, text in attribution.LABELS.items()}


ENGLISH: dict[str, str] = {
    **AXES,
    **NUMBERS,
    **CELLS,
    **DRUG,
    **MECHANISM,
    **ASSAYS,
    **SEVERAL,
    **SWEEPS,
    **_elsewhere(),
}
"""Every label: its name, which says where it stands or what it is of, and its words; ``{parts}`` come from the run."""
