"""Files are hidden state: a slice holds the cells that wrote what its cells read."""

from __future__ import annotations

import os
import sys
from mmap import mmap
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING

import pytest
from clean_shell import forget_modules, in_a_clean_shell

from jupyter_mlops.lineage.slice import slice_name
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

# Cells in the order they ran; those that `out` does not need begin with "#-".
CASES = {
    "pickled and read again": [
        "import pickle\ndata = {'a': [1, 2]}",
        "#-\nlen(data)",
        "with open('d.pkl', 'wb') as f:\n    pickle.dump(data, f)",
        "#-\ndata = None",
        "with open('d.pkl', 'rb') as f:\n    out = pickle.load(f)",
    ],
    "a fitted estimator by joblib": [
        "import joblib\nfrom sklearn.preprocessing import MinMaxScaler as S\nscaler = S().fit([[1.0], [3]])",
        "joblib.dump(scaler, 's.joblib')",
        "#-\nscaler = 1",
        "again = joblib.load('s.joblib')",
        "out = again.data_max_",
    ],
    "saved and loaded inside functions": [
        "import numpy as np\ndef save(a):\n    np.savez('z.npz', a=a)",
        "def load():\n    return np.load('z.npz')['a']",
        "save(np.ones(2))",
        "#-\nz = 1",
        "out = load()",
    ],
    "written and appended to": [
        "with open('log.txt', 'w') as f:\n    f.write('a')",
        "#-\nz = 1",
        "with open('log.txt', 'a') as f:\n    f.write('b')",
        "with open('log.txt') as f:\n    out = f.read()",
    ],
    "appended to a file that was not there": [
        "#-\nz = 1",
        "with open('l.txt', 'a') as f:\n    f.write('b')",
        "out = open('l.txt').read()",
    ],
    "overwritten": [
        "#-\nwith open('t.txt', 'w') as f:\n    f.write('a')",
        "with open('t.txt', 'w') as f:\n    f.write('b')",
        "out = open('t.txt').read()",
    ],
    "renamed": [
        "import os\nwith open('t.txt', 'w') as f:\n    f.write('a')",
        "os.rename('t.txt', 'u.txt')",
        "#-\nz = 1",
        "out = open('u.txt').read()",
    ],
    "removed": [
        "import os\nopen('t.txt', 'w').close()",
        "#-\nopen('u.txt', 'w').close()",
        "os.remove('t.txt')",
        "out = os.path.exists('t.txt')",
    ],
    "written whole under another name first": [
        "import os\nwith open('t.tmp', 'w') as f:\n    f.write('a')\nos.replace('t.tmp', 't.txt')",
        "#-\nz = 1",
        "out = open('t.txt').read()",
    ],
    "copied before it was changed": [
        "import shutil\nopen('a.txt', 'w').write('1');",
        "shutil.copy('a.txt', 'b.txt')",
        "#-\nopen('a.txt', 'w').write('2');",
        "out = open('b.txt').read()",
    ],
    "Parquet, which is not written by Python": [
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})",
        "#-\npd.DataFrame({'a': [0]}).to_parquet('t.parquet')",
        "df.to_parquet('t.parquet')",
        "#-\ndf['b'] = 1",
        "out = pd.read_parquet('t.parquet')",
    ],
    "Parquet under a name made of parts": [
        "import pandas as pd\nname = 'x'",
        "pd.DataFrame({'a': [2]}).to_parquet(f'{name}.parquet')",
        "#-\nz = 1",
        "out = pd.read_parquet(f'{name}.parquet')",
    ],
    "Parquet in a folder that a cell made": [
        "import pandas as pd, pathlib\nfolder = pathlib.Path('data')\nfolder.mkdir()",
        "pd.DataFrame({'a': [2]}).to_parquet(folder / 'a.parquet')",
        "#-\nz = 1",
        "out = pd.read_parquet(folder / 'a.parquet')",
    ],
    "a database": [
        "import sqlite3\ncon = sqlite3.connect('x.db')",
        "con.execute('create table t (a int)'); con.commit()",
        "con.execute('insert into t values (5)'); con.commit()",
        "#-\nz = 1",
        "other = sqlite3.connect('x.db')\nout = other.execute('select a from t').fetchall()",
    ],
    "a file that stays open": [
        "f = open('t.txt', 'w')",
        "f.write('a');",
        "#-\nz = 1",
        "f.write('b');",
        "f.close()",
        "out = open('t.txt').read()",
    ],
    "a log": [
        "import logging\nlog = logging.getLogger('case')\nlog.addHandler(logging.FileHandler('l.log'))",
        "log.error('one')",
        "#-\nz = 1",
        "log.error('two')",
        "out = open('l.log').read()",
    ],
    "a cell magic that writes, a line magic that runs": [
        "%%writefile s.py\nanswer = 42",
        "#-\nanswer = 1",
        "%run s.py",
        "out = answer + 1",
    ],
    "a module of one's own": [
        "%%writefile module_of_a_case.py\ndef f(x):\n    return x + 1",
        "#-\nz = 1",
        "import sys\nsys.path.insert(0, '')\nimport module_of_a_case",
        "out = module_of_a_case.f(1)",
    ],
    "a shell command that writes": ["!echo 5 > n.txt", "#-\nz = 1", "out = int(open('n.txt').read())"],
    "a shell command that reads": [
        "open('n.txt', 'w').write('7');",
        "#-\nz = 1",
        "got = !cat n.txt",
        "out = got[0]",
    ],
    "a listed folder": [
        "import glob\nopen('a.txt', 'w').close()",
        "open('b.txt', 'w').close()",
        "#-\nz = 1",
        "out = sorted(glob.glob('*.txt'))",
    ],
    "an import lists folders and reads no file of the notebook's": [
        "#-\nopen('a.txt', 'w').close()",
        "import colorsys\nout = colorsys.rgb_to_hls(1, 0, 0)",
    ],
    "a folder that was removed": [
        "import os, shutil\nos.makedirs('deep')\nopen('deep/a.txt', 'w').close()",
        "shutil.rmtree('deep')",
        "#-\nz = 1",
        "out = os.path.exists('deep/a.txt')",
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_slice_holds_the_cells_that_wrote_what_it_reads(
    notebook: TrackedShell, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [*sys.path])
    forget_modules({"module_of_a_case", "colorsys"})
    _holds_what_it_needs(notebook, CASES[name])


def test_a_file_that_was_written_through_memory_is_seen_by_its_time(notebook: TrackedShell) -> None:
    places = (Path(__file__).parent, Path.home(), Path(gettempdir()))
    with TemporaryDirectory(dir=next(filter(_notes_mapped_writes, places))) as disk:
        file = f"{disk}/m.dat"
        cells = [
            f"import numpy as np\nm = np.memmap({file!r}, dtype='f8', mode='w+', shape=3)",
            "m[:] = 5\nm.flush()",
            "#-\nz = 1",
            f"out = np.fromfile({file!r})",
        ]
        _holds_what_it_needs(notebook, cells)


def _notes_mapped_writes(place: Path) -> bool:
    """File systems in memory do not note when a mapped file is written that was read through it before."""
    with NamedTemporaryFile(dir=place) as file:
        file.write(b"0")
        file.flush()
        with mmap(file.fileno(), 1) as mapped:
            assert mapped[0] == ord("0")
            os.utime(file.name, (0, 0))
            mapped[0] = ord("1")
            mapped.flush()
        return Path(file.name).stat().st_mtime > 0


def _holds_what_it_needs(notebook: TrackedShell, cells: list[str]) -> None:
    for source in cells:
        notebook.run(source)
    code = slice_name(notebook.session.records, "out")
    assert [cell.source for cell in code.cells] == [s for s in cells if not s.startswith("#-")]
    forget_modules({"module_of_a_case"})
    assert digest(in_a_clean_shell(code)) == digest(notebook["out"])


def test_a_file_that_was_changed_by_hand_is_not_what_a_cell_wrote(notebook: TrackedShell) -> None:
    notebook.run("open('t.txt', 'w').write('1');")
    notebook.run("seen = open('t.txt').read()")
    (notebook.settings.project / "t.txt").write_text("by hand")
    notebook.run("out = open('t.txt').read()")
    assert notebook.slice("out") == ["out = open('t.txt').read()"]


def test_a_database_elsewhere_is_known_by_its_whole_path(notebook: TrackedShell, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere.txt"
    notebook.run(f"open({str(place)!r}, 'w').write('1');")
    record = notebook.run(f"out = open({str(place)!r}).read()")
    assert [(use.path, use.mode) for use in record.files] == [(str(place), "read")]
    assert len(notebook.slice("out")) == 2
