"""What becomes of a notebook's statements: steps and their names, parameters, functions, data, the result."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.lineage.record import NUMPY_RANDOM, CellRecord
from jupyter_mlops.pipeline.checking import Expected
from jupyter_mlops.pipeline.headings import told_above
from jupyter_mlops.pipeline.layout import module_text
from jupyter_mlops.pipeline.partition import Told
from jupyter_mlops.pipeline.plan import Plan, Shape, make_plan
from jupyter_mlops.pipeline.statements import Statement, statement_of

FOLDER = Path("/work")
FRAME, ESTIMATOR = "pandas:DataFrame", "sklearn.linear_model._ridge:Ridge"
KINDS = {"model": ESTIMATOR, "base": ESTIMATOR, "r2": "builtins:float"}


def statements(*cells: str) -> list[Statement]:
    """Statements of cells as a replay would tell of them; what is no model is a frame."""
    found = []
    for serial, cell in enumerate(cells, start=1):
        for node in ast.parse(cell).body:
            empty = Statement("", node, serial, f"In[{serial}]", frozenset(), frozenset())
            text = ast.get_source_segment(cell, node) or ""
            made = statement_of(text, empty)
            bound = {name: KINDS.get(name, FRAME) for name in made.binds}
            changes = frozenset({"model"} if "model.fit(" in text and "model" not in made.binds else ())
            random = frozenset({NUMPY_RANDOM} if "np.random." in text or "numpy.random." in text else ())
            found.append(
                Statement(
                    text, made.node, serial, made.cell, made.reads, made.binds, changes=changes, kinds=bound,
                    random=random, files=("a.csv",) if "read_csv" in text else (),
                )
            )  # fmt: skip
    return found


def planned(*cells: str, told: dict[int, Told] | None = None, metrics: tuple[str, ...] = ("r2",)) -> Plan:
    expected = Expected(dict.fromkeys(metrics, 1.0), "model", features="X")
    return make_plan(statements(*cells), Shape(), expected, ["a.csv"], FOLDER, told or {})


def text_of(plan: Plan) -> str:
    return module_text("made", "A test.", plan.code, plan.steps, plan.result)


READ = 'import pandas as pd\ntable = pd.read_csv("a.csv", sep=";")'
FIT = (
    "from sklearn.linear_model import Ridge\nbase = Ridge(alpha)\n"
    "model = base\nmodel.fit(X, y)\nr2 = model.score(X, y)"
)


def test_statements_become_steps_by_what_they_do() -> None:
    plan = planned(READ, 'X = table[["a"]]\ny = table["b"]', f"alpha = 2.5\n{FIT}")
    assert [step.segment.name for step in plan.steps] == ["load", "prepare", "train", "evaluate"]
    assert plan.params == {"alpha": 2.5}
    text = text_of(plan)
    assert 'table = read_data(pd.read_csv, data, sep=";")' in text
    assert "def train(X: pd.DataFrame, y: pd.DataFrame, *, alpha: float) -> Ridge:" in text
    assert "base = Ridge(alpha)" in text.partition("def train")[2]
    assert plan.sources[0].place == "/work/a.csv"
    assert plan.sources[0].seen_from(Path("/work/out")) == "../a.csv"


def test_headings_name_further_steps_and_text_becomes_docstrings() -> None:
    told = {
        2: Told("Clean the ages", 'Some are "unknown".'),
        3: Told("What has sold?", "Only these\\those count."),
    }
    plan = planned(READ, "X = table.dropna()", "y = X['b']", f"alpha = 2.5\n{FIT}", told=told)
    names = [step.segment.name for step in plan.steps]
    assert names == ["load", "prepare", "what_has_sold", "train", "evaluate"]
    text = text_of(plan)
    namespace = {each.name: ast.get_docstring(each) for each in ast.parse(text).body if hasattr(each, "name")}
    assert namespace["what_has_sold"] == "What has sold?\n\nOnly these\\those count."
    assert namespace["prepare"] == 'Prepare the data.\n\nClean the ages.\n\nSome are "unknown".'


def test_functions_stand_where_what_they_use_is_known() -> None:
    plan = planned(
        READ,
        "def plain(frame):\n    return frame.dropna()",
        "LIMIT = 3\ndef capped(frame):\n    return plain(frame).clip(upper=LIMIT)",
        "rows = 5\ndef first(frame):\n    return capped(frame).head(rows)",
        "class Keeper:\n    size = share",
        "share = 0.5\nX = first(table)\ny = Keeper().size",
        f"alpha = 2.5\n{FIT}",
    )
    text = text_of(plan)
    module = [each.name for each in ast.parse(text).body if isinstance(each, ast.FunctionDef | ast.ClassDef)]
    assert module == ["plain", "capped", "Keeper", "load", "prepare", "train", "evaluate"]
    assert "LIMIT = 3\nshare = 0.5\n" in text
    assert "def prepare(table: pd.DataFrame, *, rows: int)" in text
    assert "    def first(frame):\n        return capped(frame).head(rows)\n" in text
    assert plan.params == {"rows": 5, "alpha": 2.5}


def test_what_is_bound_twice_or_changed_is_no_parameter() -> None:
    plan = planned(READ, "alpha = 1\nalpha = alpha + 1\nX = y = table", FIT)
    assert plan.params == {}


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ('from pathlib import Path\ntable = pd.read_csv(Path(".") / "a.csv")', "(pd.read_csv, data)"),
        (
            'FILE = "a.csv"\ntable = pd.read_csv(FILE)',
            "FILE = data\n    table = read_data(pd.read_csv, FILE)",
        ),
        ('def get():\n    return pd.read_csv("a.csv")\ntable = get()', 'pd.read_csv, source_of("data"))'),
        ('data = 1\ntable = pd.read_csv("a.csv", nrows=data)', "(pd.read_csv, source_data, nrows=data)"),
        ('table = pd.read_csv(\n    "a.csv",  # here\n)', "(pd.read_csv, \n        data,  # here\n    )"),
        (
            'def read_data():\n    return pd.read_csv("a.csv")\ntable = read_data()',
            'return read_pipeline_data(pd.read_csv, source_of("data"))',
        ),
        ("names = ['a']\ntable = pd.read_csv(names[0] + '.csv')", "table = read_data(pd.read_csv, data)"),
    ],
)
def test_what_names_the_data_becomes_an_argument(cell: str, line: str) -> None:
    text = text_of(planned("import pandas as pd", cell, "alpha = 1\nX = y = table", FIT))
    assert line in text


def test_data_that_nothing_names_is_refused() -> None:
    cell = "import pandas as pd\ntable = pd.concat([pd.read_csv(p) for p in glob()] + [pd.read_csv(last())])"
    with pytest.raises(BadInputError, match=r"In\[1\] reads a.csv without naming it"):
        planned(cell, "alpha = 1\nX = y = table", FIT)


def test_states_of_random_numbers_stay_where_something_is_drawn_from_them() -> None:
    start = "import numpy.random\nnumpy.random.set_state({'state': 1})"
    seed = "import numpy as np\nnp.random.seed(1)"
    draw = "import numpy as np\nX = y = np.random.rand(3)"
    rest = f"alpha = 1\n{FIT}"
    assert "set_state" in text_of(planned(READ, start, draw, rest))
    assert "set_state" not in text_of(planned(READ, start, seed, draw, rest))
    assert "set_state" not in text_of(planned(READ, start, "X = y = table", rest))


def test_a_metric_that_was_shown_or_logged_gets_a_name() -> None:
    cells = (READ, "X = y = table", f"alpha = 1\n{FIT}\nmodel.score(X, y)")
    plan = planned(*cells, metrics=("score",))
    assert plan.result.metrics == {"score": "shown"}
    assert "shown = model.score(X, y)" in text_of(plan)
    logged = "import jupyter_mlops\njupyter_mlops.log(metrics={'auc': model.score(X, y), 'r2': r2})"
    text = text_of(planned(READ, "X = y = table", f"alpha = 1\n{FIT}", logged, metrics=("auc", "r2")))
    assert "auc = model.score(X, y)" in text
    assert "jupyter_mlops" not in text


def test_settings_of_libraries_run_before_all_steps() -> None:
    text = text_of(planned(READ, "pd.set_option('mode.x', None)\nX = y = table", f"alpha = 1\n{FIT}"))
    assert "def set_up() -> None:" in text
    assert "    set_up=set_up," in text


def test_imports_are_sorted_as_ruff_sorts_them(tmp_path: Path) -> None:
    odd = "from zlib import crc32 as crc, adler32\nimport os as system\nimport numpy as np, numpy"
    clash = "class Step:\n    size = np, numpy, crc, crc32, adler32, system"
    more = "from zlib import crc32"
    plan = planned(READ, f"{odd}\n{more}\n{clash}", "X = y = table\nn = Step.size", f"alpha = 1\n{FIT}")
    (tmp_path / "pipeline.py").write_text(text_of(plan))
    words = ["check", "--no-cache", "--isolated", "--line-length=110", "--select=E4,E9,F,I", "--ignore=F841"]
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run([ruff, *words, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + text_of(plan)


def test_markdown_is_told_in_plain_words() -> None:
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["# The *data*\n", "\n", "From [here](http://x), as `csv`."]},
            {"cell_type": "code", "id": "a", "source": "one = 1"},
            {"cell_type": "code", "id": "b", "source": ["two = 2"]},
            {"cell_type": "markdown", "source": "| a | table |\n\npassword = 'hunter2-hunter2'"},
            {"cell_type": "code", "id": "c", "source": "three = 3"},
        ]
    }  # fmt: skip
    records = [
        CellRecord(1, 1, "one = 1  # since changed", {}, {}, cell_id="a"),
        CellRecord(2, 2, "two = 2", {}, {}),
        CellRecord(3, 3, "three = 3", {}, {}, cell_id="c"),
        CellRecord(4, 4, "four = 4", {}, {}),
    ]
    told = told_above(notebook, records)
    assert told == {
        1: Told("The data", "From here, as csv."),
        2: Told("The data", ""),
        3: Told("The data", ""),
    }
