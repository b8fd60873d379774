"""What cells asked of the world outside: input, the network, credentials. No replay repeats that unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError, ReproduceError, did_you_mean
from jupyter_mlops.lineage.record import place_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from jupyter_mlops.lineage.slice import SliceCell

INPUT = "input"
NETWORK = "network"
CREDENTIALS = "credentials"
ALLOWABLE = (NETWORK, CREDENTIALS)
"""What a replay may be allowed; nobody answers `input` in a clean process."""

NO_INPUT = "Put the answer into a variable instead of input()."
NO_NETWORK = "Allow it with `--allow network`; or save the data to a file, restart, and start from that file."
_FIXES = {
    INPUT: NO_INPUT,
    NETWORK: NO_NETWORK,
    CREDENTIALS: "Allow the credentials with `--allow credentials`, or take them out of the model's code.",
}
_DID = {INPUT: "asked for input", NETWORK: "used the network", CREDENTIALS: "used credentials"}
_MOST_NAMED = 3


def checked(allow: Collection[str]) -> frozenset[str]:
    """The words of `allow`, if they are words that can be allowed.

    Raises:
        BadInputError: one is not.
    """
    words = frozenset([allow] if isinstance(allow, str) else allow)
    for word in sorted(words.difference(ALLOWABLE)):
        raise BadInputError(
            f"a replay cannot be allowed {word!r}.{did_you_mean(word, ALLOWABLE)}",
            NO_INPUT if word == INPUT else f"It can be allowed {' and '.join(map(repr, ALLOWABLE))}.",
        )
    return words


def refuse_asked(cells: Sequence[SliceCell], allow: AbstractSet[str]) -> None:
    """Refuse cells that asked for more than a replay is allowed, before any of them runs.

    Raises:
        ReproduceError: it names the cells, what they asked for, and how to go on.
    """
    beyond = [(cell, [word for word in cell.asked if word == INPUT or word not in allow]) for cell in cells]
    said = [
        f"{place_of(cell.count)} {_and(_DID.get(word, word) for word in words)}"
        for cell, words in beyond
        if words
    ]
    if not said:
        return
    more = f" (and {len(said) - _MOST_NAMED} more)" if len(said) > _MOST_NAMED else ""
    found = {word for _, words in beyond for word in words}
    raise ReproduceError(
        f"{'; '.join(said[:_MOST_NAMED])}{more}, which a replay in a clean process does not do by itself",
        " ".join(fix for word, fix in _FIXES.items() if word in found),
    )


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
