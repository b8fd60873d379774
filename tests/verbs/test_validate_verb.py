"""`validate` in Python, in a notebook and in a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jupyter_mlops
from jupyter_mlops.cli import run
from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.errors import BadInputError, MlopsError

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings


def people(rows: int = 300) -> pd.DataFrame:
    return pd.DataFrame({"age": np.arange(rows) % 60 + 18, "city": ["Ulm", "Rome", "Oslo"] * (rows // 3)})


def older() -> pd.DataFrame:
    return people().assign(age=people()["age"] + 10)


@pytest.fixture
def files(project: Settings) -> Path:
    people().to_parquet("before.parquet")
    people().to_csv("before.csv", index=False)
    older().to_csv("after.csv", index=False)
    Path("before.json").write_text(profile_frame(people()).to_json())
    return Path.cwd()


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> Any:
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("against", ["before.parquet", "before.csv", "before.json", "saved.json"])
def test_files_of_all_kinds_are_references_in_a_shell(
    files: Path, capsys: pytest.CaptureFixture[str], against: str
) -> None:
    kept = ("--save", "saved.json", "--pandera", "expected.py")
    told(capsys, "validate", "before.csv", "--against", "before.csv", *kept, code=0)
    assert "within(18, 77" in Path("expected.py").read_text("utf-8")
    assert told(capsys, "validate", "before.csv", "--against", against, code=0)["ok"] is True
    found = told(capsys, "validate", "after.csv", "--against", against, code=1)
    assert found["summary"] == "1 of 9 checks fails: age (range)"
    assert told(capsys, "validate", "after.csv", "--against", against, "--columns", "city", code=0)["ok"]


def test_what_is_wrong_is_said_with_code_2(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.json").write_text("{")
    Path("list.json").write_text("[]")
    for words, said in {
        ("validate", "after.csv"): "nothing to validate the frame against",
        ("validate", "after.csv", "--against", "none.parquet"): "no file 'none.parquet'",
        ("validate", "after.csv", "--against", "none.json"): "no file 'none.json'",
        ("validate", "after.csv", "--against", "broken.json"): "cannot be read as JSON",
        ("validate", "after.csv", "--against", "list.json"): "no profile of a frame",
        ("validate", "after.csv", "--against", "before.csv", "--columns", "agee"): "Did you mean 'age'?",
        ("validate", "after.csv", "--against", "before.csv", "--save", "list.json"): "exists already",
    }.items():
        assert said in told(capsys, *words, code=2)["what"]


def test_frames_profiles_and_expectations_are_references_in_python(files: Path) -> None:
    first = jupyter_mlops.validate(older(), people())
    for against in (pl.from_pandas(people()), profile_frame(people()), first.expectations, "before.csv"):
        assert jupyter_mlops.validate(pl.from_pandas(older()), against).summary == first.summary
    assert jupyter_mlops.validate("before.csv", Path("before.json")).ok
    first.to_pandera("expected.py")
    with pytest.raises(BadInputError, match="exists already"):
        first.to_pandera("expected.py")
    with pytest.raises(BadInputError, match="reference data is a int, not a data frame"):
        jupyter_mlops.validate(people(), 7)


def test_an_older_version_of_a_variable_is_a_reference(untracked: TrackedShell) -> None:
    untracked.track()
    untracked.shell.user_ns["people"] = people
    untracked.run("people = people()")
    untracked.run("people = people.assign(age=people['age'] + 10)")
    report = untracked.shell.run_line_magic("mlops", "validate people --against people@1")
    assert report.summary == "1 of 9 checks fails: age (range)"


def test_values_of_masked_columns_are_neither_expected_nor_shown(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_MASK", "city")
    report = jupyter_mlops.validate(people(), people())
    checks = report.checks
    assert checks.loc[checks["column"] == "city", "expectation"].tolist() == ["type", "missing"]
    assert "Oslo" not in report.save("masked.json").read_text()


def test_a_notebook_names_variables_and_is_helped(untracked: TrackedShell) -> None:
    shell = untracked
    shell.shell.user_ns.update(before=people(), after=older())
    report = shell.shell.run_line_magic("mlops", "validate after --against before")
    assert report.summary == "1 of 9 checks fails: age (range)"
    with pytest.raises(Exception, match="Did you mean 'before'") as caught:
        shell.shell.run_line_magic("mlops", "validate after --against befor")
    assert not isinstance(caught.value, MlopsError)
