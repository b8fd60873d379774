"""What `promote` is about: the run behind a model, its data, and the model itself where it is at hand."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.lineage.outputs import outputs
from jupyter_mlops.lineage.record import CellRecord, Estimator
from jupyter_mlops.notebook.session import Session, current_session
from jupyter_mlops.snapshot import SnapshotStore, digest
from jupyter_mlops.snapshot.schema import Schema, infer_schema
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import Run, find_run, run_record, search_runs
from jupyter_mlops.verbs.command import fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jupyter_mlops.settings import Settings


class UnknownRunError(NotFoundError):
    """No run is called as the user said."""


@dataclass(frozen=True)
class Subject:
    """A run with the estimator to promote. `model` is None when only the run is at hand."""

    run: Run
    record: CellRecord
    estimator: Estimator
    model: Any
    snapshots: Path

    @property
    def measured(self) -> dict[str, float]:
        """What was found in the cell and can be measured again; what the user logged cannot."""
        return dict(self.record.run.metrics) if self.record.run else {}

    @property
    def code_of(self) -> int | None:
        """The execution whose code made the model, where one made just this; None for a run as a whole."""
        return None if self.model is None else self.record.serial

    @property
    def folder(self) -> Path:
        """Where the notebook ran."""
        folder = Path(self.run.tags.get("mlops.folder", "."))
        if not folder.is_dir():
            raise NotFoundError(
                f"the folder {str(folder)!r}, where the run {self.run.name!r} was made, is gone",
                "Run the notebook again where it is now, and promote that run.",
            )
        return folder

    @cached_property
    def training(self) -> pd.DataFrame:
        """The frame the model was fitted on, from the snapshots (rows × columns)."""
        return self._frame(self.estimator.fit_on)

    @cached_property
    def schema(self) -> Schema:
        """Types and ranges of the training frame."""
        return infer_schema(self.training)

    @property
    def rows_digest(self) -> str:
        """Digest of the frame to compare predictions on: what it was scored on, else trained on."""
        return self._digest(self.estimator.scored_on or self.estimator.fit_on)

    def outputs(self) -> tuple[list[Any] | None, list[list[float]] | None]:
        """Predictions and probabilities of the model in the notebook; None without one."""
        if self.model is None:
            return None, None
        return outputs(self.model, SnapshotStore(self.snapshots).get(self.rows_digest))

    def _frame(self, name: str | None) -> pd.DataFrame:
        frame: pd.DataFrame = SnapshotStore(self.snapshots).get(self._digest(name))
        return frame

    def _digest(self, name: str | None) -> str:
        """A stored input frame of the run: the one called `name`, else the first that is stored."""
        store = SnapshotStore(self.snapshots)
        data = self.record.run.datasets if self.record.run else ()
        frames = [found for found in data if found.kind == "frame" and found.digest in store]
        fits = [found for found in frames if self._fits(found.columns)]
        for found in fits:
            if found.name == name:
                return found.digest
        if fits:
            return fits[0].digest
        raise BadInputError(
            f"no stored frame with named columns is known that {self.estimator.name} was fitted on",
            "Fit it on a pandas DataFrame in a tracked cell (without --no-data): serving checks its columns.",
        )

    def _fits(self, columns: tuple[str, ...]) -> bool:
        """True if a frame with these columns can be the model's input."""
        names = getattr(self.model, "feature_names_in_", None)
        if names is not None:
            return list(names) == list(columns)
        count = getattr(self.model, "n_features_in_", None)
        return count is None or count == len(columns)


def find_subject(settings: Settings, model: Any, run: str | None) -> Subject:
    """Find the run behind a fitted estimator of this notebook, or the estimator behind a run.

    Raises:
        BadInputError: the model is none, is not fitted, was not tracked, or its cell failed.
        NotFoundError: no such run.
    """
    if isinstance(model, str):
        sync(settings)
        return _of_run(settings, run or model)
    fitted(model)
    if not hasattr(model, "predict"):
        raise BadInputError(
            f"a {type(model).__name__} has no predict(), so there is nothing to serve",
            "Promote the model or the pipeline that it is a step of.",
        )
    session = current_session()
    if session is None:
        raise BadInputError(
            "this model was not made in a tracked cell, so it is not known how to make it again",
            "`%mlops track on`, run the notebook again from its first cell, then promote.",
        )
    session.keeper.drain()
    sync(session.settings)
    named = find_run(settings, run) if run is not None else None
    record, estimator = _made_by(session, model, named)
    if named is not None:
        return _subject(settings, named, record, estimator, model)
    for found in reversed(search_runs(settings)):
        if found.is_of(session.id, record.serial):
            return _subject(settings, found, record, estimator, model)
    raise NotFoundError(
        "the run behind this model is not in the tracking store",
        "`%mlops track status` says what is waiting.",
    )


