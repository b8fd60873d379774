"""Load the model without running code from its file, and let scikit-learn score batches with it."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..manifest import Manifest, read_checked
from ..problems import BadRequest, StartError
from ..questions import METHODS
from .frames import to_frame
from .own_code import make_importable
from .trusted_types import TRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from ..batch import Batch


_LARGE = 1e38
"""Nearly the largest float32, which scikit-learn's trees compare."""


class SklearnEngine:
    """A loaded estimator; see `Engine` for what it promises."""

    name = "sklearn"
    is_quick = False

    def __init__(self, model: Any) -> None:
        self._model = model
        classes = getattr(model, "classes_", None)
        self.classes = None if classes is None or isinstance(classes, list) else np.asarray(classes).tolist()
        self.methods = tuple(method for method in METHODS if hasattr(model, method))

    def prepare(self, batch: Batch) -> Any:
        """The frame to ask about."""
        return to_frame(batch)

    def predict(self, prepared: Any, method: str) -> np.ndarray[Any, Any]:
        """Ask the estimator about all rows at once.

        Raises:
            BadRequest: it refuses a category that it never saw, or a number that is too large for it.
            ValueError: it answered with another number of rows than it was asked about.
        """
        with warnings.catch_warnings():
            # A model trained on a plain array is asked with a frame here: the same values, in the same order.
            warnings.filterwarnings("ignore", message="X has feature names")
            try:
                answer = getattr(self._model, method)(prepared)
            except ValueError as error:
                _blame_values(prepared, error)
                raise
        if isinstance(answer, list) and answer and np.ndim(answer[0]) == 2:
            answer = _by_row(answer)
        array = np.asarray(answer)
        if len(array) != len(prepared):
            raise ValueError("the model answered with another number of rows")
        return array


def _blame_values(frame: Any, error: ValueError) -> None:
    """Raises BadRequest if the model refused a value of the request; its own message would repeat it."""
    if str(error).startswith("Found unknown categories"):  # of an encoder that was not told to pass them over
        expected = "a column has a value that training did not have"
        raise BadRequest("UNSEEN_CATEGORY", expected) from error
    if str(error).startswith("Input X contains NaN"):
        raise BadRequest("MISSING_VALUE", "a value is missing that the model cannot do without") from error
    # Squared, or as float32, they are infinite inside the model.
    numbers = frame.select_dtypes("number")
    large = [str(name) for name in numbers if (numbers[name].abs() > _LARGE).any()]
    if large:
        expected = f"the model cannot take numbers as large as in the column {json.dumps(large[0])}"
        raise BadRequest("OUT_OF_RANGE", expected) from error


def _by_row(outputs: list[Any]) -> np.ndarray[Any, Any]:
    """Several outputs, one array of probabilities each: for each row a list of lists."""
    rows = np.empty(len(outputs[0]), dtype=object)
    for index, row in enumerate(zip(*(np.asarray(each).tolist() for each in outputs), strict=True)):
        rows[index] = list(row)
    return rows


def load_sklearn(folder: Path, manifest: Manifest) -> SklearnEngine:
    """Load the model in `folder`. Raises StartError when it is not whole or not safe to load."""
    content = read_checked(folder, manifest.model_file, manifest)
    own = make_importable(folder, manifest)
    return SklearnEngine(_LOADERS[manifest.serialization](content, own))


def _load_skops(content: bytes, own: Collection[str]) -> Any:
    import skops.io

    trusted = TRUSTED.union(own)
    try:
        unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - trusted)
        if not unknown:
            return skops.io.loads(content, trusted=sorted(trusted))
    except Exception as error:
        # skops raises whatever its parser meets; nothing was executed, the file is just not what it claims.
        raise StartError(
            f"model.skops is no skops file, or packages are missing ({type(error).__name__}).",
            "Install requirements.lock, or export the bundle again.",
        ) from error
    raise StartError(
        f"model.skops holds types that nobody reviewed: {', '.join(unknown)}.",
        "Build the model from scikit-learn's own parts, or review the type and add it to trusted_types.py.",
    )


def _load_cloudpickle(content: bytes, _own: Collection[str]) -> Any:
    # Runs code from the file. We only get here when bundle.json says the user chose it, after the checksum.
    import cloudpickle

    try:
        return cloudpickle.loads(content)
    except Exception as error:
        raise StartError(
            f"model.pkl cannot be loaded ({type(error).__name__}).",
            "Install requirements.lock; a pickle needs the packages it was made with.",
        ) from error


_LOADERS: Mapping[str, Callable[[bytes, Collection[str]], Any]] = {
    "skops": _load_skops,
    "cloudpickle": _load_cloudpickle,
}
