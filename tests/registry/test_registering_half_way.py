"""A registry that fails between two requests of a registration: all of it is there, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from real_servers import MlflowServer, running
from tracking.faulty_proxy import FaultyProxy

from jupyter_mlops.errors import StoreError
from jupyter_mlops.registry.history import history
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.registering import clean, leftovers, registering
from jupyter_mlops.registry.versions import list_versions, model_names
from jupyter_mlops.settings import Settings
from jupyter_mlops.tracking.client import connect, experiment_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REQUESTS = 60
"""More than a registration needs."""


@dataclass(frozen=True)
class Seen:
    """A model in the registry; `files_fit` says that every version has its files, and no others are there."""

    exists: bool
    versions: list[str]
    aliases: dict[str, str]
    moves: list[tuple[str | None, str]]
    files_fit: bool

    @property
    def champion(self) -> str | None:
        return self.aliases.get("champion")


class Place:
    """A registry behind a proxy, seen through it as promoting does, and past it as it is."""

    def __init__(self, folder: Path, server: MlflowServer, proxy: FaultyProxy) -> None:
        self.proxy = proxy
        self.through = Settings(folder / "project", proxy.url)
        self.past = Settings(folder / "project", f"sqlite:///{folder}/server.db")
        client = connect(self.through)
        self.run = client.create_run(experiment_id(client, self.through)).info.run_id
        self.files = folder / "artifacts"
        self.model = folder / "model"
        (self.model / "mlops").mkdir(parents=True)
        (self.model / "MLmodel").write_text("flavors: {}\n")
        (self.model / "mlops" / "schema.json").write_text("{}")

    def promote(self, name: str, path: str, expected: str | None) -> str:
        with registering(self.through, name, self.run, self.model, path, {"mlops.run": "r"}) as made:
            move_alias(self.through, name, made.version, why="better", expected=expected)
        return made.version

    def seen(self, name: str) -> Seen:
        """What is there, asked behind the server's back."""
        versions = list_versions(self.past, name)
        moves = history(self.past, name) if versions else []
        files = {f"promoted/{found.name}" for found in self.files.glob(f"*/{self.run}/artifacts/promoted/*")}
        paths = {version.path for version in versions}
        return Seen(
            name in model_names(self.past),
            [version.version for version in versions],
            {alias: version.version for version in versions for alias in version.aliases},
            [(move.before, move.after) for move in moves],
            {path for path in files if path.startswith(f"promoted/{name}-")} == paths,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("half")
    server = MlflowServer(folder, f"sqlite:///{folder}/server.db")
    with running(server), FaultyProxy(server.url).running() as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        yield Place(folder, server, proxy)


def test_a_request_that_is_dropped_leaves_all_or_nothing_and_the_next_try_works(place: Place) -> None:
    """The n-th request is dropped, for each n; the store answers again at once."""
    failed = each_request(place, "dropped", lambda at: lambda number: "hang up" if number == at else "pass")
    assert failed > 10


def test_a_registry_that_is_gone_from_some_request_on_is_cleaned_up_later(place: Place) -> None:
    """The answer to the n-th request is lost, for each n, and nothing answers after it."""

    def gone_from(at: int) -> Callable[[int], str]:
        return lambda number: "pass" if number < at else "lose" if number == at else "hang up"

    failed = each_request(place, "gone", gone_from)
    assert failed > 10


def each_request(place: Place, name: str, fault: Callable[[int], Callable[[int], str]]) -> int:
    """Promote again and again, with a fault at a later request each time, until none is left to fail."""
    whole, failed = place.seen(name), 0
    for at in range(1, REQUESTS):
        place.proxy.reset()
        place.proxy.fault = fault(at)
        before = whole
        error = refused(place, name, at, before.champion)
        place.proxy.reset()
        is_noted = bool(leftovers(place.through))
        assert is_noted == (error is not None and "is removed then" in error.fix)
        clean(place.through)
        assert leftovers(place.through) == []
        whole = place.seen(name)
        assert is_whole(whole, before) or (error and whole == before), (at, whole, before)
        failed += error is not None
        if failed < at - 3:  # nothing of it can fail any more
            break
    place.proxy.reset()
    place.promote(name, f"promoted/{name}-last", whole.champion)
    assert is_whole(place.seen(name), whole)
    return failed


def refused(place: Place, name: str, at: int, champion: str | None) -> StoreError | None:
    try:
        place.promote(name, f"promoted/{name}-{at}", champion)
    except StoreError as error:
        return error
    return None


def is_whole(now: Seen, before: Seen) -> bool:
    """One version more, which has the alias, one move more, and no files of any other."""
    return (
        now.exists
        and now.files_fit
        and now.versions[:-1] == before.versions
        and now.aliases == {"champion": now.versions[-1]}
        and now.moves == [*before.moves, (before.champion, now.champion)]
    )
