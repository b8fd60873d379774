"""What a cell logs with MLflow itself and what we find in it are one run; the user's code notices nothing."""

from __future__ import annotations

import json
import os
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import mlflow
import pytest
from mlflow.tracking.context.registry import _run_context_provider_registry
from mlflow.tracking.default_experiment.registry import _default_experiment_provider_registry
from stored_runs import stored_runs

from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import find_run, run_slice
from jupyter_mlops.tracking.users_runs import CellContext, CellExperiment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

DATA = """import mlflow
import pandas as pd
from sklearn.linear_model import Lasso, Ridge
X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]})
y = pd.Series([1.0, 2.5, 2.9, 4.2], name="target")"""


def test_mlflow_finds_the_plugins_by_their_entry_points() -> None:
    for kind, name in (("run_context", "CellContext"), ("default_experiment", "CellExperiment")):
        known = {found.value for found in entry_points(group=f"mlflow.{kind}_provider")}
        assert f"jupyter_mlops.tracking.users_runs:{name}" in known, "`make setup` installs it"


@pytest.fixture
def cells(notebook: TrackedShell, client: MlflowClient) -> Iterator[TrackedShell]:
    """A tracked notebook that has imported MLflow and made data."""
    _install_plugins()
    notebook.run(DATA)
    yield notebook
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)
    mlflow.tracking.fluent._active_experiment_id = None
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)


def _install_plugins() -> None:
    """As MLflow does when it is imported; an editable install can be older than an entry point."""
    registries = (
        (_run_context_provider_registry, CellContext),
        (_default_experiment_provider_registry, CellExperiment),
    )
    for registry, plugin in registries:
        if not any(isinstance(known, plugin) for known in registry):
            registry.register(plugin)


def all_runs(client: MlflowClient) -> list[Any]:
    """Every run of the store but the session's, oldest first."""
    experiments = [found.experiment_id for found in client.search_experiments()]
    found = [run for run in client.search_runs(experiments) if run.data.tags.get("mlops.kind") != "session"]
    return sorted(found, key=lambda run: run.info.start_time)


def one_run(client: MlflowClient) -> Any:
    """The only run of the store."""
    runs = all_runs(client)
    assert [run.info.run_name for run in runs] == [runs[0].info.run_name]
    return runs[0]


def record_of(client: MlflowClient, run: Any, folder: Path) -> dict[str, Any]:
    path = client.download_artifacts(run.info.run_id, "mlops/record.json", str(folder))
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        found: dict[str, Any] = json.load(file)
    return found


def test_logging_without_a_run_and_our_facts_are_one_run_that_ends_with_the_cell(
    cells: TrackedShell, client: MlflowClient, tmp_path: Path
) -> None:
    cells.run(
        "alpha = 2.0\nmodel = Ridge(alpha=alpha).fit(X, y)\nr2 = model.score(X, y)\n"
        "mlflow.log_metric('mae', 0.25)\nmlflow.log_param('note', 'mine')\nmlflow.log_text('hello', 'a.txt')"
    )
    sync(cells.settings)
    run = one_run(client)
    assert (run.info.run_name, run.info.status) == ("In[3] Ridge", "FINISHED")
    assert run.data.params == {"alpha": "2.0", "estimator": "Ridge", "note": "mine"}
    assert set(run.data.metrics) == {"mae", "r2"}
    assert {found.dataset.name for found in run.inputs.dataset_inputs} == {"X", "y"}
    assert client.get_experiment(run.info.experiment_id).name == "notebooks"
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert files == {"a.txt", "code", "mlops"}
    assert record_of(client, run, tmp_path)["run"]["estimators"][0]["kind"] == "Ridge"


