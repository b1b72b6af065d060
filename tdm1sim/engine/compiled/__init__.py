"""The compiled engine: the one place that imports numba."""
