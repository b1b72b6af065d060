"""The gallery: the lecture set of figures, each from one bundled scenario and one command. Floor 7."""
