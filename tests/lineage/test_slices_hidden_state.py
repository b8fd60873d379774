"""Hidden state: variables of the environment, and what earlier cells showed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from clean_shell import in_a_clean_shell, needed

from jupyter_mlops.lineage.slice import slice_name
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

# Cells in the order they ran, the first is In[2]; those that `out` does not need begin with "#-".
ENVIRONMENT = {
    "set and read": [
        "import os\nos.environ['K_A'] = '3'",
        "#-\nos.environ['K_B'] = '4'",
        "out = os.environ['K_A']",
    ],
    "overwritten": [
        "import os",
        "#-\nos.environ['K_A'] = '3'",
        "os.environ['K_A'] = '4'",
        "out = os.getenv('K_A')",
    ],
    "set by a magic, read in a function": [
        "import os\ndef f():\n    return os.environ.get('K_A', '0')",
        "%env K_A=5",
        "#-\nimport json",
        "out = f()",
    ],
    "under a name made of parts": [
        "import os\nkey = 'K_' + 'A'",
        "os.environ[key] = 'x'",
        "#-\nz = 1",
        "out = os.environ[key]",
    ],
    "removed": [
        "import os\nos.environ['K_A'] = 'x'",
        "del os.environ['K_A']",
        "#-\nz = 1",
        "out = 'K_A' in os.environ",
    ],
    "read by a child process": ["%env K_A=5", "#-\nz = 1", "got = !echo $K_A", "out = got[0]"],
    "nobody reads it": ["#-\nimport os\nos.environ['K_A'] = '1'", "import json", "out = json.dumps(1)"],
}
SHOWN = {
    "the last value": ["a = 5", "a * 2", "#-\nz = 1", "out = _ + 1"],
    "the one before it": ["a = 5", "a * 2", "#-\na * 3", "out = __ + 1"],
    "by number": ["a = 5", "a * 2", "#-\na * 3", "out = _3 + Out[3]"],
    "changed in place": ["[1, 2]", "_.append(3)", "#-\nz = 1", "out = list(_)"],
    "changed under its name": [
        "items = [1]\nitems",
        "items.append(2)",
        "#-\nlen(items)",
        "out = list(_2)",
    ],
    "over several lines": ["a = 5\n(a\n + 2)", "#-\nz = 1", "out = _"],
    "timed": ["a = 2", "%time a * 4", "#-\nz = 1", "out = _"],
    "a variable of that name is not it": ["#-\n5", "n = 0\nfor _ in range(3):\n    n += _", "out = n"],
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_slice_holds_the_cells_that_set_the_variables_it_reads(notebook: TrackedShell, name: str) -> None:
    before = dict(os.environ)
    try:
        for source in ENVIRONMENT[name]:
            notebook.run(source)
        code = slice_name(notebook.session.records, "out")
        assert [cell.source for cell in code.cells] == needed(ENVIRONMENT[name])
        os.environ.pop("K_A", None)
        assert in_a_clean_shell(code) == notebook["out"]
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_values_of_the_environment_are_not_recorded(notebook: TrackedShell) -> None:
    try:
        notebook.run("import os\nos.environ['K_A'] = 'open' + 'sesame'")
        notebook.run("os.environ['K_A']")
    finally:
        os.environ.pop("K_A", None)
    assert "opensesame" not in notebook.session.journal.path.read_text()


@pytest.mark.parametrize("name", SHOWN)
def test_a_slice_holds_the_cells_that_showed_what_it_reads(notebook: TrackedShell, name: str) -> None:
    for source in SHOWN[name]:
        notebook.run(source)
    code = slice_name(notebook.session.records, "out")
    kept = {cell.serial for cell in code.cells}
    records = notebook.session.records[-len(SHOWN[name]) :]
    assert [r.source for r in records if r.serial in kept] == needed(SHOWN[name])
    assert digest(in_a_clean_shell(code)) == digest(notebook["out"])


def test_what_was_shown_gets_a_name_in_the_script(notebook: TrackedShell) -> None:
    notebook.run("a = 5\na * 2  # twice")
    notebook.run("_ + 1")
    notebook.run("out = _ + Out[2] + len(In[2])  # _ is the last")
    code = slice_name(notebook.session.records, "out")
    assert [cell.source for cell in code.cells] == [
        "a = 5\n_2 = (a * 2)\n_2",
        "_3 = (_2 + 1)\n_3",
        "out = _3 + _2 + len('a = 5\\na * 2  # twice')  # _ is the last",
    ]
    namespace: dict[str, object] = {}
    exec(code.code, namespace)  # noqa: S102 - plain Python is what it must be
    assert namespace["out"] == notebook["out"]
