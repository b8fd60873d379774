"""Objects come back to the user who pickled them, and nobody's pickle is loaded unasked."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from jupyter_mlops.errors import BadInputError, StoreError, UnsafeModelError
from jupyter_mlops.snapshot import SnapshotStore, digest, is_storable
from jupyter_mlops.snapshot.manifests import manifest_name, read_manifest, write_manifest
from jupyter_mlops.snapshot.own_key import key_file

X = np.random.default_rng(0).normal(size=(200, 4))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SnapshotStore:
    monkeypatch.setenv("MLOPS_KEY_FILE", str(tmp_path / "home" / "key"))
    return SnapshotStore(tmp_path / "snapshots")


def as_someone_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLOPS_KEY_FILE", str(tmp_path / "someone else" / "key"))


ESTIMATORS = [
    LogisticRegression(),
    RandomForestClassifier(10, random_state=0),
    GradientBoostingClassifier(n_estimators=5),
    HistGradientBoostingClassifier(max_iter=5),
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [0]), remainder="passthrough"),
    GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=2),
    KNeighborsClassifier(),
    KMeans(2, n_init=1),
    MLPClassifier(max_iter=2),
    SVC(probability=False),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda found: type(found).__name__)
def test_a_fitted_estimator_comes_back(store: SnapshotStore, estimator: Any) -> None:
    estimator.fit(X, Y)
    assert is_storable(estimator)
    snapshot = store.put(estimator)
    assert snapshot.kind == "object"
    back = store.get(snapshot.digest)
    assert digest(back) == snapshot.digest == digest(estimator)
    if hasattr(estimator, "predict"):
        np.testing.assert_array_equal(back.predict(X), estimator.predict(X))
    assert store.put(estimator).recipe == "same"
    assert store.verify().ok


def test_an_estimator_without_a_seed_still_draws_from_numpys_generator(store: SnapshotStore) -> None:
    estimator = GradientBoostingClassifier(n_estimators=2).fit(X, Y)
    assert store.get(store.put(estimator).digest)._rng is estimator._rng


@dataclasses.dataclass
class Settings:
    depth: int
    names: list[str]


@pytest.mark.parametrize(
    "value",
    [
        Settings(3, ["a"]),
        {"model": LogisticRegression(C=2), "scores": [1.0]},
        np.random.default_rng(3),
        np.random.RandomState(3),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])[0],
        Path("a/b"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_objects_come_back(store: SnapshotStore, value: Any) -> None:
    snapshot = store.put(value)
    assert digest(store.get(snapshot.digest)) == snapshot.digest == digest(value)


def test_nothing_of_a_pickle_of_someone_else_is_run(
    store: SnapshotStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = store.put(Settings(3, ["a"])).digest
    as_someone_else(monkeypatch, tmp_path)
    with pytest.raises(UnsafeModelError, match="not pickled by you") as caught:
        store.get(name)
    assert "trust=True" in caught.value.fix
    assert not key_file().exists()
    assert store.get(name, trust=True) == Settings(3, ["a"])


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return Path.touch, (self.file,)


def forge(store: SnapshotStore, name: str, data: bytes) -> None:
    """Put other bytes under the name of an object, as somebody would who may write the store."""
    from jupyter_mlops.snapshot.columns import Raw
    from jupyter_mlops.snapshot.leaves import key_of
    from jupyter_mlops.snapshot.writing import Plan, Writer

    files = store._files
    leaf = Raw(np.frombuffer(data, np.uint8))
    with Writer(files, set()) as writer:
        writer.add(Plan(key_of(leaf), leaf))
        writer.finish()
    write_manifest(files, name, dataclasses.replace(read_manifest(files, name), trees=[key_of(leaf)]))


def test_bytes_that_were_changed_are_refused_before_they_are_loaded(
    store: SnapshotStore, tmp_path: Path
) -> None:
    name = store.put(Settings(3, ["a"])).digest
    trap = tmp_path / "sprung"
    forge(store, name, cloudpickle.dumps(Trap(trap)))
    with pytest.raises(UnsafeModelError, match="not pickled by you"):
        store.get(name)
    assert store.verify().ok  # its files are whole, and it looks into no pickle
    assert not trap.exists()
    with pytest.raises(StoreError, match="does not come back as it was"):
        store.get(name, trust=True)
    assert trap.exists()


def test_the_mark_of_one_object_is_none_of_another(store: SnapshotStore) -> None:
    one, other = (store.put(Settings(depth, [])).digest for depth in (1, 2))
    files = store._files
    write_manifest(files, other, read_manifest(files, one))
    with pytest.raises(UnsafeModelError):
        store.get(other)


def test_an_object_without_a_mark_or_in_the_dress_of_data_is_not_loaded(
    store: SnapshotStore, tmp_path: Path
) -> None:
    name = store.put(Settings(3, ["a"])).digest
    trap = tmp_path / "sprung"
    forge(store, name, cloudpickle.dumps(Trap(trap)))
    manifest = read_manifest(store._files, name)
    write_manifest(store._files, name, dataclasses.replace(manifest, mark=None))
    with pytest.raises(UnsafeModelError):
        store.get(name)
    write_manifest(store._files, name, dataclasses.replace(manifest, kind="array"))
    assert type(store.get(name)) is np.ndarray
    assert not trap.exists()


def test_who_makes_an_equal_object_has_it_as_their_own(
    store: SnapshotStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = store.put(Settings(3, ["a"])).digest
    as_someone_else(monkeypatch, tmp_path)
    assert store.put(Settings(3, ["a"])).digest == name
    assert store.get(name) == Settings(3, ["a"])


def test_the_key_is_the_users_alone_and_made_once(store: SnapshotStore) -> None:
    store.put(Settings(1, []))
    key = key_file().read_text()
    assert key_file().stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(key)) == 32
    store.put(Settings(2, []))
    assert key_file().read_text() == key
    assert [path.name for path in key_file().parent.iterdir()] == ["key"]
    everything = b"".join(path.read_bytes() for path in store.path.rglob("*") if path.is_file())
    assert key.strip().encode() not in everything


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_key_that_others_can_read_proves_nothing(store: SnapshotStore) -> None:
    name = store.put(Settings(1, [])).digest
    key_file().chmod(0o644)
    with pytest.raises(StoreError, match="can be read or written by others") as caught:
        store.get(name)
    assert "chmod 600" in caught.value.fix
    key_file().chmod(0o600)
    key_file().write_text("not a key")
    with pytest.raises(StoreError, match="it is not a key"):
        store.put(Settings(2, []))


def test_a_home_that_cannot_be_written_is_named(
    store: SnapshotStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLOPS_KEY_FILE", str(tmp_path / "file" / "key"))
    with pytest.raises(StoreError, match="cannot be used") as caught:
        store.put(Settings(1, []))
    assert "MLOPS_KEY_FILE" in caught.value.fix
    assert store.put([1, 2]).kind == "value"  # data needs no key


@pytest.mark.parametrize(
    ("config", "expected"),
    [("/etc/me", "/etc/me"), ("relative", "/home/me/.config"), ("", "/home/me/.config")],
)
def test_the_key_is_where_such_files_are(config: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_KEY_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", config)
    monkeypatch.setenv("HOME", "/home/me")
    assert key_file() == Path(expected) / "jupyter-mlops" / "key"


def test_kernels_that_need_a_key_at_once_make_one(tmp_path: Path) -> None:
    code = f"""
        from jupyter_mlops.snapshot import SnapshotStore
        import pathlib, sys
        store = SnapshotStore({str(tmp_path / "store")!r})
        names = [store.put(frozenset([pathlib.Path(str(n)), sys.argv[1]])).digest for n in range(5)]
        print([store.describe(n).kind for n in names if store.get(n)])
    """
    env = {**os.environ, "MLOPS_KEY_FILE": str(tmp_path / "home" / "key")}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    writers = [
        subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True, env=env) for n in range(3)
    ]
    said = [writer.communicate()[0].strip() for writer in writers]
    assert said == [str(["object"] * 5)] * 3


class Forgetful:
    """Leaves something out of its pickle."""

    def __init__(self) -> None:
        self.cache = [1]

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Shy:
    """Cannot be pickled."""

    def __reduce__(self) -> Any:
        raise RuntimeError("value of the user's")


def test_what_would_not_come_back_is_not_stored(store: SnapshotStore) -> None:
    with pytest.raises(BadInputError, match="does not give it back as it is"):
        store.put(Forgetful())
    with pytest.raises(BadInputError, match="cannot be pickled") as caught:
        store.put(Shy())
    assert "value of the user's" not in str(caught.value)
    assert not list((store.path / "manifests").rglob("*.json"))


def test_an_object_that_is_too_large_is_refused(store: SnapshotStore) -> None:
    small = SnapshotStore(store.path, most_object_bytes=10_000)
    assert small.put(Settings(1, ["a"])).kind == "object"
    with pytest.raises(BadInputError, match="larger than 10,000 bytes"):
        small.put({"model": Settings(1, ["a" * 20_000])})


NOTEBOOK = """
    import json, os, sys
    import numpy as np
    from sklearn.base import BaseEstimator
    from jupyter_mlops.snapshot import SnapshotStore, digest
    store = SnapshotStore(sys.argv[1])
    offset = 5
    class Model(BaseEstimator):
        def __init__(self, a=1): self.a = a
        def fit(self, x): self.mean_ = x.mean(); return self
        def predict(self, x): return x * 0 + self.mean_ + offset
    old = Model()
    old_predict = Model.predict
