"""The options of all verbs that run code again: how long, with how much memory, and what it may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.lineage.asked import ALLOWABLE, checked
from jupyter_mlops.verbs.sizes import Size, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_OPTIONS = (
    click.option(
        "--timeout", type=click.FloatRange(1), metavar="SECONDS", default=600.0,
        help="How long running it again may take; 600 if left out.",
    ),
    click.option(
        "--memory", type=Size(), metavar="SIZE",
        help="What it may use, e.g. 8GB; most of what is free if left out.",
    ),
    click.option(
        "--allow", type=click.Choice(ALLOWABLE), multiple=True,
        help="What its cells used and may use again; once for each.",
    ),
)  # fmt: skip


def replay_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--timeout``, ``--memory`` and ``--allow``."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def parse_limits(memory: int | str | None, allow: Collection[str]) -> tuple[int | None, frozenset[str]]:
    """Bytes, and what is allowed, as functions take them: ``8GB`` or a number, and words.

    Raises:
        BadInputError: it is no size, or something that cannot be allowed.
    """
    allowed = checked(allow)
    return (parse_size(memory) if isinstance(memory, str) else memory), allowed
