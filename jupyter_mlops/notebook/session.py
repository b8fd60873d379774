"""The kernel's one session object: IPython's hooks, guarded so that our failure never hurts a cell."""

from __future__ import annotations

import atexit
import contextlib
import os
import platform
import threading
import time
import traceback
import uuid
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.notebook.journal import Journal
from jupyter_mlops.notebook.keeper import Keeper
from jupyter_mlops.notebook.lent_store import lend, take_back
from jupyter_mlops.notebook.listener import heard
from jupyter_mlops.notebook.notices import Notices
from jupyter_mlops.notebook.own_lines import without_own_lines
from jupyter_mlops.notebook.owner import describe_owner
from jupyter_mlops.notebook.privacy import Privacy
from jupyter_mlops.notebook.recorder import CellOptions, Recorder
from jupyter_mlops.notebook.user_mlflow import UserMlflow
from jupyter_mlops.settings import without_secrets
from jupyter_mlops.snapshot.masking import Masker
from jupyter_mlops.snapshot.registry import has_new, load_met

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.notebook.redact import Redactor
    from jupyter_mlops.settings import Settings


class Session:
    """Tracking in one kernel: on or off, one journal, one recorder. Made at the first ``track``."""

    def __init__(self, shell: Any, settings: Settings, privacy: Privacy, budget: int | None = None) -> None:
        self.id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:8]}"
        self.settings = settings
        self.is_on = False
        self.journal = Journal(settings.journals / f"{self.id}.jsonl")
        self.privacy = privacy
        self.keeper = Keeper(settings.snapshots, budget, privacy.why_not)
        self.notices = Notices(settings.journals)
        self.recorder = Recorder(shell, self.journal, self.keeper, privacy, settings.figures)
        self.user_mlflow = UserMlflow(self.id, settings.tracking_uri, self._announce_user_runs)
        self.recorder.user_mlflow = self.user_mlflow
        self._shell = shell
        self._pid = os.getpid()
        self._here = threading.local()  # `inner`: cells that the recorded cell runs itself, as %rerun does
        described = _describe(self.id, settings, shell)
        self.folder = Path(described["folder"])
        self.journal.append({**described, **self._promised()})
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)
        shell.events.register("post_execute", self._between)
        atexit.register(self.end)

    @property
    def records(self) -> list[CellRecord]:
        """Everything recorded so far, oldest first."""
        return self.recorder.records

    def start(self) -> None:
        """Track every cell from the next one on; what ran before is taken from the history."""
        self._catch_up(self._history())
        running = self._running()
        if not self.is_on and running is not None and not running.store_history:
            self.recorder.assume(running.raw_cell, None)  # the history does not tell about this one
        load_met()
        self.is_on = self.user_mlflow.goes_on = True
        lend(self.settings)

    def promise(self, *, mask: Sequence[str] = (), keep_data: bool = True, budget: int | None = None) -> None:
        """Mask more columns, keep no data from now on, or change the budget of memory in bytes.

        Masks and `keep_data` False hold until the session ends.

        Raises:
            StoreError: the key of the masks cannot be made or read, or the journal not be written.
        """
        before = self._promised()
        self.privacy.keeps_data &= keep_data
        self.keeper.budget = budget or self.keeper.budget
        self.recorder.mask(mask)
        if self._promised() != before:
            self.journal.append({"type": "privacy", **self._promised()})

    def redact(self, redactor: Redactor) -> bool:
        """Take texts out of this session's records, those to come included; True if there were any."""
        self.recorder.redact(redactor)
        self.journal.close()  # the next event opens the file that takes its place
        return redactor.journal(self.journal.path)

    def forgot(self) -> None:
        """Note that a person was forgotten: the notebook's file, which may name them, is copied no more."""
        self.journal.append({"type": "privacy", **self._promised(), "forgot": True})

    def _promised(self) -> dict[str, Any]:
        return {"masked": list(self.privacy.masked.names), "keeps_data": self.privacy.keeps_data}

    def stop(self) -> None:
        """Track no further cells; everything recorded stays."""
        self.is_on = self.user_mlflow.goes_on = False
        self.recorder.versions.fingerprints.let_go()
        self.recorder.versions.forget_end()
        take_back()

    def track_this_cell(self, options: CellOptions) -> None:
        """Called by the first line of a ``%%mlops track`` cell, before any of the user's code ran."""
        if not self.recorder.is_open_here:
            history = self._history()
            running = self._running()
            kept = running is None or running.store_history
            lend(self.settings)
            # the history already ends with this cell, if it is kept there at all
            self._catch_up(history[:-1] if kept else history)
            self.recorder.begin(
                running.raw_cell if running else history[-1],
                len(history) - 1 if kept else None,
                getattr(running, "cell_id", None),
                _tags(running),
            )
        self.recorder.options = options

    def end(self) -> None:
        """Say in the journal that the kernel ended in good order, and take the hooks away."""
        self.stop()
        if os.getpid() != self._pid:
            return  # a forked child leaves: the kernel itself goes on
        hooks = (
            ("pre_run_cell", self._before),
            ("post_run_cell", self._after),
            ("post_execute", self._between),
        )
        for event, hook in hooks:
            if hook in self._shell.events.callbacks[event]:
                self._shell.events.unregister(event, hook)
        atexit.unregister(self.end)
        self.recorder.close()
        with contextlib.suppress(MlopsError):  # else the next session closes this one's runs
            self.recorder.write()
            self.journal.append({"type": "end", "time": time.time()})
        self.journal.close()
        self.keeper.close()  # last: whoever ends a kernel does not wait for long
        if self.journal.path.exists():  # else it was removed, and must not come back
            with contextlib.suppress(MlopsError):
                self.recorder.write()  # what could not be kept in the end
            self.journal.close()

    def text_of(self, record: CellRecord) -> str | None:
        """A cell's whole text, our own lines included; None if IPython has let go of it."""
        history = self._history()
        if record.count is None or record.count >= len(history):
            return None
        text = history[record.count]
        return text if without_own_lines(text) == record.source else None

    def _announce_user_runs(self) -> None:
        """Say in the journal that MLflow will know runs of this session that have no record if we die now."""
        with contextlib.suppress(MlopsError):
            self.journal.append({"type": "user runs", "time": time.time()})

    def _history(self) -> list[str]:
        """The texts of the cells by their number, the running one included once it began."""
        history: list[str] = self._shell.history_manager.input_hist_raw
        return history

    def _catch_up(self, history: Sequence[str]) -> None:
        errors = getattr(self._shell.history_manager, "exceptions", {})
        self.recorder.catch_up(history, {count: error["ename"] for count, error in errors.items()})

    def _running(self) -> Any:
        """IPython's description of the cell that runs now, or None."""
        return getattr(getattr(self._shell.displayhook, "exec_result", None), "info", None)

    def _before(self, info: Any) -> None:
        if info.silent:
            return
        is_inner = self.recorder.is_open_here and not info.store_history
        self._here.inner = getattr(self._here, "inner", 0) + 1 if is_inner else 0
        if not (self.is_on or is_inner):
            return
        self.keeper.pause()
        try:
            if is_inner:
                self.recorder.inner(info.raw_cell)
                return
            history = self._history()  # up to the cell before this one
            self._catch_up(history)
            count = len(history) if info.store_history else None
            cell_id, made = getattr(info, "cell_id", None), getattr(info, "transformed_cell", None)
            self.recorder.begin(info.raw_cell, count, cell_id, _tags(info), made)
        except Exception as error:  # noqa: BLE001 - the user's cell must run
            self.notices.show_failure(error, traceback.format_exc())

    def _between(self) -> None:
        """Every execution ends with this event, silent ones and callbacks of widgets too."""
        self.recorder.something_ran()

    def _after(self, result: Any) -> None:
        try:
            info = getattr(result, "info", None)
            if info is not None and info.silent:
                return
            if getattr(self._here, "inner", 0):
                self._here.inner -= 1
                return
            if self.recorder.is_open_here:
                error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
                self.recorder.finish(error, getattr(result, "result", None))
                self.notices.show_recovery()
                if not self.is_on:
                    take_back()
                if has_new():  # beside the next cell, which may make the first frame
                    Thread(target=load_met, name="mlops-imports", daemon=True).start()
            self.keeper.go_on()
            self.notices.show_new()
            heard()
        except Exception as error:  # noqa: BLE001 - the user's cell has run; that must stay all they notice
            self.notices.show_failure(error, traceback.format_exc())


