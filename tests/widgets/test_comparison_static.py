"""A comparison in a saved notebook that is exported: the static table must be there."""

import nbclient
import nbconvert
import nbformat
import pytest

CODE = """
from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets.compare import Comparison
Comparison(RunTable(["<" + "b>first</b>", "second"], ["1", "2"], metrics={"auc": [0.81, 0.92]}), sort="auc")
"""


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    # Without widget state, as JupyterLab saves it: with it, HTML exports show the widget, loaded from a CDN.
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    waits = {"startup_timeout": 120, "timeout": 120, "iopub_timeout": 60}  # s; 4 for outputs unless told
    return nbclient.NotebookClient(
        notebook, kernel_name="python3", store_widget_state=False, **waits
    ).execute()


@pytest.mark.parametrize("exporter", [nbconvert.HTMLExporter, nbconvert.MarkdownExporter])
def test_exported_notebooks_hold_the_static_table(
    executed: nbformat.NotebookNode, exporter: type[nbconvert.Exporter]
) -> None:
    text, _ = exporter().from_notebook_node(executed)
    assert "2 runs, sorted by auc, best first" in text
    assert "&lt;b&gt;first" in text
    assert "<b>first" not in text
