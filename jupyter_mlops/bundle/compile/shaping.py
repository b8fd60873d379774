"""Transformers that make other numbers of numbers, and those that choose columns."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.encoding import one_hot
from jupyter_mlops.bundle.compile.problems import CannotCompile
from jupyter_mlops.bundle.compile.scaling import standard
from jupyter_mlops.bundle.runtime.compiled.shaping import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _function(transformer: Any, writer: Writer) -> dict[str, Any]:
    return function_node(transformer.func, transformer.kw_args, "func")


def function_node(function: Any, arguments: Any, parameter: str) -> dict[str, Any]:
    """A function of numbers that NumPy and the bundle know by the same name.

    Raises:
        CannotCompile: any other function.
    """
    if function is None:
        return {"kind": "same"}
    name = "abs" if function is np.abs else getattr(function, "__name__", "")
    if arguments or name not in FUNCTIONS or function is not getattr(np, name):
        raise CannotCompile(
            f"FunctionTransformer's {parameter} is none of NumPy's {', '.join(sorted(FUNCTIONS))}"
        )
    return {"kind": "elementwise", "function": name}


def _binarizer(transformer: Any, writer: Writer) -> dict[str, Any]:
    return {"kind": "threshold", "threshold": float(transformer.threshold)}


def _power(transformer: Any, writer: Writer) -> dict[str, Any]:
    node = {
        "kind": "power",
        "method": transformer.method,
        "exponents": writer.floats(transformer.lambdas_),
    }
    if not transformer.standardize:
        return node
    return {"kind": "chain", "steps": [node, standard(transformer._scaler, writer)]}


def _quantiles(transformer: Any, writer: Writer) -> dict[str, Any]:
    return {
        "kind": "quantiles",
        "quantiles": writer.floats(transformer.quantiles_),
        "references": writer.floats(transformer.references_),
        "output": transformer.output_distribution,
    }


def _bins(transformer: Any, writer: Writer) -> dict[str, Any]:
    node = {"kind": "bins", "edges": [writer.floats(edges[1:-1]) for edges in transformer.bin_edges_]}
    if transformer.encode == "ordinal":
        return node
    with writer.named(()):
        return {"kind": "chain", "steps": [node, one_hot(transformer._encoder, writer)]}


def _polynomial(transformer: Any, writer: Writer) -> dict[str, Any]:
    if transformer._max_degree < 1:
        raise CannotCompile("PolynomialFeatures has degree 0")
    degrees: list[list[tuple[int, ...]]] = [[] for _ in range(transformer._max_degree + 1)]
    for columns in transformer._combinations(
        n_features=transformer.n_features_in_,
        min_degree=0,
        max_degree=transformer._max_degree,
        interaction_only=transformer.interaction_only,
        include_bias=False,
    ):
        degrees[len(columns)].append(tuple(columns))
    levels = []
    for lower, upper in pairwise(degrees[1:]):
        place = {columns: index for index, columns in enumerate(lower)}
        levels.append(
            {
                "before": writer.array(np.array([place[columns[1:]] for columns in upper], dtype=np.int64)),
                "times": writer.array(np.array([columns[0] for columns in upper], dtype=np.int64)),
            }
        )
    first = max(transformer._min_degree, 1) - 1
    return {"kind": "products", "levels": levels, "has_one": transformer.include_bias, "first": first}


def _selection(selector: Any, writer: Writer) -> dict[str, Any]:
    from sklearn.utils import get_tags

    return {
        "kind": "chosen",
        "columns": [int(index) for index in selector.get_support(indices=True)],
        "needs_all": not get_tags(selector).input_tags.allow_nan,
    }


def _pca(transformer: Any, writer: Writer) -> dict[str, Any]:
    divide = None
    if transformer.whiten:
        scale = np.sqrt(transformer.explained_variance_)
        divide = writer.floats(np.maximum(scale, np.finfo(scale.dtype).eps))
    subtract = transformer.mean_.reshape(1, -1) @ transformer.components_.T
    return {
        "kind": "project",
        "directions": writer.floats(transformer.components_),
        "subtract": writer.floats(subtract),
        "divide": divide,
    }


def _svd(transformer: Any, writer: Writer) -> dict[str, Any]:
    directions = writer.floats(transformer.components_)
    return {"kind": "project", "directions": directions, "subtract": None, "divide": None}


_CHOICE = "sklearn.feature_selection."

COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.preprocessing._function_transformer.FunctionTransformer": _function,
    "sklearn.preprocessing._data.Binarizer": _binarizer,
    "sklearn.preprocessing._data.PowerTransformer": _power,
    "sklearn.preprocessing._data.QuantileTransformer": _quantiles,
    "sklearn.preprocessing._discretization.KBinsDiscretizer": _bins,
    "sklearn.preprocessing._polynomial.PolynomialFeatures": _polynomial,
    f"{_CHOICE}_variance_threshold.VarianceThreshold": _selection,
    f"{_CHOICE}_univariate_selection.SelectKBest": _selection,
    f"{_CHOICE}_univariate_selection.SelectPercentile": _selection,
    f"{_CHOICE}_from_model.SelectFromModel": _selection,
    f"{_CHOICE}_rfe.RFE": _selection,
    f"{_CHOICE}_rfe.RFECV": _selection,
    "sklearn.decomposition._pca.PCA": _pca,
    "sklearn.decomposition._truncated_svd.TruncatedSVD": _svd,
}
