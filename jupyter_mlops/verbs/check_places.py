"""What `doctor` finds in the places that tracking writes to: the folder, MLflow, snapshots, servers."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from jupyter_mlops.bundle.server import list_servers
from jupyter_mlops.errors import MlopsError, StoreError
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.settings import without_secrets
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.outbox import Outbox
from jupyter_mlops.tracking.read_runs import search_runs
from jupyter_mlops.tracking.sharing import tell
from jupyter_mlops.verbs.checks import Check, advice_on, count, megabytes

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.settings import Settings

_MOST_RUNS = 1000
_MOST_PROBLEMS = 3
_SPARE_BYTES = 1 << 20


def check_folder(settings: Settings) -> list[Check]:
    """Only what is wrong: a folder that takes no files, cells of this notebook that wait in memory."""
    what = "project folder"
    found = []
    folder = settings.home if settings.home.exists() else settings.project
    reason = _why_not_writable(folder)
    if reason:
        advice = f"Make {folder} a folder that can be written: cells run meanwhile, but are not kept."
        found.append(Check("failed", what, f"cannot be written: {reason}", None, advice))
    session = current_session()
    if session is not None and (waiting := session.recorder.unwritten):
        cells = count(waiting, "cell")
        try:
            session.recorder.write()
        except StoreError as error:
            found.append(
                Check("failed", "this notebook", f"{cells} only in memory", waiting, advice_on(error))
            )
        else:
            found.append(Check("warned", "this notebook", f"{cells} written that waited", waiting))
    return found


def _why_not_writable(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_SPARE_BYTES))
            file.flush()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def check_store(settings: Settings) -> Check:
    """Whether MLflow answers."""
    what = "MLflow store"
    if settings.is_store_missing:
        return Check("passed", what, "none yet: the first tracked run makes it", {"runs": 0})
    try:
        found = len(search_runs(settings, limit=_MOST_RUNS))
    except StoreError as error:
        return Check("failed", what, "cannot be used", {"runs": None}, advice_on(error))
    more = " or more" if found == _MOST_RUNS else ""
    return Check("passed", what, f"answers, {count(found, 'run')}{more}", {"runs": found})


def check_snapshots(settings: Settings) -> Check:
    """Whether every snapshot comes back as it was."""
    what = "snapshot store"
    if not settings.snapshots.is_dir():
        return Check("passed", what, "none yet: the first tracked frame makes it", {"values": 0, "bytes": 0})
    store = SnapshotStore(settings.snapshots)
    try:
        health, size = store.verify(), store.size()
    except (StoreError, OSError) as error:
        reason = error.what if isinstance(error, StoreError) else type(error).__name__
        advice = f"Make {settings.snapshots} readable ({reason})."
        return Check("failed", what, "cannot be read", None, advice)
    data = {"values": health.values, "bytes": size, "problems": list(health.problems)}
    whole = f"{count(health.values, 'value')} whole, {megabytes(size)}"
    if health.ok:
        return Check("passed", what, whole, data)
    first = "; ".join(health.problems[:_MOST_PROBLEMS])
    advice = f"{first}: bring it back from a copy, or run the cells again that made the values."
    return Check("failed", what, f"{count(len(health.problems), 'problem')}, {whole}", data, advice)


def check_shared(settings: Settings) -> list[Check]:
    """Bring what waits to the place that snapshots are shared at; nothing if they are not."""
    if settings.shared is None:
        return []
    what = f"snapshots shared at {without_secrets(settings.shared)}"
    outbox = Outbox(settings.snapshots, settings.shared)
    try:
        gone = outbox.recheck()
        brought = outbox.push()
        tell(settings, None)
    except MlopsError as error:
        waiting = len(outbox.waiting())
        left = f"{count(waiting, 'value')} still here only" if waiting else "cannot be read"
        return [Check("failed", what, left, {"waiting": waiting}, advice_on(error))]
    figure = f"{count(brought, 'value')} brought there" if brought else "answers, nothing waits"
    if gone:
        figure += f"; {count(gone, 'value')} had gone from there"
    return [Check("warned" if gone else "passed", what, figure, {"waiting": 0, "brought": brought})]


def check_servers(settings: Settings) -> Check:
    """Which servers run; files of those that are gone are removed."""
    what = "servers"
    files = sorted(settings.servers.glob("server-*.json"))
    try:
        running = list_servers(settings.servers)
    except (ValueError, KeyError, TypeError, OSError) as error:
        advice = f"Stop the servers by hand and remove server-*.json in {settings.servers}."
        return Check(
            "failed", what, f"a file of theirs cannot be read ({type(error).__name__})", None, advice
        )
    gone = len(files) - len(running)
    figure = f"{len(running)} running"
    data = {"running": [server.url for server in running], "gone": gone}
    if gone > 0:
        return Check("warned", what, f"{figure}; removed the files of {count(gone, 'server')} gone", data)
    return Check("passed", what, figure, data)
