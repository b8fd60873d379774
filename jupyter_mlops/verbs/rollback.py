"""`rollback`: the champion steps back to the version before it."""

from __future__ import annotations

import click

from jupyter_mlops.errors import BadInputError, MovedError, NotFoundError
from jupyter_mlops.registry.history import previous_champion
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.versions import CHAMPION, Version, find_version
from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs.answers import DataCard, finite
from jupyter_mlops.verbs.command import Known, verb


def rollback(name: str, *, to: int | None = None, reason: str = "") -> DataCard:
    """Let the champion alias name an older version again, and say what changes.

    Args:
        name: the registered model.
        to: a version; the champion before the present one when None.
        reason: why; kept in the model's history.

    Raises:
        NotFoundError: no such model or version, or no champion before this one.
        BadInputError: that version is the champion already.
        MovedError: somebody else has moved the champion at the same moment.
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    present = find_version(settings, f"{name}@{CHAMPION}")
    wanted = str(to) if to is not None else previous_champion(settings, name)
    if wanted == present.version:
        raise BadInputError(
            f"version {wanted} of {name} is the champion already", f"`%mlops models {name}` lists the others."
        )
    older = find_version(settings, f"{name}/{wanted}")
    try:
        move_alias(settings, name, wanted, why=reason or "rollback", expected=present.version)
    except MovedError as error:
        raise MovedError(
            error.what, f"Look at `%mlops models {name} --history`; if it is still right, roll back again."
        ) from error
    return DataCard(
        f"{name}@{CHAMPION} is version {older.version} again, no longer version {present.version}",
        (
            ("run", f"{_run(present)} → {_run(older)}"),
            *_changes(present, older),
        ),
        note=f"Running servers keep what they serve: %mlops serve {name}@{CHAMPION} starts the other one.",
        data={
            "name": name,
            "alias": CHAMPION,
            "version": older.version,
            "before": present.version,
            "metrics": finite(older.metrics),
        },
    )


def what_rolls_back(name: str) -> dict[str, str] | None:
    """The version that is champion, and the one that a rollback would make it; None if there is none.

    Raises:
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    try:
        present = find_version(settings, f"{name}@{CHAMPION}").version
        return {"before": present, "after": previous_champion(settings, name)}
    except NotFoundError:
        return None


def _run(version: Version) -> str:
    return version.tags.get("mlops.run", "by others")


def _changes(present: Version, older: Version) -> list[tuple[str, str]]:
    lines = []
    for key in dict.fromkeys([*present.metrics, *older.metrics]):
        before, after = present.metrics.get(key), older.metrics.get(key)
        if before is not None and after is not None:
            lines.append((key, f"{before:.4g} → {after:.4g} ({after - before:+.4g})"))
    return lines


@verb("rollback")
@click.argument("name", type=Known("models"))
@click.option(
    "--to", type=click.IntRange(1), metavar="N", help="A version; the champion before this one if left out."
)
@click.option("--reason", default="", metavar="TEXT", help="Why; kept in the history.")
def command(name: str, to: int | None, reason: str) -> DataCard:
    """Make the version before the present champion of the model NAME the champion again."""
    return rollback(name.removesuffix(f"@{CHAMPION}"), to=to, reason=reason)
