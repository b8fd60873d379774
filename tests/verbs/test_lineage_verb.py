"""The lineage of runs, variables and cells of a real notebook: what is drawn, and what a look tells."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag
from the_story import TREE

from jupyter_mlops import cli
from jupyter_mlops.comparison.lineage import Lineage
from jupyter_mlops.comparison.lineage_subject import Subject, of_run
from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.settings import Settings, load_settings
from jupyter_mlops.tracking.read_runs import find_run
from jupyter_mlops.tracking.session_records import session_records

if TYPE_CHECKING:
    from pathlib import Path

    from notebook_in_process import Notebook

    from jupyter_mlops.widgets.lineage import LineageReport

SPLIT_AGAIN = """
X, y = people.drop(columns="income"), (people["income"] == ">50K").astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""
HOSTILE = "<img src=x onerror=alert(1)>.csv"
WITHOUT_MLFLOW = """
import json, sys
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.run_index import open_index
from jupyter_mlops.verbs.lineage import lineage_answers

settings, run_id = load_settings(), sys.argv[1]
index = open_index(settings)
answers = lineage_answers(settings, lambda run_id: index.runs([run_id])[0])
graph = answers["lineage"]({"run_ids": [run_id]})
run = answers["lineage_node"]({"run_ids": [run_id], "node": graph["focus"]})
print(json.dumps([len(graph["nodes"]), dict(run["facts"]), "mlflow" in sys.modules]))
"""
SIDES = ["X_test@2", "X_train@2", "y_test@2", "y_train@2"]


@pytest.fixture(scope="module")
def traced(notebook: Notebook) -> Notebook:
    """Cells 6 to 14, after those that load, split and import; the ninth is run again."""
    for cell in (
        "import numpy as np\nnp.random.seed(1)",
        "people['noise'] = np.random.rand(len(people))",
        "people = people.dropna()\nunneeded = people.describe()",
        SPLIT_AGAIN,
        TREE,
        "X_train.head(5).to_csv('few.csv')",
        f"few = pd.read_csv('few.csv')\nfew.to_csv('{HOSTILE}')",
        "few.loc[0, 'age'] = 99",
        "few.groupby('sex').size()",
        "sizes = _ * 2",
        f"back = pd.read_csv('{HOSTILE}')",
    ):
        notebook.done(cell)
    return notebook


def lineage_of(notebook: Notebook, what: str) -> LineageReport:
    found: LineageReport = notebook.done(f"%mlops lineage {what}").value
    return found


def edges_of(report: LineageReport) -> set[tuple[str, str, str]]:
    labels = {node.id: node.label for node in report.graph.nodes}
    return {(labels[edge.source], edge.kind, labels[edge.target]) for edge in report.graph.edges}


def edge_id(report: LineageReport, source: str, target: str) -> str:
    ids = {node.label: node.id for node in report.graph.nodes}
    ends = ids[source], ids[target]
    return next(edge.id for edge in report.graph.edges if (edge.source, edge.target) == ends)


def test_a_run_comes_from_the_cells_and_values_its_slice_keeps(traced: Notebook) -> None:
    report = lineage_of(traced, "tree")
    assert edges_of(report) == {
        ("adult.csv", "read", "In[3]"),
        ("In[3]", "write", "people@1"),
        ("people@1", "read", "In[7]"),
        ("In[6]", "read", "In[7]"),  # it seeded
        ("In[7]", "change", "people@2"),
        ("people@2", "read", "In[8]"),
        ("In[8]", "write", "people@3"),
        ("people@3", "read", "In[9]"),
        *(("In[9]", "write", side) for side in SIDES),
        *((side, "read", "In[10]") for side in SIDES),
        ("In[5]", "write", "prepared@1"),
        ("prepared@1", "read", "In[10]"),
        ("In[10]", "write", "tree@1"),
        ("In[10]", "write", "tree"),
    }
    run = next(node for node in report.graph.nodes if node.id == report.graph.focus)
    assert (run.kind, run.label, run.status) == ("run", "tree", "finished")
    levels = {node.id: node.level for node in report.graph.nodes}
    assert all(levels[edge.source] < levels[edge.target] for edge in report.graph.edges)
    assert all(len(edge.via) == levels[edge.target] - levels[edge.source] - 1 for edge in report.graph.edges)


