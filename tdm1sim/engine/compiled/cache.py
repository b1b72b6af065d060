"""Where compiled code is kept between runs: a folder named by what it was compiled from.

numba looks at the date of the file a compiled function stands in, not at the files it calls: after an edit to a
mechanism it would serve the old biology. So the folder carries a hash of all sources of the package, and an edit
anywhere begins a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from pathlib import Path

import numba
import platformdirs

_DAYS_KEPT = 30.0
_open: list[Path] = []
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


def open_cache(root: Path | None = None) -> bool:
    """Tell numba where to keep what it compiles; return whether it can.

    Parameters
    ----------
    root : Path, optional
        Instead of the user's own folder for caches.

    Notes
    -----
    Folders of sources that nobody has run for a month are removed. Where no folder can be written (a read-only home),
    code is compiled anew each time.
    """
    root = root or Path(platformdirs.user_cache_dir("tdm1sim", appauthor=False)) / "compiled"
    place = root / source_hash()
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / ".used").touch()
    except OSError:
        return False
    numba.config.CACHE_DIR = str(place)
    _forget(root, place)
    _open.append(place)
    return True


def folder() -> Path | None:
    """Return the folder in use; None where nothing can be kept."""
    return _open[-1] if _open else None


def _forget(root: Path, present: Path) -> None:
    """Remove folders that were not used for long; another process may do the same at the same time."""
    before = time.time() - _DAYS_KEPT * 86_400.0
    for folder in root.iterdir():
        with contextlib.suppress(OSError):
            if folder != present and (folder / ".used").stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
