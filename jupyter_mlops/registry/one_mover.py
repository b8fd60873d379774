"""One mover of a model's aliases at a time, on any MLflow store.

MLflow sets tags and aliases without asking what they were before. So whoever moves an alias puts up a flag
first, a tag of the registered model, and then looks: if there is another flag, it takes its own down and
waits. Of two that come at once, at least one sees the other's flag, because each has put up its own before it
looks. The flag says what is about to be done, so that a move that was cut short can be brought to its end.

A flag is left over when its process is gone. On this machine that is known at once; of another machine's,
when the flag has stood still for longer than its owner would have gone on.
"""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import StoreError
from jupyter_mlops.notebook.owner import describe_owner, is_alive, is_of_this_host
from jupyter_mlops.registry.history import Move, has_entry, moves_in, next_entry
from jupyter_mlops.registry.versions import registered_models
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflow import MlflowClient
    from mlflow.entities.model_registry import RegisteredModel

    from jupyter_mlops.settings import Settings

_PREFIX = "mlops.moving."
_GOES_ON_SECONDS = 20.0
"""So long after its flag an owner may still begin to move an alias; a request then takes up to 30 more."""
_STANDS_STILL_SECONDS = 60.0
_PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.05
_chance = random.SystemRandom()  # the notebook's own generator is the user's
_held: set[str] = set()
"""Flags that are up and belong to threads of this process."""


@dataclass
class Turn:
    """The right to move an alias of one model.

    `found` is the model as it is meanwhile. `undo` is called if something fails; if it fails as well, the
    flag stays.
    """

    mark: str
    found: RegisteredModel
    undo: Callable[[], None] = lambda: None


@contextlib.contextmanager
def my_turn(client: MlflowClient, name: str, intent: Move) -> Iterator[Turn]:
    """Be the only one that moves aliases of `name`.

    Args:
        client: of the store.
        name: of a registered model.
        intent: what will be done, for whoever finds the flag if this process is killed; `before` is open.

    Raises:
        StoreError: others have moved aliases for minutes.
    """
    mark = uuid.uuid4().hex[:8]
    key = f"{_PREFIX}{mark}"
    turn: Turn | None = None
    _held.add(mark)
    try:
        turn = _wait_for_turn(client, name, intent, mark)
        yield turn
    except BaseException:
        with contextlib.suppress(Exception):  # what stays is mended by whoever comes next
            if turn is not None:
                turn.undo()
            client.delete_registered_model_tag(name, key)
        raise
    else:
        with contextlib.suppress(Exception):  # the move is done and written down
            client.delete_registered_model_tag(name, key)
    finally:
        _held.discard(mark)


def _wait_for_turn(client: MlflowClient, name: str, intent: Move, mark: str) -> Turn:
    key, text = (
        f"{_PREFIX}{mark}",
        json.dumps({"owner": describe_owner(), "move": vars(intent)}, ensure_ascii=False),
    )
    watched: dict[str, float] = {}
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        mend(client, name, watched)
        if not _flags(client.get_registered_model(name)):
            began = time.monotonic()
            client.set_registered_model_tag(name, key, text)
            found = client.get_registered_model(name)
            if set(_flags(found)) == {mark} and time.monotonic() - began < _GOES_ON_SECONDS:
                return Turn(mark, found)
            client.delete_registered_model_tag(name, key)
        _pause()
    raise StoreError(
        f"others have been moving aliases of {name} for {_PATIENCE_SECONDS:.0f} seconds",
        f"Look at `%mlops models {name} --history` and try again.",
    )


def mend(client: MlflowClient, name: str, watched: dict[str, float] | None = None) -> int:
    """Bring moves of processes that are gone to their end: their entry is added, or their flag removed.

    Args:
        client: of the store.
        name: of a registered model.
        watched: since when flags of other machines have been seen; kept up from call to call.

    Returns:
        How many flags were left over.
    """
    found = client.get_registered_model(name)
    left = [mark for mark, flag in _flags(found).items() if _is_left_over(mark, flag, watched)]
    for mark in left:
        _finish(client, name, mark)
    return len(left)


def mend_all(settings: Settings) -> list[str]:
    """As `mend`, for every model; returns the names of those that had flags left over.

    Raises:
        StoreError: the store cannot be used.
    """
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        flagged = [name for name, found in registered_models(settings).items() if _flags(found)]
        return [name for name in flagged if mend(client, name)]


def _finish(client: MlflowClient, name: str, mark: str) -> None:
    found = client.get_registered_model(name)
    flag = _flags(found).get(mark)
    if flag is None:  # another one was quicker
        return
    move = Move.from_dict(flag["move"])
    is_moved = str(found.aliases.get(move.alias, "")) == move.after
    earlier = [each for each in moves_in(found.tags) if each.alias == move.alias]
    before = earlier[-1].after if earlier else None
    if is_moved and before != move.after and not has_entry(found.tags, mark):
        key, text = next_entry(found.tags, Move(**{**vars(move), "before": before}), mark)
        client.set_registered_model_tag(name, key, text)
    client.delete_registered_model_tag(name, f"{_PREFIX}{mark}")


def _flags(found: RegisteredModel) -> dict[str, dict[str, Any]]:
    return {
        key.removeprefix(_PREFIX): json.loads(text)
        for key, text in found.tags.items()
        if key.startswith(_PREFIX)
    }


def _is_left_over(mark: str, flag: dict[str, Any], watched: dict[str, float] | None) -> bool:
    owner = flag["owner"]
    if is_of_this_host(owner):
        is_mine = owner == describe_owner()
        return mark not in _held if is_mine else not is_alive(owner)
    if watched is None:
        return False
    return time.monotonic() - watched.setdefault(mark, time.monotonic()) > _STANDS_STILL_SECONDS


def _pause() -> None:
    threading.Event().wait(_chance.uniform(_PAUSE_SECONDS, 5 * _PAUSE_SECONDS))
