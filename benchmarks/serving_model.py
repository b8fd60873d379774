"""The model that all servers serve, and the bodies of requests in the form that each server takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.processes import Bench
    from benchmarks.serving_running import Running
    from benchmarks.serving_servers import Server

SINGLE, MANY = 200, 5
"""Different bodies of one row, and of `ROWS`."""
ROWS = 1000


@dataclass(frozen=True)
class Made:
    """The model in all its forms in `folder`; rows it has not seen, and scikit-learn's answers to them."""

    folder: Path
    columns: list[str]
    rows: list[list[Any]]
    labels: list[Any]


@dataclass(frozen=True)
class Bodies:
    """Requests for one server: files with a body a line, and the first of each."""

    one: Path
    many: Path
    first: bytes
    first_of_many: bytes


def make_model(bench: Bench) -> Made:
    """Train, promote and export it in a project of its own."""
    folder = bench.project()
    bench.run("serving_forms", folder)
    found = json.loads((folder / "rows.json").read_text("utf-8"))
    return Made(folder, found["columns"], found["rows"], found["labels"])


def make_bodies(made: Made, server: Server, folder: Path) -> Bodies:
    """Write requests as `server` takes them."""
    one = [server.body(made.columns, [row]) for row in made.rows[:SINGLE]]
    many = [
        server.body(made.columns, made.rows[start : start + ROWS]) for start in range(0, MANY * ROWS, ROWS)
    ]
    files = []
    for name, contents in (("one", one), ("many", many)):
        file = folder / f"{name}.jsonl"
        file.write_text("".join(f"{json.dumps(content)}\n" for content in contents), "utf-8")
        files.append(file)
    return Bodies(files[0], files[1], json.dumps(one[0]).encode(), json.dumps(many[0]).encode())


def check_answers(made: Made, server: Server, bodies: Bodies, running: Running) -> None:
    """A thousand rows get scikit-learn's labels.

    Raises:
        SystemExit: they get others.
    """
    labels = server.labels(running.ask(bodies.first_of_many))
    if labels != made.labels[:ROWS]:
        raise SystemExit("a server gives other labels than scikit-learn")