def _made_by(session: Session, model: Any, named: Run | None) -> tuple[CellRecord, Estimator]:
    """The newest run that measured this very model, else the newest that fitted it; or the one `named`."""
    content = digest(model)
    # equal models can have been made under several names: the one it has now is meant
    names = {name for name, value in vars(sys.modules["__main__"]).items() if value is model}
    candidates = [
        (record, estimator)
        for record in session.records
        if record.run
        for estimator in record.run.estimators
        # of a model whose content cannot be known, the name decides
        if estimator.digest == content and (content is not None or estimator.name in names)
    ]
    if candidates and named is not None:
        candidates = [found for found in candidates if named.is_of(session.id, found[0].serial)]
        if not candidates:
            raise BadInputError(
                f"the run {named.name!r} is not one that made this model in this notebook",
                "Leave --run out, or name a run that `%mlops runs` lists for this model.",
            )
    candidates = [found for found in candidates if found[1].name in names] or candidates
    if not candidates:
        raise BadInputError(
            "this model was not made in a tracked cell, or was changed after it",
            "`%mlops track on`, run the cells that make it again, then promote.",
        )
    record, estimator = next(
        (found for found in reversed(candidates) if found[0].run and found[0].run.metrics), candidates[-1]
    )
    if record.status != "ok":
        raise BadInputError(
            f"the cell that made this model, In[{record.count}], ended with {record.error}",
            "Mend that cell and run it again, then promote.",
        )
    if estimator.fit_on is None:  # scored in another cell: the fitting cell knows the training frame
        known = next((found.fit_on for _, found in reversed(candidates) if found.fit_on), None)
        estimator = Estimator(**{**vars(estimator), "fit_on": known})
    return record, estimator


def _of_run(settings: Settings, reference: str) -> Subject:
    try:
        found = find_run(settings, reference)
    except NotFoundError as error:
        raise UnknownRunError(error.what, error.fix) from error
    record = run_record(settings, found)
    estimators = record.run.estimators if record.run else ()
    if not estimators:
        raise BadInputError(
            f"the run {found.name!r} made no model", "Name a run that fitted one; `%mlops runs` lists them."
        )
    if record.status != "ok":
        raise BadInputError(
            f"the cell of the run {found.name!r} ended with {record.error}",
            "Mend it and run it again, then promote.",
        )
    return _subject(settings, found, record, _model_of(found.name, estimators), None)


def _model_of(run: str, estimators: Sequence[Estimator]) -> Estimator:
    """The one estimator of a run that is its model: not a step of it, nor a transformer beside it."""
    kept = [estimator for estimator in estimators if estimator.fitted_here] or list(estimators)
    if len(kept) > 1:
        kept = [estimator for estimator in kept if _predicts(estimator.kind)] or kept
    if len(kept) > 1:  # a step of a pipeline is fitted by the pipeline, not called by name
        kept = [estimator for estimator in kept if estimator.fit_on or estimator.scored_on] or kept
    if len(kept) > 1:
        raise BadInputError(
            f"the run {run!r} made several models: {', '.join(estimator.name for estimator in kept)}",
            "Promote one of them in its notebook by the name of its variable, or track one model per cell.",
        )
    return kept[0]


def _predicts(kind: str) -> bool:
    """False for classes of scikit-learn that have no ``predict``; others are taken at their word."""
    from sklearn.utils.discovery import all_estimators

    found = dict(all_estimators()).get(kind)
    return found is None or hasattr(found, "predict")


def _subject(settings: Settings, run: Run, record: CellRecord, estimator: Estimator, model: Any) -> Subject:
    store = project_store(settings)
    for data in record.run.datasets if record.run else ():
        store.bring(data.digest)  # the clean process reads the project's own folder only
    return Subject(run, record, estimator, model, settings.snapshots)
