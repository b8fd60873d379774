"""The benchmark of the documentation runs, small, and every version of it comes back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_twenty_steps_of_a_notebook_all_come_back_and_take_less_than_files() -> None:
    command = [sys.executable, "-m", "benchmarks.snapshots", "--rows", "4000"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "restored 21 of 21 versions" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    steps = {int(line[0]): line[-1] for line in lines if line and line[0].isdigit()}
    moved = {5: "take", 7: "take", 8: "concat", 15: "take", 16: "concat", 19: "take", 3: "patch", 20: "same"}
    assert {number: steps[number] for number in moved} == moved
