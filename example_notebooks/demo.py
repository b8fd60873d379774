"""The demo: the example notebook from first cell to served model, then three predictions over HTTP.

`make demo` runs it. Everything is made in ``demo/`` beside the notebooks' folder; a second run adds to
the same store, as a second day's work would.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "demo"
NOTEBOOK = "01_from_cells_to_service.ipynb"


def main() -> int:
    """Prepare, execute, serve, ask, and say what was made."""
    prepare()
    if "--prepare-only" in sys.argv:
        return 0
    started = time.perf_counter()
    notebook = execute()
    ask()
    tell(notebook, time.perf_counter() - started)
    return 0


def prepare() -> None:
    """A folder of its own, so that the checkout stays clean: the notebook as shipped, and its data."""
    (DEMO / ".mlops").mkdir(parents=True, exist_ok=True)  # marks the project folder
    shutil.copytree(HERE / "data", DEMO / "data", dirs_exist_ok=True)
    if not (DEMO / NOTEBOOK).exists():
        shutil.copyfile(HERE / NOTEBOOK, DEMO / NOTEBOOK)


def execute() -> Path:
    """Run the shipped notebook in `DEMO`, one line per section; returns the executed copy."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(HERE / NOTEBOOK, as_version=4)
    stages = [cell.source.splitlines()[0].lstrip("# ") for cell in notebook.cells if is_heading(cell)]
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(DEMO)}},
        store_widget_state=False,
        extra_arguments=["--log-level=40"],
    )
    done, began = -1, time.perf_counter()
    environment = {**os.environ, "MLOPS_PROJECT": str(DEMO)}
    with client.setup_kernel(env=environment):
        for index, cell in enumerate(notebook.cells):
            if is_heading(cell):
                finish(done, began)
                done, began = done + 1, time.perf_counter()
                print(f"[{done + 1}/{len(stages)}] {stages[done]:<24}", end="", flush=True)
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                print(f"\nThe notebook stopped in the cell {cell.id!r}: {error.ename}: {error.evalue}")
                raise SystemExit(1) from None
    finish(done, began)
    executed = DEMO / "01_executed.ipynb"
    nbformat.write(notebook, executed)
    return executed


def is_heading(cell: Any) -> bool:
    """True for the Markdown cells that open a section."""
    return bool(cell.cell_type == "markdown" and cell.source.startswith("## "))


def finish(stage: int, began: float) -> None:
    """End the line of a stage with its time."""
    if stage >= 0:
        print(f"{time.perf_counter() - began:6.1f} s")


def ask() -> None:
    """Serve the exported bundle, which knows nothing of this package, and ask it three times."""
    import jupyter_mlops
    from jupyter_mlops.verbs.serve import stop

    os.environ["MLOPS_PROJECT"] = str(DEMO)
    server = jupyter_mlops.serve(DEMO / "bundle")
    print(f"\nthe bundle is served at {server.url}; three people are asked about:")
    people = json.loads((DEMO / "bundle" / "example.json").read_text("utf-8"))[:3]
    for person in people:
        request = urllib.request.Request(
            f"{server.url}/invocations",
            json.dumps({"dataframe_records": [person]}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            predicted = json.load(answer)["predictions"][0]
        print(f"  age {person['age']}, {person['education']}, {person['occupation']}: {predicted}")
    stop()


def tell(notebook: Path, seconds: float) -> None:
    """Five lines: what was made, where it lies, what to open next."""
    bundle = json.loads((DEMO / "bundle" / "bundle.json").read_text("utf-8"))
    print(f"""
done in {seconds:.0f} seconds: {bundle["name"]} version {bundle["version"]} is champion and was served
  the executed notebook   {shown(notebook)}
  the serving bundle      {shown(DEMO / "bundle")}   (cd there, python serve.py)
  runs and models         {shown(DEMO / "mlflow.db")}   (cd demo && ../.venv/bin/mlflow ui)
open it yourself: make lab""")


def shown(path: Path) -> str:
    """A path as seen from the checkout."""
    return str(path.relative_to(HERE.parent))


if __name__ == "__main__":
    sys.exit(main())
