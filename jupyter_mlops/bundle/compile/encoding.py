"""Encoders of categories, as tables from value to place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.lookup import NOWHERE, REFUSED, lookup_node
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer

_WIDEST = 10_000
"""So many columns of zeros and ones are 80 MB for a thousand rows."""


def one_hot(encoder: Any, writer: Writer) -> dict[str, Any]:
    """A OneHotEncoder; KBinsDiscretizer has one inside."""
    columns, start = [], 0
    drops = encoder._drop_idx_after_grouping
    for index, categories in enumerate(encoder.categories_):
        groups, unknown = _grouped(encoder, index, len(categories))
        drop = None if drops is None else drops[index]
        places = [_place(group, drop, start) for group in groups]
        if encoder.handle_unknown == "error":
            elsewhere = REFUSED
        else:
            elsewhere = NOWHERE if unknown is None else _place(unknown, drop, start)
        columns.append(lookup_node(categories, places, elsewhere, writer.name(index), encoder))
        start += encoder._n_features_outs[index]
    if encoder.sparse_output and start > _WIDEST:
        raise CannotCompile(
            f"OneHotEncoder makes more than {_WIDEST:,} columns, which only scikit-learn keeps sparse"
        )
    return {"kind": "one_hot", "columns": columns, "width": int(start)}


def _place(group: int, drop: int | None, start: int) -> int:
    if drop is None:
        return start + group
    return NOWHERE if group == drop else int(start + group - (group > drop))


def _grouped(encoder: Any, index: int, count: int) -> tuple[list[int], int | None]:
    """Each category's number once the infrequent ones are one group, and that of unknown values.

    The latter is None where there is no such group, or where unknown values do not go there. A missing value
    of an OrdinalEncoder is in no group and keeps its number.
    """
    mapping = encoder._default_to_infrequent_mappings[index] if encoder._infrequent_enabled else None
    if mapping is None:
        return list(range(count)), None
    numbers = [int(number) for number in mapping]
    numbers += range(len(numbers), count)
    if encoder.handle_unknown not in {"infrequent_if_exist", "warn"}:
        return numbers, None
    return numbers, numbers[int(encoder._infrequent_indices[index][0])]


def _ordinal(encoder: Any, writer: Writer) -> dict[str, Any]:
    columns, tables = [], []
    for index, categories in enumerate(encoder.categories_):
        groups, _ = _grouped(encoder, index, len(categories))
        values = [float(group) for group in groups]
        if index in encoder._missing_indices:
            values[encoder._missing_indices[index]] = float(encoder.encoded_missing_value)
        unknown = REFUSED
        if encoder.handle_unknown == "use_encoded_value":
            unknown = len(values)
            values.append(float(encoder.unknown_value))
        rows = list(range(len(categories)))
        columns.append(lookup_node(categories, rows, unknown, writer.name(index), encoder))
        tables.append(writer.floats(np.array(values).astype(encoder.dtype).reshape(-1, 1)))
    return {"kind": "table", "columns": columns, "tables": tables}


def _target(encoder: Any, writer: Writer) -> dict[str, Any]:
    outputs = len(encoder.classes_) if encoder.target_type_ == "multiclass" else 1
    means = np.reshape(np.asarray(encoder.target_mean_, dtype=np.float64), (1, outputs))
    columns, tables = [], []
    for index, categories in enumerate(encoder.categories_):
        each = encoder.encodings_[index * outputs : (index + 1) * outputs]
        rows = list(range(len(categories)))
        columns.append(lookup_node(categories, rows, len(rows), writer.name(index), encoder))
        tables.append(writer.floats(np.concatenate([np.stack(each, axis=1), means])))
    return {"kind": "table", "columns": columns, "tables": tables}


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.preprocessing._encoders.OneHotEncoder": one_hot,
    "sklearn.preprocessing._encoders.OrdinalEncoder": _ordinal,
    "sklearn.preprocessing._target_encoder.TargetEncoder": _target,
}