def test_nodes_tell_source_rows_and_columns(traced: Notebook) -> None:
    report = lineage_of(traced, "tree")
    ids = {node.label: node.id for node in report.graph.nodes}
    cell = report.node(ids["In[9]"])
    assert cell["source"].strip() == SPLIT_AGAIN.strip()
    assert {"status": "ok", "imported before": "train_test_split"}.items() <= dict(cell["facts"]).items()
    people = report.node(ids["people@2"])
    assert dict(people["facts"])["content"] == "3,000 × 16 frame"
    assert people["head"]["columns"][:3] == ["", "age", "workclass"]
    assert people["head"]["rows"][0][:3] == ["0", "39", "State-gov"]
    columns = {column["column"]: column for column in people["profile"]}
    assert columns["workclass"]["missing"] > 0
    assert sum(count for _, count in columns["age"]["bins"]) == 3000
    assert [label for label, _ in report.node(ids["y_test@2"])["profile"][0]["bins"]] == ["0", "1"]
    file = dict(report.node(ids["adult.csv"])["facts"])
    assert (file["made by"], file["now"]) == ("no tracked cell", "as it was")
    model = report.node(ids["tree@1"])
    assert (model["head"], dict(model["facts"])["content"]) == (None, "Pipeline")
    assert dict(report.node("run")["facts"])["hypothesis"] == "steps beat a line"
    with pytest.raises(NotFoundError, match="no such node"):
        report.node("cell 999")


def test_an_edge_to_a_newer_version_tells_what_changed(traced: Notebook) -> None:
    report = lineage_of(traced, "tree")
    added = report.edge(edge_id(report, "In[7]", "people@2"))
    assert added["change"]["columns_added"] == ["noise"]
    assert added["title"] == "What In[7] changed: people@1 → people@2"
    dropped = report.edge(edge_id(report, "In[8]", "people@3"))["change"]
    assert dropped["rows_removed"] == dropped["rows"][0] - dropped["rows"][1] > 0
    assert "workclass" in [shift["column"] for shift in dropped["shift"]]
    seeded = report.edge(edge_id(report, "In[6]", "In[7]"))
    assert seeded["facts"] == [["left behind", "NumPy's random numbers"]]
    assert report.edge(edge_id(report, "In[3]", "people@1"))["change"] is None


def test_files_changes_in_place_and_what_cells_showed(traced: Notebook) -> None:
    report = lineage_of(traced, "sizes")
    assert {
        ("In[11]", "write", "few.csv"),
        ("few.csv", "read", "In[12]"),
        ("In[12]", "write", "few@1"),
        ("few@1", "read", "In[13]"),
        ("In[13]", "change", "few@2"),
        ("few@2", "read", "In[14]"),
        ("In[14]", "write", "Out[14]"),
        ("Out[14]", "read", "In[15]"),
        ("In[15]", "write", "sizes@1"),
    } <= edges_of(report)
    assert HOSTILE not in {node.label for node in report.graph.nodes}  # nothing needs it
    changed = report.edge(edge_id(report, "In[13]", "few@2"))["change"]
    assert changed["cells"] == [{"column": "age", "changed": 1}]
    few = traced.folder / "few.csv"
    kept = few.read_text()
    few.write_text("something else")
    ids = {node.label: node.id for node in report.graph.nodes}
    assert dict(report.node(ids["few.csv"])["facts"])["now"] == "holds something else"
    few.write_text(kept)


