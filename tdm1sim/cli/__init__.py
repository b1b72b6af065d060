"""The keyboard: commands, exit codes, progress bars. The only floor that talks to a person."""
