"""A replay begins from kept values where the files that cells read have changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.from_snapshots import Start, without_changed_files
from jupyter_mlops.lineage.replay import Replayed, Terms, Wanted, changed_files, replay
from jupyter_mlops.lineage.slice import Slice, slice_cell
from jupyter_mlops.snapshot import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracked_shell import TrackedShell

LOAD = "import pandas as pd\nframe = pd.read_csv('raw.csv')"
SUM = "score = float(frame['x'].sum())"


@pytest.fixture
def again(notebook: TrackedShell, tmp_path: Path) -> Callable[..., tuple[Replayed, tuple[Start, ...]]]:
    """Run the cells, give the file another content, and run the slice of the last cell again."""
    folder, store = notebook.settings.project, SnapshotStore(notebook.settings.snapshots)
    (folder / "raw.csv").write_text("x\n1\n2\n3\n")

    def start(*sources: str, gone: bool = False) -> tuple[Replayed, tuple[Start, ...]]:
        for source in sources:
            last = notebook.run(source)
        notebook.session.keeper.drain()
        code = Slice.from_json(slice_cell(notebook.session.records, last.serial).to_json())
        (folder / "raw.csv").unlink() if gone else (folder / "raw.csv").write_text("x\n50\n")
        changed = changed_files(code, folder)
        assert changed == ("raw.csv",)
        code, starts = without_changed_files(code, changed, store.__contains__, {last.serial})
        wanted = Wanted(None, ("score",), notebook.settings.snapshots)
        return replay(code, wanted, Terms(folder, tmp_path / "scratch")), starts

    return start


@pytest.mark.parametrize("gone", [False, True])
def test_the_frame_that_a_file_held_then_stands_in_for_it(again: Callable[..., object], gone: bool) -> None:
    replayed, starts = again(LOAD, SUM, gone=gone)
    assert replayed.metrics == {"score": 6.0}
    assert starts == (Start(2, "In[2]", ("raw.csv",), ("frame",)),)


def test_imports_functions_and_constants_of_the_cell_are_made_by_their_code(
    again: Callable[..., object],
) -> None:
    load = f"{LOAD}\nlow = 1\nfactor = low + 1\ndef double(x):\n    return x * factor\nprint(len(frame))"
    replayed, _ = again(load, "rows = pd.DataFrame(frame)\nscore = float(double(rows['x'].sum()))", gone=True)
    assert replayed.metrics == {"score": 12.0}


def test_a_cell_after_it_that_changes_the_frame_runs_as_it_did(again: Callable[..., object]) -> None:
    replayed, _ = again(LOAD, "frame['x'] *= 10", SUM)
    assert replayed.metrics == {"score": 60.0}


@pytest.mark.parametrize("before", ["", "from pathlib import Path\nplace = Path('raw.csv')"])
def test_the_last_cell_itself_does_without_the_statement_that_reads(
    again: Callable[..., object], before: str
) -> None:
    load = LOAD.replace("'raw.csv'", "place") if before else LOAD
    last = f"{load}\ntwice = frame * 2\n{SUM}"
    replayed, _ = again(*filter(None, [before]), last, gone=True)
    assert replayed.metrics == {"score": 6.0}
    assert list(replayed.bound.values()) == [("frame",)]


def test_what_was_not_kept_and_comes_out_otherwise_is_said(again: Callable[..., object]) -> None:
    load = f"{LOAD}\nnumbers = [int(line) for line in open('raw.csv').read().split()[1:]]"
    with pytest.raises(ReproduceError, match="numbers cannot be had from a snapshot"):
        again(load, "score = float(frame['x'].sum() + sum(numbers))")


def test_a_cell_that_is_needed_for_a_setting_too_reads_the_file_as_it_is(
    again: Callable[..., object],
) -> None:
    load = f"import os\n{LOAD}\nos.environ['FACTOR'] = '2'"
    replayed, starts = again(load, "score = float(frame['x'].sum()) * int(os.environ['FACTOR'])")
    assert replayed.metrics == {"score": 100.0}
    assert starts == (Start(2, "In[2]", ("raw.csv",), ()),)
