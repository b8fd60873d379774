"""What makes a cell a run, found without a word from the user.

A literal is a parameter, a computed number is a metric unless it only says how much data there is;
estimators give their non-default parameters; frames, series and arrays that were read are its data.
"""

from __future__ import annotations

import inspect
import math
import numbers
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import Dataset, Estimator, RunFacts
from jupyter_mlops.notebook.namespace import reach
from jupyter_mlops.notebook.source import CellCode, simple_text
from jupyter_mlops.snapshot.freezing import kind_of_table
from jupyter_mlops.snapshot.looking import imported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEARNING = {"fit", "fit_transform", "fit_predict", "partial_fit"}
_SCORING = {"predict", "predict_proba", "predict_log_proba", "decision_function", "score", "transform"}
_STEP_WORDS = ("passthrough", "drop")  # what stands for a step in a pipeline, and is no parameter
# how a fit was carried out: the model is the same with any of them
_NO_DIFFERENCE = {"n_jobs", "verbose", "copy", "copy_X", "copy_x", "pre_dispatch", "return_train_score"}
_GIVES_BACK = "log_param"  # MLflow's: what it shows is what it was given
_MAX_PARAM_CHARS = 500  # MLflow cuts at 6,000; a longer one is no parameter anybody compares
_MAX_METRICS_PER_DICT = 50


def is_estimator(value: Any) -> bool:
    """True for instances (not classes) of scikit-learn's BaseEstimator; imports nothing."""
    base = imported("sklearn.base")
    # by type: an object may lie about its class, or raise when it is asked
    return base is not None and issubclass(type(value), base.BaseEstimator)


def is_fitted(value: Any) -> bool:
    """True for an estimator that scikit-learn itself calls fitted."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(value)
    except (NotFittedError, TypeError, AttributeError, ValueError):
        return False
    return True


def dataset(name: str, value: Any, digest: str | None) -> Dataset | None:
    """Describe a table, series or array; None for anything else or without a digest."""
    pandas, numpy = imported("pandas"), imported("numpy")
    if digest is None:
        return None
    if pandas is not None and issubclass(type(value), pandas.DataFrame):
        return Dataset(name, digest, "frame", len(value), tuple(str(column) for column in value.columns))
    if pandas is not None and issubclass(type(value), pandas.Series):
        return Dataset(name, digest, "series", len(value), (str(value.name),))
    if numpy is not None and issubclass(type(value), numpy.ndarray) and value.ndim:
        return Dataset(name, digest, "array", len(value))
    kind = kind_of_table(value)
    if kind is None:
        return None
    labels = {"polars frame": "columns", "arrow table": "column_names"}.get(kind)
    columns = tuple(getattr(value, labels)) if labels else ()
    return Dataset(name, digest, kind, len(value) if kind != "sparse" else int(value.shape[0]), columns)


def find_facts(
    code: CellCode,
    namespace: Mapping[str, Any],
    digests: Mapping[str, str | None],
    *,
    read: set[str],
    written: set[str],
    shown: Any,
    masked: Callable[[Any], Any] = lambda value: value,
) -> RunFacts:
    """Parameters, metrics, data and estimators of a cell that just ran (its name is left empty).

    Args:
        code: the static analysis of the cell.
        namespace: the notebook's names after the cell.
        digests: content digests by name, as after the cell.
        read: names the cell read; `written`: names it bound or changed.
        shown: the value the cell displayed last, or None.
        masked: gives a value as it may be described, with masked columns replaced.
    """
    estimators = _estimators(code, namespace, digests, read | written, written)
    # what a failing cell never reached, or code changed since, is no parameter
    params = {
        name: text for name, text in code.literals.items() if simple_text(namespace.get(name, ())) == text
    }
    fitted = _outermost([found for found in estimators if found.fitted_here] or estimators, namespace)
    for found in fitted:
        for key, text in estimator_params(namespace[found.name]).items():
            # a literal of the same name and value is the same parameter
            taken = len(fitted) > 1 or params.get(key, text) != text
            params[f"{found.name}.{key}" if taken else key] = text
    metrics = measured(code, namespace, written, shown)
    known = [name for name in sorted(read) if name in namespace]
    data = [dataset(name, masked(namespace[name]), digests.get(name)) for name in known]
    return RunFacts(
        name="",
        params={key: text for key, text in params.items() if len(text) <= _MAX_PARAM_CHARS},
        metrics=metrics,
        datasets=tuple(found for found in data if found),
        estimators=tuple(estimators),
    )


def measured(code: CellCode, namespace: Mapping[str, Any], written: set[str], shown: Any) -> dict[str, float]:
    """The numbers a cell computed: under the names it assigned, or the name of the call it shows.

    A replay asks the same of its last cell, so that a metric means the same in both.
    """
    found: dict[str, float] = {}
    for name in sorted(code.assigned & written):
        if name not in code.literals.keys() | code.sizes and name in namespace:
            found |= _numbers(name, namespace[name])
    is_measured = code.shown_call and code.shown_call != _GIVES_BACK
    return {**(_numbers(code.shown_call or "", shown) if is_measured else {}), **found}


def _outermost(estimators: list[Estimator], namespace: Mapping[str, Any]) -> list[Estimator]:
    """Without those that are a step of another: a pipeline's parameters hold theirs."""
    return [
        found
        for found in estimators
        if not any(
            id(namespace[found.name]) in reach(namespace[other.name])
            for other in estimators
            if namespace[other.name] is not namespace[found.name]
        )
    ]


