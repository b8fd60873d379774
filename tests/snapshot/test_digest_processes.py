"""The same content has the same digest in every process, whatever the seed of its hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from digests_of_everything import ADULT
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from jupyter_mlops.snapshot import SnapshotStore, digest

SCRIPT = Path(__file__).with_name("digests_of_everything.py")


@pytest.fixture(scope="module")
def both() -> list[dict[str, str | None]]:
    """The digests that two processes print."""
    printed = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, SCRIPT], env=environment, check=True, capture_output=True)
        printed.append(json.loads(done.stdout))
    return printed


def test_two_processes_agree_on_every_value_and_every_fit(both: list[dict[str, str | None]]) -> None:
    first, second = both
    assert len(first) > 30
    assert [name for name in first if first[name] is None] == []
    assert [name for name in first if first[name] != second[name]] == []


def test_a_frame_that_is_stored_has_the_digest_another_process_gave(
    both: list[dict[str, str | None]], tmp_path: Path
) -> None:
    adult = pd.read_csv(ADULT, header=None, skipinitialspace=True, na_values="?")
    store = SnapshotStore(tmp_path)
    snapshot = store.put(adult)
    assert snapshot.digest == both[0]["adult"]
    assert (snapshot.rows, snapshot.columns) == adult.shape
    pd.testing.assert_frame_equal(store.get(snapshot.digest), adult, check_exact=True)


def test_another_parameter_or_other_data_is_another_estimator() -> None:
    X = np.random.default_rng(0).normal(size=(100, 3))
    y = X[:, 0] > 0
    fits = [
        LogisticRegression(),
        LogisticRegression().fit(X, y),
        LogisticRegression(C=2.0).fit(X, y),
        LogisticRegression().fit(X + 0.001, y),
        DecisionTreeClassifier(random_state=0).fit(X, y),
        DecisionTreeClassifier(random_state=0, max_depth=1).fit(X, X[:, 1] > 0),
    ]
    digests = {digest(fit) for fit in fits}
    assert None not in digests
    assert len(digests) == len(fits)


def test_using_an_estimator_does_not_change_it() -> None:
    X = np.random.default_rng(0).normal(size=(100, 3))
    model = DecisionTreeClassifier(random_state=0).fit(X, X[:, 0] > 0)
    before = digest(model)
    model.predict(X)
    assert digest(model) == before


def test_importing_the_package_imports_neither_pandas_nor_numpy() -> None:
    code = (
        "import sys, jupyter_mlops.snapshot as s; s.digest([1]); print({'numpy', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
