"""Names and aliases that MLflow takes, and that can be told apart and found again."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_CHARACTERS = 200  # MLflow's databases keep 255
_NOT_IN_A_NAME = re.compile(r"[@/:%?\\\"']")  # of addresses such as models:/income@champion, and of filters


def check_name(name: str) -> str:
    """Return `name` if a model can be registered under it.

    Raises:
        BadInputError: MLflow would refuse it, or it could not be told from an alias or version.
    """
    odd = not name.strip(" .") or name != name.strip() or len(name) > _MOST_CHARACTERS
    if odd or name.startswith("..") or _NOT_IN_A_NAME.search(name) or not name.isprintable():
        raise BadInputError(
            f"a model name has 1 to {_MOST_CHARACTERS} characters, none of them @ / \\ : ? % or a quote, "
            "and no two dots in front",
            "Use letters, digits, blanks, dashes and underscores, e.g. `--as income`.",
        )
    return name


def check_alias(alias: str) -> str:
    """Return `alias` if MLflow takes it.

    Raises:
        BadInputError: it does not; ``latest`` and ``v3`` are MLflow's own words.
    """
    taken = re.fullmatch(r"latest|v\d+", alias, re.IGNORECASE)
    if taken or not re.fullmatch(r"[\w-]+", alias) or len(alias) > _MOST_CHARACTERS:
        raise BadInputError(
            "an alias is one word of letters, digits, dashes and underscores, and neither `latest` nor `v3`",
            "Write e.g. `--alias challenger`, or leave it out for champion.",
        )
    return alias


def check_apart(name: str, names: Iterable[str]) -> str:
    """Return `name` if it is one of `names`, or cannot be taken for one of them.

    SQLite and PostgreSQL keep ``Income`` beside ``income``, MySQL takes them for the same, and people do too.

    Raises:
        BadInputError: it differs from another only by case, blanks or how its letters are composed.
    """
    names = list(names)
    near = [other for other in names if _plain(other) == _plain(name)]
    if near and name not in names:
        raise BadInputError(
            f"there is a registered model {near[0]!r}: {name!r} would be taken for it",
            f"Write `--as {near[0]!r}` for a new version of it, or choose another name.",
        )
    return name


def _plain(name: str) -> str:
    """What stays of a name when it is read carelessly."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
