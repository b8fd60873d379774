"""Paired benchmarks: what the documentation says about speed is measured here. ``python -m benchmarks``."""
