"""A session worth losing, and what must hold of it after it was killed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stored_runs import stored_runs

from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.owed import Journals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings

STATUS = {"ok": "FINISHED", "error": "FAILED", "interrupted": "KILLED"}
# as `%mlops track on`, without the process that would project on its own: the test brings its own
TRACK = """
%load_ext jupyter_mlops
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
open_session(get_ipython(), load_settings()).start()
"""
TRACK_ON = "%load_ext jupyter_mlops\n%mlops track on"
FIRST = """
import jupyter_mlops, numpy as np, pandas as pd, matplotlib.pyplot as plt
from sklearn.linear_model import Ridge
rng = np.random.default_rng({seed})
df = pd.DataFrame({{"a": rng.normal(size=400), "b": rng.integers(0, 9, 400)}})
df["s"] = [f"p{{n}}" for n in range(400)]
"""
ROUND = (
    "df['c'] = df['a'] * {n} + {seed}",
    "%%mlops track --name fit{n}\nX = df[['a', 'b']]; model = Ridge({n}).fit(X, df['c']); k = {n}",
    "df = df.sort_values(['b', 'c'], ignore_index=True); k = {n}",
    "%%mlops track --name log{n}\nfor epoch in 0, 1:\n    jupyter_mlops.log(metrics={{'loss': epoch + {n}}})",
    "figure = plt.figure(figsize=(1, 1)); figure.gca().plot(df['a']); plt.close(figure); k = -{n}",
    "%%mlops track --name bad{n}\nbroken = Ridge(alpha=-{n}.0).fit(df[['a', 'b']], df['a'])",
    "values = np.arange(50) * {n} + {seed}",
)
FULL = """
import resource
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, before[1]))  # no file may be longer, as on a full disk
"""
NO_MEMORY = """
import resource
from pathlib import Path
before = resource.getrlimit(resource.RLIMIT_AS)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {limit}, before[1]))
"""
# what it took is free again when IPython shows the error: it can spend minutes there without memory
GREEDY = """
is_short = False
try:
    hoard = [bytearray(1 << 20) for _ in range(1 << 12)]
except MemoryError:
    is_short = True
if is_short:
    raise MemoryError
"""
RELIEF = """
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


def cells(seed: int, rounds: int = 3, track: str = TRACK) -> list[str]:
    """Cells of one session, no two with the same source."""
    rest = [cell.format(n=n, seed=seed) for n in range(1, rounds + 1) for cell in ROUND]
    return [track, FIRST.format(seed=seed), *rest]


def assert_nothing_lost(
    project: Settings, client: MlflowClient, sessions: Sequence[tuple[list[str], list[str], str]]
) -> None:
    """Call after a doctor.

    Args:
        project: whose journals, runs and snapshots.
        client: of the project's store.
        sessions: of each the cells that it was sent, those it said it finished, and how it must be closed:
            ``KILLED``, ``FINISHED``, or ``""`` if either may be.
    """
    journals = {path: list(read_journal(path)) for path in sorted(project.journals.glob("*.jsonl"))}
    runs, parents = stored_runs(client, "cell"), stored_runs(client, "session")
    by_session = {
        header["id"]: [event for event in events if event["type"] == "cell"]
        for header, *events in filter(None, journals.values())
    }
    for sent, finished, _ in sessions:
        own, done = bodies(sent), bodies(finished)
        assert done == own[: len(done)]
        found = [kept for kept in by_session.values() if own[0] in map(source_of, kept)]
        assert len(found) <= 1
        kept = [source for source in map(source_of, found[0]) if source in own] if found else []
        assert kept == own[: len(kept)], "the cells of a session are not in their order"
        # more than were acknowledged: an answer may die with the kernel
        assert len(kept) >= len(done), f"of {len(done)} finished cells {len(done) - len(kept)} are lost"
    wanted = Counter(
        (session, str(cell["serial"]), STATUS[cell["status"]])
        for session, kept in by_session.items()
        for cell in kept
        if cell["run"]
    )
    stored = Counter(
        (run.data.tags["mlops.session"], run.data.tags["mlops.serial"], run.info.status) for run in runs
    )
    assert stored == wanted
    assert all(count == 1 for count in stored.values())
    assert len({run.data.tags["mlops.session"] for run in parents}) == len(parents)
    assert {run.info.status for run in parents} <= {"KILLED", "FINISHED"}
    for sent, _, closed in sessions:
        check_closed(parents, by_session, sent, closed)
    for run in runs:
        check_files(client, run)
    assert list(Journals(project.journals).open()) == []
    health = SnapshotStore(project.snapshots).verify()
    assert health.ok, health.problems


def bodies(sent: list[str]) -> list[str]:
    """The sources of cells as their records have them; the cell that turns tracking on has none."""
    return [
        (cell.partition("\n")[2] if cell.startswith("%%mlops") else cell).strip()
        for cell in sent
        if cell not in {TRACK, TRACK_ON}
    ]


def source_of(record: Mapping[str, Any]) -> str:
    return str(record["source"]).strip()


def check_closed(
    parents: list[Any], by_session: dict[str, list[dict[str, Any]]], sent: list[str], closed: str
) -> None:
    """The run of a session, if it has one, ended as it must."""
    mine = [
        run
        for run in parents
        if bodies(sent)[0] in map(source_of, by_session[run.data.tags["mlops.session"]])
    ]
    assert len(mine) <= 1
    assert not closed or {run.info.status for run in mine} <= {closed}


def check_files(client: MlflowClient, run: Any) -> None:
    """The files of a run are whole."""
    folder = Path(run.info.artifact_uri.removeprefix("file://"))
    record = json.loads((folder / "mlops/record.json").read_text("utf-8"))
    assert str(record["serial"]) == run.data.tags["mlops.serial"]
    sliced = json.loads((folder / "mlops/slice.json").read_text("utf-8"))
    assert sliced["cells"]
    if record["status"] == "ok":
        assert run.data.metrics == record["run"]["metrics"]
        assert run.data.params == record["run"]["params"]
        assert len(run.inputs.dataset_inputs) == len(record["run"]["datasets"])