def _tags(info: Any) -> tuple[str, ...]:
    """The tags of the notebook's cell, which JupyterLab sends with each request."""
    meta = getattr(info, "cell_meta", None)
    tags = meta.get("tags") if isinstance(meta, dict) else None
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _describe(session_id: str, settings: Settings, shell: Any) -> dict[str, Any]:
    """Who owns this journal: enough to tell later whether its process still lives."""
    return {
        "type": "session",
        "id": session_id,
        "time": time.time(),
        **describe_owner(),
        "python": platform.python_version(),
        "folder": os.getcwd(),  # noqa: PTH109 - as the kernel sees it, links kept
        "notebook": _notebook(shell.user_ns),
        # a project's own store goes where the project goes; a password is never written down
        "tracking_uri": None if settings.is_local_store else without_secrets(settings.tracking_uri),
        "experiment": settings.experiment,
        "shared": without_secrets(settings.shared) if settings.shared else None,
    }


def _notebook(namespace: Mapping[str, Any]) -> str | None:
    """The notebook's file, as far as front ends tell it: VS Code in one way, Jupyter servers in another."""
    told = (
        namespace.get("__vsc_ipynb_file__"),
        namespace.get("__session__"),
        os.environ.get("JPY_SESSION_NAME"),
    )
    return next((path for path in told if isinstance(path, str) and path), None)


_current: Session | None = None


def current_session() -> Session | None:
    """The session of this kernel, if one was started."""
    return _current


def open_session(
    shell: Any,
    settings: Settings,
    *,
    mask: Sequence[str] = (),
    keep_data: bool = True,
    budget: int | None = None,
) -> Session:
    """The kernel's session; made at the first call, and anew when the project or store has changed.

    Also when its journal was removed: what was in it is not tracked a second time. What `mask`, `keep_data`
    and `budget` promise holds for the kernel's later sessions too.

    Raises:
        StoreError: the journal cannot be written, or the key of the masks not be made or read.
    """
    global _current  # noqa: PLW0603 - the one global state of the package
    if _current is not None and (_current.settings != settings or _current.journal.is_gone):
        before, _current = _current, None
        before.end()
        mask = [*before.privacy.masked.names, *mask]
        keep_data, budget = keep_data and before.privacy.keeps_data, budget or before.keeper.budget
    if _current is None:
        masked = Masker(settings.mask_key)
        masked.add([*settings.mask, *mask])
        _current = Session(shell, settings, Privacy(masked, keep_data), budget)
    else:
        _current.promise(mask=[*settings.mask, *mask], keep_data=keep_data, budget=budget)
    return _current


def close_session() -> None:
    """End the kernel's session, when the extension is unloaded."""
    global _current  # noqa: PLW0603
    if _current is not None:
        _current.end()
        _current = None
