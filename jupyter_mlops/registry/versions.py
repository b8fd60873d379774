"""Registered versions: found by what people type, and their files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError, did_you_mean
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflow.entities.model_registry import ModelVersion as MlflowVersion
    from mlflow.entities.model_registry import RegisteredModel

    from jupyter_mlops.settings import Settings

CHAMPION = "champion"
_PAGE = 1000  # the most that MLflow gives at once
_REFERENCE = re.compile(r"^(?:models:/)?(?P<name>[^@/]+)(?:@(?P<alias>[^@/]+)|/(?P<version>\d+))?/?$")


@dataclass(frozen=True)
class Version:
    """One registered version."""

    name: str
    version: str
    run_id: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    created: datetime

    @property
    def metrics(self) -> dict[str, float]:
        """Metrics that were verified when it was promoted."""
        try:
            return {name: float(value) for name, value in json.loads(self.tags["mlops.metrics"]).items()}
        except (KeyError, ValueError, TypeError, AttributeError):  # others may write what they like
            return {}

    @property
    def path(self) -> str | None:
        """Where the model lies among the artifacts of its run; None when it was not promoted by us."""
        return self.tags.get("mlops.path")


def find_version(settings: Settings, reference: str) -> Version:
    """The version meant by ``name`` (its champion, else the newest), ``name@alias`` or ``name/3``.

    Raises:
        BadInputError: `reference` is written in none of these ways.
        NotFoundError: no such model, alias or version; the nearest is offered.
    """
    found = _REFERENCE.match(reference)
    if not found:
        raise BadInputError(
            f"{reference!r} does not name a registered model",
            "Write `income@champion`, `income/3` or `income`.",
        )
    name, alias, number = found["name"], found["alias"], found["version"]
    versions = list_versions(settings, name)
    if not versions:
        names = model_names(settings)
        raise NotFoundError(
            f"the registered model {name!r} has no version"
            if name in names
            else f"there is no registered model {name!r}.{did_you_mean(name, names)}",
            "`%mlops models` lists them; `%mlops promote MODEL --as NAME` makes one.",
        )
    wanted = [
        version
        for version in versions
        if (number and version.version == number) or (alias and alias in version.aliases)
    ]
    if not number and not alias:
        wanted = [version for version in versions if CHAMPION in version.aliases] or versions[-1:]
    if not wanted:
        aliases = {each for version in versions for each in version.aliases}
        oldest, newest = versions[0].version, versions[-1].version
        numbers = f"/{newest}" if oldest == newest else f"/{oldest} to /{newest}"
        known = ", ".join([*(f"@{each}" for each in sorted(aliases)), numbers])
        missing = f"@{alias}" if alias else f"/{number}"
        raise NotFoundError(f"the model {name!r} has no {missing}", f"It has {known}.")
    return wanted[-1]


def model_names(settings: Settings) -> list[str]:
    """Names of all registered models."""
    return sorted(registered_models(settings))


def list_versions(settings: Settings, name: str) -> list[Version]:
    """All versions of a model, oldest first; empty when there is no such model."""
    from mlflow.exceptions import MlflowException

    client = connect(settings)
    with store_errors(settings.tracking_uri):
        try:
            aliases = client.get_registered_model(name).aliases
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return []
            raise
        escaped = name.replace("'", "''")
        found = _all_pages(client.search_model_versions, filter_string=f"name='{escaped}'")
        return sorted((made_version(item, aliases) for item in found), key=_number)


def versions_of_run(settings: Settings, run_id: str) -> list[Version]:
    """Versions that were registered from a run, oldest first."""
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        found = _all_pages(client.search_model_versions, filter_string=f"run_id='{run_id}'")
        return sorted((made_version(item, {}) for item in found), key=lambda version: version.created)


def all_versions(settings: Settings) -> dict[str, list[Version]]:
    """By name of every registered model its versions, oldest first: two requests, not two for each model."""
    models = registered_models(settings)
    found: dict[str, list[Version]] = {name: [] for name in models}
    with store_errors(settings.tracking_uri):
        for item in _all_pages(connect(settings).search_model_versions):
            if item.name in found:
                found[item.name].append(made_version(item, models[item.name].aliases))
    return {name: sorted(versions, key=_number) for name, versions in sorted(found.items())}


def registered_models(settings: Settings) -> dict[str, RegisteredModel]:
    """All registered models by name, as MLflow gives them: with tags and aliases."""
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        return {model.name: model for model in _all_pages(client.search_registered_models)}


def _all_pages(search: Callable[..., Any], **how: str) -> list[Any]:
    """All that a search of MLflow's client finds, page by page."""
    page = search(max_results=_PAGE, **how)
    found = list(page)
    while page.token:
        page = search(max_results=_PAGE, page_token=page.token, **how)
        found.extend(page)
    return found


def _number(version: Version) -> int:
    return int(version.version)


def fetch_files(settings: Settings, version: Version, target: Path) -> Path:
    """Download the files of a version that we promoted into `target`; returns their folder.

    Raises:
        NotFoundError: the version was registered by something else, or its files are gone.
    """
    if version.path is None:
        raise NotFoundError(
            f"{version.name} version {version.version} was not promoted by jupyter-mlops: no schema is known",
            f"Promote the model again with `%mlops promote MODEL --as {version.name}`.",
        )
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        try:
            folder = Path(client.download_artifacts(version.run_id, version.path, str(target)))
        except FileNotFoundError:
            folder = target
    if not (folder / "MLmodel").is_file():
        raise StoreError(
            f"the files of {version.name} version {version.version} are gone from the artifact store",
            "Bring them back (a local store keeps them in mlartifacts/), or promote the model again.",
        )
    return folder


def made_version(found: MlflowVersion, aliases: Mapping[str, Any] | None = None) -> Version:
    """A version as MLflow gives it, and the aliases of its model."""
    number = str(found.version)
    return Version(
        name=found.name,
        version=number,
        run_id=found.run_id or "",
        aliases=tuple(sorted(alias for alias, version in (aliases or {}).items() if str(version) == number)),
        tags=dict(found.tags),
        created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
    )
