"""What works beside the cells gives way to them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pandas as pd

from jupyter_mlops.notebook.behind import run_behind
from jupyter_mlops.notebook.keeper import Keeper
from jupyter_mlops.notebook.outside import still_runs
from jupyter_mlops.snapshot import digest
from jupyter_mlops.snapshot.identities import identity_of
from jupyter_mlops.snapshot.registry import has_new, load_met

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracked_shell import TrackedShell


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id() if sys.platform == "linux" else 0)


def test_only_the_thread_that_asks_gets_a_lower_priority() -> None:
    before, found = niceness(), []

    def work() -> None:
        run_behind()
        found.append(niceness())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert niceness() == before
    assert found == [before + 5 if sys.platform == "linux" else before]


def test_what_waits_is_stored_though_a_cell_runs_on(tmp_path: Path) -> None:
    keeper, frame = Keeper(tmp_path), pd.DataFrame({"a": [1]})
    keeper.pause()
    keeper.keep(digest(frame) or "", frame)
    keeper.drain()  # as a cell does that restores
    assert digest(frame) in keeper.store
    keeper.close()


def test_a_value_that_was_changed_past_pandas_before_it_was_stored_is_not_kept_under_the_old_name(
    tmp_path: Path,
) -> None:
    keeper, frame = Keeper(tmp_path), pd.DataFrame({"a": [1.0, 2.0]})
    before = digest(frame) or ""
    keeper.pause()
    keeper.keep(before, frame)
    frame["a"].array[0] = 9.0
    keeper.close()
    assert before not in keeper.store
    assert "past pandas" in keeper.not_kept[before]


def test_what_knows_a_library_is_imported_when_tracking_begins(untracked: TrackedShell) -> None:
    untracked.execute("import pandas, sklearn.linear_model")
    untracked.track()
    assert not has_new()


def test_a_thread_that_loads_is_waited_for() -> None:
    code = """
import sys, threading, time
import numpy, pandas
from jupyter_mlops.snapshot.digest import digest
from jupyter_mlops.snapshot.registry import load_met
frame = pandas.DataFrame({"a": [1.0], "b": ["x"]})
thread = threading.Thread(target=load_met)
sys.setswitchinterval(1e-6)
thread.start()
found = {digest(frame) for _ in range(20)}
thread.join()
assert found == {digest(frame)}, found
"""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    load_met()
    assert not has_new()


def test_storing_in_the_background_is_nothing_that_could_have_changed_a_value(tmp_path: Path) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait()

    for prefix, is_users in (("mlops-snapshot-files", False), ("of the user", True)):
        with ThreadPoolExecutor(1, thread_name_prefix=prefix) as pool:
            pool.submit(work)
            begun.wait()
            assert still_runs({}) == is_users
            may_end.set()
        begun.clear()
        may_end.clear()


def test_columns_stay_known_while_older_versions_are_stored(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np, pandas as pd")
    notebook.run("df = pd.DataFrame(np.ones((20_000, 6)), columns=list('abcdef'))")
    for name in "abcd":
        notebook.run(f"df['{name}'] = df['{name}'] + 1")
    columns = notebook.session.recorder.versions.fingerprints._columns
    known = [
        columns.find(found) for each in "ef" if (found := identity_of(notebook["df"][each].array._ndarray))
    ]
    assert len(known) == 2
    assert None not in known
