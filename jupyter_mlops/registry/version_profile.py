"""The profile that travels with a version: of the rows it was trained on, their answers, and its own.

Later data are compared with it without those rows. Beside the columns of the input it has the target under
its own name, what the model answers as ``prediction``, and of a classifier ``score``: the probability of the
second of two classes, of the likeliest of more.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift.profile import FrameProfile, profile_column, profile_frame
from jupyter_mlops.errors import BadInputError, MlopsError, NotFoundError
from jupyter_mlops.registry.kept_evidence import read_evidence
from jupyter_mlops.registry.load import load_model
from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.registry.versions import fetch_files, find_version
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from jupyter_mlops.registry.evidence import Rows
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot import SnapshotStore

PROFILE = "profile.json"
PREDICTION, SCORE = "prediction", "score"
MOST_ANSWERED = 100_000
"""Rows that the model is asked about, evenly spaced: some models take milliseconds for one."""
_BINARY = 2
_NAMELESS = "target"
"""What answers are called that came without a name."""


def profile_of_training(model: Any, rows: Rows, masked: Collection[str] = ()) -> FrameProfile | None:
    """The profile of a version; None for rows that have none, such as with two columns of one name.

    An input's column that is called as one of the model's answers is kept, and the answer is left out.

    Args:
        model: the fitted estimator; None where it cannot be asked.
        rows: what it was trained on.
        masked: names of masked columns; nothing of them is in the profile, and of a target that is masked or
            may be, having no name, no answers of the model either.
    """
    features = rows.features
    wanted = getattr(model, "feature_names_in_", None)
    if wanted is not None and set(wanted) <= set(features.columns):
        features = features[list(wanted)]
    try:
        made = profile_frame(features, correlations=True)
    except BadInputError:
        return None
    columns = dict(made.columns)
    target = str(_NAMELESS if rows.target is None or rows.target.name is None else rows.target.name)
    if not masked or target not in {_NAMELESS, *masked}:
        if rows.target is not None:
            columns.setdefault(target, profile_column(target, rows.target))
        for name, values in _answers(model, features).items():
            columns.setdefault(name, profile_column(name, values))
    kept = {name: each for name, each in columns.items() if name not in masked}
    return FrameProfile(made.rows, kept, made.correlations and made.correlations.without(masked))


def renew_profile(
    settings: Settings, version: Version, store: SnapshotStore, trusted: Collection[str]
) -> bool:
    """Make the profile of a version again of what is left of its rows; False if it has none.

    Where they are not at hand, nothing is left of it. Columns that it did not have do not come in.

    Args:
        settings: of the project.
        version: promoted by us.
        store: the project's snapshots, with what is shared.
        trusted: our reviewed list of types, to load the model by.

    Raises:
        NotFoundError: the version was registered by something else.
        StoreError: its files cannot be read or written.
    """
    before = _text(settings, version)
    if before is None:
        return False
    with tempfile.TemporaryDirectory(prefix="mlops-profile-") as scratch:
        folder = fetch_files(settings, version, Path(scratch))
        kept = read_evidence(folder, store)
        made = None
        if kept is not None and kept.training is not None:
            made = profile_of_training(_model(folder, trusted), kept.training)
        text = ""
        if made is not None:
            known = FrameProfile.from_json(before).columns
            left = {name: each for name, each in made.columns.items() if name in known}
            gone = set(made.columns) - set(left)
            together = made.correlations and made.correlations.without(gone)
            text = FrameProfile(made.rows, left, together).to_json()
        file = folder / EXTRA / PROFILE
        file.write_text(text, "utf-8")
        with store_errors(settings.tracking_uri):
            connect(settings).log_artifact(version.run_id, str(file), f"{version.path}/{EXTRA}")
    return True


def _model(folder: Path, trusted: Collection[str]) -> Any:
    try:
        return load_model(folder, trusted)
    except MlopsError:  # a pickle: the profile is of its input and target then
        return None


def profile_of_version(settings: Settings, name: str, which: str | None = None) -> FrameProfile:
    """The profile of a registered version.

    Args:
        settings: of the project.
        name: of the registered model.
        which: an alias or a number; its champion, else the newest version, when None.

    Raises:
        BadInputError: `name` is none of a registered model.
        NotFoundError: no such version, or it has no profile.
        StoreError: the registry cannot be used.
    """
    mark = "" if which is None else f"/{which}" if str(which).isdigit() else f"@{which}"
    version = find_version(settings, f"{name}{mark}")
    text = _text(settings, version)
    if text is None:
        raise NotFoundError(
            f"{version.name} version {version.version} has no profile of the rows it was trained on",
            "Promote the model again: versions get one then. Or compare with its training frame.",
        )
    return FrameProfile.from_json(text)


def _text(settings: Settings, version: Version) -> str | None:
    if version.path is None:
        return None
    folder = f"{version.path}/{EXTRA}"
    client = connect(settings)
    with store_errors(settings.tracking_uri), tempfile.TemporaryDirectory(prefix="mlops-profile-") as scratch:
        if f"{folder}/{PROFILE}" not in {each.path for each in client.list_artifacts(version.run_id, folder)}:
            return None
        file = client.download_artifacts(version.run_id, f"{folder}/{PROFILE}", scratch)
        return Path(file).read_text("utf-8") or None


def _answers(model: Any, features: pd.DataFrame) -> dict[str, pd.Series]:
    """What the model answers, as far as it does with one value a row."""
    import numpy as np
    import pandas as pd

    step = -(-len(features) // MOST_ANSWERED)
    asked = features.iloc[::step]
    found = {}
    with contextlib.suppress(Exception):  # it raises what it likes; the rest of the profile is of use without
        found[PREDICTION] = np.asarray(model.predict(asked))
        if hasattr(model, "predict_proba"):
            shares = np.asarray(model.predict_proba(asked))
            found[SCORE] = shares[:, 1] if shares.shape[1] == _BINARY else shares.max(axis=1)
    return {name: pd.Series(values) for name, values in found.items() if values.ndim == 1}
