"""The compiled engine against the others."""
