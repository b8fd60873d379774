"""What we register, plain MLflow reads: client, pyfunc, and its own scoring server."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from real_servers import free_port

if TYPE_CHECKING:
    from the_story import Story


def address(story: Story) -> str:
    return f"sqlite:///{story.folder}/mlflow.db"


def test_the_client_sees_version_alias_tags_and_run(at_story: Story) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(address(at_story), address(at_story))
    version = client.get_model_version_by_alias("income", "champion")
    assert version.tags["mlops.verified"] == "true"
    assert version.tags["mlops.run"] == "tree"
    run = client.get_run(version.run_id)
    assert run.info.run_name == "tree"
    assert run.data.metrics["auc"] == json.loads(version.tags["mlops.metrics"])["auc"]


def test_pyfunc_predicts_on_rows_with_missing_values(
    at_story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", address(at_story))
    model = mlflow.pyfunc.load_model("models:/income@champion")
    rows = at_story.frame()
    assert rows.isna().any(axis=None)
    assert list(model.predict(rows)) == at_story.values["tree"].predict(rows).tolist()


@pytest.mark.timeout(240)
def test_mlflows_own_server_serves_the_champion(at_story: Story, tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "server.log"
    command = [
        str(Path(sys.executable).with_name("mlflow")), "models", "serve", "-m", "models:/income@champion",
        "--env-manager", "local", "--port", str(port), "--workers", "1",
    ]  # fmt: skip
    environment = {
        **at_story.environment,
        "MLFLOW_TRACKING_URI": address(at_story),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        rows = at_story.frame().head(20)
        answered = ask_until_it_answers(
            f"http://127.0.0.1:{port}/invocations",
            {"dataframe_split": json.loads(rows.to_json(orient="split", index=False))},
            server,
            log,
        )
        assert answered["predictions"] == at_story.values["tree"].predict(rows).tolist()
    finally:
        family = [*psutil.Process(server.pid).children(recursive=True), psutil.Process(server.pid)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended with the one before it
                process.terminate()
        psutil.wait_procs(family, timeout=90)
        server.wait(90)


def ask_until_it_answers(
    url: str, content: object, server: subprocess.Popen[bytes], log: Path
) -> dict[str, list[int]]:
    """Importing MLflow's server takes seconds; until then nobody listens."""
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    deadline = time.monotonic() + 180
    while True:
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found: dict[str, list[int]] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error
        except OSError:
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(0.2)
