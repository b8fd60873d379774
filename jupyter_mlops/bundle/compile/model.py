"""A whole model: its columns, its parts, its arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.compile.parts import compile_part
from jupyter_mlops.bundle.compile.problems import CannotCompile
from jupyter_mlops.bundle.compile.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class CompiledModel:
    """The contents of ``model.json`` and ``model.bin``."""

    document: bytes
    arrays: bytes


def compile_model(estimator: Any, columns: Sequence[str]) -> CompiledModel:
    """Write a fitted estimator as tables.

    Args:
        estimator: a classifier or a regressor, or a pipeline that ends in one.
        columns: the names in the schema, in its order.

    Raises:
        CannotCompile: a part of it has no compiled form.
    """
    if not hasattr(estimator, "predict"):
        raise CannotCompile(f"{type(estimator).__qualname__} does not predict")
    names = getattr(estimator, "feature_names_in_", None)
    asked = list(columns) if names is None else [str(name) for name in names]
    count = getattr(estimator, "n_features_in_", len(asked))
    if not set(asked) <= set(columns) or count != len(asked):
        raise CannotCompile("the model was trained on other columns than the schema has")
    writer = Writer(asked)
    try:
        node = compile_part(estimator, writer)
    except (AttributeError, TypeError, ValueError, IndexError, KeyError) as error:
        # made by another scikit-learn, or not fitted: what an estimator keeps is not always the same
        raise CannotCompile(
            f"{type(estimator).__qualname__} is not as this scikit-learn fits it ({type(error).__name__})"
        ) from error
    inputs = [list(columns).index(name) for name in asked]
    return CompiledModel(*writer.finish(node, format=1, columns=list(columns), inputs=inputs))
