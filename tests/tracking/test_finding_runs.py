"""A run is found by what people type, without reading all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.read_runs import find_run, search_runs

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient

NAMES = [
    "first", "second", "first", "it's", 'say "so"', "50%", "a\\b", "`x`", "Größe 4, ρ", "x = 1 and y = 2",
    "'); --", "lr=0.1 [a]", "last",
]  # fmt: skip


@pytest.fixture
def runs(client: MlflowClient, project: Settings) -> list[str]:
    """Ids of runs with these names, oldest first, each followed by the run of a session."""
    made = []
    for number, name in enumerate(NAMES):
        run = client.create_run("0", start_time=number * 10 + 10, run_name=name, tags={"mlops.kind": "cell"})
        client.create_run("0", start_time=number * 10 + 11, run_name=name, tags={"mlops.kind": "session"})
        made.append(run.info.run_id)
    return made


def test_by_any_name_the_newest_is_found(runs: list[str], project: Settings) -> None:
    for name in set(NAMES) - {"last"}:
        newest = len(NAMES) - 1 - NAMES[::-1].index(name)
        assert find_run(project, name).run_id == runs[newest], name
    assert find_run(project, "last").run_id == runs[-1]


def test_by_an_id_and_its_beginning(runs: list[str], project: Settings) -> None:
    assert find_run(project, runs[0]).run_id == runs[0]
    assert find_run(project, runs[0][:8]).run_id == runs[0]


def test_a_deleted_run_is_not_found_and_the_nearest_name_is_offered(
    runs: list[str], client: MlflowClient, project: Settings
) -> None:
    client.delete_run(runs[1])
    for reference in ("second", runs[1]):
        with pytest.raises(NotFoundError, match="there is no run"):
            find_run(project, reference)
    with pytest.raises(NotFoundError, match="Did you mean 'first'"):
        find_run(project, "frist")


def test_the_newest_few_are_the_newest_few(runs: list[str], project: Settings) -> None:
    for limit in (1, 4, 12, 100):
        assert [run.run_id for run in search_runs(project, limit=limit)] == runs[-limit:]


def test_looking_for_a_run_where_nothing_was_tracked_makes_no_store(tmp_path: Path) -> None:
    settings = Settings(tmp_path, local_uri(tmp_path))
    with pytest.raises(NotFoundError, match="there is no run 'last'"):
        find_run(settings, "last")
    assert list(tmp_path.iterdir()) == []
