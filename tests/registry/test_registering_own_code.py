"""Code of the notebook that a model holds: it becomes a module that plain MLflow loads the model with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.registry.load import file_digest, load_model
from jupyter_mlops.registry.own_code import own_code
from jupyter_mlops.registry.own_code.as_code import as_code
from jupyter_mlops.registry.own_code.pandas_parts import kept
from jupyter_mlops.registry.save import CLOUDPICKLE, SKOPS, check_types, save_model
from jupyter_mlops.snapshot import digest
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HELPERS = """
from tools_of_the_test.parts import part


def halved(values):
    return part(values, 2)
"""

TOOLS = """
import numpy as np


def part(values, of):
    return np.asarray(values, dtype=float) / of
"""

CELLS = [
    """
import numpy as np
import pandas as pd
floors, kinds = [0, 1, 2] * 40, ["flat", "house"] * 60
rooms = pd.DataFrame({"area": np.linspace(20, 200, 120), "floor": floors, "kind": kinds})
price = rooms["area"] * 3.0 + rooms["floor"]
medians = rooms[["area", "floor"]].median()
LIMITS = {"area": (0.0, 1.0)}
""",
    """
%matplotlib inline
files = !ls
import re
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from helpers_of_the_test import halved
try:
    import a_package_that_is_not_here as fast
except ImportError:
    fast = None
WORDS = re.compile("[a-z]+")

def clipped(values):
    assert fast is None
    low, high = LIMITS["area"]
    return np.clip(values, low, high)
""",
    """
class Prepared(TransformerMixin, BaseEstimator):
    pass
""",
    '''
LIMITS = {"area": (20.0, 150.0)}

# Areas that are far too large are measured in another unit.
class Prepared(TransformerMixin, BaseEstimator):
    """Numbers of a room."""

    def __init__(self, power=1.0):
        self.power = power

    def fit(self, X, y=None):
        self.columns_ = [name for name in X.columns if WORDS.fullmatch(name)]
        self.means_ = X[["area", "floor"]].mean()
        self.seen_ = X.head(3).assign(kind=X["kind"].astype("category"), day=pd.Timestamp("2026-01-02"))
        return self

    def transform(self, X):
        area = clipped(X["area"].fillna(medians["area"])) ** self.power
        return np.column_stack([area, halved(X["floor"]), X["kind"] == "flat"])

def scaled(values):
    return values / 10
''',
    """
model = make_pipeline(Prepared(power=1.5), FunctionTransformer(scaled), Ridge()).fit(rooms, price)
two = FunctionTransformer(lambda X: X[["area", "floor"]] * halved([2, 2]))
line = make_pipeline(two, Ridge()).fit(rooms, price)
""",
]

PLAIN_MLFLOW = """
import json, sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"jupyter_mlops", "IPython"}:
            raise ImportError(name)

