"""One real model, trained once on census rows, exported once; each test may copy the bundle and harm it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import skops.io
from asking import connected
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from jupyter_mlops.bundle.choice import Original
from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asking import Connection

ADULT = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"
NAMES = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education-num",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital-gain",
    "capital-loss",
    "hours-per-week",
    "native-country",
    "income",
]


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """3,000 census rows without the target, missing cells and all."""
    return pd.read_csv(ADULT, header=None, names=NAMES, skipinitialspace=True, na_values="?", nrows=3000)


@pytest.fixture(scope="session")
def features(people: pd.DataFrame) -> pd.DataFrame:
    return people.drop(columns="income")


@pytest.fixture(scope="session")
def model(people: pd.DataFrame, features: pd.DataFrame) -> Any:
    numbers = list(features.select_dtypes("number").columns)
    texts = [name for name in features.columns if name not in numbers]
    encode = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    prepare = ColumnTransformer([("numbers", StandardScaler(), numbers), ("texts", encode, texts)])
    pipeline = make_pipeline(prepare, HistGradientBoostingClassifier(max_iter=20, random_state=0))
    return pipeline.fit(features, people["income"])


@pytest.fixture(scope="session")
def source(model: Any, features: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> BundleSource:
    file = tmp_path_factory.mktemp("registered") / "model.skops"
    skops.io.dump(model, file)
    return BundleSource(
        name="census income",
        version="3",
        run_id="0123456789abcdef",
        model_file=file,
        serialization="skops",
        schema=infer_schema(features),
        example=json.loads(features.head(5).to_json(orient="records")),
        metrics={"roc_auc": 0.9, "loss": float("nan")},
        packages={"scikit-learn": metadata.version("scikit-learn"), "python": "3.11"},
    )


@pytest.fixture(scope="session")
def other_model(model: Any, features: pd.DataFrame, people: pd.DataFrame) -> Any:
    """Another version, worse than the first."""
    line = LogisticRegression(C=1e-4, max_iter=300)
    return make_pipeline(clone(model[0]), line).fit(features, people["income"])


@pytest.fixture(scope="session")
def challenger(
    source: BundleSource, other_model: Any, tmp_path_factory: pytest.TempPathFactory
) -> BundleSource:
    file = tmp_path_factory.mktemp("challenger") / "model.skops"
    skops.io.dump(other_model, file)
    return replace(source, version="4", model_file=file)


@pytest.fixture(scope="session")
def exported(source: BundleSource, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return export_bundle(source, tmp_path_factory.mktemp("bundles") / "census income")


@pytest.fixture(scope="session")
def compiled(
    source: BundleSource, model: Any, features: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    """The same version with its rows at hand: served by tables, and held against training."""
    known = replace(source, original=Original(model, (features,), "training", is_typical=True))
    return export_bundle(known, tmp_path_factory.mktemp("bundles") / "compiled")


@pytest.fixture(scope="session")
def census(exported: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection to a server of that bundle."""
    with connected(exported.path, tmp_path_factory.mktemp("census")) as connection:
        yield connection


@pytest.fixture
def copy_of(exported: Bundle, tmp_path: Path) -> Callable[[], Path]:
    """A copy of the bundle that a test may change."""

    def copy() -> Path:
        return Path(shutil.copytree(exported.path, tmp_path / "copy"))

    return copy
