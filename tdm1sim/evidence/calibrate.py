"""Run the calibration: ``python -m tdm1sim.evidence.calibrate [FILE]`` prints what it finds, and writes FILE."""

from __future__ import annotations

import sys
from pathlib import Path

from tdm1sim.evidence.calibration import HEAD, calibrate, text_of


def main(arguments: list[str]) -> None:
    """Fit every stage and show each when it is done."""
    fits = calibrate(tell=sys.stdout.write)
    if arguments:
        Path(arguments[0]).write_text(HEAD + text_of(fits), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