sys.meta_path.insert(0, Without())
import mlflow, pandas
rows = pandas.read_json(sys.argv[1])
print(json.dumps([mlflow.pyfunc.load_model(path).predict(rows).tolist() for path in sys.argv[2:]]))
"""


class FakeNotebook(dict[str, Any]):
    """Variables of a notebook: what is defined in it says that it belongs to ``__main__``."""

    def __init__(self) -> None:
        super().__init__(__name__="__main__")
        self.cells: list[str] = []

    def run(self, cell: str) -> None:
        self.cells.append(cell)
        exec(re.sub("^(%|files = !).*", "", cell, flags=re.MULTILINE), self)  # noqa: S102

    def save(self, name: str, folder: Path, serialization: str = SKOPS) -> Path:
        model, rows = self[name], self["rooms"]
        own = own_code(model, self.cells, name, by_value=serialization != SKOPS)
        save_model(
            model, folder / name, schema=infer_schema(rows), rows=rows.head(5),
            serialization=serialization, trusted=TRUSTED, extra={}, own=own,
        )  # fmt: skip
        return folder / name


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNotebook]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "helpers_of_the_test.py").write_text(HELPERS)
    (folder / "tools_of_the_test").mkdir()
    (folder / "tools_of_the_test" / "__init__.py").write_text("")
    (folder / "tools_of_the_test" / "parts.py").write_text(TOOLS)
    made = FakeNotebook()
    sys.path.insert(0, str(folder))
    try:
        for cell in CELLS:
            made.run(cell)
        yield made
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if "_of_the_test" in name]:
            del sys.modules[name]


def refused(notebook: FakeNotebook, name: str, *, by_value: bool = False) -> str:
    with pytest.raises(UnsafeModelError) as caught:
        own_code(notebook[name], notebook.cells, name, by_value=by_value)
    return str(caught.value)


def test_plain_mlflow_loads_what_holds_classes_functions_lambdas_and_own_modules(
    notebook: FakeNotebook, tmp_path: Path
) -> None:
    """In a process without the notebook, its folder and this package, and two versions at once."""
    folders = [notebook.save("model", tmp_path), notebook.save("line", tmp_path, CLOUDPICKLE)]
    rows = notebook["rooms"].head(7)
    rows.to_json(tmp_path / "rows.json", double_precision=15)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", PLAIN_MLFLOW, str(tmp_path / "rows.json"), *map(str, folders)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    for name, predicted in zip(("model", "line"), found, strict=True):
        assert predicted == pytest.approx(notebook[name].predict(rows).tolist(), rel=1e-12)
    assert type(notebook["model"][0]) is notebook["Prepared"]


def test_the_module_has_what_is_needed_as_it_was_written_and_nothing_else(
    notebook: FakeNotebook, tmp_path: Path
) -> None:
    folder = notebook.save("model", tmp_path)
    (own,) = folder.glob("code/model_code_*.py")
    text = own.read_text()
    assert "# Areas that are far too large are measured in another unit.\nclass Prepared" in text
    assert text.count("class Prepared") == 1
    assert "LIMITS = {'area': (20.0, 150.0)}" in text
    assert "except ImportError" in text
    for needless in ("linspace", "matplotlib", "Ridge", "price", "lambda"):
        assert needless not in text
    assert (folder / "code" / "helpers_of_the_test.py").read_text() == HELPERS
    said = json.loads((folder / "mlops" / "code.json").read_text())
    (parts,) = folder.glob("code/pandas_parts_*.py")
    assert said["types"] == [f"{own.stem}.Prepared", f"{own.stem}.scaled", f"{parts.stem}.Kept"]
    tools = {"tools_of_the_test/__init__.py", "tools_of_the_test/parts.py"}
    assert set(said["files"]) == {own.name, parts.name, "helpers_of_the_test.py", *tools}
    assert own.stem not in sys.modules


def test_the_model_comes_back_with_its_code_if_the_users_own_key_marked_it(
    notebook: FakeNotebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = notebook.save("model", tmp_path)
    rows, users = notebook["rooms"].head(7), sys.modules["helpers_of_the_test"]
    monkeypatch.setattr(users, "halved", None)  # the notebook's module may be another one by now
    again = load_model(folder, TRUSTED)
    assert again.predict(rows).tolist() == notebook["model"].predict(rows).tolist()
    assert type(again[0]).__module__.startswith("model_code_")
    for name in ("means_", "seen_"):
        assert digest(getattr(again[0], name)) == digest(getattr(notebook["model"][0], name))
    assert sys.modules["helpers_of_the_test"] is users
    monkeypatch.setenv("MLOPS_KEY_FILE", str(tmp_path / "the key of somebody else"))
    with pytest.raises(UnsafeModelError, match="not promoted with your own key"):
        load_model(folder, TRUSTED)
    digest_of_file = file_digest(folder / "model.skops")
    assert load_model(folder, TRUSTED, pickle_digest=digest_of_file)
    (own,) = folder.glob("code/model_code_*.py")
    own.write_text(own.read_text() + "\n")
    with pytest.raises(UnsafeModelError, match="not the one that was registered"):
        load_model(folder, TRUSTED, pickle_digest=digest_of_file)


def test_other_types_are_refused_beside_own_code(notebook: FakeNotebook, tmp_path: Path) -> None:
    notebook["cut"] = notebook["make_pipeline"](
        notebook["Prepared"](), notebook["FunctionTransformer"](partial(np.clip, a_min=0, a_max=1))
    )
    own = own_code(notebook["cut"], notebook.cells, "cut")
    with pytest.raises(UnsafeModelError, match=r"not on the reviewed list: functools\.partial"):
        check_types(notebook["cut"], TRUSTED, own)


def test_a_lambda_and_a_class_of_a_function_are_named(notebook: FakeNotebook) -> None:
    said = refused(notebook, "line")
    assert "holds a lambda as functiontransformer__func" in said
    assert "`def`" in said
    assert "--serialization cloudpickle" in said
    notebook.run("def made():\n    class Inner(Prepared):\n        pass\n    return Inner()\ninner = made()")
    assert "'Inner', which is made inside of a function" in refused(notebook, "inner")


def test_a_variable_that_is_no_constant_is_named(notebook: FakeNotebook) -> None:
    notebook.run(
        "other = Ridge().fit(rooms[['area']], price)\n"
        "def guessed(X):\n    return other.predict(X[['area']]).reshape(-1, 1)\n"
        "stacked = FunctionTransformer(guessed)"
    )
    said = refused(notebook, "stacked")
    assert "guessed uses the notebook's variable 'other' (a Ridge)" in said
    assert "in `fit`" in said


def test_code_as_people_write_it_in_notebooks(notebook: FakeNotebook, tmp_path: Path) -> None:
    notebook.run(
        "from dataclasses import dataclass\nfrom enum import Enum\nfrom functools import wraps\n"
        "from sklearn.compose import make_column_transformer\n"
        "from sklearn.metrics import make_scorer, mean_absolute_error\n"
        "from sklearn.model_selection import GridSearchCV\n"
        "NUMBERS = [name for name in rooms.columns if rooms[name].dtype != object and name != 'kind']\n"
        "SIZES = dict(zip(rooms['kind'].unique(), np.array([1.5, 2.5])))\n"
        "max = rooms['area'].max()\n"
    )
    notebook.run(
        "class Way(Enum):\n    PLAIN = 1\n    ROOT = 2\n\n"
        "@dataclass\nclass Settings:\n    way: int = Way.ROOT.value\n    most: float = max\n\n"
        "def checked(function):\n    @wraps(function)\n    def inside(self, X):\n"
        "        assert len(X)\n        return function(self, X)\n    return inside\n\n"
        "class Base(TransformerMixin, BaseEstimator):\n"
        "    names = NUMBERS\n"
        "    def __init__(self, scale=1.0, settings=Settings()):\n"
        "        self.scale, self.settings = scale, settings\n"
        "    def fit(self, X, y=None):\n        self.means_ = X[self.names].mean()\n        return self\n\n"
        "class Sized(Base):\n"
        "    @checked\n"
        "    def transform(self, X):\n"
        "        part = (X[self.names] - self.means_) / self.scale\n"
        "        part = part.clip(upper=min(max, self.settings.most))\n"
        "        return part.assign(size=X['kind'].map(SIZES), way=Way(self.settings.way).value)\n"
        "    @staticmethod\n    def helper(x): return x\n\n"
        "def loss(true, guessed, power=SIZES['flat']):\n"
        "    return mean_absolute_error(true, guessed) ** power\n"
    )
    notebook.run(
        "steps = make_pipeline(Sized(), Ridge())\n"
        "search = GridSearchCV(steps, {'ridge__alpha': [0.1, 1.0]}, cv=3,\n"
        "    scoring=make_scorer(loss, greater_is_better=False)).fit(rooms, price)\n"
    )
    folder = notebook.save("search", tmp_path)
    again = load_model(folder, TRUSTED)
    rows = notebook["rooms"]
    assert again.predict(rows).tolist() == notebook["search"].predict(rows).tolist()
    assert again.scoring is not notebook["loss"]
    notebook["steps"].set_params(sized__settings=notebook["Way"].ROOT)
    own = own_code(notebook["steps"], notebook.cells, "steps")
    with pytest.raises(UnsafeModelError, match=r"holds a steps_code_\w+\.Way in steps\[0\]\[1\]\.settings"):
        check_types(notebook["steps"], TRUSTED, own)
    del notebook["max"]


def test_code_that_no_cell_has_is_named(notebook: FakeNotebook) -> None:
    exec("def unseen(X):\n    return X", notebook)  # noqa: S102
    notebook["hidden"] = notebook["FunctionTransformer"](notebook["unseen"])
    assert "holds 'unseen', but no cell behind it defines it" in refused(notebook, "hidden")


def test_a_module_that_predicts_something_else_is_refused(notebook: FakeNotebook, tmp_path: Path) -> None:
    notebook.run(
        "def area(X):\n    return X[['area']] * getattr(area, 'factor', 1)\n"
        "area.factor = 5\n"
        "patched = make_pipeline(FunctionTransformer(area), Ridge()).fit(rooms, price)"
    )
    with pytest.raises(UnsafeModelError, match="predicts something else with its code on its own"):
        notebook.save("patched", tmp_path)
    assert not (tmp_path / "patched").exists()


@pytest.mark.parametrize(
    ("held", "named"),
    [
        (threading.Lock(), "_thread.lock in steps[0][1].held_ (TypeError)"),
        ((number for number in [1]), "builtins.generator in steps[0][1].held_ (TypeError)"),
    ],
)
def test_what_no_file_can_hold_is_named_with_its_place(
    notebook: FakeNotebook, held: object, named: str
) -> None:
    notebook["locked"] = notebook["make_pipeline"](notebook["Prepared"](), notebook["Ridge"]())
    notebook["locked"][0].held_ = held
    for by_value in (False, True):
        assert f"cannot be written: it holds a {named}" in refused(notebook, "locked", by_value=by_value)


def test_objects_of_pandas_that_cannot_be_taken_apart_are_named(notebook: FakeNotebook) -> None:
    notebook["times"] = notebook["Prepared"]()
    notebook["times"].seen_ = pd.Series(pd.to_datetime(["2026-01-01"], utc=True))
    own = own_code(notebook["times"], notebook.cells, "times")
    with pytest.raises(UnsafeModelError, match="holds a Series of pandas that cannot be written"):
        check_types(notebook["times"], TRUSTED, own)


@pytest.mark.parametrize(
    "value",
    [
        pd.Series([1, 2], index=["a", "b"], name="x"), pd.Series(["a", None, "b"]), pd.Series([True, False]),
        pd.Series([1, None], dtype="Int64"), pd.Series(["a", 1, None], dtype=object),
        pd.Series([], dtype=float),
        pd.Series(["x", "y", None], dtype="category"), pd.Series([1.5, None], index=pd.RangeIndex(2, 4)),
        pd.Series(pd.to_datetime(["2026-01-01", None])), pd.Index([1, 2], name="k"),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame({"b": ["x", None], "c": pd.to_timedelta([1, None], unit="s")}, index=[*"pq"]),
    ],
)  # fmt: skip
def test_objects_of_pandas_are_put_together_as_they_were(value: Any) -> None:
    make, parts = kept(value).__reduce__()
    assert digest(make(*parts)) == digest(value)


def test_an_open_file_is_named_with_its_place(notebook: FakeNotebook, tmp_path: Path) -> None:
    with (tmp_path / "words").open("w") as file:
        notebook["opened"] = notebook["Prepared"]()
        notebook["opened"].words_ = {"all": [file]}
        assert "it holds a _io.TextIOWrapper in words_['all'][0]" in refused(notebook, "opened")


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -0.0, float("inf"), 1 + 2j, "a'b\n", b"x", (), (1,), [1, [2.5]], {"a": {1: {2, 3}}},
        frozenset({1}), np.float32(0.1), np.int64(7), np.arange(6.0).reshape(2, 3), np.array(["a", "bc"]),
        pd.Series([1.5, None], index=["a", "b"], name="x"), pd.Index(["a", "b"], name="k"),
        pd.Series(["a", None]), pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.5, 1.5]}),
        pd.Timestamp("2026-01-02 03:04:05.678"), pd.Timedelta("1h"),
    ],
)  # fmt: skip
def test_plain_values_have_code_that_gives_them_back(value: object) -> None:
    text = as_code(value)
    assert text is not None
    names = {f"_{module.__name__}": module for module in (np, pd)}
    assert digest(eval(text, names)) == digest(value)  # noqa: S307


@pytest.mark.parametrize("value", [object(), len, [object()], list(range(20_000)), np.array([object()])])
def test_other_values_have_none(value: object) -> None:
    assert as_code(value) is None
