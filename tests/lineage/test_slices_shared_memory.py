"""Memory that values share: what is written through one of them shows in the others, and in their slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from clean_shell import in_a_clean_shell, needed

from jupyter_mlops.lineage.slice import slice_name
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

# Cells in the order they ran; those that `out` does not need begin with "#-".
CASES = {
    "a frame around an array": [
        "import numpy as np, pandas as pd\narr = np.zeros(3)",
        "df = pd.DataFrame(arr, copy=False)",
        "arr += 1",
        "#-\nz = 1",
        "out = df.sum()",
    ],
    "a series written to behind pandas' back": [
        "import pandas as pd\ns = pd.Series([1.0, 2.0])",
        "t = s.copy(deep=False)",
        "s.array[0] = 9",
        "#-\nz = 1",
        "out = t.sum()",
    ],
    "the array of a series, kept": [
        "import pandas as pd\ns = pd.Series([1.0, 2.0])\na = s.array",
        "a[0] = 9",
        "#-\nz = 1",
        "out = s.sum()",
    ],
    "an array made writeable by force": [
        "import pandas as pd\ndf = pd.DataFrame({'a': [1.0, 2.0]})",
        "v = df['a'].to_numpy()\nv.flags.writeable = True",
        "v[0] = 9",
        "#-\nz = 1",
        "out = df['a'].sum()",
    ],
    "a memoryview": [
        "b = bytearray(4)",
        "m = memoryview(b)[1:3]",
        "m[0] = 7",
        "#-\nz = 1",
        "out = bytes(b)",
    ],
    "an array over bytes": [
        "import numpy as np\nb = bytearray(16)",
        "a = np.frombuffer(b, dtype='f8')",
        "a[0] = 7",
        "#-\nz = 1",
        "out = bytes(b)",
    ],
    "an array over a standard array": [
        "import array, numpy as np\nb = array.array('d', [1, 2])",
        "a = np.asarray(b)",
        "b[0] = 7",
        "#-\nz = 1",
        "out = a.sum()",
    ],
    "an array over a C array": [
        "import ctypes, numpy as np\nb = (ctypes.c_double * 2)()",
        "a = np.ctypeslib.as_array(b)",
        "b[0] = 7",
        "#-\nz = 1",
        "out = a.sum()",
    ],
    "an Arrow table over an array": [
        "import numpy as np, pyarrow as pa\na = np.zeros(3)",
        "t = pa.table({'a': a})",
        "a += 1",
        "#-\nz = 1",
        "out = t['a'].to_pylist()",
    ],
    "lists inside a copied frame": [
        "import pandas as pd\ndf = pd.DataFrame({'a': [[1], [2]]})",
        "d2 = df.copy()",
        "df['a'][0].append(5)",
        "#-\nz = 1",
        "out = d2['a'][0]",
    ],
    "lists inside an array": [
        "import numpy as np\nx = [1]\na = np.array([x, None], dtype=object)",
        "x.append(2)",
        "#-\nz = 1",
        "out = list(a)",
    ],
    "an iterator over a list": [
        "x = [1, 2, 3]\nit = iter(x)",
        "first = next(it)",
        "#-\nz = 1",
        "out = next(it)",
    ],
    "an iterator inside another": [
        "a = iter([1, 2, 3])\nz = zip(a, 'abc')",
        "p = next(z)",
        "#-\ny = 1",
        "out = next(a)",
    ],
    "an iterator that calls a function": [
        "seen = []\ndef see(x):\n    seen.append(x)\n    return x\nm = map(see, [1, 2])",
        "next(m);",
        "#-\nz = 1",
        "out = list(seen)",
    ],
    "a counter": [
        "import itertools\nc = itertools.count(5)",
        "next(c);",
        "#-\nz = 1",
        "out = next(c)",
    ],
    "a reader of lines": [
        "import csv, io\nr = csv.reader(io.StringIO('a\\nb\\nc'))",
        "next(r);",
        "#-\nz = 1",
        "out = next(r)",
    ],
    "two iterators over one source": [
        "import itertools\na, b = itertools.tee(iter([1, 2]))",
        "next(a);",
        "#-\nz = 1",
        "out = next(a)",
    ],
    "two generators of one function": [
        "def gen(n):\n    while True:\n        n += 1\n        yield n\ng = gen(0)\nh = gen(5)",
        "next(g);",
        "#-\nnext(h);",
        "out = next(g)",
    ],
    "two views that cross": [
        "import numpy as np\na = np.zeros((2, 3))\nr = a[0]\nc = a[:, 0]",
        "r[0] = 4",
        "#-\nz = 1",
        "out = c.copy()",
    ],
    "a column that pandas copies before it writes": [
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\nsub = df[['a']]",
        "#-\ndf['a'] = 5",
        "out = sub.sum()",
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_slice_holds_the_cells_that_wrote_through_another_name(notebook: TrackedShell, name: str) -> None:
    for source in CASES[name]:
        notebook.run(source)
    code = slice_name(notebook.session.records, "out")
    assert [cell.source for cell in code.cells] == needed(CASES[name])
    assert digest(in_a_clean_shell(code)) == digest(notebook["out"])


def test_views_side_by_side_do_not_change_each_other(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np\na = np.zeros(6)\neven = a[::2]\nodd = a[1::2]")
    assert notebook.run("even += 1").writes.keys() == {"a", "even"}


def test_frames_that_pandas_keeps_apart_do_not_change_each_other(notebook: TrackedShell) -> None:
    notebook.run("import pandas as pd\ndf = pd.DataFrame({'a': [1], 'b': [2]})\npart = df[['a']]\nsame = df")
    assert notebook.run("df['a'] = 5").writes.keys() == {"df", "same"}
