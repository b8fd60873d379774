"""`models`: what is registered, which version each alias names, and how it came there."""

from __future__ import annotations

from dataclasses import replace

import click

from jupyter_mlops.errors import NotFoundError, did_you_mean
from jupyter_mlops.registry.versions import CHAMPION, Version, history, list_versions, model_names
from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs.command import Known, verb
from jupyter_mlops.verbs.known import remember
from jupyter_mlops.widgets.table import TableView

_MOST_METRICS = 4


def models(name: str | None = None, *, moves: bool = False) -> TableView:
    """Registered models and their versions, or the moves of one model's aliases.

    Args:
        name: of this model only.
        moves: who moved which alias, when and why, instead of the versions; needs a name.

    Raises:
        NotFoundError: no such model.
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    names = model_names(settings)
    remember(settings, "models", [each for known in names for each in (known, f"{known}@{CHAMPION}")])
    if name is not None and name not in names:
        raise NotFoundError(
            f"there is no registered model {name!r}.{did_you_mean(name, names)}",
            "`%mlops models` lists them all.",
        )
    if moves:
        if name is None:
            raise NotFoundError("--history needs a model's name", "Write `%mlops models NAME --history`.")
        rows = tuple(
            (move.alias, move.before or "", move.after, move.why, move.who, move.when)
            for move in history(settings, name)
        )
        headers = ("alias", "from", "to", "why", "who", "when (UTC)")
        return TableView(f"moves of {name}", headers, rows, volatile=frozenset({4, 5}))
    found = [version for known in ([name] if name else names) for version in list_versions(settings, known)]
    return _table(found)


def _table(found: list[Version]) -> TableView:
    metrics = list(dict.fromkeys(key for version in found for key in version.metrics))[:_MOST_METRICS]
    table = TableView(
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
    )
    return (
        table if found else replace(table, note="`%mlops promote MODEL --as NAME` registers the first one.")
    )


@verb("models")
@click.argument("name", required=False, type=Known("models"))
@click.option("--history", "moves", is_flag=True, help="Who moved which alias, when and why.")
def command(name: str | None, moves: bool) -> TableView:
    """List registered models, their versions and aliases."""
    return models(name, moves=moves)
