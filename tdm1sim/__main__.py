"""``python -m tdm1sim``: the same program as ``tdm1sim``."""

from __future__ import annotations

import sys

from tdm1sim.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
