"""Two people who move an alias at once: one wins, the other is told, and the history has both in order."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import MlopsError, MovedError
from jupyter_mlops.notebook.owner import describe_owner
from jupyter_mlops.registry.history import Move, history
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.one_mover import mend
from jupyter_mlops.registry.registering import register, registering
from jupyter_mlops.registry.versions import find_version, list_versions
from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.client import connect, experiment_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflow import MlflowClient

OTHERS = 6


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    project = tmp_path_factory.mktemp("two")
    return Settings(project, local_uri(project))


@pytest.fixture(scope="module")
def client(settings: Settings) -> MlflowClient:
    return connect(settings)


@pytest.fixture
def name(request: pytest.FixtureRequest, settings: Settings, client: MlflowClient, tmp_path: Path) -> str:
    """A model with eight versions, the first of which is its champion."""
    made = str(request.node.name)[:60].replace("[", " ").replace("]", "")
    (tmp_path / "MLmodel").write_text("flavors: {}\n")
    run = client.create_run(experiment_id(client, settings)).info.run_id
    for number in range(8):
        register(settings, made, run, tmp_path, f"promoted/{number}", {})
    move_alias(settings, made, "1", why="first", expected=None)
    return made


def at_once(work: Callable[[int], Move], count: int = OTHERS) -> list[Move | MlopsError]:
    """What each of several threads got that begin at the same moment."""
    ready = threading.Barrier(count)

    def begin(number: int) -> Move | MlopsError:
        ready.wait(90)
        try:
            return work(number)
        except MlopsError as error:
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count)))


def test_of_several_that_were_compared_with_one_champion_one_wins(settings: Settings, name: str) -> None:
    got = at_once(lambda number: move_alias(settings, name, str(number + 2), why="mine", expected="1"))
    won = [each for each in got if isinstance(each, Move)]
    lost = [each for each in got if isinstance(each, MovedError)]
    assert (len(won), len(lost)) == (1, OTHERS - 1)
    assert find_version(settings, f"{name}@champion").version == won[0].after
    assert [(move.before, move.after) for move in history(settings, name)] == [
        (None, "1"),
        ("1", won[0].after),
    ]
    said = str(lost[0])
    assert f"moved from version 1 to version {won[0].after} by {won[0].who} at {won[0].when}" in said
    assert "Promote again to compare with" in said


def test_who_is_told_that_another_was_first_has_registered_nothing(
    settings: Settings, client: MlflowClient, name: str, tmp_path: Path
) -> None:
    run = client.create_run(experiment_id(client, settings)).info.run_id

    def promote_late() -> None:
        with registering(settings, name, run, tmp_path, "promoted/late", {}) as made:
            move_alias(settings, name, "2", why="hers", expected="1")
            move_alias(settings, name, made.version, why="mine", expected="1")

    with pytest.raises(MovedError):
        promote_late()
    assert [version.version for version in list_versions(settings, name)] == list("12345678")
    assert find_version(settings, f"{name}@champion").version == "2"
    assert not client.list_artifacts(run, "promoted/late")


def test_moves_of_several_at_once_are_all_in_the_history(
    settings: Settings, client: MlflowClient, name: str
) -> None:
    got = at_once(lambda number: move_alias(settings, name, "2", why=f"{number}", alias=f"a{number}"))
    assert all(isinstance(each, Move) for each in got)
    assert sorted(move.why for move in history(settings, name)[1:]) == sorted(map(str, range(OTHERS)))
    keys = [key for key in client.get_registered_model(name).tags if key.startswith("mlops.history.")]
    assert len({key.split(".")[2] for key in keys}) == OTHERS + 1
    assert not flags(client, name)


def test_an_alias_that_moved_without_us_is_noticed(
    settings: Settings, client: MlflowClient, name: str
) -> None:
    client.set_registered_model_alias(name, "champion", "5")
    with pytest.raises(MovedError, match="from version 1 to version 5 by something else than jupyter-mlops"):
        move_alias(settings, name, "2", why="mine", expected="1")
    client.delete_registered_model_alias(name, "champion")
    with pytest.raises(MovedError, match="moved from version 1 away"):
        move_alias(settings, name, "2", why="mine", expected="1")
    assert move_alias(settings, name, "2", why="mine", expected=None).before is None


def test_who_agreed_and_what_was_measured_stay_with_the_move(settings: Settings, name: str) -> None:
    long = "because of " + "a\nvery long story, " * 1000
    move_alias(settings, name, "2", why=long, approved_by="ann", gates="7 passed, 1 warned")
    move = history(settings, name)[-1]
    assert (move.approved_by, move.gates, move.before) == ("ann", "7 passed, 1 warned", "1")
    assert move.why.startswith("because of a very long story, a very")
    assert len(move.why) == 1000


def test_entries_of_an_earlier_release_are_read(settings: Settings, client: MlflowClient, name: str) -> None:
    old = {"alias": "champion", "before": None, "after": "1", "who": "ann", "when": "2026-01-01", "why": "x"}
    client.set_registered_model_tag(name, "mlops.history.000000", json.dumps(old))
    later = {**old, "after": "2", "a word of a later release": 1}
    client.set_registered_model_tag(name, "mlops.history.000002.ab", json.dumps(later))
    moves = history(settings, name)
    assert [move.after for move in moves] == ["1", "1", "2"]
    assert moves[0].approved_by is None


def test_a_move_that_was_cut_short_is_brought_to_its_end(
    settings: Settings, client: MlflowClient, name: str
) -> None:
    put_up_flag_of_a_process_that_is_gone(client, name, Move("champion", None, "4", "ann", "then", "hers"))
    client.set_registered_model_alias(name, "champion", "4")
    with pytest.raises(MovedError, match="from version 1 to version 4 by ann at then"):
        move_alias(settings, name, "2", why="mine", expected="1")
    assert [(move.before, move.after) for move in history(settings, name)] == [(None, "1"), ("1", "4")]
    assert not flags(client, name)


def test_a_move_that_was_cut_short_before_it_did_anything_is_forgotten(
    settings: Settings, client: MlflowClient, name: str
) -> None:
    put_up_flag_of_a_process_that_is_gone(client, name, Move("champion", None, "4", "ann", "then", "hers"))
    move_alias(settings, name, "2", why="mine", expected="1")
    assert [move.after for move in history(settings, name)] == ["1", "2"]
    assert not flags(client, name)


def test_a_flag_of_another_machine_counts_until_it_has_stood_still_for_a_minute(
    client: MlflowClient, name: str
) -> None:
    text = json.dumps(
        {
            "owner": {**describe_owner(), "host": "elsewhere"},
            "move": vars(Move("champion", None, "4", "ann", "then", "hers")),
        }
    )
    client.set_registered_model_tag(name, "mlops.moving.away", text)
    watched: dict[str, float] = {}
    assert mend(client, name, watched) == 0
    assert flags(client, name) == ["mlops.moving.away"]
    watched["away"] -= 61
    assert mend(client, name, watched) == 1
    assert not flags(client, name)


def flags(client: MlflowClient, name: str) -> list[str]:
    return [key for key in client.get_registered_model(name).tags if key.startswith("mlops.moving.")]


def put_up_flag_of_a_process_that_is_gone(client: MlflowClient, name: str, move: Move) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(90)
    owner = {**describe_owner(), "pid": gone.pid}
    text = json.dumps({"owner": owner, "move": vars(move)})
    client.set_registered_model_tag(name, "mlops.moving.gone", text)
