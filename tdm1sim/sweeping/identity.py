"""What makes two sweeps the same: scenario, points, engine, and the sources and libraries that compute them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from tdm1sim import __version__
from tdm1sim.precision import Until
from tdm1sim.sweeping.planning import Sweep, digest_of

_READ_ONLY = ("cli", "figures")
"""Rooms that cannot change a number: they are above all that compute."""
_LIBRARIES = ("numpy", "scipy", "numba")


def version_of(library: str) -> str | None:
    """Return the version of a library; None where it is not installed."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


@cache
def sources() -> str:
    """Return a digest of the package's sources and data, the same on every machine."""
    package = Path(__file__).resolve().parents[1]
    total = hashlib.sha256()
    for path in sorted(package.rglob("*"), key=lambda p: p.relative_to(package).as_posix()):
        name = path.relative_to(package)
        if path.suffix in {".py", ".yaml", ".csv"} and name.parts[0] not in (*_READ_ONLY, "bundled_scenarios"):
            content = path.read_bytes().replace(b"\r\n", b"\n")
            total.update(f"{name.as_posix()}\n{len(content)}\n".encode() + content)
    return total.hexdigest()


def identity(sweep: Sweep, engines: Sequence[str], until: Until | None) -> dict[str, Any]:
    """Return everything that decides the results, by the name under which a difference is told."""
    return {
        "the scenario": digest_of(sweep.base.tree),
        "the points": digest_of([[*point.values, point.digest] for point in sweep.points]),
        "--engine": digest_of(list(engines)) if len(set(engines)) > 1 else engines[0],
        "--replicates-until": [str(until), until.most] if until else None,
        "--uncertain": sweep.drawn and digest_of([sweep.drawn.as_json(), sweep.drawn.shares.tolist()]),
        "the version of tdm1sim": __version__,
        "the sources of tdm1sim": sources(),
        "the libraries": {name: version_of(name) for name in _LIBRARIES},
    }
