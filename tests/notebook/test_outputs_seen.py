"""What a cell showed: kinds and sizes in its record, never the content; figures as files of their own."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
import xxhash

from jupyter_mlops.lineage.record import CellRecord, Figure, Output
from jupyter_mlops.notebook.figures import keep_figures
from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.notebook.outputs_seen import json_size

if TYPE_CHECKING:
    from pathlib import Path

    from tracked_shell import TrackedShell

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHOW = f"from IPython.display import display\ndisplay({{'image/png': {PNG!r}}}, raw=True)"


def test_streams_are_counted_in_lines_and_bytes(notebook: TrackedShell) -> None:
    record = notebook.run("import sys\nprint('one\\ntwö')\nsys.stderr.write('three\\n')")
    assert {output.kind: (output.lines, output.bytes) for output in record.outputs} == {
        "stdout": (2, 9),
        "stderr": (1, 6),
        "result": (0, 1),  # what write() returned
    }


@pytest.mark.parametrize(
    ("source", "name", "shape"),
    [
        ("import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': [3, 4]})", "pandas.DataFrame", (2, 2)),
        ("import pandas as pd\npd.Series([1, 2, 3])", "pandas.Series", (3,)),
        ("import numpy as np\nnp.zeros((2, 3, 4))", "numpy.ndarray", (2, 3, 4)),
        ("import polars\npolars.DataFrame({'a': [1, 2]})", "polars.DataFrame", (2, 1)),
        ("[1, 2, 3]", "list", None),
        ("class Mine:\n    pass\nMine()", "Mine", None),
    ],
)
def test_a_result_has_its_class_and_shape(
    notebook: TrackedShell, source: str, name: str, shape: tuple[int, ...] | None
) -> None:
    (output,) = notebook.run(source).outputs
    assert (output.kind, output.type, output.shape) == ("result", name, shape)
    assert "text/plain" in output.mimes
    assert output.bytes > 0


def test_no_method_of_the_shown_object_is_called_for_the_record(notebook: TrackedShell) -> None:
    record = notebook.run(
        "import pandas as pd\n"
        "class Mine(pd.DataFrame):\n"
        "    asked = []\n"
        "    shape = property(lambda self: self.asked.append('shape'))\n"
        "    __repr__ = _repr_html_ = lambda self: 'mine'\n"
        "    __len__ = lambda self: self.asked.append('len')\n"
        "Mine({'a': [1]})"
    )
    assert (record.outputs[0].type, record.outputs[0].shape) == ("Mine", (1, 1))
    assert notebook["Mine"].asked == []


def test_alike_displays_in_a_row_are_one_with_a_count(notebook: TrackedShell) -> None:
    record = notebook.run(
        "from IPython.display import display, HTML\nfor _ in range(5): display(HTML('<b>x</b>'))"
    )
    shown = [output for output in record.outputs if output.kind == "display"]
    assert [(output.count, output.mimes) for output in shown] == [(5, ("text/html", "text/plain"))]


def test_what_a_cell_hides_was_not_shown(notebook: TrackedShell) -> None:
    assert notebook.run("%%capture\nprint('hidden')").outputs == ()
    assert notebook.run("1 + 1;").outputs == ()


def test_a_failing_cell_has_what_it_showed_before(notebook: TrackedShell) -> None:
    record = notebook.run("print('before')\n1 / 0")
    assert [(output.kind, output.lines) for output in record.outputs] == [("stdout", 1)]


def test_cells_show_nothing_of_one_another(notebook: TrackedShell) -> None:
    notebook.run("print('a')")
    notebook.shell.run_cell("print('outside the history')", store_history=False)
    record = notebook.run("print('bc')")
    assert [output.bytes for output in record.outputs] == [3]


def test_the_journal_holds_nothing_of_what_was_shown(notebook: TrackedShell) -> None:
    notebook.run("secret = ''.join(['pri', 'vate'])\nimport pandas as pd\ndf = pd.DataFrame({'a': [secret]})")
    notebook.run("print(secret)\ndisplay(df)\ndf")
    assert b"private" not in notebook.session.journal.path.read_bytes()


def test_outputs_and_figures_survive_the_journal(notebook: TrackedShell) -> None:
    record = notebook.run(SHOW + "\n1")
    assert record.outputs
    assert record.figures
    last = list(read_journal(notebook.session.journal.path))[-1]
    assert CellRecord.from_dict(last) == record
    for new in ("outputs", "figures", "cell_tags"):
        del last[new]
    assert CellRecord.from_dict(last).figures == ()


def test_a_figure_is_a_file_before_the_next_cell_starts(notebook: TrackedShell) -> None:
    (figure,) = notebook.run(SHOW).figures
    assert figure == Figure("image/png", len(PNG), xxhash.xxh3_128_hexdigest(PNG))
    assert (notebook.settings.figures / figure.file_name).read_bytes() == PNG
    notebook.run(SHOW)
    assert [file.name for file in notebook.settings.figures.iterdir()] == [figure.file_name]


def test_without_the_users_word_no_figure_is_kept(notebook: TrackedShell) -> None:
    notebook.session.promise(keep_data=False)
    (figure,) = notebook.run(SHOW).figures
    assert figure.digest is None
    assert figure.missing == "the contents of outputs are not kept"
    assert not notebook.settings.figures.exists()


def test_a_folder_that_cannot_be_written_costs_the_figure_only(notebook: TrackedShell) -> None:
    notebook.settings.figures.write_text("in the way")
    record = notebook.run(SHOW + "\nx = 1")
    assert record.status == "ok"
    assert "could not be written" in str(record.figures[0].missing)


def test_the_tags_of_the_cell_are_recorded(notebook: TrackedShell) -> None:
    notebook.shell.run_cell(
        "x = 1", store_history=True, cell_id="abc", cell_meta={"tags": ["train", 5], "cellId": "abc"}
    )
    record = notebook.session.records[-1]
    assert (record.cell_id, record.cell_tags) == ("abc", ("train",))


@pytest.mark.parametrize(
    ("bundle", "suffix"),
    [
        ({"image/png": base64.b64encode(PNG).decode(), "image/svg+xml": "<svg/>"}, ".svg"),
        ({"image/png": base64.b64encode(PNG).decode() + "\n", "text/plain": "<Figure>"}, ".png"),
        ({"image/jpeg": b"jpeg"}, ".jpg"),
        ({"application/vnd.plotly.v1+json": {"data": []}, "text/html": "<div/>"}, ".plotly.json"),
        ({"text/html": "<div class='plotly-graph-div'></div>"}, ".html"),
        ({"application/vnd.vegalite.v5+json": {"mark": "bar"}}, ".json"),
    ],
)
def test_a_figure_is_kept_in_its_best_form(tmp_path: Path, bundle: dict[str, Any], suffix: str) -> None:
    (figure,) = keep_figures([bundle], tmp_path)
    assert figure.missing is None
    content = (tmp_path / figure.file_name).read_bytes()
    assert figure.file_name == f"{xxhash.xxh3_128_hexdigest(content)}{suffix}"
    if suffix == ".png":
        assert content == PNG
    if suffix.endswith("json"):
        assert json.loads(content) == bundle[figure.mime]


def test_tables_texts_and_widgets_are_no_figures(tmp_path: Path) -> None:
    bundles = [
        {"text/html": "<table></table>", "text/plain": "table"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}},
    ]
    assert keep_figures(bundles, tmp_path) == ()


def test_what_is_too_large_or_too_many_is_said_and_not_kept(tmp_path: Path) -> None:
    huge = {"application/vnd.plotly.v1+json": {"data": ["x" * (5 << 20)]}}
    figures = keep_figures([huge, *[{"image/gif": str(n).encode()} for n in range(20)]], tmp_path)
    assert figures[0].missing == "larger than 4 MB"
    assert {figure.missing for figure in figures[16:]} == {"the cell showed too many"}
    assert len(list(tmp_path.iterdir())) == 15


def test_a_picture_that_is_none_is_not_kept(tmp_path: Path) -> None:
    (figure,) = keep_figures([{"image/png": "é not base64"}], tmp_path)
    assert figure.missing == "not in the form it says"


def test_the_size_of_json_is_found_without_writing_it() -> None:
    value = {"data": [{"x": list(range(1000)), "name": "a" * 500}]}
    assert 0.5 < json_size(value) / len(json.dumps(value)) < 3
    assert json_size(["a" * 100] * 1000, limit=500) < 1500


def test_records_of_outputs_are_plain() -> None:
    output = Output("result", 5, type="int", shape=(1, 2), mimes=("text/plain",))
    record = CellRecord(1, 1, "x", {}, {}, outputs=(output,))
    assert CellRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record
