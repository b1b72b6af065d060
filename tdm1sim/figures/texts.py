"""Words at the axes of all figures, in one table: another language is another column of it.

A figure asks for a label by its name, with what the run fills in: ``label("in_medium", drug="T-DM1")``. Units stand in
brackets and are the same in every language.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: dict[str, str] = {
    # drug around cells and in plasma
    "in_medium": "{drug} in the medium (nM)",
    "antibody_in_plasma": "antibody (µg/mL)",
    "dm1_set_free": "DM1 (ng/mL)",
    "dm1_in_plasma": "DM1 in plasma (ng/mL)",
    "what_in_plasma": "{what} (µg/mL)",
    "what_in_unit": "{what} {unit}",
    "same_in_nM": "the same in nM",
    "shed_her2": "shed HER2 {where} ({unit})",
    # in cells
    "peak_payload": "peak {payload} (nM{foot})",
    "peak_payload_in_cytosol": "peak {payload} in the cytosol, total (nM{first})",
    "payload_in_cytosol": "{payload} in the cytosol, total (nM)",
    "her2_untreated": "HER2 per untreated cell (million receptors)",
    "digestion_left": "digestion left in lysosomes (%)",
    # cells
    "thousands": "thousand {unit}",
    "cells_per_founder": "cells per founder cell",
    "living_per_founder": "living cells per founder cell",
    "living_per_founder_in_two_lines": "living cells\nper founder cell",
    "share_of_living": "share of the living cells (%)",
    "cells_percent": "cells (%)",
    "difference": "difference",
    # what-ifs and assays
    "of_untreated": "{readout}, of untreated",
    "relative_to_untreated": "relative to untreated",
    "effect": "part of ln(untreated / treated)",
    "share_of_effect": "{way}at each bar its share of the effect",
    "share_of_variance": "share of the variance",
    "change_over_bounds": "change over the bounds",
    "change_of_output_over_bounds": "change of the output over the bounds",
    "more_than_without": "{measure},{between}more than without resistance",
    "times_normal": "times more or less than normal",
    "pten_difference": "PTEN deficient − intact",
    # against measurements
    "measured": "measured (in the unit of each)",
    "simulated": "simulated",
}
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH}
"""The table: language to name of a label to its words."""


def label(name: str, *, language: str = "en", **parts: str) -> str:
    """Return the words of a label.

    Parameters
    ----------
    name : str
        Of the label.
    language : str
        One of `LANGUAGES`.
    parts : str
        What the run fills in.

    Raises
    ------
    KeyError
        There is no such label, no such language, or a part is missing.
    """
    return LANGUAGES[language][name].format(**parts)
