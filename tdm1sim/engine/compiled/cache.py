"""Where compiled code is kept between runs: a folder named by what it was compiled from.

numba looks at the date of the file a compiled function stands in, not at the files it calls: after an edit to a
mechanism it would serve the old biology. So the folder carries a hash of all sources of the package, and an edit
anywhere begins a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from pathlib import Path

import platformdirs

WHERE = "TDM1SIM_CACHE"
"""Environment variable: a folder to keep compiled code in, instead of the user's own for caches."""
_DAYS_KEPT = 30.0
_PACKAGE = Path(__file__).resolve().parents[2]


def source_hash(package: Path = _PACKAGE) -> str:
    """Return the hash of all sources of a package, 16 hexadecimal digits: names and contents."""
    found = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        found.update(path.relative_to(package).as_posix().encode())
        found.update(b"\0")
        found.update(path.read_bytes())
        found.update(b"\0")
    return found.hexdigest()[:16]


def folder(root: Path | None = None) -> Path | None:
    """Return the folder for code compiled from these sources, made where it is missing; None where it cannot be made.

    Parameters
    ----------
    root : Path, optional
        Where it lies; instead of what `WHERE` says, or the user's own folder for caches.
    """
    root = root or _root()
    place = root / source_hash()
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / ".used").touch()
    except OSError:
        return None
    return place


def _root() -> Path:
    given = os.environ.get(WHERE)
    return Path(given) if given else Path(platformdirs.user_cache_dir("tdm1sim", appauthor=False)) / "compiled"


def open_cache(root: Path | None = None) -> bool:
    """Tell numba where to keep what it compiles (see `folder`); return whether it can.

    Notes
    -----
    Folders of sources that nobody has run for a month are removed. Where no folder can be written (a read-only home),
    code is compiled anew each time.
    """
    import numba  # here, because others ask for the folder while it is being read

    place = folder(root)
    if place is None:
        return False
    numba.config.CACHE_DIR = str(place)
    _forget(place.parent, place)
    return True


def _forget(root: Path, present: Path) -> None:
    """Remove folders that were not used for long; another process may do the same at the same time."""
    before = time.time() - _DAYS_KEPT * 86_400.0
    for folder in root.iterdir():
        with contextlib.suppress(OSError):
            if folder != present and (folder / ".used").stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
