"""One column's categories as JSON: which value has which number."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.bundle.compile.problems import CannotCompile

NOWHERE = -1
REFUSED = -2
"""Mean the same to the bundle's ``lookup.py``."""


def lookup_node(
    categories: Any, numbers: list[int], unknown: int, name: str | None, estimator: Any
) -> dict[str, Any]:
    """The node of one column.

    Args:
        categories: what training saw, in the encoder's order.
        numbers: what each becomes.
        unknown: what other values become.
        name: the column's, for the answer to a value that is refused.
        estimator: whose categories they are, for errors.

    Raises:
        CannotCompile: None and NaN are different categories, or some are no text, number or boolean.
    """
    known = [(plain(value), number) for value, number in zip(categories, numbers, strict=True)]
    missing = [number for value, number in known if is_missing(value)]
    known = [(value, number) for value, number in known if not is_missing(value)]
    if len(missing) > 1:
        raise CannotCompile(f"{type(estimator).__qualname__} has both None and NaN as categories")
    if not {type(value) for value, _ in known} <= {str, int, float, bool}:
        raise CannotCompile(f"{type(estimator).__qualname__} has categories that JSON does not have")
    return {
        "values": [value for value, _ in known],
        "numbers": [number for _, number in known],
        "missing": missing[0] if missing else unknown,
        "unknown": unknown,
        "name": name,
    }


def plain(value: Any) -> Any:
    """A value as Python has it: NumPy's scalars are not written as JSON."""
    return value.item() if hasattr(value, "item") else value


def is_missing(value: Any) -> bool:
    """True for None, NaN and pandas' NA."""
    return value is None or type(value).__name__ == "NAType" or bool(value != value)  # noqa: PLR0124
