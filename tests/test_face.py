"""The package's face: verbs as functions, loaded only when used."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from types import ModuleType

import click
import pytest

import jupyter_mlops
from jupyter_mlops.errors import MlopsError, did_you_mean
from jupyter_mlops.verbs import VERBS, mlops


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_one_module_one_function_and_one_command(verb: str) -> None:
    module = importlib.import_module(f"jupyter_mlops.verbs.{verb}")
    assert getattr(jupyter_mlops, verb) is getattr(module, verb)
    assert mlops.get_command(click.Context(mlops), verb) is module.command
    assert getattr(module, verb).__doc__
    assert module.command.help
    assert all(
        option.help
        for option in module.command.params
        if isinstance(option, click.Option) and not option.hidden
    )


def test_the_face_names_exactly_the_verbs() -> None:
    assert set(VERBS) == set(jupyter_mlops._VERBS)
    assert set(VERBS) < set(dir(jupyter_mlops))
    with pytest.raises(AttributeError, match="no attribute 'dirft'"):
        _ = jupyter_mlops.dirft


def test_importing_the_package_below_does_not_hide_the_verb() -> None:
    program = (
        "import jupyter_mlops, jupyter_mlops.drift\n"
        "from jupyter_mlops.drift import compare_frames\n"
        "from jupyter_mlops import drift\n"
        "print(drift.__module__, jupyter_mlops.drift.__module__)"
    )
    assert in_a_new_process(program).split() == ["jupyter_mlops.verbs.drift"] * 2
    assert not isinstance(jupyter_mlops.drift, ModuleType)


def test_loading_the_extension_imports_nothing_heavy() -> None:
    program = """
import json, sys
import jupyter_mlops
from IPython.core.interactiveshell import InteractiveShell
before = set(sys.modules)
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_mlops")
heavy = {"mlflow", "pandas", "sklearn", "plotly", "numpy", "scipy", "pyarrow", "anywidget", "starlette"}
print(json.dumps(sorted(heavy & set(sys.modules))))
"""
    assert json.loads(in_a_new_process(program)) == []


def test_help_of_the_shells_command_imports_nothing_heavy() -> None:
    program = """
import json, sys
from jupyter_mlops.cli import run
run(["--help"])
print(json.dumps(sorted({"mlflow", "pandas", "sklearn", "plotly", "numpy", "IPython"} & set(sys.modules))))
"""
    assert json.loads(in_a_new_process(program).splitlines()[-1]) == []


def test_an_error_is_two_lines_that_survive_a_pickle() -> None:
    import pickle

    error = MlopsError("this happened", "do that")
    assert str(pickle.loads(pickle.dumps(error))) == "this happened\ndo that"  # noqa: S301 - our own bytes


@pytest.mark.parametrize(("word", "hint"), [("incme", " Did you mean 'income'?"), ("zzz", ""), ("", "")])
def test_the_nearest_word_is_offered_or_none(word: str, hint: str) -> None:
    assert did_you_mean(word, ["income", "churn"]) == hint


def in_a_new_process(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
