"""A notebook that logs with MLflow itself, and to another store, can be promoted; the replay logs nowhere."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from notebook_in_process import Notebook

if TYPE_CHECKING:
    from pathlib import Path


def test_an_autologged_model_is_promoted_and_its_replay_leaves_the_users_store_alone(tmp_path: Path) -> None:
    import mlflow

    known = {found.value for found in entry_points(group="mlflow.run_context_provider")}
    assert "jupyter_mlops.tracking.users_runs:CellContext" in known, "`make setup` installs the plugin"
    other = f"sqlite:///{tmp_path}/other.db"
    notebook = Notebook(tmp_path / "project")
    try:
        notebook.done("%mlops track on")
        notebook.done(
            "import mlflow\nimport pandas as pd\nfrom sklearn.linear_model import Ridge\n"
            f"mlflow.set_tracking_uri('{other}')\nmlflow.sklearn.autolog(log_models=False, silent=True)\n"
            "X = pd.DataFrame({'a': [1.0, 2.0, 3.0, 4.0]})\ny = X.a * 2"
        )
        notebook.done(
            "with mlflow.start_run():\n    model = Ridge(alpha=2.0).fit(X, y)\n    r2 = model.score(X, y)\n"
            "    mlflow.log_metric('mine', 7.0)\n    mlflow.log_text('text', 'a.txt')"
        )
        card = notebook.done("%mlops promote model --as ridge")
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)
        notebook.close()
        mlflow.set_tracking_uri(None)
    assert re.search(r"passed +fitted state", card.said)
    assert re.search(r"passed +r2", card.said)
    assert len(mlflow.MlflowClient(other).search_runs(["0"])) == 1