def test_versions_and_cells_are_asked_for_by_name(traced: Notebook) -> None:
    older = lineage_of(traced, "people@1")
    assert [node.label for node in older.graph.nodes] == ["adult.csv", "In[3]", "people@1"]
    cell = lineage_of(traced, "In[8]")
    made = {target for source, _, target in edges_of(cell) if source == "In[8]"}
    assert made == {"people@3", "unneeded@1"}
    assert "no version 9 of people" in traced.run("%mlops lineage people@9").refusal()[0]
    assert "Did you mean 'people'?" in traced.run("%mlops lineage peopel@1").refusal()[0]
    assert "no execution In[99]" in traced.run("%mlops lineage In[99]").refusal()[0]


def test_names_of_users_are_only_ever_text(traced: Notebook) -> None:
    report = lineage_of(traced, "back")
    assert HOSTILE in {node.label for node in report.graph.nodes}
    with traced.here():
        html = report._repr_mimebundle_()[0]["text/html"]
        page = report.to_html("lineage.html").read_text("utf-8")
        assert '"77516"' in report.to_html("lineage.html", rows=True).read_text("utf-8")
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "<img" not in html + page
    assert '"77516"' not in page  # of the first row of people: rows are written only when that is asked


def test_the_text_is_a_tree_and_the_shell_prints_it(
    traced: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = str(lineage_of(traced, "tree")).splitlines()
    assert lines[0] == "What led to tree: 7 cells, 9 values, 1 file"
    assert lines[1].startswith("  run tree  accuracy 0.")
    assert lines[2].startswith("  ← In[10]  tree = prepared(")
    assert "  └─ X_test@2, X_train@2, y_test@2, y_train@2" in lines
    capsys.readouterr()
    with traced.here():
        assert cli.run(["lineage", "tree"]) == 0
    assert capsys.readouterr().out.strip().splitlines() == lines


def test_a_colleague_reads_the_records_that_the_session_left_in_mlflow(
    traced: Notebook, tmp_path: Path
) -> None:
    with traced.here():
        here = load_settings()
    elsewhere = Settings(tmp_path, here.tracking_uri)  # no journal and no snapshots
    run = find_run(elsewhere, "tree")
    records = session_records(elsewhere, run.tags["mlops.session"])
    wanted = of_run(here, run).wanted
    lineage = Lineage(elsewhere, Subject("tree", wanted, records, run=run))
    with_journal = lineage_of(traced, "tree")
    assert [node.label for node in lineage.graph.nodes] == [node.label for node in with_journal.graph.nodes]
    people = next(node for node in lineage.graph.nodes if node.label == "people@1")
    assert people.status == "digest only"
    assert lineage.node(people.id)["note"].startswith("Only its digest is known")
    assert session_records(elsewhere, "../../elsewhere") == ()


def test_a_comparison_reads_what_led_to_a_run_of_this_project_without_mlflow(traced: Notebook) -> None:
    with traced.here():
        run_id = find_run(load_settings(), "tree").run_id
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_MLFLOW, run_id], capture_output=True, text=True, check=True
        )
    nodes, facts, has_mlflow = json.loads(done.stdout)
    assert nodes == len(lineage_of(traced, "tree").graph.nodes)
    assert facts["hypothesis"] == "steps beat a line"
    assert not has_mlflow


def test_a_foreign_run_shows_what_mlflow_knows(traced: Notebook) -> None:
    with traced.here():
        client = MlflowClient(load_settings().tracking_uri)
    run = client.create_run("0", run_name="not <b>ours</b>")
    source = json.dumps({"uri": "s3://user:secret@bucket/rows.parquet"})
    data = Dataset("rows", "abc123", "s3", source, profile='{"num_rows": 12000}')
    client.log_inputs(run.info.run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
    client.create_logged_model("0", name="classifier", source_run_id=run.info.run_id)
    client.set_terminated(run.info.run_id)
    report = lineage_of(traced, run.info.run_id)
    assert edges_of(report) == {
        ("rows", "read", "not <b>ours</b>"),
        ("not <b>ours</b>", "write", "classifier"),
    }
    assert dict(report.node("data 0")["facts"]) == {
        "context": "training", "digest": "abc123", "source": "s3://bucket/rows.parquet", "rows": "12,000",
    }  # fmt: skip
    assert "not made from a tracked cell" in str(report)
