"""Order of the tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker sits idle at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
