"""Real rows and models: the census with a line and a tree, penguins with numbers and with species."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from jupyter_mlops.registry.evidence import Champion, Evidence, Gate, Rows
from jupyter_mlops.registry.gates import Rules, load_rules, run_gates
from jupyter_mlops.registry.verify import Check
from jupyter_mlops.registry.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.registry.evidence import Task

DATA = Path(__file__).parents[3] / "example_notebooks" / "data"
CENSUS = [
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation"),
    *("relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country"),
    "income",
]
SECTIONS = {
    **dict.fromkeys(("target leak", "single feature", "duplicate rows"), "leakage"),
    **dict.fromkeys(("different answers", "training gap"), "sanity"),
}


def prepared(model: Any) -> Any:
    """A model behind imputation, scaling and one-hot columns."""
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
    )
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, model)


@dataclass(frozen=True)
class Told:
    """A model's evidence, which tests change one thing of."""

    evidence: Evidence

    def but(self, **changes: Any) -> Told:
        """The same with other evidence."""
        return Told(replace(self.evidence, **changes))

    def against(self, model: Any, training: pd.DataFrame | None = None, **more: Any) -> Told:
        """The same beside a champion; `more` are its recorded metrics."""
        return self.but(champion=champion(model, training, **more))

    def gates(self, rules: Rules | None = None, of: str | None = None, **more: Any) -> dict[str, Gate]:
        """By name; `of` is the section to run, where others would only take time."""
        asked = rules or Rules()
        if of is not None:
            others = {
                field.name: replace(getattr(asked, field.name), level="off")
                for field in fields(asked)
                if field.name not in {of, "holdout"}
            }
            asked = replace(asked, **others)
        return {gate.name: gate for gate in run_gates(self.evidence, asked, **more)}

    def gate(self, name: str, rules: Rules | None = None, **more: Any) -> Gate:
        """One of them."""
        return self.gates(rules, of=SECTIONS.get(name, name.partition(":")[0]), **more)[name]


def champion(model: Any, training: pd.DataFrame | None = None, why: str = "", **metrics: float) -> Champion:
    import json

    tags = {"mlops.metrics": json.dumps(metrics)}
    version = Version("income", "1", "run", ("champion",), tags, datetime(2026, 1, 1, tzinfo=UTC))
    return Champion(version, model, training, why)


def told(model: Any, task: Task, training: Rows, holdout: Rows | None) -> Told:
    checks = (Check("passed", "auc", "0.9 again"), Check("passed", "predictions", "100 rows equal"))
    return Told(Evidence(model, task, training, holdout, {"auc": 0.9}, checks, 1_000_000))


def split(features: pd.DataFrame, target: pd.Series[Any]) -> tuple[Rows, Rows]:
    parts = train_test_split(features, target, random_state=0)
    return Rows(parts[0], parts[2], "X_train"), Rows(parts[1], parts[3], "X_test")


@pytest.fixture(scope="session")
def census() -> pd.DataFrame:
    return pd.read_csv(
        DATA / "adult.csv", header=None, names=CENSUS, skipinitialspace=True, na_values="?", nrows=8000
    )


@pytest.fixture(scope="session")
def line(census: pd.DataFrame) -> Told:
    """Two classes with texts as labels; a good model."""
    training, holdout = split(census.drop(columns="income"), census["income"])
    model = prepared(LogisticRegression(max_iter=500)).fit(training.features, training.target)
    return told(model, "classification", training, holdout)


@pytest.fixture(scope="session")
def stump(line: Told) -> Any:
    """A worse model of the same rows."""
    rows = line.evidence.training
    return prepared(DecisionTreeClassifier(max_depth=1, random_state=0)).fit(rows.features, rows.target)


@pytest.fixture(scope="session")
def penguins() -> pd.DataFrame:
    return pd.read_csv(DATA / "penguins.csv")


@pytest.fixture(scope="session")
def species(penguins: pd.DataFrame) -> Told:
    """Three classes, few rows, messy columns."""
    training, holdout = split(penguins.drop(columns="Species"), penguins["Species"])
    model = prepared(RandomForestClassifier(20, random_state=0)).fit(training.features, training.target)
    return told(model, "classification", training, holdout)


@pytest.fixture(scope="session")
def mass(penguins: pd.DataFrame) -> Told:
    """Numbers to predict; two answers are missing."""
    rows = penguins.drop(columns=["Body Mass (g)", "Comments"])
    training, holdout = split(rows, penguins["Body Mass (g)"])
    known = training.target.notna()  # type: ignore[union-attr]
    model = prepared(Ridge()).fit(training.features[known], training.target[known])  # type: ignore[index]
    return told(model, "regression", training, holdout)


@pytest.fixture(scope="session")
def flat(mass: Told) -> Any:
    """A model of numbers that knows nothing."""
    rows = mass.evidence.training
    known = rows.target.notna()  # type: ignore[union-attr]
    model = prepared(DecisionTreeRegressor(max_leaf_nodes=2, random_state=0))
    return model.fit(rows.features[known], rows.target[known])  # type: ignore[index]


@pytest.fixture(scope="session")
def houses() -> Told:
    """Eighty messy columns: missing cells are "?", so that numbers are texts."""
    rows = pd.read_parquet(Path(__file__).parent / "data" / "house_prices.parquet")
    training, holdout = split(rows.drop(columns=["Id", "SalePrice"]), rows["SalePrice"])
    model = prepared(Ridge(alpha=30)).fit(training.features, training.target)
    return told(model, "regression", training, holdout)


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str], Rules]:
    """Rules of a gate file with this text."""

    def load(text: str) -> Rules:
        file = tmp_path / "gates.yaml"
        file.write_text(text, "utf-8")
        return load_rules(file)

    return load