"""


def test_an_object_of_a_notebooks_class_comes_back_without_changing_that_class(tmp_path: Path) -> None:
    make = (
        NOTEBOOK
        + """
    model = Model().fit(np.arange(4.0))
    name = store.put(model).digest
    assert Model.predict is old_predict and digest(model) == name
    back = store.get(name)
    assert Model.predict is old_predict and type(back) is not Model
    offset = 7
    print(json.dumps([name, list(back.predict(np.zeros(1)))]))
    """
    )
    env = {**os.environ, "MLOPS_KEY_FILE": str(tmp_path / "key")}
    command = [sys.executable, "-c", textwrap.dedent(make), str(tmp_path / "store")]
    name, said = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout
    )
    assert said == [6.5]
    read = f"""
        import sys
        from jupyter_mlops.snapshot import SnapshotStore
        print(SnapshotStore(sys.argv[1]).get({name!r}).predict(__import__("numpy").zeros(1)))
    """
    command[2] = textwrap.dedent(read)
    assert subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout == "[6.5]\n"


def test_copies_and_garbage_collection_keep_objects(store: SnapshotStore, tmp_path: Path) -> None:
    name, other = (store.put(Settings(depth, [])).digest for depth in (1, 2))
    store.copy_to(tmp_path / "copy")
    assert SnapshotStore(tmp_path / "copy").get(name) == Settings(1, [])
    store.gc(keep=[name])
    assert store.get(name) == Settings(1, [])
    assert other not in store
    with pytest.raises(BadInputError, match="no rows to compare"):
        store.diff(name, store.put([1]).digest)


def test_forgetting_says_that_it_cannot_look_into_objects(store: SnapshotStore) -> None:
    name = store.put(Settings(1, ["someone"])).digest
    assert name in store.forget({"name": "someone"}).unknown
    assert (store.path / manifest_name(name)).exists()
