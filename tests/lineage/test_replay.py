"""A replay in a clean process: it reads the user's files, writes none, and says what went wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.replay import Replayed, Terms, Wanted, replay
from jupyter_mlops.lineage.slice import Slice, SliceCell
from jupyter_mlops.snapshot import SnapshotStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_mlops.settings import Settings

MODEL = "from sklearn.dummy import DummyRegressor\nmodel = DummyRegressor().fit([[0.0], [1.0]], [1.0, 3.0])"


@pytest.fixture
def run(project: Settings, tmp_path: Path) -> Callable[..., Replayed]:
    def start(*sources: str, may_raise: str | None = None, **options: object) -> Replayed:
        cells = tuple(SliceCell(n, n, source, may_raise) for n, source in enumerate(sources, start=1))
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        wanted = Wanted("model", ("score", "table.a"), project.snapshots, options.pop("rows", None))
        on_cell = options.pop("on_cell", lambda done, total: None)
        return replay(Slice(cells, 0), wanted, Terms(project.project, scratch, **options), on_cell=on_cell)

    return start


def test_it_brings_back_the_model_its_predictions_and_its_metrics(
    run: Callable[..., Replayed], project: Settings
) -> None:
    rows = SnapshotStore(project.snapshots).put(pd.DataFrame({"x": [5.0, 6.0]})).digest
    told = []
    replayed = run(
        MODEL,
        "score = 0.5\ntable = {'a': 2, 'b': 'text'}",
        rows=rows,
        on_cell=lambda done, total: told.append((done, total)),
    )
    assert replayed.predictions == [2.0, 2.0]
    assert replayed.probabilities is None
    assert replayed.metrics == {"score": 0.5, "table.a": 2.0}
    assert replayed.model_digest is not None
    assert replayed.model_file.exists()
    assert told == [(1, 2), (2, 2)]


def test_the_number_a_last_cell_shows_is_the_metric_of_its_call(run: Callable[..., Replayed]) -> None:
    assert run(MODEL, "table = {}", "model.score([[0.0], [1.0]], [1.0, 3.0])").metrics["score"] == 0.0


def test_a_shown_number_is_found_although_its_name_is_a_function(
    run: Callable[..., Replayed],
) -> None:
    function = "def score(y):\n    return 0.25"
    assert run(MODEL, function, "score([1.0])").metrics == {"score": 0.25}


def test_what_the_last_cell_measured_counts_not_an_older_number_of_that_name(
    run: Callable[..., Replayed],
) -> None:
    replayed = run(MODEL, "score = 0.5", "model.score([[0.0], [1.0]], [1.0, 3.0])")
    assert replayed.metrics == {"score": 0.0}


def test_figures_magics_and_noise_do_not_disturb(run: Callable[..., Replayed]) -> None:
    replayed = run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "%time score = 1 + 1",
        "%%time\nprint('{\"done\": 9}')\nimport os, sys\nos.write(1, b'noise')\nsys.stderr.write('more')",
        "!echo noise",
        MODEL,
    )
    assert replayed.metrics["score"] == 2.0


WRITES = {
    "python": "open('data.csv', 'w')",
    "pandas": "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('data.csv')",
    "C++": "import pandas as pd\npd.DataFrame({'a': [1]}).to_parquet('data.csv')",
    "remove": "import os\nos.remove('data.csv')",
    "rename": "import pathlib\npathlib.Path('data.csv').rename('other.csv')",
    "another way there": "import os\nopen(os.path.join(os.environ['TMPDIR'], os.path.relpath('data.csv', "
    "os.environ['TMPDIR'])), 'a')",
    "magic": "%%writefile data.csv\nnothing",
}


@pytest.mark.parametrize("how", WRITES)
def test_a_cell_that_writes_the_users_files_is_refused_and_they_stay(
    run: Callable[..., Replayed], project: Settings, how: str
) -> None:
    file = project.project / "data.csv"
    file.write_text("a\n1\n")
    with pytest.raises(ReproduceError, match=r"In\[1\] writes files") as caught:
        run(WRITES[how], MODEL)
    assert "cell of their own" in caught.value.fix
    assert file.read_text() == "a\n1\n"
    assert [path.name for path in project.project.iterdir()] == ["data.csv"]


def test_the_current_folder_can_be_changed_by_magic(run: Callable[..., Replayed], project: Settings) -> None:
    (project.project / "deep").mkdir()
    (project.project / "deep" / "a.txt").write_text("7")
    replayed = run("%cd -q deep", "with open('a.txt') as f:\n    score = float(f.read())", MODEL)
    assert replayed.metrics["score"] == 7.0


def test_a_shell_command_cannot_write_the_users_files_either(
    run: Callable[..., Replayed], project: Settings
) -> None:
    file = project.project / "data.csv"
    file.write_text("a\n1\n")
    run("!rm -f data.csv; echo gone > data.csv", MODEL)
    assert file.read_text() == "a\n1\n"


def test_files_can_be_read_and_temporary_ones_written(
    run: Callable[..., Replayed], project: Settings
) -> None:
    (project.project / "data.csv").write_text("a\n1\n2\n")
    replayed = run(
        "import pandas as pd, tempfile\nscore = pd.read_csv('data.csv')['a'].sum()",
        "with tempfile.NamedTemporaryFile('w') as f:\n    f.write('x')",
        MODEL,
    )
    assert replayed.metrics["score"] == 3.0


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("x = input('name?')", r"In\[2\] asks for input"),
        ("y = undefined_name", r"In\[2\] fails in a clean process with NameError \('undefined_name'\)"),
        ("import not_a_module", r"In\[2\] fails .* with ModuleNotFoundError \('not_a_module'\)"),
        ("raise ValueError('secret 42')", r"In\[2\] fails in a clean process with ValueError$"),
        ("x = = 1", r"In\[2\] fails in a clean process with SyntaxError$"),
        ("import os\nos._exit(3)", r"exit code 3"),
        ("del model", r"no name 'model' came out of it"),
    ],
)
def test_what_went_wrong_is_said_with_its_cell(run: Callable[..., Replayed], source: str, says: str) -> None:
    with pytest.raises(ReproduceError) as caught:
        run(MODEL, source)
    assert re.search(says, caught.value.what)
    assert "secret" not in str(caught.value)


def test_code_that_takes_too_long_is_ended(run: Callable[..., Replayed]) -> None:
    with pytest.raises(ReproduceError, match="still running after 3 seconds"):
        run("while True:\n    pass", timeout=3)


def test_a_cell_does_not_draw_into_the_axes_of_an_earlier_one(run: Callable[..., Replayed]) -> None:
    in_space = "import matplotlib.pyplot as plt\nplt.axes(projection='3d')"
    assert run(in_space, "plt.scatter([1.0, 2.0], [1.0, 2.0], c=[1, 2])", MODEL).model_digest


def test_an_error_the_notebook_had_too_is_no_failure(run: Callable[..., Replayed]) -> None:
    replayed = run("score = 1\nraise KeyError('k')\nscore = 2", MODEL, may_raise="KeyError")
    assert replayed.metrics["score"] == 1.0


def test_another_error_than_the_notebook_had_is_one(run: Callable[..., Replayed]) -> None:
    with pytest.raises(ReproduceError, match="ValueError"):
        run("raise ValueError('x')", MODEL, may_raise="KeyError")


def test_a_folder_that_is_gone_is_a_clear_error(project: Settings, tmp_path: Path) -> None:
    wanted = Wanted("model", (), project.snapshots)
    with pytest.raises(ReproduceError, match="is gone"):
        replay(Slice((), 0), wanted, Terms(tmp_path / "moved", tmp_path))
