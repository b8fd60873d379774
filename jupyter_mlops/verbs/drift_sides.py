"""What the two sides of a comparison can be named by: frames, profiles, files, snapshots, models."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.drift.inputs import checked_frame
from jupyter_mlops.drift.profile import FrameProfile, profile_frame
from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.registry.explain.columns import as_trained, input_of
from jupyter_mlops.registry.explain.output import quietly
from jupyter_mlops.registry.kept_evidence import read_evidence
from jupyter_mlops.registry.load import MODEL_DIGEST, load_model
from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.registry.version_profile import PREDICTION, SCORE, profile_of_version
from jupyter_mlops.registry.versions import fetch_files, find_version
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot.schema import Schema
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.frame_profiles import stored_profile
from jupyter_mlops.verbs.command import FILES, read_frame, read_json
from jupyter_mlops.verbs.restore import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from jupyter_mlops.registry.evidence import Rows

_SNAPSHOT = re.compile(r"[^\W\d]\w*@\d+|.+:\w+")


class Side:
    """One side: rows that are read when they are needed, or their profile, or both.

    Args:
        read: gives the rows; None where there is only a profile.
        known: their profile; None where there is none yet.
        model: the registered model whose training rows they are.
        may_lack: columns that the other side need not have: a model's target and answers.
    """

    def __init__(
        self,
        read: Callable[[], pd.DataFrame] | None,
        known: FrameProfile | None = None,
        model: str | None = None,
        may_lack: frozenset[str] = frozenset(),
    ) -> None:
        self._read, self._known, self.model, self.may_lack = read, known, model, may_lack
        self._rows: pd.DataFrame | None = None

    def rows(self, option: str) -> pd.DataFrame:
        """The rows, for an option that needs them.

        Raises:
            BadInputError: there is only a profile.
        """
        if self._rows is None and self._read is None:
            raise BadInputError(
                f"{option!r} needs rows, and one side is a profile.",
                "Give the frame itself, or leave it out.",
            )
        if self._rows is None and self._read is not None:
            self._rows = self._read()
        assert self._rows is not None  # noqa: S101 - it was read
        return self._rows

    @property
    def has_rows(self) -> bool:
        """Whether there is more than a profile."""
        return self._rows is not None or self._read is not None

    def answered(self, model: Model) -> Side:
        """The same rows with the model's answers; a profile as it is."""
        if not self.has_rows:
            return self
        rows = model.answered(self.rows("model"))
        return Side(lambda: rows, None, self.model)

    @property
    def columns(self) -> list[str]:
        """Their names."""
        return list(self.rows("columns").columns if self._known is None else self._known.columns)

    def profile_of_all(self) -> FrameProfile:
        """The profile of all columns."""
        return self.profile(self.columns)

    def profile(self, names: Sequence[str]) -> FrameProfile:
        """The profile, at least of `names`."""
        return self._known if self._known is not None else profile_frame(self.rows("columns"), names)


@dataclass(frozen=True)
class Model:
    """A registered model with the rows it was trained and measured on; None where they were not kept."""

    estimator: Any
    training: Rows | None
    holdout: Rows | None

    def answered(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the model's answers as further columns.

        ``prediction``, and of a classifier with probabilities ``score``: that of the second of two classes,
        or that of the class it chose.

        Raises:
            BadInputError: the model does not take such rows.
        """
        like = self.training or self.holdout
        given = as_trained(rows, input_of(self.estimator, like).features) if like else rows
        try:
            answers = np.asarray(quietly(self.estimator.predict, given))
            scores = self.probabilities(given)
        except Exception as error:  # noqa: BLE001 - steps of users raise anything
            raise BadInputError(
                f"the model does not answer for these rows ({type(error).__name__})",
                "Give rows with the columns that it was trained on.",
            ) from None  # it may name values
        added: dict[str, Any] = {PREDICTION: answers} if answers.ndim == 1 else {}
        if scores is not None:
            added[SCORE] = scores[:, 1] if scores.shape[1] == 2 else scores.max(axis=1)
        return rows.assign(**{name: value for name, value in added.items() if name not in rows.columns})

    def probabilities(self, rows: pd.DataFrame) -> np.ndarray | None:
        """Shape (rows, classes); None for a model without."""
        if not hasattr(self.estimator, "predict_proba"):
            return None
        return np.asarray(quietly(self.estimator.predict_proba, rows))


def side_of(value: Any, called: str) -> Side:
    """What `value` stands for.

    Args:
        value: a frame, a profile, or a text: the path of a CSV or Parquet file, of a profile as JSON,
            ``df@3``, ``RUN:X_train``, or a registered model: ``income@champion``, ``income/3``, ``income``.
        called: "reference" or "current", for errors.

    Raises:
        BadInputError: it is none of these.
        NotFoundError: there is no such file, version or model, or its rows were not kept.
    """
    if isinstance(value, FrameProfile):
        return Side(None, value)
    if isinstance(value, (str, Path)) and Path(value).suffix.lower() == ".json":
        return Side(None, FrameProfile.from_dict(read_json(Path(value))))
    if isinstance(value, (str, Path)) and Path(value).suffix.lower() in FILES:
        return _of_frame(read_frame(Path(value)), called)
    if not isinstance(value, str):
        return _of_frame(value, called)
    if _SNAPSHOT.fullmatch(value):
        kept = locate(value)
        return Side(
            lambda: checked_frame(kept.store.get(kept.digest), called),
            stored_profile(kept.store, kept.digest),
        )
    return _of_model(value)


def _of_frame(frame: Any, called: str) -> Side:
    table = checked_frame(frame, called)
    return Side(lambda: table)


def model_of(name: str, *, trust: bool = False) -> Model:
    """A registered model and its rows.

    Raises:
        NotFoundError: there is none of that name.
        UnsafeModelError: loading it would run code, and that was not asked for.
    """
    settings = load_settings()
    version = find_version(settings, name)
    with tempfile.TemporaryDirectory(prefix="mlops-drift-") as scratch:
        folder = fetch_files(settings, version, Path(scratch))
        digest = version.tags.get(MODEL_DIGEST, "") if trust else None
        estimator = load_model(folder, TRUSTED, pickle_digest=digest)
        kept = read_evidence(folder, project_store(settings))
    return Model(estimator, kept.training if kept else None, kept.holdout if kept else None)


def _of_model(name: str) -> Side:
    settings = load_settings()
    try:
        version = find_version(settings, name)
    except (BadInputError, NotFoundError) as error:
        raise NotFoundError(
            f"{name!r} is no file, no snapshot and no registered model: {error.what}",
            "Name a variable, a CSV or Parquet file, a snapshot such as df@3, or a model such as "
            "income@champion.",
        ) from None
    with tempfile.TemporaryDirectory(prefix="mlops-drift-") as scratch:
        folder = fetch_files(settings, version, Path(scratch))
        kept = read_evidence(folder, project_store(settings))
        schema = Schema.from_dict(json.loads((folder / EXTRA / "schema.json").read_text("utf-8")))
    if kept is not None and kept.training is not None:
        rows = kept.training.features
        return Side(lambda: rows, None, name)
    # Its rows are elsewhere; what is known of them travels with the version.
    known = profile_of_version(settings, version.name, version.version)
    return Side(None, known, name, may_lack=frozenset(known.columns) - set(schema.names))
