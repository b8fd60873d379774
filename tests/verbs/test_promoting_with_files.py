"""A model that was trained from a file which the notebook wrote itself can be promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path / "project")
    made.done("%mlops track on")
    yield made
    made.close()


def test_a_notebook_that_writes_a_csv_and_trains_from_it_is_promoted(files: Notebook) -> None:
    (files.folder / "raw.csv").write_text("x,y\n0,1\n1,3\n2,5\n3,7\n4,9\n5,11\n")
    files.done("import pandas as pd\nraw = pd.read_csv('raw.csv')")
    files.done("import os\nos.makedirs('work', exist_ok=True)\nraw.head()")
    files.done("raw.assign(z=raw['x'] ** 2).to_csv('work/clean.csv', index=False)")
    files.done("raw.to_parquet('unneeded.parquet')")
    files.done("clean = pd.read_csv('work/clean.csv')")
    files.done(
        "from sklearn.linear_model import Ridge\nmodel = Ridge().fit(clean[['x', 'z']], clean['y'])\n"
        "X = clean[['x', 'z']]\nmodel.fit(X, clean['y'])\nfit = model.score(X, clean['y'])"
    )
    written = (files.folder / "work" / "clean.csv").stat()
    card = files.done("%mlops promote model --as from_files").value
    assert card.to_dict()["verified"] is True
    assert dict(card.lines)["reproduced from"] == "10 statements in 5 cells; 1 left out"
    assert (files.folder / "work" / "clean.csv").stat().st_mtime_ns == written.st_mtime_ns

    (files.folder / "raw.csv").write_text("x,y\n0,1\n1,3\n2,5\n3,7\n4,9\n5,12\n")
    again = files.done("%mlops promote model --as from_files").value
    assert again.to_dict()["verified"] is True
    assert dict(again.lines)["from snapshots"] == "raw: their files have changed"


def test_a_file_that_has_changed_and_of_which_nothing_is_kept_is_asked_for(files: Notebook) -> None:
    (files.folder / "slope.txt").write_text("3")
    files.done("import pandas as pd\nX = pd.DataFrame({'x': [0.0, 1, 2, 3]})")
    files.done("from pathlib import Path\nslope = float(Path('slope.txt').read_text())")
    files.done(
        "from sklearn.linear_model import Ridge\ntilted = Ridge().fit(X, slope * X['x'])\n"
        "level = float(tilted.predict(X).mean())"
    )
    (files.folder / "slope.txt").write_text("4")
    said = files.run("%mlops promote tilted --as tilted").refusal()
    assert "did not reproduce" in said[0]
    assert "slope.txt is not what the notebook read" in said[1]
