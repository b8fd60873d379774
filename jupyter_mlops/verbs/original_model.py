"""A version's own model and the rows that are kept of it: what an export compiles, and compares with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.choice import Original
from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.registry.kept_evidence import read_evidence
from jupyter_mlops.registry.load import MODEL_DIGEST, load_model
from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.snapshot.schema import Schema
from jupyter_mlops.snapshot.shared import project_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings


def original(settings: Settings, version: Version, folder: Path, *, trust: bool) -> Original:
    """Load a version's model and its rows.

    Args:
        settings: of the project.
        version: of the registry.
        folder: the version's files.
        trust: load it even if that runs code of its file.
    """
    model, why = None, ""
    digest = version.tags.get(MODEL_DIGEST, "") if trust else None
    try:
        model = load_model(folder, TRUSTED, pickle_digest=digest)
    except MlopsError as error:
        why = error.what
    schema = Schema.from_dict(json.loads((folder / EXTRA / "schema.json").read_text("utf-8")))
    frames = _kept(settings, folder, schema.names)
    if frames:
        return Original(model, tuple(frames.values()), " and ".join(frames), is_typical=True, why=why)
    return Original(model, _example(folder, schema), "its example", why=why)


def _kept(settings: Settings, folder: Path, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The rows of training and hold-out whose snapshots are at hand, by what they are."""
    kept = read_evidence(folder, project_store(settings))
    parts: dict[str, Any] = {"training": kept and kept.training, "hold-out": kept and kept.holdout}
    return {
        said: rows.features[list(names)]
        for said, rows in parts.items()
        if rows and len(rows.features) and set(names) <= set(getattr(rows.features, "columns", ()))
    }


def _example(folder: Path, schema: Schema) -> tuple[pd.DataFrame, ...]:
    """The rows of the example as one frame; none if they do not fit the schema, which the export refuses."""
    from jupyter_mlops.bundle.runtime.engine_sklearn.frames import to_frame
    from jupyter_mlops.bundle.runtime.problems import BadRequest
    from jupyter_mlops.bundle.runtime.schema import Column
    from jupyter_mlops.bundle.runtime.tables import read_records, to_batch

    columns = [Column(each.name, each.type, each.nullable, each.dtype) for each in schema.columns]
    records = json.loads((folder / EXTRA / "example.json").read_text("utf-8"))
    try:
        return (to_frame(to_batch(read_records(records, columns, "$"), columns)),)
    except (BadRequest, KeyError):
        return ()
