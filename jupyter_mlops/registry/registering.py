"""Registering a version: all of it, or nothing.

It takes several requests: files, name, version, and then the alias. A note in the project says what is on its
way, before the first of them. If one fails, what is there is taken back; if even that fails, because the
store is gone or this process is, the note stays, and the next promotion or `doctor` takes it back.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, StoreError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.notebook.owner import describe_owner, is_alive, is_of_this_host
from jupyter_mlops.registry.names import check_apart
from jupyter_mlops.registry.quiet import quiet_mlflow
from jupyter_mlops.registry.refusals import refusals
from jupyter_mlops.registry.take_back import take_back
from jupyter_mlops.registry.versions import Version, made_version, model_names
from jupyter_mlops.settings import same_store, without_secrets
from jupyter_mlops.tracking.client import asked_once, connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

    from jupyter_mlops.settings import Settings

MADE_FOR = "mlops.made_for"
"""Tag of a registered model that was made for the files at this path."""
_IS_PROMPT = "mlflow.prompt.is_prompt"
_on_their_way: set[str] = set()
"""Paths of what threads of this process are registering."""


@dataclass(frozen=True)
class Leftover:
    """A version that was not registered to its end: its files may be among a run's, or a version be there."""

    name: str
    run_id: str
    path: str
    when: str
    note: Path


@contextmanager
def registering(
    settings: Settings, name: str, run_id: str, model_folder: Path, path: str, tags: Mapping[str, str]
) -> Iterator[Version]:
    """Upload a saved model to its run and make a version of it, which lasts if the block ends well.

    Move aliases inside the block: if that fails, the version and its files are taken back.

    Args:
        settings: of the project.
        name: of the registered model; made if there is none.
        run_id: the run that trained it.
        model_folder: what `save_model` wrote.
        path: for the files, among the artifacts of the run; nothing is there yet.
        tags: of the version.

    Raises:
        BadInputError: the name can be taken for another's, or is a prompt's.
        StoreError: the store failed; nothing was registered, or what is left of it was noted.
    """
    check_apart(name, model_names(settings))
    with contextlib.suppress(Exception):  # what is left of earlier ones must not stop this one
        clean(settings)
    note = _write_note(settings, name, run_id, path)
    _on_their_way.add(path)
    try:
        client = connect(settings)
        refused = refusals(f"a version of {name!r}", "Look at `%mlops models`, then promote again.")
        with refused, store_errors(settings.tracking_uri), quiet_mlflow():
            client.log_artifacts(run_id, str(model_folder), path)
            source = f"{client.get_run(run_id).info.artifact_uri.rstrip('/')}/{path}"
            made = _make_version(client, name, source, run_id, {**tags, "mlops.path": path})
        yield made_version(made)
    except BaseException as error:
        is_undone = _undo(settings, Leftover(name, run_id, path, "", note))
        if not is_undone and isinstance(error, StoreError):
            raise StoreError(
                error.what,
                "When it answers again, promote again; what is left of this attempt is removed then, or by "
                "`%mlops doctor`.",
            ) from error
        raise
    else:
        note.unlink(missing_ok=True)
    finally:
        _on_their_way.discard(path)


def register(
    settings: Settings, name: str, run_id: str, model_folder: Path, path: str, tags: Mapping[str, str]
) -> Version:
    """As `registering`, for a version that needs nothing more."""
    with registering(settings, name, run_id, model_folder, path, tags) as made:
        return made


def leftovers(settings: Settings) -> list[Leftover]:
    """What was not registered to its end in this project and store, and is nobody's work any more."""
    found = []
    for note in sorted(_notes(settings).glob("*.json")):
        said: dict[str, Any] = json.loads(note.read_text("utf-8"))
        if same_store(said["store"], settings.tracking_uri) and _is_over(said):
            found.append(Leftover(said["name"], said["run_id"], said["path"], said["when"], note))
    return found


def clean(settings: Settings) -> list[Leftover]:
    """Take back what is left of versions that were not registered to their end; returns what it was.

    Raises:
        StoreError: the store cannot be used; the rest stays noted.
    """
    found = leftovers(settings)
    for left in found:
        take_back(settings, left.name, left.run_id, left.path, MADE_FOR)
        left.note.unlink(missing_ok=True)
    return found


def _undo(settings: Settings, left: Leftover) -> bool:
    with contextlib.suppress(Exception):  # the error that is on its way says more; the note stays
        take_back(settings, left.name, left.run_id, left.path, MADE_FOR)
        left.note.unlink(missing_ok=True)
        return True
    return False


def _make_version(
    client: MlflowClient, name: str, source: str, run_id: str, tags: Mapping[str, str], *, tries: int = 2
) -> ModelVersion:
    from mlflow.exceptions import MlflowException

    _make_name(client, name, tags["mlops.path"])
    try:
        with asked_once():
            return client.create_model_version(name, source, run_id, tags=dict(tags))
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST" or tries == 1:
            raise
        # somebody else made the name a moment ago, and has taken it back
        return _make_version(client, name, source, run_id, tags, tries=tries - 1)


def _make_name(client: MlflowClient, name: str, path: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name, tags={MADE_FOR: path})
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        if client.get_registered_model(name).tags.get(_IS_PROMPT) == "true":
            raise BadInputError(
                f"{name!r} is the name of a prompt in this registry", "Choose another name with --as."
            ) from error


def _is_over(said: Mapping[str, Any]) -> bool:
    owner = said["owner"]
    if owner == describe_owner():
        return said["path"] not in _on_their_way
    return is_of_this_host(owner) and not is_alive(owner)


def _write_note(settings: Settings, name: str, run_id: str, path: str) -> Path:
    folder = _notes(settings)
    note = folder / f"{uuid.uuid4().hex}.json"
    said = {
        "store": without_secrets(settings.tracking_uri),
        "name": name,
        "run_id": run_id,
        "path": path,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "owner": describe_owner(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(note, json.dumps(said, indent=1))
    except OSError as error:
        raise StoreError(
            f"the project folder {settings.home} cannot be written ({error.strerror})",
            "Make it writable or free space, then promote again; nothing was registered.",
        ) from error
    return note


def _notes(settings: Settings) -> Path:
    return settings.home / "registering"
