"""A written project runs by itself: steps that have not changed are skipped, and mistakes are told."""

from __future__ import annotations

import importlib
import random
import sys
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy

from jupyter_mlops.pipeline.files import Facts, write_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = '''"""A small pipeline."""

import random

import numpy as np
import pandas as pd

from .runtime import Project, Step, read_data

RAN = []


def doubled(frame):
    return frame * 2


def load(*, data: str) -> pd.DataFrame:
    """Read."""
    RAN.append("load")
    return read_data(pd.read_csv, data, usecols=["x", "y"])


def prepare(table: pd.DataFrame, *, scale: float) -> tuple[pd.DataFrame, float, np.random.Generator]:
    """Prepare."""
    RAN.append("prepare")
    draw = np.random.rand() + random.random()
    return doubled(table) * scale, draw, np.random.default_rng(0)


def train(table: pd.DataFrame, rng: np.random.Generator, *, depth: int) -> tuple[float, np.random.Generator]:
    """Train."""
    RAN.append("train")
    if depth < 0:
        raise ValueError("no depth")
    return depth + rng.normal() + np.random.rand(), rng


def evaluate(table: pd.DataFrame, model: float, draw: float, rng: np.random.Generator) -> dict[str, float]:
    """Evaluate."""
    RAN.append("evaluate")
    return {"sum": float(table["x"].sum()), "all": model + draw + rng.normal() + np.random.rand()}


PIPELINE = Project(
    name="NAME",
    steps=(
        Step(load, makes=("table",)),
        Step(prepare, makes=("table", "draw", "rng")),
        Step(train, makes=("model", "rng")),
        Step(evaluate, makes=("scores",)),
    ),
    metrics={"scores": "scores"},
)
'''


class Written:
    """A project in a folder, imported into this process."""

    def __init__(self, folder: Path) -> None:
        self.name = f"made_{uuid.uuid4().hex[:8]}"
        self.folder = folder
        params = {"scale": 1.5, "depth": 3, "label": "a", "columns": ["x"]}
        facts = Facts(self.name, "A test.", (), params, {"depth": "# of the tree"}, {"data": "data.csv"})
        write_code(folder, facts, MODULE.replace("NAME", self.name))
        pd.DataFrame({"x": range(40), "y": range(40)}).to_csv(folder / "data.csv", index=False)
        self.pipeline = self.part("pipeline").PIPELINE
        self.ran: list[str] = self.part("pipeline").RAN

    def part(self, name: str) -> Any:
        return importlib.import_module(f"{self.name}.{name}")

    def main(self, *words: str) -> int:
        self.ran.clear()
        code: int = self.part("runtime.cli").main(self.pipeline, ["run", "--no-track", *words])
        return code


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    monkeypatch.syspath_prepend(tmp_path)
    made = Written(tmp_path)
    yield made
    for name in [name for name in sys.modules if name.startswith(made.name)]:
        del sys.modules[name]


def metrics(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if " = " in line]


def test_only_what_has_changed_runs_again(written: Written, capsys: pytest.CaptureFixture[str]) -> None:
    assert written.main() == 0
    assert written.ran == ["load", "prepare", "train", "evaluate"]
    first = metrics(capsys.readouterr().out)
    random.seed(5)
    np.random.seed(5)
    assert written.main() == 0
    assert written.ran == []
    assert metrics(capsys.readouterr().out) == first
    assert written.main("--param", "depth=4") == 0
    assert written.ran == ["train", "evaluate"]
    capsys.readouterr()
    assert written.main("--from", "train") == 0
    assert written.ran == ["train", "evaluate"]
    assert metrics(capsys.readouterr().out) == first  # random numbers go on as if all steps had run
    assert written.main("--force") == 0
    assert metrics(capsys.readouterr().out) == first
    pd.DataFrame({"x": [1], "y": [2], "unused": [3]}).to_csv(written.folder / "data.csv", index=False)
    assert written.main() == 0
    assert written.ran == ["load", "prepare", "train", "evaluate"]


def test_a_step_whose_input_came_out_equal_is_not_run_again(written: Written) -> None:
    written.main()
    text = (written.folder / "data.csv").read_text()
    (written.folder / "data.csv").write_text(text.replace("\n", "\r\n"))
    written.main()
    assert written.ran == ["load"]


def test_a_failing_step_keeps_what_was_done_before(
    written: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    assert written.main("--param", "depth=-1") == 1
    assert "the step train failed with ValueError" in capsys.readouterr().err
    assert written.main() == 0
    assert written.ran == ["train", "evaluate"]


def test_damaged_and_foreign_results_are_as_if_they_were_not_there(
    written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written.main()
    kept = sorted((written.folder / ".cache").glob("load-*.pkl"))
    kept[0].write_bytes(kept[0].read_bytes()[:-3] + b"abc")
    written.main()
    assert written.ran == ["load"]
    monkeypatch.setenv("MLOPS_KEY_FILE", str(tmp_path / "other-key"))
    written.main()
    assert written.ran == ["load", "prepare", "train", "evaluate"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--param", "dept=4"], "Did you mean 'depth'?"),
        (["--param", "depth=four"], "depth is a int, and a str was given"),
        (["--param", "columns=x"], "columns is a list"),
        (["--param", "depth"], "has no value"),
        (["--from", "trian"], "Did you mean 'train'?"),
        (["--data", "nowhere.csv"], "there is no file"),
        (["--data", "sqlite:///none.db"], "named without a table"),
    ],
)
def test_mistakes_on_the_command_line_are_told(
    written: Written, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert written.main(*words) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_numbers_are_read_as_the_parameter_needs_them(written: Written) -> None:
    given = written.part("runtime.params").override(
        {"rate": 0.1, "depth": None, "name": "a", "columns": ["x"], "is_on": True},
        ["rate=1e-3", "depth=5", "name=7", "columns=[x, y]", "is_on=false"],
    )
    assert given == {"rate": 0.001, "depth": 5, "name": "7", "columns": ["x", "y"], "is_on": False}


def test_data_comes_from_other_files_and_databases(written: Written) -> None:
    frame = pd.DataFrame({"x": [1, 2], "y": [3, 4]})
    frame.to_parquet(written.folder / "other.parquet")
    engine = sqlalchemy.create_engine(f"sqlite:///{written.folder}/shop.db")
    frame.to_sql("orders", engine, index=False)
    engine.dispose()
    sources = written.part("runtime.sources")
    shop = f"sqlite:///{written.folder}/shop.db"
    query = "#SELECT x, y FROM orders"
    for place in (str(written.folder / "other.parquet"), f"{shop}#orders", shop + query):
        pd.testing.assert_frame_equal(sources.read_data(pd.read_csv, place, sep=","), frame)
    assert written.main("--data", f"{shop}#orders") == 0
    assert written.main("--data", f"{shop}#orders") == 0
    assert written.ran == ["load"]  # a database has to be read to know


def test_places_are_shown_without_passwords(written: Written) -> None:
    shown = written.part("runtime.sources").without_secrets("postgresql://me:secret@host/shop?key=1#orders")
    assert shown == "postgresql://host/shop"
