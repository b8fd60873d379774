"""A value that is known by its digest only says why, also when the session that had it is over."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from jupyter_mlops.notebook.journal import Journal, read_journal
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.not_kept import why_not_kept

if TYPE_CHECKING:
    from pathlib import Path

    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

KILLED = """
import os, signal
from IPython.core.interactiveshell import InteractiveShell
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
shell = InteractiveShell.instance()
open_session(shell, load_settings()).start()
shell.run_cell("import pandas as pd\\ndf = pd.DataFrame({'a': [1.5, 2.5]})", store_history=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def digest_of(journal: Path, name: str) -> str:
    cells = [event for event in read_journal(journal) if event["type"] == "cell" and name in event["writes"]]
    return str(cells[-1]["writes"][name]["digest"])


def test_a_kernel_that_was_killed_before_a_value_was_stored(project: Settings) -> None:
    project.snapshots.mkdir(parents=True)
    with SnapshotStore(project.snapshots)._files.locked():  # as if another process were storing for long
        subprocess.run([sys.executable, "-c", KILLED], check=False, timeout=120)
    (journal,) = project.journals.glob("*.jsonl")
    digest = digest_of(journal, "df")
    assert digest not in SnapshotStore(project.snapshots)
    assert why_not_kept(journal, digest) == "the kernel was killed before it was stored"


def test_the_reason_outlives_the_session(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np\nbig = np.zeros(9_000_000)")
    notebook.close()
    (journal,) = notebook.settings.journals.glob("*.jsonl")
    assert why_not_kept(journal, digest_of(journal, "big")).startswith("it is an array of 72 MB")


def test_a_value_that_was_removed_from_the_store_and_a_journal_that_is_gone(notebook: TrackedShell) -> None:
    notebook.run("import pandas as pd\ndf = pd.DataFrame({'a': [1.5]})")
    notebook.close()
    (journal,) = notebook.settings.journals.glob("*.jsonl")
    digest = digest_of(journal, "df")
    SnapshotStore(notebook.settings.snapshots).gc([])
    assert "removed from the store" in why_not_kept(journal, digest)
    journal.unlink()
    assert "the journal that could say why is gone" in why_not_kept(journal, digest)


def test_journals_from_before_reasons_were_noted_can_be_read(project: Settings) -> None:
    path = project.journals / "old.jsonl"
    journal = Journal(path)
    journal.append({"type": "session", "id": "old", "host": "elsewhere", "pid": 1, "process_started": 0.0})
    journal.append({"type": "end", "time": 0.0})
    journal.close()
    assert "removed from the store" in why_not_kept(path, "0" * 32)
