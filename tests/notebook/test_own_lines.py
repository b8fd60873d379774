"""Our own lines: the user's code runs where it stood, and records hold none of our magics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.notebook.own_lines import rewrite_cell, without_own_lines

if TYPE_CHECKING:
    from tracked_shell import TrackedShell


def test_the_track_line_is_replaced_where_it_stands() -> None:
    lines = ["\n", "%%mlops track --name 'a b'\n", "x = 1\n", "y = 2\n"]
    assert rewrite_cell(lines) == ["\n", "%mlops track --this-cell --name 'a b'\n", "x = 1\n", "y = 2\n"]


@pytest.mark.parametrize(
    "lines",
    [
        ["x = 1\n", "%%mlops track\n"],
        ["%%mlops trackers\n", "x = 1\n"],
        ["%%time\n", "x = 1\n"],
        ["%mlops track on\n"],
        [],
    ],
)
def test_other_cells_are_left_alone(lines: list[str]) -> None:
    assert rewrite_cell(lines) == lines


def test_an_error_below_the_track_line_has_its_own_line_number(untracked: TrackedShell) -> None:
    result = untracked.execute("%%mlops track\nx = 1\ny = x / 0")
    assert result.error_in_exec is not None
    traceback = result.error_in_exec.__traceback__
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    assert traceback.tb_lineno == 3


@pytest.mark.parametrize("magic", ["%%time", "%%capture shown"])
def test_a_cell_magic_below_the_track_line_still_works(notebook: TrackedShell, magic: str) -> None:
    record = notebook.run(f"%%mlops track --name timed\n{magic}\nx = 1 + 1")
    assert record.status == "ok"
    assert record.source == f"{magic}\nx = 1 + 1"
    assert record.run is not None
    assert record.run.name == "timed"
    assert notebook["x"] == 2


@pytest.mark.parametrize(
    ("raw", "recorded"),
    [
        ("%load_ext jupyter_mlops", ""),
        ("%reload_ext jupyter_mlops\nx = 1", "x = 1"),
        ("%%mlops track --hypothesis 'more trees'\nx = 1", "x = 1"),
        ("x = 1\n%mlops runs\ny = 2", "x = 1\ny = 2"),
        ("table = %mlops runs --json\nx = 1", "x = 1"),
        ("if True:\n    %mlops runs", "if True:\n    pass"),
        ("for i in (1, 2):\n    t = %mlops runs\n    x = i", "for i in (1, 2):\n    pass\n    x = i"),
        ("%mlops compare \\\n  --json\nx = 1", "x = 1"),
        ("%time x = 1", "%time x = 1"),
        ("%matplotlib inline\n!ls", "%matplotlib inline\n!ls"),
        ("%load_ext autoreload", "%load_ext autoreload"),
        ("share = 7 %mlops", "share = 7 %mlops"),
        ("text = 'a\x0cb\u2028c'", "text = 'a\x0cb\u2028c'"),
    ],
)
def test_recorded_code_holds_the_users_lines_only(raw: str, recorded: str) -> None:
    assert without_own_lines(raw) == recorded


def test_a_record_holds_no_line_of_ours(notebook: TrackedShell) -> None:
    record = notebook.run("%mlops track status\nx = 2\nif x:\n    %mlops track status\n")
    assert record.source == "x = 2\nif x:\n    pass"
