"""Prints the digests of values and of fitted estimators as JSON: run by a test, in processes of its own."""

from __future__ import annotations

import enum
import functools
import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from jupyter_mlops.snapshot import digest

ADULT = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"


class Colour(enum.Flag):
    RED = 1
    BLUE = 2


@dataclass
class Config:
    words: set[str]


def closure(step: int) -> Any:
    def add(value: int) -> int:
        return value + step if value in {"a", "b", "c"} else step

    return add


def values() -> dict[str, Any]:
    words = {"age", "sex", "race", "hours", "income"}
    adult = pd.read_csv(ADULT, header=None, skipinitialspace=True, na_values="?")
    return {
        "words": words,
        "frozen": frozenset(words),
        "sorted": sorted(words),
        "dict of sets": {"a": words, "b": {1, 2.5, None}},
        "config": Config(words),
        "flags": Colour.RED | Colour.BLUE,
        "class": Config,
        "function": closure,
        "closure": closure(2),
        "partial": functools.partial(closure, step=3),
        "array": np.arange(10.0),
        "random": np.random.default_rng(0),
        "sparse": sparse.csr_array(np.eye(4)),
        "adult": adult,
        "adult categories": adult.astype({1: "category", 3: "category"}),
        "adult groups": adult.groupby(3)[0].mean(),
        "columns": adult.columns,
    }


def fitted() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    table = pd.DataFrame({"number": X[:, 0], "word": rng.choice(["u", "v", "w"], len(X))})
    table.loc[3, "number"] = np.nan
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    prepare = ColumnTransformer([("numbers", numbers, ["number"]), ("words", OneHotEncoder(), ["word"])])
    pipeline = make_pipeline(prepare, LogisticRegression())
    search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 1.0]}, cv=3).fit(table, y)
    texts = ["the cat sat", "a dog ran", "the dog sat on the cat", "owls fly"]
    return {
        "logistic regression": LogisticRegression().fit(X, y),
        "tree": DecisionTreeClassifier(random_state=0).fit(X, y),
        "forest": RandomForestClassifier(10, random_state=0).fit(X, y),
        "boosting": GradientBoostingClassifier(n_estimators=5, random_state=0).fit(X, y),
        "histogram boosting": HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(X, y),
        "pipeline": pipeline.fit(table, y),
        "best of a search": search.best_estimator_,
        "search": search,
        "k-means": KMeans(3, n_init=2, random_state=0).fit(X),
        "perceptron": MLPClassifier(max_iter=10, random_state=0).fit(X, y),
        "calibrated": CalibratedClassifierCV(LinearSVC(random_state=0), cv=3).fit(X, y),
        "tf-idf": TfidfVectorizer(stop_words="english").fit(texts),
        "counts": CountVectorizer(stop_words=["the"], max_features=3).fit(texts),
        "neighbours": KNeighborsClassifier().fit(X, y),
        "support vectors": SVC().fit(X, y),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump({name: digest(value) for name, value in (values() | fitted()).items()}, sys.stdout)
