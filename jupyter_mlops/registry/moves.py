"""Moving an alias: from the version one knows to another, with an entry in the model's history."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MovedError
from jupyter_mlops.registry.history import Move, moves_in, next_entry, plain_line
from jupyter_mlops.registry.one_mover import my_turn
from jupyter_mlops.registry.refusals import refusals
from jupyter_mlops.registry.versions import CHAMPION
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import RegisteredModel

    from jupyter_mlops.settings import Settings


# a tag of a registered model has 5,000 characters in MLflow's databases, and these may double in JSON
_MOST_OF_WHY, _MOST_OF_GATES, _MOST_OF_A_NAME = 1000, 800, 100


class Unknown(Enum):
    """What is expected of an alias by somebody who has not looked."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


def move_alias(
    settings: Settings,
    name: str,
    version: str,
    *,
    why: str,
    alias: str = CHAMPION,
    expected: str | Unknown | None = UNKNOWN,
    approved_by: str | None = None,
    gates: str = "",
) -> Move:
    """Let `alias` name `version` and add the move to the model's history: both, or neither.

    Args:
        settings: of the project.
        name: the registered model.
        version: what the alias shall name.
        why: kept with the move.
        alias: what moves.
        expected: the version that `alias` named when it was decided to move it; None if it named none.
        approved_by: who agreed.
        gates: what was measured, in words.

    Raises:
        MovedError: `alias` names another version than `expected`; nothing was moved.
        StoreError: the store failed, or others have moved aliases for minutes.
    """
    client = connect(settings)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    intent = Move(
        alias,
        None,
        version,
        user(),
        now,
        plain_line(why, _MOST_OF_WHY),
        approved_by and plain_line(approved_by, _MOST_OF_A_NAME),
        plain_line(gates, _MOST_OF_GATES),
    )
    refused = refusals(
        f"version {version} of {name!r} as {alias}", "Look at `%mlops models`, then try again."
    )
    with refused, store_errors(settings.tracking_uri), my_turn(client, name, intent) as turn:
        present = version_of(turn.found, alias)
        if expected is not UNKNOWN and present != expected:
            raise _moved(turn.found, alias, expected)
        move = Move(**{**vars(intent), "before": present})
        key, text = next_entry(turn.found.tags, move, turn.mark)
        turn.undo = lambda: _put_back(client, name, move, key)
        client.set_registered_model_alias(name, alias, version)
        _check_it_stayed(client, name, move)
        client.set_registered_model_tag(name, key, text)
        return move


def version_of(found: RegisteredModel, alias: str) -> str | None:
    """The version that an alias of a registered model names."""
    named = found.aliases.get(alias)
    return None if named is None else str(named)


def user() -> str:
    """Who works here, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _check_it_stayed(client: MlflowClient, name: str, move: Move) -> None:
    """Programs that know nothing of our flags, such as MLflow's pages, can move aliases at any time."""
    found = client.get_registered_model(name)
    if version_of(found, move.alias) != move.after:
        raise _moved(found, move.alias, move.after)


def _put_back(client: MlflowClient, name: str, move: Move, key: str) -> None:
    """As it was before, unless somebody else has moved the alias meanwhile."""
    found = client.get_registered_model(name)
    if version_of(found, move.alias) == move.after:
        if move.before is None:
            client.delete_registered_model_alias(name, move.alias)
        elif move.before != move.after:
            client.set_registered_model_alias(name, move.alias, move.before)
    if key in found.tags:
        client.delete_registered_model_tag(name, key)


def _moved(found: RegisteredModel, alias: str, expected: str | Unknown | None) -> MovedError:
    present = version_of(found, alias)
    entries = [each for each in moves_in(found.tags) if each.alias == alias]
    last = entries[-1] if entries and entries[-1].after == present else None
    by = f"by {last.who} at {last.when}" if last else "by something else than jupyter-mlops"
    was = f"from version {expected} " if isinstance(expected, str) else ""
    now = f"to version {present} " if present else "away "
    return MovedError(
        f"{found.name}@{alias} has meanwhile moved {was}{now}{by}",
        f"Promote again to compare with {f'version {present}' if present else 'what is there now'}; "
        f"`%mlops models {found.name} --history` tells who moved what.",
    )
