#!/usr/bin/env python3
"""Run tdm1sim from a checkout: ``python run.py scenarios/her2_positive.yaml``.

The same program as ``tdm1sim``. Where its libraries are missing, or Python is too old, this file says
what to do: so Python 3.7 can read it, and it imports only the standard library before it has looked.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OLDEST = (3, 11)
NEEDED = (
    "mesa",
    "networkx",
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "tqdm",
    "ruamel.yaml",
    "pydantic",
    "pint",
    "typer",
    "rich",
    "jinja2",
    "joblib",
)
MACHINE_FAILED = 3


def missing() -> list[str]:
    """Return the libraries that are not installed, without importing any."""
    absent = []
    for name in NEEDED:
        try:
            found = importlib.util.find_spec(name) is not None
        except ImportError:  # the parent of a dotted name is absent
            found = False
        if not found:
            absent.append(name)
    return absent


def refuse(lines: list[str]) -> int:
    """Say what to do, and return the exit code of a machine that is not ready."""
    sys.stderr.write("\n".join(lines) + "\n")
    return MACHINE_FAILED


def start() -> int:
    """Check the ground, then hand over to the program; return its exit code."""
    if sys.version_info < OLDEST:
        have = ".".join(str(part) for part in sys.version_info[:2])
        return refuse([f"tdm1sim needs Python 3.11 or newer; this is Python {have}."])
    absent = missing()
    if absent:
        ready = HERE / ".venv" / "bin" / "python"
        if ready.exists() and not sys.prefix.startswith(str(HERE)):
            return refuse(
                [
                    "tdm1sim's libraries are installed in .venv; run it from there:",
                    f"    {ready.relative_to(HERE)} run.py {' '.join(sys.argv[1:])}",
                ]
            )
        return refuse(
            [
                f"tdm1sim needs libraries that are not installed here: {', '.join(absent)}.",
                "Install them, in the folder of this file, with one of:",
                "    make demo",
                "    python3 -m pip install -e .",
            ]
        )
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    from tdm1sim.cli.main import main  # only now is it known to be there

    return main()


if __name__ == "__main__":
    sys.exit(start())
