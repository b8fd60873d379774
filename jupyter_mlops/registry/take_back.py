"""Taking back a version that was not registered to its end: alias, version, name and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError
from jupyter_mlops.registry.history import moves_in
from jupyter_mlops.registry.quiet import quiet_mlflow
from jupyter_mlops.registry.refusals import refusals
from jupyter_mlops.registry.versions import list_versions
from jupyter_mlops.tracking.client import connect, store_errors
from jupyter_mlops.tracking.run_files import delete_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import RegisteredModel

    from jupyter_mlops.registry.history import Move
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings


def take_back(settings: Settings, name: str, run_id: str, path: str, made_for: str) -> bool:
    """Remove what was registered from the files at `path`; returns False if it was whole, and so stays.

    A version is whole once the history tells of an alias that moved to it. Otherwise aliases that it has go
    back to where the history knows them. A model that was made for it goes too, if nobody else uses it.

    Args:
        settings: of the project.
        name: of the registered model.
        run_id: of the run that has the files.
        path: of the files among the run's artifacts.
        made_for: the tag of a registered model that has the path it was made for.

    Raises:
        StoreError: the store cannot be used.
    """
    client = connect(settings)
    versions = list_versions(settings, name)
    refused = refusals(f"to take back a version of {name!r}", "Look at `%mlops models`.")
    with refused, store_errors(settings.tracking_uri), quiet_mlflow():
        found = _model(client, name)
        if found is not None:
            moves = moves_in(found.tags)
            ours = [version for version in versions if version.path == path]
            if any(move.after == version.version for version in ours for move in moves):
                return False
            others = {version.version for version in versions} - {version.version for version in ours}
            for version in ours:
                _return_aliases(client, version, moves, others)
                client.delete_model_version(name, version.version)
            if found.tags.get(made_for) == path and not list_versions(settings, name):
                client.delete_registered_model(name)
    try:
        delete_folder(settings, run_id, path)
    except Exception as error:  # a place that lets nobody delete says so in its own words
        if isinstance(error, StoreError):
            raise
    return True


def _return_aliases(client: MlflowClient, version: Version, moves: list[Move], others: set[str]) -> None:
    for alias in version.aliases:
        known = [move.after for move in moves if move.alias == alias]
        if known and known[-1] in others:
            client.set_registered_model_alias(version.name, alias, known[-1])


def _model(client: MlflowClient, name: str) -> RegisteredModel | None:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
