"""Builds, tunes and proves neural networks."""
