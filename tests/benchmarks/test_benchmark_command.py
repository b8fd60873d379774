from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import large_frame
from benchmarks.processes import Bench, open_bench
from benchmarks.runner import ENTRIES, Options, interleave, load, title
from benchmarks.sessions import SESSIONS, Session
from benchmarks.tables import Table, mb, ms, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with open_bench() as made:
        yield made


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_command_lists_its_entries_without_measuring() -> None:
    done = command("--list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(ENTRIES)
    assert all(title(load(name)) in done.stdout for name in ENTRIES)


@pytest.mark.parametrize("words", [["cell_costs"], ["--repeats", "0"], ["--repeats", "many"]])
def test_what_it_does_not_know_is_told_in_one_line(words: list[str]) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert words[-1] in done.stderr or "whole number" in done.stderr


def test_sides_take_turns_and_pair_by_position() -> None:
    order: list[str] = []

    def side(name: str) -> int:
        order.append(name)
        return len(order)

    found = interleave({"a": lambda: side("a"), "b": lambda: side("b")}, 3)
    assert order == ["a", "b"] * 3
    assert found == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_a_table_is_aligned_text() -> None:
    table = Table("T", ("what", "ms"), (("a cell", ms(0.0123)), ("b", ms(1.5))))
    lines = str(table).splitlines()
    assert lines[0] == "### T"
    assert len({len(line) for line in lines[2:]}) == 1
    assert "12.3 |" in lines[4]
    assert "1,500 |" in lines[5]
    assert mb(1_500_000) == "1.50"
    assert ratio(1.5, 1, 2) == "1.50 (1.00–2.00)"


@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_by_hand_a_cell_runs_the_same_statements_inside_a_run(session: Session) -> None:
    for cell in session.cells:
        if cell.by_hand:
            block = ast.parse(cell.by_hand).body[0]
            assert isinstance(block, ast.With)
            plain = ast.unparse(ast.parse(cell.source))
            inside = "\n".join(map(ast.unparse, block.body))
            assert plain in inside


def test_a_session_is_measured_cell_by_cell_plain_and_tracked(bench: Bench) -> None:
    plain, tracked = (bench.measure(side, "loops") for side in ("plain", "tracked"))
    assert len(plain["cells"]) == len(tracked["cells"]) == len(SESSIONS["loops"].cells)
    assert all(cell["wall"] > 0 and cell["cpu"] > 0 for cell in [*plain["cells"], *tracked["cells"]])
    assert tracked["journal"] > 0
    assert tracked["runs"] == 0


def test_a_worker_that_fails_says_why(bench: Bench) -> None:
    with pytest.raises(SystemExit, match="no such session"):
        bench.measure("plain", "no such session")


def test_cells_beside_a_large_frame_are_measured_by_what_they_do_with_it() -> None:
    report = large_frame.measure(Options(1, lambda text: None), large_frame.SMALL.name)
    kinds = [row[0] for row in report.tables[0].rows]
    assert kinds == list(large_frame.BARS)
    (plain,), (tracked,) = report.data["samples"].values()
    assert len(plain["cells"]) == len(tracked["cells"]) == len(large_frame.SMALL.cells)
    assert tracked["snapshots"] > 0
