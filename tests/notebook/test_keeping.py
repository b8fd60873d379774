"""Snapshots are made beside the cells: what a cell waits for is a copy, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.notebook.keeper import Keeper
from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from pathlib import Path

FIRST_ARRAY = """
import sys, threading
from pathlib import Path
import numpy
from jupyter_mlops.notebook.keeper import Keeper
from jupyter_mlops.snapshot import digest

cell, waited_for = threading.get_ident(), []
values = numpy.arange(3.0)
name, keeper = digest(values), Keeper(Path(sys.argv[1]))
sys.addaudithook(
    lambda event, args: event == "import" and threading.get_ident() == cell and waited_for.append(args[0])
)
keeper.keep(name, values)
imported = list(waited_for)
keeper.close()
assert not {module.partition(".")[0] for module in imported} & {"pandas", "pyarrow"}, imported
"""


def keep(folder: Path, *values: object) -> Keeper:
    keeper = Keeper(folder)
    for value in values:
        keeper.keep(digest(value) or "", value)
    keeper.close()
    return keeper


def test_the_first_array_of_a_notebook_waits_for_no_import_of_pandas(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FIRST_ARRAY, str(tmp_path)], check=True, timeout=120)
    assert digest(np.arange(3.0)) in SnapshotStore(tmp_path)


def test_an_array_is_kept_as_it_was(tmp_path: Path) -> None:
    names, numbers = np.array(["a", "b", None], dtype=object), np.arange(3)
    before = digest(names), digest(numbers)
    keeper = Keeper(tmp_path)
    for name, value in zip(before, (names, numbers), strict=True):
        keeper.keep(name or "", value)
        value[0] = value[1]
    keeper.close()
    assert all(name in SnapshotStore(tmp_path) for name in before)


def test_an_array_of_things_that_are_no_data_is_no_problem(tmp_path: Path) -> None:
    keeper = keep(tmp_path, np.array([range(3), {1: 2}], dtype=object), np.arange(2))
    assert (keeper.problem, keeper.skipped) == (None, 0)
    assert digest(np.arange(2)) in SnapshotStore(tmp_path)
