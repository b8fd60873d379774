"""Estimators and tables of other libraries come back in a notebook like frames do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import zstandard
from notebook_in_process import Notebook
from polars.testing import assert_frame_equal

import jupyter_mlops
from jupyter_mlops.errors import UnsafeModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAKE = """
import numpy as np, polars as pl, pyarrow as pa
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
X = np.random.default_rng(0).normal(size=(100, 3))
y = X[:, 0] > 0
"""

TABLE = """
words = pl.Series(['x', 'y', 'x'], dtype=pl.Categorical)
table = pl.DataFrame({'a': [1, 2, None], 'b': words})
kept = table.clone()
"""
OWN = """
class Own(BaseEstimator):
    def __getstate__(self):
        global asked
        asked = True
        return {}
asked = False
own = Own()
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A model that is fitted twice, tables of other libraries, and a class that pickles in its own way."""
    made = Notebook(tmp_path_factory.mktemp("models"))
    for source in (
        "%mlops track on",
        MAKE,
        "model = LogisticRegression()",
        "model.fit(X, y)\nfirst = model.predict_proba(X)",
        "model.C = 0.01\nmodel.fit(X, y)",
        TABLE,
        "table[0, 'a'] = 9",
        (
            "arrow = pa.table({'a': [1, None]}).replace_schema_metadata({'unit': 'm'})\n"
            "matrix = sparse.csr_matrix(np.eye(3))"
        ),
        "matrix.data[0] = 5",
        OWN,
    ):
        made.done(source)
    yield made
    made.close()


def test_a_fitted_model_comes_back_as_it_was_before_it_was_fitted_again(notebook: Notebook) -> None:
    card = notebook.done("%mlops restore model@2").value
    assert dict(card.lines)["object"] == "LogisticRegression, unpickled"
    assert notebook["model_2"].C == 1.0
    np.testing.assert_array_equal(notebook["model_2"].predict_proba(notebook["X"]), notebook["first"])
    assert notebook["model"].C == 0.01
    notebook.done("%mlops restore model@3 --as again")
    assert notebook["again"].C == 0.01


def test_a_model_of_somebody_else_is_loaded_with_consent_only(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_KEY_FILE", str(tmp_path / "key"))
    text = "\n".join(notebook.run("%mlops restore model@2 --as theirs").refusal())
    assert "not pickled by you" in text
    assert "--trust" in text
    with notebook.here(), pytest.raises(UnsafeModelError):
        jupyter_mlops.restore("model@2")
    notebook.done("%mlops restore model@2 --as theirs --trust")
    assert notebook["theirs"].C == 1.0
    with notebook.here():
        assert jupyter_mlops.restore("model@2", trust=True).C == 1.0


def test_tables_of_other_libraries_come_back(notebook: Notebook) -> None:
    notebook.done("%mlops restore table@1")
    assert_frame_equal(notebook["table_1"], notebook["kept"])
    notebook.done("%mlops restore table@2")
    assert notebook["table_2"]["a"].to_list() == [9, 2, None]
    notebook.done("%mlops restore arrow@1")
    assert notebook["arrow_1"].equals(notebook["arrow"], check_metadata=True)
    notebook.done("%mlops restore matrix@1")
    assert notebook["matrix_1"].toarray().tolist() == np.eye(3).tolist()


def test_a_run_names_the_tables_it_read(notebook: Notebook) -> None:
    notebook.done("%%mlops track --name reads\ntotal = table['a'].sum() + arrow.num_rows + matrix.sum()")
    card = notebook.done("%mlops show reads").value
    assert all(name in dict(card.lines)["data"] for name in ("table", "arrow", "matrix"))
    notebook.done("%mlops restore reads:table")
    assert_frame_equal(notebook["table_reads"], notebook["table"])


def test_tables_are_written_to_files_and_models_are_not(notebook: Notebook) -> None:
    notebook.done("%mlops restore table@1 table.parquet")
    assert_frame_equal(pl.read_parquet(notebook.folder / "table.parquet"), notebook["kept"])
    notebook.done("%mlops restore arrow@1 arrow.csv")
    assert (notebook.folder / "arrow.csv").read_text().splitlines() == ['"a"', "1", ""]
    for what in ("model@2", "matrix@1"):
        assert "is no table" in "\n".join(notebook.run(f"%mlops restore {what} out.csv").refusal())
    assert not (notebook.folder / "out.csv").exists()
    assert isinstance(notebook["arrow"], pa.Table)


def test_a_method_that_the_notebook_wrote_for_pickles_is_not_called_unasked(notebook: Notebook) -> None:
    text = "\n".join(notebook.run("%mlops restore own@1").refusal())
    assert "its own code for pickling" in text
    assert notebook["asked"] is False


def test_no_model_is_kept_that_may_remember_what_is_masked(tmp_path: Path) -> None:
    masked = Notebook(tmp_path / "masked")
    try:
        masked.done("%mlops track on --mask mail")
        masked.done(MAKE)
        masked.done("model = LogisticRegression().fit(X, y)")
        text = "\n".join(masked.run("%mlops restore model@1").refusal())
        assert "columns are masked" in text
    finally:
        masked.close()


def test_forgetting_reaches_tables_and_the_models_that_remember_them(tmp_path: Path) -> None:
    person = "someone" + "@secret.example"
    people = Notebook(tmp_path / "people")
    try:
        people.done("%mlops track on")
        people.done(MAKE + "from sklearn.preprocessing import OneHotEncoder\nimport pandas as pd")
        people.done("df = pd.DataFrame({'mail': ['someone' + '@secret.example', 'b', 'c'], 'n': [1, 2, 3]})")
        people.done("encoder = OneHotEncoder().fit(df[['mail']])")
        people.done("table = pl.from_pandas(df)\nmatrix = encoder.transform(df[['mail']])")
        people.done("%mlops restore encoder@")  # waits until all is stored
        assert stored_with(people.folder, person)
        people.done(f"%mlops forget --where mail={person} --yes")
        assert stored_with(people.folder, person) == []
        people.done("%mlops restore table@1")
        assert people["table_1"]["mail"].to_list() == ["b", "c"]
        assert "removed" in "\n".join(people.run("%mlops restore encoder@1").refusal())
    finally:
        people.close()


def stored_with(folder: Path, text: str) -> list[Path]:
    """The files of the snapshot store that hold a text."""
    found = []
    for path in (folder / ".mlops" / "snapshots").rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if data[:4] == b"JMS2":
            data = zstandard.ZstdDecompressor().decompress(data[20:])
        if text.encode() in data:
            found.append(path)
    return found
