"""The statements behind a result: what nothing needs is left out, and what remains gives it again."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.lineage.checked import Checked, Target, check_slice
from jupyter_mlops.lineage.prune import Goal
from jupyter_mlops.lineage.replay import Terms, Wanted
from jupyter_mlops.lineage.slice import Slice, slice_cells, slice_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracked_shell import TrackedShell

# Cells in the order they ran, and the statements that `out` needs.
CASES = {
    "what only shows or makes what is not needed": (
        ["import os, math\nx = 2\ny = 3\nprint(y)", "x + 1\nz = y * x\nout = math.sqrt(x)", "w = out"],
        ["import math", "x = 2", "out = math.sqrt(x)"],
    ),
    "names of one import": (
        ["from math import sqrt, pi, floor", "n = 2.5", "out = floor(n) + sqrt(4)"],
        ["from math import sqrt, floor", "n = 2.5", "out = floor(n) + sqrt(4)"],
    ),
    "an alias and a change through it": (
        ["a = [1]\nb = a\nc = [2]", "b.append(5)\nc.append(6)", "out = sum(a)"],
        ["a = [1]", "b = a", "b.append(5)", "out = sum(a)"],
    ),
    "a helper that changes its argument and reads a global": (
        [
            "SCALE = 10\nUNUSED = 1\ndef grow(d):\n    d['x'] = d['x'] * SCALE",
            "d = {'x': 2}\ngrow(d)\nprint(d)",
            "SCALE = 2",
            "out = d['x']",
        ],
        [
            "SCALE = 10",
            "def grow(d):\n    d['x'] = d['x'] * SCALE",
            "d = {'x': 2}",
            "grow(d)",
            "out = d['x']",
        ],
    ),
    "seeded numbers, and those drawn before the seed": (
        ["import numpy as np\nnoise = np.random.rand(3)", "np.random.seed(7)\nfirst = np.random.rand(2)",
         "z = 1\nout = np.random.rand(2)"],
        ["import numpy as np", "np.random.seed(7)", "first = np.random.rand(2)", "out = np.random.rand(2)"],
    ),
    "the first use of NumPy's random numbers is the seed": (
        ["import numpy as np", "np.random.seed(7)", "out = np.random.rand(2)"],
        ["import numpy as np", "np.random.seed(7)", "out = np.random.rand(2)"],
    ),
    "magics around code": (
        ["%time values = [3, 1]", "%%time\nvalues.sort()\nother = 5", "out = values[0]"],
        ["values = [3, 1]", "values.sort()", "out = values[0]"],
    ),
    "a decorated function": (
        ["import functools\ndef plain(f):\n    return f",
         "# what it says\n@plain\ndef two():\n    return 2\n@functools.cache\ndef three():\n    return 3",
         "out = two()"],
        ["def plain(f):\n    return f", "@plain\ndef two():\n    return 2", "out = two()"],
    ),
    "a frame edited in place, a column at a time": (
        [
            "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})\ndf.head()",
            "df['c'] = df['a'] * 2\ndf.drop(columns=['b'], inplace=True)\nsummary = df.describe()",
            "out = df['c'].to_numpy()",
        ],
        ["import pandas as pd", "df = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})", "df['c'] = df['a'] * 2",
         "df.drop(columns=['b'], inplace=True)", "out = df['c'].to_numpy()"],
    ),
    "a file that a cell wrote": (
        [
            "from pathlib import Path\nPath('a.txt').write_text('4')\nPath('b.txt').write_text('5')",
            "text = Path('a.txt').read_text()\nprint(text)\nout = int(text)",
        ],
        ["from pathlib import Path", "Path('a.txt').write_text('4')", "text = Path('a.txt').read_text()",
         "out = int(text)"],
    ),
    "a cell that failed after what counts": (
        [
            "items = []\nother = []",
            "items.append(1)\nother.append(2)\nraise ValueError('x')",
            "out = list(items)",
        ],
        ["items = []", "items.append(1)", "out = list(items)"],
    ),
    "what a timed cell shows": (
        ["a = 2\nb = 3", "%time a * 4", "z = 1\nout = _"],
        ["a = 2", "shown_2 = a * 4", "out = shown_2"],
    ),
    "memory that was made writeable by force": (
        [
            "import pandas as pd\ndf = pd.DataFrame({'a': [1.0, 2.0]})\nspare = 1",
            "v = df['a'].to_numpy()\nv.flags.writeable = True\nlen(v)",
            "v[0] = 9",
            "out = df['a'].sum()",
        ],
        [
            "import pandas as pd",
            "df = pd.DataFrame({'a': [1.0, 2.0]})",
            "v = df['a'].to_numpy()",
            "v.flags.writeable = True",
            "len(v)",
            "v[0] = 9",
            "out = df['a'].sum()",
        ],
    ),
    "a result that another cell shows": (
        ["base = 20\nspare = 1", "spare\nbase + 1", "x = 1\nout = _2 * 2" ],
        ["base = 20", "shown_2 = (base + 1)", "out = shown_2 * 2"],
    ),
}  # fmt: skip


def check(notebook: TrackedShell, scratch: Path, name: str = "out", **terms: float) -> Checked:
    records = notebook.session.records
    recorded = next(record.writes[name].digest for record in reversed(records) if name in record.writes)
    project = notebook.settings
    target = Target(
        slice_name(records, name),
        Goal(frozenset({name})),
        Wanted(None, (), project.snapshots, names=(name,)),
        {name: recorded},
        log=slice_cells(records, {record.serial for record in records}),
    )
    return check_slice(target, Terms(project.project, scratch, **terms))  # type: ignore[arg-type]


def statements(code: Slice) -> list[str]:
    return [
        ast.unparse(statement)
        for cell in code.cells
        for statement in ast.parse(cell.source).body
        if not re.fullmatch(r"shown_\d+", ast.unparse(statement))
    ]


def normal(texts: Sequence[str]) -> list[str]:
    return [ast.unparse(ast.parse(text)) for text in texts]


@pytest.mark.parametrize("case", CASES)
def test_what_is_left_is_what_is_needed_and_gives_the_same(
    notebook: TrackedShell, case: str, tmp_path: Path
) -> None:
    cells, needed = CASES[case]
    first = notebook.shell.execution_count
    for source in cells:
        notebook.execute(source.replace("_2", f"_{first + 1}"))
    checked = check(notebook, tmp_path)
    assert checked.code.rung == "statements", checked.code.said
    found = [text.replace(f"shown_{first + 1}", "shown_2") for text in statements(checked.code)]
    assert found == normal(needed)


def in_plain_python(code: str, folder: Path) -> str:
    """What `out` is in the end, as text."""
    script = folder / "script.py"
    script.write_text(f"{code}\nprint(repr(out))\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "case", ["a helper that changes its argument and reads a global", "magics around code"]
)
def test_the_script_runs_in_plain_python(notebook: TrackedShell, case: str, tmp_path: Path) -> None:
    for source in CASES[case][0]:
        notebook.execute(source)
    code = check(notebook, tmp_path / "scratch").code.code
    assert in_plain_python(code, tmp_path) == repr(notebook["out"])


def test_the_script_has_lines_between_its_parts_as_formatters_leave_them(
    notebook: TrackedShell, tmp_path: Path
) -> None:
    twice = "# doubles\ndef twice(n):\n    return 2 * n"
    notebook.run(f"import math, cmath\nx = 2\n{twice}\nout = twice(x) ** math.pi")
    code = check(notebook, tmp_path).code.cells[0].source
    assert code == f"import math\n\nx = 2\n\n\n{twice}\n\n\nout = twice(x) ** math.pi"


def test_random_numbers_without_a_seed_are_in_the_script(notebook: TrackedShell, tmp_path: Path) -> None:
    notebook.run("import numpy as np, random")
    notebook.run("unneeded = 3\ndrawn = np.random.rand(2)")
    notebook.run("deck = list(range(20))\nrandom.shuffle(deck)")
    notebook.run("rng = np.random.default_rng()")
    notebook.run("out = [*drawn.tolist(), *deck, *rng.normal(size=2).tolist()]")
    checked = check(notebook, tmp_path / "scratch")
    assert checked.code.rung == "statements", checked.code.said
    assert in_plain_python(checked.code.code, tmp_path) == repr(notebook["out"])
    assert "unneeded" not in checked.code.code


def test_an_error_that_is_part_of_it_is_caught_in_the_script(notebook: TrackedShell, tmp_path: Path) -> None:
    notebook.run(
        "class Box(list):\n    def fill(self):\n        self.append('''two\nlines''')\n        1 / 0"
    )
    notebook.run("box = Box()")
    notebook.execute("z = 1\nbox.fill()")
    notebook.run("out = list(box)")
    checked = check(notebook, tmp_path / "scratch")
    assert checked.code.rung == "statements", checked.code.said
    assert "except ZeroDivisionError:" in checked.code.code
    assert in_plain_python(checked.code.code, tmp_path) == repr(notebook["out"])


def test_an_import_that_only_sets_something_up_is_kept_when_it_is_needed(
    notebook: TrackedShell, tmp_path: Path
) -> None:
    notebook.run("from sklearn.experimental import enable_iterative_imputer\nimport json")
    notebook.run("from sklearn.impute import IterativeImputer")
    notebook.run("spare = 1\nout = IterativeImputer(max_iter=3).get_params()['max_iter']")
    checked = check(notebook, tmp_path)
    assert checked.code.rung == "statements", checked.code.said
    assert "enable_iterative_imputer" in checked.code.code
    assert "spare" not in checked.code.code


def test_a_statement_that_gives_another_value_each_time_is_named(
    notebook: TrackedShell, tmp_path: Path
) -> None:
    notebook.run("import os\nx = 1")
    notebook.run("y = x + 1\nchance = os.urandom(8)")
    notebook.run("out = chance[0] + 256 * chance[1] + 65536 * chance[2] + y")
    checked = check(notebook, tmp_path)
    assert checked.code.rung is None
    assert "out differs" in checked.differs
    assert any("`chance = os.urandom(8)`" in why and "each time" in why for why in checked.differs)
    assert checked.code.code.startswith("# NOT the recorded result")


def test_a_statement_that_is_not_needed_is_not_blamed(notebook: TrackedShell, tmp_path: Path) -> None:
    notebook.run(
        "import os\nunneeded = os.urandom(8)\nimport numpy as np\nrng = np.random.default_rng()\nx = 1"
    )
    notebook.run("drawn = rng.random(3)")
    notebook.run("out = [x, *drawn.tolist(), os.urandom(8)]")
    (why,) = [each for each in check(notebook, tmp_path).differs if "each time" in each]
    assert "`out = [x, *drawn.tolist(), os.urandom(8)]`" in why


def test_code_that_does_not_run_again_says_so(notebook: TrackedShell, tmp_path: Path) -> None:
    notebook.shell.user_ns["late"] = 5
    notebook.session.recorder.versions.forget_end()
    notebook.run("out = late + 1")
    checked = check(notebook, tmp_path)
    assert checked.code.rung is None
    assert checked.error is not None
    assert "NameError ('late')" in checked.error.what


def test_what_was_left_out_is_told_with_the_reason(notebook: TrackedShell, tmp_path: Path) -> None:
    for source in ("import json\nx = 2", "len('a')\ny = 1\nout = x", "z = 3"):
        notebook.run(source)
    removed = {each.source: each.why for each in check(notebook, tmp_path).code.removed}
    assert removed == {
        "import json": "imports what is not used",
        "len('a')": "changes nothing",
        "y = 1": "makes what is not needed",
        "z = 3": "makes what is not needed",
    }


def test_a_checked_slice_comes_back_from_its_text(notebook: TrackedShell, tmp_path: Path) -> None:
    for source in ("x = 2\ny = 1", "out = x"):
        notebook.run(source)
    code = check(notebook, tmp_path).code
    assert Slice.from_json(code.to_json()) == code


@pytest.mark.parametrize(
    ("cells", "is_plain"),
    [
        (["x = 2", "out = x"], True),
        (["!echo 5 > five.txt", "out = int(open('five.txt').read())"], False),
        (["import asyncio", "out = await asyncio.sleep(0, 5)"], False),
    ],
)
def test_a_script_that_needs_ipython_says_so(
    notebook: TrackedShell, cells: list[str], is_plain: bool, tmp_path: Path
) -> None:
    for source in cells:
        notebook.run(source)
    code = check(notebook, tmp_path).code
    assert code.rung == "statements", code.said
    assert ("run it with `ipython FILE.ipy`" in code.code) is not is_plain
    script = tmp_path / f"script.{'py' if is_plain else 'ipy'}"
    script.write_text(f"{code.code}\nprint(repr(out))\n")
    command = [sys.executable] if is_plain else [sys.executable, "-m", "IPython", "--colors=nocolor"]
    done = subprocess.run([*command, script], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.strip().splitlines()[-1] == repr(notebook["out"])
