"""`reproduce` where files that were read have changed: kept values stand in for them, and it is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from mlflow import MlflowClient
from notebook_in_process import Notebook
from the_story import run_mlops

from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOAD = "import pandas as pd\nfrom sklearn.linear_model import Ridge\nrows = pd.read_csv('rows.csv')"
FIT = """%%mlops track --name later
X, y = rows[["a"]], rows["b"]
line = Ridge().fit(X, y)
line.predict(X)
fit = line.score(X, y)
"""
ALONE = """%%mlops track --name alone
import pandas as pd
from sklearn.linear_model import Ridge
own = pd.read_csv("rows.csv")
part = own[["a"]]
single = Ridge().fit(part, own["b"])
error = float(abs(single.predict(part) - own["b"]).max())
"""
NUMBERS = """%%mlops track --name numbers
total = sum(int(line.split(",")[0]) for line in open("rows.csv").read().split()[1:])
"""
OLD = "a,b\n1,2\n2,5\n3,5\n4,9\n"
NEW = "a,b\n1,2\n2,5\n3,5\n4,90\n"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    made = Notebook(tmp_path_factory.mktemp("changed") / "project")
    (made.folder / "rows.csv").write_text(OLD)
    for source in ("%mlops track on", LOAD, FIT, ALONE, NUMBERS):
        made.done(source)
    yield made
    made.close()


@pytest.fixture
def file(notebook: Notebook) -> Iterator[Path]:
    """The notebook's file; it has its old content again afterwards."""
    path = notebook.folder / "rows.csv"
    yield path
    path.write_text(OLD)


def of_files(told: dict[str, object]) -> list[tuple[str, str, str]]:
    found: list[dict[str, str]] = told["findings"]  # type: ignore[assignment]
    return [(each["name"], each["outcome"], each["figure"]) for each in found if each["group"] == "file"]


def test_a_file_that_is_as_it_was_is_read_and_nothing_is_said(notebook: Notebook) -> None:
    card = notebook.done("%mlops reproduce later").value
    assert card.is_equal
    assert of_files(card.to_dict()) == []


def test_the_snapshot_stands_in_for_a_file_that_has_changed(notebook: Notebook, file: Path) -> None:
    file.write_text(NEW)
    card = notebook.done("%mlops reproduce later").value
    assert card.is_equal
    told = ("rows.csv", "different", "changed since: In[3] starts from the snapshot of rows")
    assert of_files(card.to_dict()) == [told]
    shown = next(line.split(maxsplit=4) for line in str(card).splitlines() if "file rows.csv" in line)
    assert shown == ["!", "changed", "file", "rows.csv", told[2]]
    assert file.read_text() == NEW


def test_the_snapshot_stands_in_for_a_file_that_is_gone(notebook: Notebook, file: Path) -> None:
    file.unlink()
    card = notebook.done("%mlops reproduce later").value
    assert card.is_equal
    assert of_files(card.to_dict())[0][2] == "gone: In[3] starts from the snapshot of rows"
    assert not file.exists()


def test_a_cell_that_reads_and_fits_starts_from_the_snapshot_too(notebook: Notebook, file: Path) -> None:
    file.unlink()
    card = notebook.done("%mlops reproduce alone").value
    assert card.is_equal
    assert of_files(card.to_dict())[0][2] == "gone: In[5] starts from the snapshot of own"


def test_fresh_data_reads_the_file_as_it_is_now_and_the_result_differs(
    notebook: Notebook, file: Path
) -> None:
    file.write_text(NEW)
    card = notebook.done("%mlops reproduce later --fresh-data").value
    told = card.to_dict()
    assert card.exit_code == 1
    assert of_files(told) == [("rows.csv", "different", "changed since: In[3] read it as it is now")]
    outcomes = {(each["group"], each["name"]): each for each in told["findings"]}
    assert outcomes["data", "rows"]["outcome"] == "different"
    assert "recorded 4 × 2, " in outcomes["data", "rows"]["figure"]
    assert outcomes["metric", "fit"]["outcome"] == "different"
    assert outcomes["predictions", "line"]["figure"].startswith("4 of 4 rows differ, by up to ")


def test_where_nothing_was_kept_the_file_is_read_as_it_is_and_that_is_said(
    notebook: Notebook, file: Path
) -> None:
    file.write_text("a,b\n5,2\n")
    card = notebook.done("%mlops reproduce numbers").value
    assert card.exit_code == 1
    assert "was not kept: read as it is now" in of_files(card.to_dict())[0][2]
    file.unlink()
    said = notebook.run("%mlops reproduce numbers").refusal()
    assert "FileNotFoundError" in said[0]
    assert "rows.csv is not what the notebook read" in said[1]


def test_another_checkout_that_shares_the_stores_needs_no_file_of_this_one(
    notebook: Notebook, tmp_path: Path
) -> None:
    run = notebook.done("%mlops reproduce later").value.data["run_id"]
    with notebook.here():
        settings = load_settings()
        SnapshotStore(settings.snapshots).copy_to(tmp_path / "shared")
        client = MlflowClient(settings.tracking_uri)
        before = client.get_run(run).data.tags["mlops.folder"]
        client.set_tag(run, "mlops.folder", str(tmp_path / "on a machine of a colleague"))
    other = tmp_path / "checkout"
    other.mkdir()
    words = {
        "MLFLOW_TRACKING_URI": settings.tracking_uri,
        "MLOPS_SNAPSHOTS": str(tmp_path / "shared"),
        "MLOPS_PROJECT": str(other),
    }
    try:
        asked = run_mlops(other, "reproduce", "later", "--json", **words)
    finally:
        client.set_tag(run, "mlops.folder", before)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    told = json.loads(asked.stdout)
    assert told["folder"] == str(other)
    assert of_files(told)[0][2] == "gone: In[3] starts from the snapshot of rows"
    assert told["counts"]["different"] == 0
