"""What an export compiles: the registered model, on its kept rows; a pickle only if its code is trusted."""

from __future__ import annotations

import hashlib
import json
import pickle
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from jupyter_mlops.bundle.choice import choose_engine
from jupyter_mlops.bundle.runtime.schema import Column
from jupyter_mlops.registry.evidence import Evidence, Rows
from jupyter_mlops.registry.kept_evidence import EVIDENCE, write_evidence
from jupyter_mlops.registry.load import MODEL_DIGEST
from jupyter_mlops.registry.save import add_files
from jupyter_mlops.registry.versions import Version
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.schema import infer_schema
from jupyter_mlops.verbs.original_model import original

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.settings import Settings

FRAME = pd.DataFrame({"age": np.arange(40.0), "size": np.arange(40) % 7})
MODEL = LogisticRegression().fit(FRAME, np.arange(40) % 3 > 0)


@pytest.fixture
def version(tmp_path: Path) -> Version:
    """A version whose model is a pickle, with its files in `tmp_path`."""
    content = pickle.dumps(MODEL)
    (tmp_path / "model.pkl").write_bytes(content)
    schema = infer_schema(FRAME)
    example = FRAME.head(3).to_json(orient="records")
    add_files(tmp_path, {"schema.json": json.dumps(schema.to_dict()), "example.json": example})
    tags = {MODEL_DIGEST: hashlib.sha256(content).hexdigest()}
    return Version("rooms", "1", "a" * 32, (), tags, datetime.now(UTC))


def columns() -> list[Column]:
    return [Column(each.name, each.type, each.nullable, each.dtype) for each in infer_schema(FRAME).columns]


def test_a_pickle_is_compiled_only_if_its_code_is_trusted_and_it_is_what_was_registered(
    project: Settings, version: Version, tmp_path: Path
) -> None:
    choice = choose_engine(original(project, version, tmp_path, trust=False), columns(), "auto")
    assert choice.engine == "sklearn"
    assert choice.parity["reason"] == "the model is a pickle, and loading it would run the code in it"
    trusted = choose_engine(original(project, version, tmp_path, trust=True), columns(), "auto")
    assert trusted.engine == "compiled"
    assert trusted.parity["rows_from"] == "its example"
    assert trusted.parity["rows"] == 3
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(LogisticRegression()))
    other = choose_engine(original(project, version, tmp_path, trust=True), columns(), "auto")
    assert "not the one that was registered" in other.parity["reason"]


def test_the_rows_are_those_that_the_version_keeps(
    project: Settings, version: Version, tmp_path: Path
) -> None:
    training, holdout = Rows(FRAME.head(30), None, "X"), Rows(FRAME.tail(10), None, "X_test")
    evidence = Evidence(MODEL, "classification", training, holdout, {}, (), 0)
    kept = write_evidence(evidence, SnapshotStore(project.snapshots))
    add_files(tmp_path, {EVIDENCE: kept})
    choice = choose_engine(original(project, version, tmp_path, trust=True), columns(), "auto")
    assert choice.parity["rows_from"] == "training and hold-out"
    assert (choice.parity["rows"], choice.parity["of_rows"]) == (40, 40)
