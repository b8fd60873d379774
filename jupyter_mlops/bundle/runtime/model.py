"""Load the model without running code from its file, and score frames with it."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .manifest import Manifest, read_checked, read_manifest
from .own_code import make_importable
from .problems import BadRequest, StartError
from .schema import Column, read_schema
from .trusted_types import TRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from .validate import Question


@dataclass(frozen=True)
class Served:
    """A loaded model with the contract of its requests."""

    manifest: Manifest
    columns: tuple[Column, ...]
    model: Any

    @property
    def classes(self) -> list[Any] | None:
        """The order of a classifier's probabilities; None for other models."""
        classes = getattr(self.model, "classes_", None)
        return None if classes is None or isinstance(classes, list) else _to_json(classes)

    def score(self, question: Question) -> list[Any]:
        """One JSON value per row; a number that is not finite becomes null.

        Raises:
            BadRequest: the model does not have the method asked for.
            ValueError: the model answered with another number of rows than it was asked about.
        """
        method = getattr(self.model, question.method, None)
        if method is None:
            raise BadRequest("BAD_PARAMETER", f"this model has no {question.method}", "$.params.method")
        with warnings.catch_warnings():
            # A model trained on a plain array is asked with a frame here: the same values, in the same order.
            warnings.filterwarnings("ignore", message="X has feature names")
            answer = method(question.frame)
        if isinstance(answer, list) and answer and np.ndim(answer[0]) == 2:
            # several outputs: one array of probabilities each
            answer = [list(row) for row in zip(*map(_to_json, answer), strict=True)]
        else:
            answer = _to_json(answer)
        if len(answer) != len(question.frame):
            raise ValueError("the model answered with another number of rows")
        return answer


def load(folder: Path) -> Served:
    """Load the bundle in `folder`. Raises StartError when it is not whole or not safe to load."""
    manifest = read_manifest(folder)
    content = read_checked(folder, manifest.model_file, manifest)
    own = make_importable(folder, manifest)
    return Served(manifest, read_schema(folder), _LOADERS[manifest.serialization](content, own))


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


def _to_json(answer: Any) -> list[Any]:
    array = np.asarray(answer)
    listed: list[Any] = array.tolist()
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return [_finite(value) for value in listed]
    return listed


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value if math.isfinite(value) else None
