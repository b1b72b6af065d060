"""Print the reversal table of docs/what_the_model_shows.md: what an inhibitor gives back, in surviving fraction.

Run with ``python benchmarks/reversal_table.py``; it takes about two minutes on two cores.
"""

from __future__ import annotations

import numpy as np
from resistance_table import BASE, live, run, said

PAYLOAD_OFF = "parameters.arm_payload=0"
ROWS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("intact", BASE, ()),
    ("intact, payload off", BASE, (PAYLOAD_OFF,)),
    ("PTEN deficient", "pten_deficient", ()),
    ("PTEN deficient, payload off", "pten_deficient", (PAYLOAD_OFF,)),
    ("PTEN deficient, PI3K inhibitor 0.8", "pten_pi3k_inhibitor", ()),
    ("MDR1 x 10", "mdr1_high", ()),
    *(
        (f"MDR1 x 10, P-gp inhibitor {share}", "mdr1_inhibitor", (f"treatment.pgp_inhibitor.inhibition={share}",))
        for share in ("0.8", "0.95", "0.99")
    ),
    ("CYP3A4 inhibitor", "cyp3a4_inhibitor", ()),
)


def survival(name: str, *changes: str) -> np.ndarray:
    """Return living cells at the end over those of the same tumour without drug, paired, one per replicate."""
    return live(run(name, *changes)) / live(run(name, *changes, "treatment=[]"))


def main() -> None:
    """Print survival of every variant, and its paired difference from the intact tumour."""
    print("| tumour | survival relative to untreated | minus intact |")
    print("|---|---|---|")
    intact = survival(BASE)
    for label, name, changes in ROWS:
        base = name == BASE and not changes
        found = intact if base else survival(name, *(c for c in changes))
        difference = "" if base else said(found - intact, 3)
        print(f"| {label} | {said(found, 3)} | {difference} |", flush=True)


if __name__ == "__main__":
    main()
