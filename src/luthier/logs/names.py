"""What loggers leave in a run's directory."""

TENSORBOARD = "tensorboard"
"""Folder with the event files."""
