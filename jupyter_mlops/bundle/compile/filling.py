"""Imputers, as the values they put in the place of missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.lookup import is_missing, plain
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _simple_imputer(imputer: Any, writer: Writer) -> dict[str, Any]:
    statistics = [plain(value) for value in imputer.statistics_]
    kept = [
        index for index, value in enumerate(statistics) if imputer.keep_empty_features or not _is_nan(value)
    ]
    fills = [statistics[index] for index in kept]
    if any(is_missing(fill) or type(fill) not in {str, int, float, bool} for fill in fills):
        raise CannotCompile("SimpleImputer fills with a missing value, or with one that JSON does not have")
    gaps = _missing_indicator(imputer.indicator_, writer) if imputer.add_indicator else None
    return {
        "kind": "fill",
        "fills": fills,
        "kept": None if len(kept) == len(statistics) else kept,
        "gaps": gaps,
        "sentinel": _sentinel(imputer),
        "numeric": imputer._fit_dtype.kind in "iuf",
    }


def _missing_indicator(indicator: Any, writer: Writer) -> dict[str, Any]:
    columns = [int(index) for index in indicator.features_]
    others: list[int] = []
    if indicator.features == "missing-only" and indicator.error_on_new:
        others = sorted(set(range(indicator._n_features)) - set(columns))
    return {"kind": "gaps", "columns": columns, "others": others, "sentinel": _sentinel(indicator)}


def _sentinel(imputer: Any) -> Any:
    """The value that stands for a missing one; None where missing ones are missing."""
    value = plain(imputer.missing_values)
    if is_missing(value):
        return None
    if type(value) not in {str, int, float}:
        raise CannotCompile(f"{type(imputer).__qualname__} has missing_values that JSON does not have")
    return value


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and bool(np.isnan(value))


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.impute._base.SimpleImputer": _simple_imputer,
    "sklearn.impute._base.MissingIndicator": _missing_indicator,
}
