"""Encoders of categories, as tables from value to place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.compile.lookup import NOWHERE, REFUSED, lookup_node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _one_hot(encoder: Any, writer: Writer) -> dict[str, Any]:
    columns, start = [], 0
    drops = encoder._drop_idx_after_grouping
    for index, categories in enumerate(encoder.categories_):
        groups, unknown = grouped(encoder, index, len(categories))
        drop = None if drops is None else drops[index]
        places = [_place(group, drop, start) for group in groups]
        if encoder.handle_unknown == "error":
            elsewhere = REFUSED
        else:
            elsewhere = NOWHERE if unknown is None else _place(unknown, drop, start)
        columns.append(lookup_node(categories, places, elsewhere, writer.name(index), encoder))
        start += encoder._n_features_outs[index]
    return {"kind": "one_hot", "columns": columns, "width": int(start)}


def grouped(encoder: Any, index: int, count: int) -> tuple[list[int], int | None]:
    """Each category's number once the infrequent ones are one group, and that of unknown values.

    The latter is None where there is no such group, or where unknown values do not go there.
    """
    mapping = None
    if encoder._infrequent_enabled:
        mapping = encoder._default_to_infrequent_mappings[index]
    if mapping is None:
        return list(range(count)), None
    numbers = [int(number) for number in mapping]
    if encoder.handle_unknown not in {"infrequent_if_exist", "warn"}:
        return numbers, None
    return numbers, numbers[int(encoder._infrequent_indices[index][0])]


def _place(group: int, drop: int | None, start: int) -> int:
    if drop is None:
        return start + group
    return NOWHERE if group == drop else start + group - (group > drop)


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.preprocessing._encoders.OneHotEncoder": _one_hot,
}
