"""``lineage.json``: each name a cell read has the digest that the cell before it gave."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from jupyter_mlops.lineage.mirror import SliceFile
from jupyter_mlops.lineage.record import CellRecord, Dataset, Estimator, RunFacts
from jupyter_mlops.lineage.slice import Slice, SliceCell
from jupyter_mlops.registry.lineage_file import lineage_of
from jupyter_mlops.tracking.read_runs import Run

READ = "import pandas as pd\nrows = pd.read_csv('a.csv')"
CODE = Slice(
    (
        SliceCell(1, 1, READ, reads=("a.csv",), digests={"rows": "d1"}),
        SliceCell(3, 2, "rows['b'] = rows['a'] * 2", digests={"rows": "d2"}),
        SliceCell(4, None, "%time x = 1", digests={"x": "d3"}),
        SliceCell(
            7, 4, "model = fit(rows, x)\nscore = model.score(rows)", digests={"model": "d4"},
            random={"<random>": {"digest": "r1", "state": {}}},
        ),
    ),
    left_out=2,
    files=(SliceFile("a.csv", is_made=False, is_written=False, digest="f1"),),
    rung="statements",
    said="gave the same",
)  # fmt: skip
FACTS = RunFacts(
    "tree",
    datasets=(Dataset("rows", "d2", "frame", 3, ("a", "b")),),
    estimators=(Estimator("model", "Ridge", "d4", fitted_here=True),),
)
RECORD = CellRecord(7, 4, "model = fit(rows, x)", {"rows": 2}, {}, run=FACTS)
RUN = Run(
    "id7", "tree", "FINISHED", datetime(2026, 1, 2, tzinfo=UTC), 1.0, {}, {},
    {
        "mlflow.parentRunId": "p", "mlops.session": "s",
        "mlflow.source.git.commit": "c", "mlops.git.dirty": "true",
    },
    (),
)  # fmt: skip


def test_cells_files_data_and_run_are_told_by_their_digests() -> None:
    found = json.loads(json.dumps(lineage_of(CODE, RUN, RECORD)))
    assert [cell["serial"] for cell in found["cells"]] == [1, 3, 4, 7]
    first, second, third, last = found["cells"]
    assert (first["read"], first["made"], first["files"]) == ({}, {"pd": None, "rows": "d1"}, ["a.csv"])
    assert (second["read"], second["made"]) == ({"rows": "d1"}, {"rows": "d2"})
    assert third["made"] == {"x": "d3"}
    assert last["read"] == {"rows": "d2", "x": "d3"}
    assert last["made"] == {"model": "d4", "score": None}
    assert last["random"] == {"<random>": "r1"}
    assert found["files"] == [{"path": "a.csv", "digest": "f1", "made": False, "written": False}]
    assert found["snapshots"] == [{"name": "rows", "digest": "d2", "kind": "frame", "rows": 3, "columns": 2}]
    assert found["models"] == [{"name": "model", "kind": "Ridge", "digest": "d4"}]
    assert found["run"]["parent"] == "p"
    assert found["run"]["git"] == {"commit": "c", "dirty": True}
    assert found["reproduced"] == {"rung": "statements", "said": "gave the same"}
