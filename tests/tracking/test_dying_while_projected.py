"""A kernel that dies while its journal is being projected: its last cell is not forgotten."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from stored_runs import names, stored_runs

from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.tracking.project import sync, waiting_runs

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

# The owner of a journal: it writes two runs, a third one while the second is projected, and is gone.
OWNER = """
import json, os, socket, sys, time, psutil
from pathlib import Path
from jupyter_mlops.notebook.journal import Journal, read_journal

path, header, *cells = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
header |= {"pid": os.getpid(), "host": socket.gethostname()}
header["process_started"] = psutil.Process().create_time()
journal = Journal(path)
for event in (header, *cells[:2]):
    journal.append(event)
print("ready", flush=True)
while not any(event["type"] == "run" for event in read_journal(path.with_suffix(".projected"))):
    time.sleep(0.001)
journal.append(cells[2])
os._exit(1)
"""


def test_a_cell_that_finished_while_the_others_were_projected_arrives(
    notebook: TrackedShell, client: MlflowClient
) -> None:
    notebook.run("from sklearn.linear_model import Ridge")
    for name in ("first", "second", "third"):
        notebook.run(f"%%mlops track --name {name}\nmodel = Ridge().fit([[0.0], [1.0]], [0.0, 1.0])")
    own = notebook.session.journal.path
    header, *cells = list(read_journal(own))
    runs = [json.dumps(cell) for cell in cells if cell.get("run")]
    other = own.with_name("dying.jsonl")
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(other), json.dumps({**header, "id": "dying"}), *runs],
        stdout=subprocess.PIPE,
    )
    assert owner.stdout is not None
    owner.stdout.readline()
    notebook.close()
    own.unlink()
    sync(notebook.settings)
    owner.wait(90)
    sync(notebook.settings)
    assert names(client) == ["first", "second", "third"]
    assert waiting_runs(notebook.settings) == 0
    assert [run.info.status for run in stored_runs(client, "session")] == ["KILLED"]
