"""`models` and `rollback`: what is registered, how it was measured, how old it is, where it is served."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from new_store import with_store

import jupyter_mlops
from jupyter_mlops.bundle.server_files import RunningServer, remember
from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.registering import register
from jupyter_mlops.tracking.client import connect, experiment_id
from jupyter_mlops.verbs.models import age

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.settings import Settings

COLUMNS = ["model", "version", "alias", "run", "auc", "verified", "gates"]


@pytest.fixture
def income(project: Settings, tmp_path: Path) -> str:
    """Two versions of ours and one of others."""
    with_store(project.project)
    model = tmp_path / "model"
    model.mkdir()
    (model / "MLmodel").write_text("flavors: {}\n")
    client = connect(project)
    run = client.create_run(experiment_id(client, project)).info.run_id
    for number, gates in enumerate(('{"passed": 7, "warned": 1, "failed": 0, "skipped": 2}', "{")):
        tags = {"mlops.run": f"run {number}", "mlops.verified": "true", "mlops.gates": gates}
        tags["mlops.metrics"] = f'{{"auc": 0.9{number}}}'
        made = register(project, "income", run, model, f"promoted/{number}", tags)
        move_alias(
            project, "income", made.version, why="better", approved_by="ann", gates="7 passed, 1 warned"
        )
    client.create_model_version("income", str(model), tags={"mlops.metrics": "no json"})
    return "income"


def rows_of(table: Any) -> list[dict[str, str]]:
    return [dict(zip(table.headers, row, strict=True)) for row in table.rows]


def test_versions_are_listed_with_gates_age_and_where_they_are_served(project: Settings, income: str) -> None:
    project.servers.mkdir(parents=True)
    log = project.servers / "log"
    remember(RunningServer(income, "2", "http://127.0.0.1:4321", os.getpid(), log), project.servers)
    first, second, others = rows_of(jupyter_mlops.models())
    assert [first[name] for name in COLUMNS] == [
        "income", "1", "", "run 0", "0.9", "yes", "7 passed, 1 warned, 2 skipped",
    ]  # fmt: skip
    assert [second[name] for name in COLUMNS] == ["income", "2", "champion", "run 1", "0.91", "yes", ""]
    assert [others[name] for name in COLUMNS] == ["income", "3", "", "", "", "by others", ""]
    assert (first["served at"], second["served at"]) == ("", "http://127.0.0.1:4321")
    assert second["made"] == "just now"
    found = jupyter_mlops.models("income").to_dict()["versions"]
    assert found[0]["gates"] == {"passed": 7, "warned": 1, "skipped": 2}
    assert found[1]["served_at"] == ["http://127.0.0.1:4321"]
    assert "4321" not in str(jupyter_mlops.models("income"))


def test_the_history_says_who_when_why_what_was_measured_and_who_agreed(
    project: Settings, income: str
) -> None:
    first, second = rows_of(jupyter_mlops.models(income, moves=True))
    assert (first["from"], first["to"], second["from"], second["to"]) == ("", "1", "1", "2")
    assert (first["why"], first["gates"], first["approved by"]) == ("better", "7 passed, 1 warned", "ann")
    assert datetime.fromisoformat(first["when (UTC)"]).tzinfo is not None


def test_a_rollback_is_written_down_and_says_what_it_needs(project: Settings, income: str) -> None:
    card = jupyter_mlops.rollback(income, to=3, reason="theirs")
    assert "run 1 → by others" in str(card)
    assert jupyter_mlops.rollback(income, to=1).to_dict()["before"] == "3"
    moves = jupyter_mlops.models(income, moves=True).to_dict()["moves"]
    assert [(move["before"], move["after"], move["why"]) for move in moves[2:]] == [
        ("2", "3", "theirs"),
        ("3", "1", "rollback"),
    ]
    with pytest.raises(BadInputError, match="is the champion already"):
        jupyter_mlops.rollback(income, to=1)
    with pytest.raises(NotFoundError, match="has no /9"):
        jupyter_mlops.rollback(income, to=9)


def test_of_a_thousand_versions_those_that_matter_are_shown(project: Settings, income: str) -> None:
    with contextlib.closing(sqlite3.connect(project.project / "mlflow.db")) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(model_versions)")]
        values = ", ".join(
            {"version": "n", "creation_time": f"{10**12} + n"}.get(name, name) for name in columns
        )
        more = "WITH RECURSIVE more(n) AS (SELECT 4 UNION ALL SELECT n + 1 FROM more WHERE n < 1100)"
        into = f"INSERT INTO model_versions ({', '.join(columns)})"
        database.execute(f"{more} {into} SELECT {values} FROM model_versions JOIN more WHERE version = 3")  # noqa: S608
    table = jupyter_mlops.models()
    assert len(table.to_dict()["versions"]) == 1100
    assert len(table.rows) == 200
    assert "champion" in {row["alias"] for row in rows_of(table)}
    assert "900 older versions without an alias not shown" in table.note


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "just now"),
        (60, "1 minute ago"),
        (7300, "2 hours ago"),
        (4 * 86400, "4 days ago"),
        (10**8, "3 years ago"),
    ],
)
def test_ages_are_words(seconds: int, words: str) -> None:
    assert age(datetime.now(UTC) - timedelta(seconds=seconds)) == words
