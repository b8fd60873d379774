"""The `mlops` command as a process: what it prints where, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_mlops
from jupyter_mlops.verbs import VERBS


def mlops(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("mlops")), *words],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")},
            "MLOPS_PROJECT": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_bare_and_with_help_it_lists_the_verbs(tmp_path: Path) -> None:
    bare, asked = mlops(tmp_path), mlops(tmp_path, "--help")
    assert (bare.returncode, asked.returncode) == (0, 0)
    assert bare.stdout == asked.stdout
    assert all(verb in bare.stdout for verb in VERBS)


def test_it_says_its_version(tmp_path: Path) -> None:
    assert mlops(tmp_path, "--version").stdout.split()[-1] == jupyter_mlops.__version__


def test_a_wrong_verb_goes_to_standard_error_with_code_2_and_leaves_nothing(tmp_path: Path) -> None:
    done = mlops(tmp_path, "expport")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Did you mean 'export'?" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert list(tmp_path.iterdir()) == []


def test_help_of_a_verb_leaves_no_files(tmp_path: Path) -> None:
    assert mlops(tmp_path, "promote", "--help").returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["runs"], ["models"]])
def test_an_empty_project_says_how_to_begin(tmp_path: Path, words: list[str]) -> None:
    done = mlops(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0 ")
    assert "mlops " in done.stdout