def test_the_next_cell_that_logs_has_its_own_run(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run("mlflow.log_param('n', 1)")
    cells.run("mlflow.log_param('n', 2)")
    cells.run("x = 1")
    assert mlflow.active_run() is None
    sync(cells.settings)
    assert [(run.info.run_name, run.data.params) for run in all_runs(client)] == [
        ("In[3]", {"n": "1"}), ("In[4]", {"n": "2"}),
    ]  # fmt: skip
    assert {run.info.status for run in all_runs(client)} == {"FINISHED"}


def test_a_run_that_mlflow_opened_is_there_for_a_cell_that_asks_for_it(
    cells: TrackedShell, client: MlflowClient
) -> None:
    cells.run("mlflow.log_param('n', 1)")
    record = cells.run("mine = mlflow.active_run().info.run_id\nmlflow.log_metric('m', 2.0)")
    assert record.status == "ok"
    sync(cells.settings)
    run = one_run(client)
    assert (run.info.run_id, run.data.metrics) == (cells["mine"], {"m": 2.0})


def test_a_named_run_in_a_with_block_is_the_run(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run(
        "with mlflow.start_run(run_name='ridge'):\n    model = Ridge(alpha=3.0).fit(X, y)\n"
        "    mlflow.log_metric('mae', 0.1)"
    )
    sync(cells.settings)
    run = one_run(client)
    assert (run.info.run_name, run.info.status) == ("ridge", "FINISHED")
    assert run.data.params == {"alpha": "3.0", "estimator": "Ridge"}
    assert run.data.tags["mlops.kind"] == "cell"
    assert "mlflow.parentRunId" not in run.data.tags


def test_what_the_user_logged_goes_before_what_we_found(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run(
        "C = 5\nacc = C / 10\nwith mlflow.start_run():\n"
        "    mlflow.log_param('C', 'five')\n    mlflow.log_metric('acc', 0.75, step=3)"
    )
    for _ in range(2):
        sync(cells.settings)
    run = one_run(client)
    assert run.data.params == {"C": "five"}
    assert run.data.metrics == {"acc": 0.75}
    assert [point.step for point in client.get_metric_history(run.info.run_id, "acc")] == [3]


def test_a_run_opened_in_an_earlier_cell_takes_the_facts_and_stays_open(
    cells: TrackedShell, client: MlflowClient, tmp_path: Path
) -> None:
    cells.run("run = mlflow.start_run(run_name='mine')")
    cells.run("model = Ridge(alpha=3.0).fit(X, y)\nr2 = model.score(X, y)\nmlflow.log_metric('a', 1.0)")
    cells.run("unrelated = 1")
    sync(cells.settings)
    assert client.get_run(cells["run"].info.run_id).info.status == "RUNNING"
    cells.run("other = Lasso(alpha=0.5).fit(X, y)\nr2 = other.score(X, y)")
    cells.run("mlflow.log_metric('b', 2.0)")
    cells.run("mlflow.end_run()")
    sync(cells.settings)
    run = one_run(client)
    assert (run.info.run_name, run.info.status) == ("mine", "FINISHED")
    assert run.data.params == {"alpha": "3.0", "estimator": "Ridge"}
    assert run.data.metrics == {"a": 1.0, "b": 2.0, "r2": cells["r2"]}
    assert run.data.tags["mlops.cell"] == "In[3], In[4], In[6], In[7]"
    record = record_of(client, run, tmp_path)
    assert {found["name"] for found in record["run"]["estimators"]} == {"model", "other"}
    code = client.download_artifacts(run.info.run_id, "code/slice.py", str(tmp_path))
    with open(code, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()
    assert "Lasso(alpha=0.5)" in text
    assert "Ridge(alpha=3.0)" in text


def test_runs_of_a_loop_get_a_parent_with_the_record(
    cells: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    cells.run(
        "for alpha in (1.0, 2.0):\n    with mlflow.start_run(run_name=f'alpha {alpha}'):\n"
        "        model = Ridge(alpha=alpha).fit(X, y)\n        mlflow.log_metric('m', alpha)"
    )
    for _ in range(2):
        sync(cells.settings)
    parent, *children = all_runs(client)
    assert [run.info.run_name for run in [parent, *children]] == ["In[3] Ridge", "alpha 1.0", "alpha 2.0"]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert {run.info.status for run in [parent, *children]} == {"FINISHED"}
    assert [run.info.run_name for run in stored_runs(client, "cell")] == ["In[3] Ridge"]


def test_nested_runs_stay_children_of_theirs(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run(
        "with mlflow.start_run(run_name='outer'):\n    for n in (1, 2):\n"
        "        with mlflow.start_run(nested=True):\n            mlflow.log_param('n', n)"
    )
    sync(cells.settings)
    outer, *inner = all_runs(client)
    assert [run.info.run_name for run in [outer, *inner]] == ["outer", "In[3] 2", "In[3] 3"]
    assert {run.data.tags["mlflow.parentRunId"] for run in inner} == {outer.info.run_id}
    assert [run.info.run_id for run in stored_runs(client, "cell")] == [outer.info.run_id]


def test_an_error_in_a_with_block_fails_the_run_once(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run("with mlflow.start_run():\n    model = Ridge().fit(X, y)\n    1 / 0")
    cells.run("with mlflow.start_run():\n    mlflow.log_metric('m', 1.0)")
    sync(cells.settings)
    assert [(run.info.run_name, run.info.status) for run in all_runs(client)] == [
        ("In[3] Ridge", "FAILED"), ("In[4]", "FINISHED"),
    ]  # fmt: skip
    assert all_runs(client)[0].data.tags["mlops.error"] == "ZeroDivisionError"


def test_an_error_after_a_log_call_fails_the_run_that_mlflow_opened(
    cells: TrackedShell, client: MlflowClient
) -> None:
    cells.run("mlflow.log_param('n', 1)\n1 / 0")
    assert mlflow.active_run() is None
    sync(cells.settings)
    assert one_run(client).info.status == "FAILED"


def test_autolog_and_our_facts_are_one_run_per_fit(
    cells: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    cells.run("mlflow.sklearn.autolog(log_models=False, silent=True)")
    try:
        cells.run("model = Ridge(alpha=3.0).fit(X, y)")
        cells.run("a = Ridge().fit(X, y)\nb = Lasso().fit(X, y)")
        cells.run(
            "from sklearn.model_selection import GridSearchCV\n"
            "search = GridSearchCV(Ridge(), {'alpha': [1.0, 2.0]}, cv=2).fit(X, y)"
        )
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)
    sync(cells.settings)
    runs = {run.info.run_name: run for run in all_runs(client) if "mlops.session" in run.data.tags}
    assert set(runs) == {"In[4] Ridge", "In[5] Lasso Ridge", "In[5] 1", "In[5] 2", "In[6] GridSearchCV"}
    assert "training_r2_score" in runs["In[4] Ridge"].data.metrics
    assert runs["In[4] Ridge"].data.params["fit_intercept"] == "True"
    names = {found.dataset.name for found in runs["In[4] Ridge"].inputs.dataset_inputs}
    assert {"X", "y"} < names
    search = runs["In[6] GridSearchCV"].info.run_id
    children = [run for run in all_runs(client) if run.data.tags.get("mlflow.parentRunId") == search]
    assert len(children) == 2


def test_another_store_is_only_linked(
    cells: TrackedShell, client: MlflowClient, empty_store: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.db").write_bytes(empty_store.read_bytes())
    other = f"sqlite:///{tmp_path}/other.db"
    cells.run(f"mlflow.set_tracking_uri('{other}')")
    cells.run("with mlflow.start_run() as theirs:\n    model = Ridge().fit(X, y)")
    cells.run("mlflow.log_param('n', 1)")
    sync(cells.settings)
    fitted, logged = all_runs(client)
    assert fitted.data.tags["mlops.logged_to"] == cells["theirs"].info.run_id
    assert fitted.data.tags["mlops.logged_to_store"] == other
    assert logged.info.run_name == "In[5]"
    found = mlflow.MlflowClient(other).get_run(cells["theirs"].info.run_id)
    assert not [name for name in found.data.tags if name.startswith("mlops.")]


def test_an_older_run_that_a_cell_goes_on_with_takes_the_facts_of_that_cell(
    cells: TrackedShell, client: MlflowClient
) -> None:
    cells.run("with mlflow.start_run(run_name='one') as run:\n    model = Ridge(alpha=3.0).fit(X, y)")
    cells.run(
        "with mlflow.start_run(run_id=run.info.run_id):\n    mlflow.log_metric('late', 1.0)\n"
        "score = model.score(X, y)"
    )
    sync(cells.settings)
    run = one_run(client)
    assert set(run.data.metrics) == {"late", "score"}
    assert run.data.tags["mlops.serials"] == "3 4"


def test_a_run_with_the_record_of_another_session_is_left_as_it_is(
    cells: TrackedShell, client: MlflowClient
) -> None:
    experiment = client.create_experiment("theirs")
    strange = client.create_run(experiment, tags={"mlops.session": "another"}).info.run_id
    cells.run(f"with mlflow.start_run(run_id='{strange}'):\n    model = Ridge().fit(X, y)")
    sync(cells.settings)
    ours = stored_runs(client, "cell")
    assert [run.data.tags["mlops.logged_to"] for run in ours] == [strange]
    assert client.get_run(strange).data.tags["mlops.session"] == "another"


def test_an_experiment_that_the_user_chose_is_kept(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run("mlflow.set_experiment('churn')")
    cells.run("mlflow.log_param('n', 1)")
    sync(cells.settings)
    assert client.get_experiment(one_run(client).info.experiment_id).name == "churn"


def test_the_store_is_lent_while_tracking_is_on(
    cells: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    assert mlflow.get_tracking_uri() == project.tracking_uri
    cells.session.stop()
    assert "MLFLOW_TRACKING_URI" not in os.environ
    cells.session.start()
    cells.run("mlflow.start_run()")
    cells.session.stop()
    assert mlflow.get_tracking_uri() == project.tracking_uri  # else the open run would not be found
    mlflow.end_run()


def test_cells_that_only_set_mlflow_up_are_no_runs(cells: TrackedShell, client: MlflowClient) -> None:
    assert cells.run("mlflow.set_experiment('x')\nfound = mlflow.search_runs()").run is None
    assert cells.run("client = mlflow.MlflowClient()").run is None
    assert cells.run("mlflow.end_run()").run is None


def test_a_projection_that_was_cut_off_is_completed(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run("model = Ridge(alpha=3.0).fit(X, y)\nr2 = model.score(X, y)\nmlflow.log_metric('m', 1.0)")
    cells.run("for n in (1, 2):\n    with mlflow.start_run():\n        mlflow.log_param('n', n)")
    sync(cells.settings)
    before = {run.info.run_id: (run.data.params, run.data.metrics) for run in all_runs(client)}
    marks = next(cells.settings.journals.glob("*.projected"))
    marks.write_bytes(marks.read_bytes().splitlines(keepends=True)[0])
    sync(cells.settings)
    assert {run.info.run_id: (run.data.params, run.data.metrics) for run in all_runs(client)} == before
    assert len(client.get_metric_history(next(iter(before)), "r2")) <= 1


def test_each_record_of_a_shared_run_has_its_own_code(cells: TrackedShell, client: MlflowClient) -> None:
    cells.run("run = mlflow.start_run(run_name='mine')")
    first = cells.run("model = Ridge(alpha=3.0).fit(X, y)")
    cells.run("other = Lasso(alpha=0.5).fit(X, y)")
    sync(cells.settings)
    found = find_run(cells.settings, "mine")
    whole = [cell.source for cell in run_slice(cells.settings, found).cells]
    alone = [cell.source for cell in run_slice(cells.settings, found, serial=first.serial).cells]
    assert len(whole) == len(alone) + 1 == 3
    assert "Lasso(alpha" not in "\n".join(alone)


def test_one_tracked_cell_has_its_run_and_leaves_mlflow_as_it_was(
    untracked: TrackedShell, client: MlflowClient
) -> None:
    _install_plugins()
    untracked.execute("import mlflow")
    untracked.execute("%%mlops track --name solo\nn = 2\nmlflow.log_metric('m', 1.0)")
    assert mlflow.active_run() is None
    assert "MLFLOW_TRACKING_URI" not in os.environ
    sync(untracked.settings)
    run = one_run(client)
    assert (run.info.run_name, run.info.status) == ("solo", "FINISHED")
    assert (run.data.params, run.data.metrics) == ({"n": "2"}, {"m": 1.0})
