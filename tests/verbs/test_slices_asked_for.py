"""Slices as people ask for them: by variable, version, cell and run; each one checked, or said not to be."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import jupyter_mlops

if TYPE_CHECKING:
    from notebook_in_process import Notebook

    from jupyter_mlops.lineage.slice import Slice

SMALL = """
from sklearn.linear_model import Ridge
small = X_train[["age", "education-num", "hours-per-week"]].head(200).copy()
small.describe()
gains = X_train["capital-gain"].head(200)
unneeded = small.sum()
"""
EDIT = "small['per_year'] = small['hours-per-week'] * 50\nprint(small.shape)"
FIT = (
    "%%mlops track --name ridge\nmodel = Ridge().fit(small, gains)\nr2 = model.score(small, gains)\nspare = 1"
)


@pytest.fixture(scope="module")
def sliced(notebook: Notebook) -> Notebook:
    for cell in (SMALL, EDIT, FIT, "small['later'] = 0", "gains.head(3)"):
        notebook.done(cell)
    return notebook


def code_of(notebook: Notebook, what: str, *options: str) -> Slice:
    found: Slice = notebook.done(f"%mlops show {what} --code {' '.join(options)}").value
    return found


def test_a_model_by_its_variable(sliced: Notebook) -> None:
    code = code_of(sliced, "model")
    assert code.rung == "statements", code.said
    assert "small['per_year'] = " in code.code
    for gone in ("describe", "unneeded", "later", "spare", "r2", "print(", "%mlops"):
        assert gone not in code.code
    assert [source.rpartition("/")[2] for source in code.sources] == ["adult.csv"]
    assert {"spare = 1", "small.describe()"} <= {each.source for each in code.removed}


def test_a_version_that_is_older(sliced: Notebook) -> None:
    code = code_of(sliced, "small@1")
    assert code.rung == "statements", code.said
    assert "per_year" not in code.code


def test_a_cell_is_kept_whole_with_what_it_needs(sliced: Notebook) -> None:
    count = next(number for number, text in enumerate(sliced.shell.user_ns["In"]) if text == "gains.head(3)")
    code = code_of(sliced, f"In[{count}]")
    assert code.rung == "statements", code.said
    assert code.code.rstrip().endswith("gains.head(3)")
    assert "per_year" not in code.code


def test_a_run_keeps_what_was_measured(sliced: Notebook) -> None:
    code = code_of(sliced, "ridge")
    assert code.rung == "statements", code.said
    assert "r2 = model.score(small, gains)" in code.code
    assert "spare" not in code.code


def test_a_run_goes_before_a_variable_of_the_same_name(sliced: Notebook) -> None:
    sliced.done("%%mlops track --name twice\ntwice = 2\nr2 = Ridge().fit(small, gains).score(small, gains)")
    assert "score(small, gains)" in code_of(sliced, "twice").code
    assert "score(small, gains)" not in code_of(sliced, "twice@1").code


def test_the_function_gives_the_same_and_tells_how_far_it_is(sliced: Notebook) -> None:
    steps: list[tuple[str, float]] = []
    with sliced.here():
        code = jupyter_mlops.slice("ridge", progress=lambda *step: steps.append(step))
    assert steps[-1] == ("done", 1.0)
    assert code.code == code_of(sliced, "ridge").code


def test_the_shell_says_how_it_is_known_to_be_right(sliced: Notebook) -> None:
    with sliced.here():
        command = [sys.executable, "-m", "jupyter_mlops.cli", "show", "ridge", "--code", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["rung"] == "statements"
    assert told["said"].startswith("run again in a clean process with the same result")
    assert told["removed"]


def test_without_a_check_it_says_so(sliced: Notebook) -> None:
    code = code_of(sliced, "model", "--no-check")
    assert code.rung is None
    assert code.code.startswith("# Not run again yet.")
    assert "small.describe()" in code.code


def test_a_name_or_a_version_that_is_not_there_offers_the_nearest(sliced: Notebook) -> None:
    assert "Did you mean 'small'?" in sliced.run("%mlops show smal@1 --code").refusal()[0]
    assert "The nearest one is small@3" in sliced.run("%mlops show small@9 --code").refusal()[1]
    assert "no execution In[999]" in sliced.run("%mlops show In[999] --code").refusal()[0]


def test_no_code_is_shown_as_checked_that_does_not_run_in_time(sliced: Notebook) -> None:
    sliced.done("import time\ntime.sleep(3)\nslow = 1")
    code = code_of(sliced, "slow", "--timeout", "1")
    assert code.rung is None
    assert code.code.startswith("# NOT run to its end in a clean process")


def test_a_longer_fence_holds_code_with_backticks(sliced: Notebook) -> None:
    sliced.done('ticks = """\n```\n<b>bold</b>\n"""')
    code = code_of(sliced, "ticks")
    assert code._repr_mimebundle_()["text/markdown"].startswith("````python\n")


def test_a_file_that_has_changed_is_taken_from_the_snapshot_and_said(notebook: Notebook) -> None:
    source = notebook.folder / "few.csv"
    source.write_text("a,b\n1,2\n3,4\n5,7\n")
    notebook.done("import pandas as pd\nfew = pd.read_csv('few.csv')\nrows = len(few)")
    notebook.done("from sklearn.linear_model import Ridge\nline = Ridge().fit(few[['a']], few['b'])")
    source.unlink()
    code = code_of(notebook, "line")
    assert code.rung == "statements", code.said
    assert "few taken from snapshots, as the files have changed" in code.said
    assert "read_csv" not in code.code
    assert code.sources == ()
    script = notebook.folder / "line.py"
    script.write_text(f"{code.code}\nprint(line.coef_.tolist())\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(notebook.shell.user_ns["line"].coef_.tolist())
