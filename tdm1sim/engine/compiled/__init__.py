"""The compiled engine: the same mechanisms, events and rates, compiled by numba. The only room that imports numba."""
