"""The commands in the README on sharing do what it says, with real servers in place of its names."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from real_servers import MlflowServer, running
from verbs.notebook_in_process import Notebook
from waiting import until

from jupyter_mlops.settings import Settings
from jupyter_mlops.snapshot.outbox import Outbox

if TYPE_CHECKING:
    from real_servers import S3, Postgres

README = Path(__file__).parents[2] / "README.md"
TRACKED = """%%mlops track --name "boosting, depth 4"
from sklearn.ensemble import HistGradientBoostingClassifier
model = HistGradientBoostingClassifier(max_depth=4, max_iter=3, random_state=0).fit(X_train, y_train)
accuracy = model.score(X_train, y_train)
"""
FRAME = """
import numpy as np, pandas as pd
X_train = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)), columns=list("abc"))
y_train = (X_train["a"] > 0).astype(int)
"""


def commands() -> list[list[str]]:
    """The lines of the section's shell block, in words; comments left out."""
    section = README.read_text("utf-8").partition("## Sharing")[2]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return [words for line in found[1].splitlines() if (words := shlex.split(line, comments=True))]


def clean() -> dict[str, str]:
    """The environment of a new shell: tracking leaves words of its own in this process's."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "MLOPS_"))}


def test_the_commands_do_what_the_readme_says(
    postgres: Postgres, s3: S3, bucket: str, tmp_path: Path
) -> None:
    server_line, *rest = commands()
    exports = dict(words[1].split("=", 1) for words in rest if words[0] == "export")
    verbs = [words[1:] for words in rest if words[0] == "mlops"]
    assert server_line[:2] == ["mlflow", "server"]
    options = dict(zip(server_line[2::2], server_line[3::2], strict=True))
    assert options.keys() == {"--backend-store-uri", "--artifacts-destination"}
    assert set(exports) == {"MLFLOW_TRACKING_URI", "MLOPS_SNAPSHOTS"}
    assert [words[0] for words in verbs] == ["runs", "restore"]

    server = MlflowServer(
        tmp_path,
        postgres.make_database("runs"),
        files=options["--artifacts-destination"],
        MLFLOW_S3_ENDPOINT_URL=s3.url,
    )
    exports["MLFLOW_TRACKING_URI"] = server.url
    exports["MLOPS_SNAPSHOTS"] = bucket
    with running(server):
        notebook = Notebook(tmp_path / "mine", background=True, **exports)
        try:
            for source in ("%mlops track on", FRAME, TRACKED, "%mlops runs"):
                notebook.done(source)
            frame = notebook["X_train"]
        finally:
            notebook.close()
        settings = Settings(tmp_path / "mine", server.url, shared=bucket)
        until(lambda: not Outbox(settings.snapshots, bucket).waiting(), "the data is brought to the bucket")

        theirs = tmp_path / "theirs"
        theirs.mkdir()
        said = ""
        for words in verbs:
            asked = subprocess.run(
                [str(Path(sys.executable).with_name("mlops")), *words],
                cwd=theirs,
                env={**clean(), **exports, "MLOPS_PROJECT": str(theirs)},
                capture_output=True,
                text=True,
                timeout=200,
                check=False,
            )
            assert asked.returncode == 0, asked.stderr
            said += asked.stdout
    assert "boosting, depth 4" in said
    assert pd.read_parquet(theirs / "X_train.parquet").equals(frame)
