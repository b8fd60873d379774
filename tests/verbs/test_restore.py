"""Older versions of variables and the data of runs come back as they were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from notebook_in_process import Notebook
from the_story import run_mlops, run_mlops_here

import jupyter_mlops
from jupyter_mlops.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from the_story import Story

MAKE = """
import numpy as np, pandas as pd
keys = pd.Index(list("vwxyz"), name="key")
df = pd.DataFrame({"n": range(5), "kind": pd.Categorical(list("aabba"))}, index=keys)
first = df.copy()
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Four versions of `df`, the last of them deleted; a generator, whose content nobody can know."""
    made = Notebook(tmp_path_factory.mktemp("restore"))
    for source in (
        "%mlops track on",
        MAKE,
        "df['n'] = df['n'] * 2",
        "df = df[df['n'] > 2]",
        "words = {'a': [1, 2]}\nstream = (n for n in range(3))\ngone = df.copy()",
        "del gone",
    ):
        made.done(source)
    yield made
    made.close()


def test_a_version_comes_back_equal_under_a_name_of_its_own(notebook: Notebook) -> None:
    card = notebook.done("%mlops restore df@1").value
    pd.testing.assert_frame_equal(notebook["df_1"], notebook["first"])
    assert list(notebook["df"]["n"]) == [4, 6, 8]
    assert card.title == "df_1 is restored"
    assert dict(card.lines)["rows"] == "5"
    assert dict(card.lines)["columns"] == "2"
    assert dict(card.lines)["from"] == "df@1"
    assert dict(card.lines)["cell"] == "In[3]"
    assert len(dict(card.lines)["digest"]) == 8
    notebook.done("%mlops restore df@2 --as doubled")
    assert list(notebook["doubled"]["n"]) == [0, 2, 4, 6, 8]


def test_the_function_returns_the_value(notebook: Notebook) -> None:
    pd.testing.assert_frame_equal(jupyter_mlops.restore("df@1"), notebook["first"])


def test_a_variable_with_other_content_stays_unless_forced(notebook: Notebook) -> None:
    notebook.done("mine = 'years of work'")
    assert "--force" in "\n".join(notebook.run("%mlops restore df@1 --as mine").refusal())
    assert notebook["mine"] == "years of work"
    notebook.done("%mlops restore df@1 --as mine --force")
    notebook.done("%mlops restore df@1 --as mine")  # the same content: nothing is lost
    pd.testing.assert_frame_equal(notebook["mine"], notebook["first"])


@pytest.mark.parametrize("line", ["df@", "df"])
def test_without_a_number_the_versions_are_listed(notebook: Notebook, line: str) -> None:
    table = notebook.done(f"%mlops restore {line}").value
    assert [(row[0], *row[2:]) for row in table.rows] == [
        ("1", "5 × 2", "kept"), ("2", "5 × 2", "kept"), ("3", "3 × 2", "kept"),
    ]  # fmt: skip
    assert all(row[1].startswith("In[") for row in table.rows)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("df@9", ["no version 9", "1 (In[3], 5 × 2 kept)", "3 (In[5], 3 × 2 kept)"]),
        ("dff@1", ["Did you mean 'df'?"]),
        ("words@1", ["digest only", "Frames and tables"]),
        ("stream@1", ["was not seen"]),
        ("gone@2", ["deleted"]),
        ("df-1", ["df@3", "RUN:NAME"]),
        ("df@1 --as 3x", ["not the name of a variable"]),
        ("df@1 out.xlsx", [".csv or .parquet"]),
        ("df@1 nowhere/out.csv", ["no folder"]),
    ],
)
def test_what_cannot_be_restored_is_explained_in_two_lines(
    notebook: Notebook, what: str, said: list[str]
) -> None:
    text = "\n".join(notebook.run(f"%mlops restore {what}").refusal())
    assert [part for part in said if part not in text] == []


def test_the_tab_key_offers_names_and_their_versions(notebook: Notebook) -> None:
    assert "%mlops restore df@" in notebook.complete("%mlops restore d")
    offered = [f"%mlops restore df@{number}" for number in (1, 2, 3)]
    assert notebook.complete("%mlops restore df@") == offered
    assert notebook.complete("%mlops restore gone@") == ["%mlops restore gone@1"]


def test_a_version_is_written_to_a_file_and_never_over_another(notebook: Notebook) -> None:
    file = notebook.folder / "out.parquet"
    notebook.done("%mlops restore df@1 out.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(file), notebook["first"])
    before = file.read_bytes()
    assert "--force" in "\n".join(notebook.run("%mlops restore df@3 out.parquet").refusal())
    assert file.read_bytes() == before
    notebook.done("%mlops restore df@3 out.parquet --force")
    assert len(pd.read_parquet(file)) == 3
    assert [found.name for found in notebook.folder.glob(".out*")] == []


def test_outside_a_tracked_notebook_versions_of_names_are_not_known(story: Story, tmp_path: Path) -> None:
    asked = run_mlops(story.folder, "restore", "X@1", str(tmp_path / "x.csv"))
    assert (asked.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "none is tracked here" in asked.stderr
    asked = run_mlops_here(story.folder, "restore", "tree:X_test")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "Name a file" in asked.stderr


def test_the_data_of_a_run_comes_back_by_the_runs_name(at_story: Story) -> None:
    pd.testing.assert_frame_equal(jupyter_mlops.restore("tree:X_test"), at_story.values["X_test"])
    with pytest.raises(NotFoundError, match="Did you mean 'X_test'"):
        jupyter_mlops.restore("tree:X_tst")
    with pytest.raises(NotFoundError, match="Did you mean 'tree'"):
        jupyter_mlops.restore("tre:X_test")


def test_a_shell_writes_the_data_of_a_run_to_a_file(at_story: Story, tmp_path: Path) -> None:
    done = run_mlops(
        at_story.folder, "restore", "plain line:y_test", str(tmp_path / "y.csv"), "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = pd.read_csv(tmp_path / "y.csv", index_col=0)["income"]
    pd.testing.assert_series_equal(written, jupyter_mlops.restore("plain line:y_test"))
    assert json.loads(done.stdout)["shape"] == [len(written)]
