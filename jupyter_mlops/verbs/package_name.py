"""The name of a Python package from what people call a model or a folder."""

from __future__ import annotations

import re


def package_name(text: str) -> str:
    """``Census income (2)`` as ``census_income_2``."""
    plain = re.sub(r"\W+", "_", text.lower(), flags=re.ASCII).strip("_")
    return f"pipeline_{plain}" if plain[:1].isdigit() else plain or "pipeline"
