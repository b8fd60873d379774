"""Registered versions: found by what people type, made in one go, moved by alias, with a history."""

from __future__ import annotations

import contextlib
import getpass
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError, did_you_mean
from jupyter_mlops.registry.quiet import quiet_mlflow
from jupyter_mlops.tracking.client import asked_once, connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion as MlflowVersion

    from jupyter_mlops.settings import Settings

CHAMPION = "champion"
_HISTORY = "mlops.history."
_MOST_CHARACTERS = 200  # MLflow's databases keep 255
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
        found: dict[str, float] = json.loads(self.tags.get("mlops.metrics", "{}"))
        return found

    @property
    def path(self) -> str | None:
        """Where the model lies among the artifacts of its run; None when it was not promoted by us."""
        return self.tags.get("mlops.path")


@dataclass(frozen=True)
class Move:
    """An alias that moved: who, when, from which version to which, and why."""

    alias: str
    before: str | None
    after: str
    who: str
    when: str
    why: str


def check_name(name: str) -> str:
    """Return `name` if a model can be registered under it.

    Raises:
        BadInputError: MLflow would refuse it, or it could not be told from an alias or version.
    """
    odd = not name.strip(" .") or name != name.strip() or len(name) > _MOST_CHARACTERS
    if odd or re.search(r"[@/:%\\\"']", name) or not name.isprintable():
        raise BadInputError(
            f"a model name has 1 to {_MOST_CHARACTERS} characters, none of them @ / \\ : % or a quote",
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
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        return sorted(model.name for model in client.search_registered_models(max_results=1000))


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
        found = client.search_model_versions(f"name='{escaped}'", max_results=1000)
        return sorted((_version(item, aliases) for item in found), key=lambda version: int(version.version))


def register(
    settings: Settings, name: str, run_id: str, model_folder: Path, path: str, tags: Mapping[str, str]
) -> Version:
    """Upload a saved model to its run and make a version of it; no alias moves yet.

    Raises:
        StoreError: the store failed; no version was made.
    """
    from mlflow.exceptions import MlflowException

    client = connect(settings)
    with store_errors(settings.tracking_uri), quiet_mlflow():
        client.log_artifacts(run_id, str(model_folder), path)
        source = f"{client.get_run(run_id).info.artifact_uri.rstrip('/')}/{path}"
        is_new = True
        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            is_new = False
        try:
            with asked_once():
                made = client.create_model_version(name, source, run_id, tags={**tags, "mlops.path": path})
        except BaseException:
            if is_new:  # a name without a version would be half a promotion
                with contextlib.suppress(Exception):
                    client.delete_registered_model(name)
            raise
        return _version(made, {})


def move_alias(settings: Settings, name: str, version: str, *, why: str, alias: str = CHAMPION) -> Move:
    """Let `alias` name `version` and add the move to the model's history."""
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        before = next((v.version for v in list_versions(settings, name) if alias in v.aliases), None)
        client.set_registered_model_alias(name, alias, version)
        move = Move(alias, before, version, _user(), datetime.now(UTC).isoformat(timespec="seconds"), why)
        _append(client, name, move)
        return move


def history(settings: Settings, name: str) -> list[Move]:
    """Every move of an alias of this model, oldest first."""
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        tags = client.get_registered_model(name).tags
    entries = sorted((key, text) for key, text in tags.items() if key.startswith(_HISTORY))
    return [Move(**json.loads(text)) for _, text in entries]


def previous_champion(settings: Settings, name: str) -> str:
    """The version that was champion before the present one.

    Raises:
        NotFoundError: there was none.
    """
    champion = find_version(settings, f"{name}@{CHAMPION}").version
    alive = {version.version for version in list_versions(settings, name)}
    line: list[str] = []
    moves = [move for move in history(settings, name) if move.alias == CHAMPION]
    for version in [*(each for move in moves for each in (move.before, move.after) if each), champion]:
        # a step back takes what came after out of the line: rolling back twice goes back twice
        line = [*line[: line.index(version)], version] if version in line else [*line, version]
    earlier = [version for version in line[:-1] if version in alive]
    if earlier:
        return earlier[-1]
    raise NotFoundError(
        f"the model {name!r} has had no champion before version {champion}",
        f"Name a version with `%mlops rollback {name} --to N`; `%mlops models {name}` lists them.",
    )


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


def _append(client: MlflowClient, name: str, move: Move) -> None:
    taken = [key for key in client.get_registered_model(name).tags if key.startswith(_HISTORY)]
    number = max((int(key.removeprefix(_HISTORY)) for key in taken), default=0) + 1
    client.set_registered_model_tag(name, f"{_HISTORY}{number:06}", json.dumps(vars(move)))


def _version(found: MlflowVersion, aliases: Mapping[str, Any]) -> Version:
    number = str(found.version)
    return Version(
        name=found.name,
        version=number,
        run_id=found.run_id or "",
        aliases=tuple(sorted(alias for alias, version in aliases.items() if str(version) == number)),
        tags=dict(found.tags),
        created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
