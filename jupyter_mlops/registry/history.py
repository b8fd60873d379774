"""Who moved which alias of a model, when and why: entries that are added and never written over.

They are tags of the registered model, so they are where the model is and plain MLflow shows them. The key of
an entry has its number and its id: should two writers ever take one number, both entries stay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.registry.versions import CHAMPION, find_version, list_versions
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.settings import Settings

_PREFIX = "mlops.history."


@dataclass(frozen=True)
class Move:
    """An alias that moved: who, when (UTC), from which version to which, and why.

    `approved_by` is the person who was named as having agreed; `gates` says in words what was measured.
    """

    alias: str
    before: str | None
    after: str
    who: str
    when: str
    why: str
    approved_by: str | None = None
    gates: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Move:
        """From plain data; keys this version does not know are ignored."""
        return cls(**{field.name: data[field.name] for field in fields(cls) if field.name in data})


def history(settings: Settings, name: str) -> list[Move]:
    """Every move of an alias of this model, oldest first."""
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        return moves_in(client.get_registered_model(name).tags)


def moves_in(tags: Mapping[str, str]) -> list[Move]:
    """The entries among a registered model's tags, oldest first."""
    entries = []
    for key, text in tags.items():
        if key.startswith(_PREFIX):
            move = Move.from_dict(json.loads(text))
            entries.append((_number(key), move.when, key, move))
    return [move for *_, move in sorted(entries, key=lambda entry: entry[:3])]


def next_entry(tags: Mapping[str, str], move: Move, mark: str) -> tuple[str, str]:
    """Key and text of the tag that adds a move to those in `tags`; `mark` is the move's own id."""
    number = max((_number(key) for key in tags if key.startswith(_PREFIX)), default=0) + 1
    return f"{_PREFIX}{number:06}.{mark}", json.dumps(vars(move), ensure_ascii=False)


def has_entry(tags: Mapping[str, str], mark: str) -> bool:
    """True if the move with this id has been added."""
    return any(key.startswith(_PREFIX) and key.endswith(f".{mark}") for key in tags)


def _number(key: str) -> int:
    return int(key.removeprefix(_PREFIX).partition(".")[0])


def plain_line(text: str, most: int) -> str:
    """Words of a person on one line, of at most so many characters: the store's tags are short."""
    line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def previous_champion(settings: Settings, name: str) -> str:
    """The version that was champion before the present one.

    Raises:
        NotFoundError: there was none.
    """
    champion = find_version(settings, f"{name}@{CHAMPION}").version
    alive = {version.version for version in list_versions(settings, name)}
    moves = [move for move in history(settings, name) if move.alias == CHAMPION]
    earlier = [version for version in _line(moves, champion)[:-1] if version in alive]
    if earlier:
        return earlier[-1]
    raise NotFoundError(
        f"the model {name!r} has had no champion before version {champion}",
        f"Name a version with `%mlops rollback {name} --to N`; `%mlops models {name}` lists them.",
    )


def _line(moves: Sequence[Move], champion: str) -> list[str]:
    """Champions in the order they followed each other; a step back takes what came after out of the line."""
    line: list[str] = []
    for version in [*(each for move in moves for each in (move.before, move.after) if each), champion]:
        line = [*line[: line.index(version)], version] if version in line else [*line, version]
    return line