def _estimators(
    code: CellCode,
    namespace: Mapping[str, Any],
    digests: Mapping[str, str | None],
    names: set[str],
    written: set[str],
) -> list[Estimator]:
    found = []
    for name in sorted(names):
        value = namespace.get(name)
        if is_estimator(value) and is_fitted(value):
            first = {method: argument for owner, method, argument in code.calls if owner == name and argument}
            found.append(
                Estimator(
                    name=name,
                    kind=describe(value),
                    digest=digests.get(name),
                    fitted_here=name in written,
                    fit_on=next((first[method] for method in first if method in LEARNING), None),
                    scored_on=next((first[method] for method in first if method in _SCORING), None),
                )
            )
    return found


def describe(estimator: Any) -> str:
    """Class names: ``HistGradientBoostingClassifier``, for a pipeline its last step's class."""
    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list) and steps:
        return str(type(steps[-1][1]).__name__)
    return str(type(estimator).__name__)


def estimator_params(estimator: Any) -> dict[str, str]:
    """Non-default parameters as text, without those that make no difference to the model.

    Those of the last step of a pipeline go by their own name (``max_depth``), so that they compare with a
    model outside a pipeline; those of other steps by step and name (``simpleimputer.strategy``), or by
    their whole path where two steps share that.
    """
    params = estimator.get_params(deep=True)
    changed = {path: text for path in params if (text := _changed_param(estimator, params, path)) is not None}
    steps = getattr(estimator, "steps", None)
    last = f"{steps[-1][0]}__" if isinstance(steps, list) and steps else ""
    short = {path: _short(path.removeprefix(last)) for path in changed}
    names = list(short.values())
    found = {name if names.count(name) == 1 else path: changed[path] for path, name in short.items()}
    return {"estimator": describe(estimator), **found}


def _short(path: str) -> str:
    """The last step and the parameter of a path such as ``columntransformer__onehotencoder__drop``."""
    return ".".join(path.split("__")[-2:])


def _changed_param(estimator: Any, params: Mapping[str, Any], path: str) -> str | None:
    """The text of a parameter that is a simple value and not its default; None otherwise."""
    owner_path, _, key = path.rpartition("__")
    owner, value = params.get(owner_path) if owner_path else estimator, params[path]
    if owner is None or isinstance(owner, str) or key in _NO_DIFFERENCE or _is_default(owner, key, value):
        return None
    if isinstance(value, str) and value in _STEP_WORDS and key not in _parameters(owner):
        return None
    text = simple_text(_plain(value))
    return text if text is not None and text.isprintable() else None


def _plain(value: Any) -> Any:
    """A NumPy scalar, as loops over ``np.logspace`` give, as Python's own; anything else as it is."""
    numpy = imported("numpy")
    return value.item() if numpy is not None and issubclass(type(value), numpy.generic) else value


def _parameters(estimator: Any) -> Mapping[str, inspect.Parameter]:
    kind: Any = type(estimator)
    return _signature(kind)


@lru_cache(maxsize=256)
def _signature(kind: Any) -> Mapping[str, inspect.Parameter]:
    """Of a class's ``__init__``; kept, because reading them costs more than the rest of a run's facts."""
    try:
        return inspect.signature(kind.__init__).parameters
    except (TypeError, ValueError):
        return {}


def _is_default(owner: Any, key: str, value: Any) -> bool:
    if key not in _parameters(owner):
        return False
    default = _parameters(owner)[key].default
    if type(default) is not type(value) or simple_text(value) is None:
        return False
    return str(default) == str(value)  # as text: NaN equals NaN


def _numbers(name: str, value: Any) -> dict[str, float]:
    """A number, or a flat dict of numbers, as metrics; booleans and complex numbers are none."""
    if _is_number(value):
        return {name: float(value)}
    small = issubclass(type(value), dict) and 0 < len(value) <= _MAX_METRICS_PER_DICT
    if small and all(isinstance(key, str) and _is_number(item) for key, item in value.items()):
        return {f"{name}.{key}": float(item) for key, item in value.items()}
    return {}


def _is_number(value: Any) -> bool:
    if type(value) is bool or not issubclass(type(value), numbers.Real):
        return False
    try:
        return not math.isinf(float(value))
    except (OverflowError, ValueError):
        return False
