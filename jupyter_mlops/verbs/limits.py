"""The options of all verbs that run code again: how long, with how much memory, and what it may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.lineage.asked import ALLOWABLE
from jupyter_mlops.verbs.sizes import Size

if TYPE_CHECKING:
    from collections.abc import Callable

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
