"""`models`: what is registered, which version each alias names, and how it came there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from jupyter_mlops.errors import BadInputError, NotFoundError, did_you_mean
from jupyter_mlops.registry.history import history
from jupyter_mlops.registry.versions import CHAMPION, Version, list_versions, model_names
from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs.answers import DataTable, finite
from jupyter_mlops.verbs.command import Known, verb
from jupyter_mlops.verbs.known import remember

_MOST_METRICS = 4


def models(name: str | None = None, *, moves: bool = False) -> DataTable:
    """Registered models and their versions, or the moves of one model's aliases.

    Args:
        name: of this model only.
        moves: who moved which alias, when and why, instead of the versions; needs a name.

    Raises:
        NotFoundError: no such model.
        BadInputError: the moves of no model.
        StoreError: the tracking store cannot be used.
    """
    if moves and name is None:
        raise BadInputError("--history needs a model's name", "Write `%mlops models NAME --history`.")
    settings = load_settings()
    names = model_names(settings)
    remember(settings, "models", [each for known in names for each in (known, f"{known}@{CHAMPION}")])
    if name is not None and name not in names:
        raise NotFoundError(
            f"there is no registered model {name!r}.{did_you_mean(name, names)}",
            "`%mlops models` lists them all.",
        )
    if moves and name is not None:
        made = history(settings, name)
        return DataTable(
            f"moves of {name}",
            ("alias", "from", "to", "why", "who", "when (UTC)"),
            tuple((m.alias, m.before or "", m.after, m.why, m.who, m.when) for m in made),
            volatile=frozenset({4, 5}),
            data={"moves": [vars(move) for move in made]},
        )
    found = [version for known in ([name] if name else names) for version in list_versions(settings, known)]
    return _table(found)


def _table(found: list[Version]) -> DataTable:
    metrics = list(dict.fromkeys(key for version in found for key in version.metrics))[:_MOST_METRICS]
    table = DataTable(
        title=f"{len(found)} registered version{'s' if len(found) != 1 else ''}",
        headers=("model", "version", "alias", "run", *metrics, "verified", "made (UTC)"),
        rows=tuple(
            (
                version.name,
                version.version,
                ", ".join(version.aliases),
                version.tags.get("mlops.run", ""),
                *(f"{version.metrics[key]:.4g}" if key in version.metrics else "" for key in metrics),
                {"true": "yes", "false": "no"}.get(version.tags.get("mlops.verified", ""), "by others"),
                version.created.strftime("%Y-%m-%d %H:%M"),
            )
            for version in found
        ),
        volatile=frozenset({len(metrics) + 5}),
        data={"versions": [_version_data(version) for version in found]},
    )
    return (
        table if found else replace(table, note="`%mlops promote MODEL --as NAME` registers the first one.")
    )


def _version_data(version: Version) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.version,
        "aliases": list(version.aliases),
        "run": version.tags.get("mlops.run"),
        "run_id": version.run_id,
        "metrics": finite(version.metrics),
        "verified": {"true": True, "false": False}.get(version.tags.get("mlops.verified", "")),
        "reason": version.tags.get("mlops.reason"),
        "created": version.created.isoformat(),
    }


@verb("models")
@click.argument("name", required=False, type=Known("models"))
@click.option("--history", "moves", is_flag=True, help="Who moved which alias, when and why.")
def command(name: str | None, moves: bool) -> DataTable:
    """List registered models, their versions and aliases: all, or those of NAME."""
    return models(name, moves=moves)
