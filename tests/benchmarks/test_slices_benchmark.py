from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import slice_notebooks, slices
from benchmarks.processes import Bench, open_bench
from benchmarks.runner import Options
from benchmarks.slice_cases import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = Options(1, lambda text: None, is_quick=True)
CELLS = [
    "from sklearn.linear_model import LinearRegression, Ridge\nimport pandas as pd",
    "df = pd.read_csv('../data/rows.csv')\ndf.head()",
    "%matplotlib inline\nother = Ridge().fit(df[['a']], df['b'])",
    "def train():\n    inner = Ridge()\n    inner.fit(df[['a']], df['b'])",
    "model = LinearRegression()\nmodel.fit(df[['a']], df['b'])\nother = 1",
]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with open_bench() as made:
        yield made


@pytest.fixture
def clones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one repository of three notebooks, and the list that names them."""
    repository = tmp_path / "clones" / "lessons"
    for folder in ("data", "lessons", ".git"):
        (repository / folder).mkdir(parents=True)
    (repository / "data" / "rows.csv").write_text("a,b\n1,2\n2,4\n3,7\n")
    for name, sources in {"fits": CELLS, "fails": ["1 / 0"], "no model": ["a = 1"]}.items():
        cells = [{"cell_type": "code", "source": [source]} for source in sources]
        (repository / "lessons" / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    names = ("fits", "fails", "no model", "not there")
    lines = "".join(f"https://example.org/one/lessons abc lessons/{name}.ipynb\n" for name in names)
    (tmp_path / "list.txt").write_text(lines)
    monkeypatch.setattr(slice_notebooks, "LIST", tmp_path / "list.txt")
    return repository.parent


def test_two_cases_are_sliced_and_run_again_without_peers() -> None:
    report = slices.measure(QUICK)
    (table,) = report.tables
    assert table.heading == "2 small cases"
    assert [row[:3] for row in table.rows] == [("tracking", "2", "2")]
    assert all(found["tracking"]["rung"] == "statements" for found in report.data["cases"].values())


def test_cases_say_of_each_cell_whether_it_is_needed() -> None:
    cases = json.loads(CASES.read_text("utf-8"))["cases"]
    assert len(cases) >= 20
    for name, cells in cases.items():
        assert {cell["needed"] for cell in cells} == {True, False}, name
        assert cells[-1]["needed"], name
        assert "out = " in cells[-1]["source"], name


def test_the_last_model_of_a_notebook_is_sliced_in_its_own_folder(bench: Bench, clones: Path) -> None:
    report = slice_notebooks.measure_notebooks(bench, QUICK, clones, None)
    (found,) = report.data["found"]
    assert (found["model"], found["statements"]) == ("model", 10)
    assert found["sides"]["tracking"]["is_right"]
    assert found["sides"]["tracking"]["statements"] == 5
    assert report.data["left out"] == {
        "lessons/fails.ipynb": "cell 1: ZeroDivisionError",
        "lessons/no model.ipynb": "no model is left at the end",
        "lessons/not there.ipynb": "not in lessons",
    }
    assert report.tables[0].rows[0][:3] == ("tracking", "1 of 1", "100 %")


def test_the_list_names_a_commit_for_each_notebook() -> None:
    lines = [line.split(" ", 2) for line in slice_notebooks.LIST.read_text("utf-8").splitlines()]
    assert all(address.startswith("https://") and len(commit) == 40 for address, commit, _ in lines)
    assert all(Path(path).suffix == ".ipynb" for _, _, path in lines)
