"""`models`: what is registered, which version each alias names, and how it came there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.bundle.server import list_servers
from jupyter_mlops.errors import BadInputError, NotFoundError, did_you_mean
from jupyter_mlops.registry.history import history
from jupyter_mlops.registry.versions import CHAMPION, Version, all_versions, list_versions, model_names
from jupyter_mlops.settings import Settings, load_settings
from jupyter_mlops.verbs.answers import DataTable, finite
from jupyter_mlops.verbs.checks import count
from jupyter_mlops.verbs.command import Known, verb
from jupyter_mlops.verbs.known import remember

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

GATES = "mlops.gates"
"""Tag of a version: how many gates had which outcome, as JSON."""
_OUTCOMES = ("passed", "warned", "failed", "skipped")
_MOST_METRICS = 4
_MOST_ROWS = 200
_UNITS = (("year", 365 * 86400), ("day", 86400), ("hour", 3600), ("minute", 60))


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
    if name is None:
        found = all_versions(settings)
        _remember(settings, found)
        return _table([version for versions in found.values() for version in versions], _served(settings))
    names = model_names(settings)
    _remember(settings, names)
    if name not in names:
        raise NotFoundError(
            f"there is no registered model {name!r}.{did_you_mean(name, names)}",
            "`%mlops models` lists them all.",
        )
    return _moves(settings, name) if moves else _table(list_versions(settings, name), _served(settings))


def gate_counts(version: Version) -> dict[str, int]:
    """How many gates had which outcome when the version was promoted; empty where none are known."""
    try:
        said = json.loads(version.tags.get(GATES, "{}"))
        return {outcome: int(said[outcome]) for outcome in _OUTCOMES if said.get(outcome)}
    except (ValueError, TypeError, AttributeError):  # others may write what they like
        return {}


def age(since: datetime) -> str:
    """How long ago, in words."""
    seconds = (datetime.now(UTC) - since).total_seconds()
    for noun, size in _UNITS:
        if seconds >= size:
            return f"{count(int(seconds // size), noun)} ago"
    return "just now"


def _remember(settings: Settings, names: Iterable[str]) -> None:
    remember(settings, "models", [each for known in names for each in (known, f"{known}@{CHAMPION}")])


def _served(settings: Settings) -> dict[tuple[str, str], list[str]]:
    """By name and version the addresses of this project's running servers."""
    found: dict[tuple[str, str], list[str]] = {}
    for server in list_servers(settings.servers):
        found.setdefault((server.name, server.version), []).append(server.url)
    return found


def _moves(settings: Settings, name: str) -> DataTable:
    made = history(settings, name)
    return DataTable(
        f"moves of {name}",
        ("alias", "from", "to", "why", "gates", "approved by", "who", "when (UTC)"),
        tuple(
            (m.alias, m.before or "", m.after, m.why, m.gates, m.approved_by or "", m.who, m.when)
            for m in made
        ),
        volatile=frozenset({6, 7}),
        data={"moves": [vars(move) for move in made]},
    )


def _table(found: list[Version], served: Mapping[tuple[str, str], list[str]]) -> DataTable:
    shown = _newest(found)
    metrics = list(dict.fromkeys(key for version in shown for key in version.metrics))[:_MOST_METRICS]
    table = DataTable(
        title=count(len(found), "registered version"),
        headers=("model", "version", "alias", "run", *metrics, "verified", "gates", "served at", "made"),
        rows=tuple(
            (
                version.name,
                version.version,
                ", ".join(version.aliases),
                version.tags.get("mlops.run", ""),
                *(f"{version.metrics[key]:.4g}" if key in version.metrics else "" for key in metrics),
                {"true": "yes", "false": "no"}.get(version.tags.get("mlops.verified", ""), "by others"),
                ", ".join(f"{number} {outcome}" for outcome, number in gate_counts(version).items()),
                ", ".join(served.get((version.name, version.version), ())),
                age(version.created),
            )
            for version in shown
        ),
        volatile=frozenset({len(metrics) + 6, len(metrics) + 7}),
        data={"versions": [_version_data(version, served) for version in found]},
    )
    if len(shown) < len(found):
        left = count(len(found) - len(shown), "older version")
        return replace(table, note=f"{left} without an alias not shown: `--json` gives them all.")
    return (
        table if found else replace(table, note="`%mlops promote MODEL --as NAME` registers the first one.")
    )


def _newest(found: Sequence[Version]) -> list[Version]:
    """As many as a person can look at: those with an alias, and the newest; in the order they came."""
    if len(found) <= _MOST_ROWS:
        return list(found)
    newest = sorted(found, key=lambda version: (bool(version.aliases), version.created))[-_MOST_ROWS:]
    kept = {(version.name, version.version) for version in newest}
    return [version for version in found if (version.name, version.version) in kept]


def _version_data(version: Version, served: Mapping[tuple[str, str], list[str]]) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.version,
        "aliases": list(version.aliases),
        "run": version.tags.get("mlops.run"),
        "run_id": version.run_id,
        "metrics": finite(version.metrics),
        "verified": {"true": True, "false": False}.get(version.tags.get("mlops.verified", "")),
        "gates": gate_counts(version),
        "served_at": served.get((version.name, version.version), []),
        "reason": version.tags.get("mlops.reason"),
        "created": version.created.isoformat(),
    }


@verb("models")
@click.argument("name", required=False, type=Known("models"))
@click.option("--history", "moves", is_flag=True, help="Who moved which alias, when and why.")
def command(name: str | None, moves: bool) -> DataTable:
    """List registered models, their versions and aliases: all, or those of NAME.

    The gates are those that were measured when the version was promoted. Served at is where this project's
    servers serve it now.
    """
    return models(name, moves=moves)
