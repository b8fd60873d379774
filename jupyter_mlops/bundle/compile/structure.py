"""Estimators that hold others: Pipeline, ColumnTransformer, FeatureUnion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.parts import compile_part
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer

SAME = {"kind": "same"}


def _pipeline(pipeline: Any, writer: Writer) -> dict[str, Any]:
    estimators = [step for _, step in pipeline.steps if step is not None and step != "passthrough"]
    with writer.named(writer.names):
        nodes = []
        for estimator in estimators:
            nodes.append(compile_part(estimator, writer))
            writer.names = names_after(estimator, writer.names)
    if estimators and hasattr(estimators[-1], "predict"):
        return {"kind": "pipeline", "steps": nodes[:-1], "last": nodes[-1]}
    return {"kind": "chain", "steps": nodes}


def names_after(estimator: Any, names: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """The names of the columns that an estimator makes of columns with these names, as far as they stay."""
    if type(estimator).__name__ in _ONE_TO_ONE:
        return names
    if type(estimator).__name__ == "SimpleImputer" and not estimator.add_indicator:
        stays = [estimator.keep_empty_features or value == value for value in estimator.statistics_]  # noqa: PLR0124
        return tuple(name for name, kept in zip(names, stays, strict=False) if kept)
    return ()


_ONE_TO_ONE = {"StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "FunctionTransformer"}


def _column_transformer(transformer: Any, writer: Writer) -> dict[str, Any]:
    weights = transformer.transformer_weights or {}
    ways = []
    for name, part, columns in transformer.transformers_:
        indices = [int(index) for index in transformer._transformer_to_input_indices[name]]
        if (isinstance(part, str) and part == "drop") or not indices:
            continue
        if np.isscalar(columns):
            raise CannotCompile(
                f"ColumnTransformer hands {name!r} one column as a series, which only text transformers take"
            )
        with writer.named([writer.name(index) for index in indices]):
            node = SAME if isinstance(part, str) else compile_part(part, writer)
        ways.append({"columns": indices, "part": node, "weight": weights.get(name)})
    if not ways:
        raise CannotCompile("ColumnTransformer drops every column")
    return {"kind": "split", "ways": ways}


def _feature_union(union: Any, writer: Writer) -> dict[str, Any]:
    weights = union.transformer_weights or {}
    ways = [
        {
            "columns": None,
            "part": SAME if isinstance(part, str) else compile_part(part, writer),
            "weight": weights.get(name),
        }
        for name, part in union.transformer_list
        if not (isinstance(part, str) and part == "drop")
    ]
    if not ways:
        raise CannotCompile("FeatureUnion drops everything")
    return {"kind": "split", "ways": ways}


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.pipeline.Pipeline": _pipeline,
    "sklearn.pipeline.FeatureUnion": _feature_union,
    "sklearn.compose._column_transformer.ColumnTransformer": _column_transformer,
}
