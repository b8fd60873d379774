"""Changes to runs that people make while they look at them: name, hypothesis, archived, deleted.

They are written by MLflow's client, and the index sees them at once.
"""

from __future__ import annotations

import contextlib
import logging
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.settings import plain_uri
from jupyter_mlops.tracking.client import connect, store_errors
from jupyter_mlops.tracking.run_index import note_edits
from jupyter_mlops.tracking.run_index.known import ARCHIVED, HYPOTHESIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings

_NAME_CHARS = 250
_HYPOTHESIS_CHARS = 5000
"""MLflow's limits for names, and ours for tags that all of its versions take."""
_NOTE = "mlflow.note.content"
"""What MLflow's own page shows as the description of a run."""
_LINES = "\n\t"


def rename(settings: Settings, run_id: str, name: str, *, uri: str | None = None) -> None:
    """Give a run another name.

    Args:
        settings: the project and its store.
        run_id: which run.
        name: one line of at most 250 characters.
        uri: another store.

    Raises:
        BadInputError: a name that MLflow does not take, or a deleted run.
        NotFoundError: the run is gone.
        StoreError: the store is away or cannot be written.
    """
    name = name.strip()
    if not name:
        raise BadInputError("a run needs a name", "Type at least one character.")
    _check("name", name, _NAME_CHARS, allowed="")
    with _editing(settings, [run_id], uri) as client:
        client.update_run(run_id, name=name)


def set_hypothesis(settings: Settings, run_id: str, text: str, *, uri: str | None = None) -> None:
    """Write what was expected of a run, beside where MLflow's own page shows it; no text takes it away.

    Args:
        settings: the project and its store.
        run_id: which run.
        text: at most 5,000 characters.
        uri: another store.

    Raises:
        BadInputError: a text that cannot be kept, or a deleted run.
        NotFoundError: the run is gone.
        StoreError: the store is away or cannot be written.
    """
    text = text.replace("\r\n", "\n").strip()
    _check("hypothesis", text, _HYPOTHESIS_CHARS, allowed=_LINES)
    with _editing(settings, [run_id], uri) as client:
        for tag in (HYPOTHESIS, _NOTE):
            if text:
                client.set_tag(run_id, tag, text)
            else:
                _without_tag(client, run_id, tag)


def archive(settings: Settings, run_ids: Sequence[str], on: bool, *, uri: str | None = None) -> None:
    """Hide runs from lists, or show them again; nothing of them is lost.

    Raises:
        BadInputError: a deleted run.
        NotFoundError: a run is gone.
        StoreError: the store is away or cannot be written.
    """
    with _editing(settings, run_ids, uri) as client:
        for run_id in run_ids:
            if on:
                client.set_tag(run_id, ARCHIVED, "true")
            else:
                _without_tag(client, run_id, ARCHIVED)


def delete(settings: Settings, run_ids: Sequence[str], *, uri: str | None = None) -> None:
    """Delete runs as MLflow does: they can be brought back until ``mlflow gc`` removes them.

    Raises:
        NotFoundError: a run is gone.
        StoreError: the store is away or cannot be written.
    """
    with _editing(settings, run_ids, uri) as client:
        for run_id in run_ids:
            client.delete_run(run_id)


def undelete(settings: Settings, run_ids: Sequence[str], *, uri: str | None = None) -> None:
    """Bring deleted runs back.

    Raises:
        NotFoundError: a run is gone for good.
        StoreError: the store is away or cannot be written.
    """
    with _editing(settings, run_ids, uri) as client:
        for run_id in run_ids:
            client.restore_run(run_id)


@contextlib.contextmanager
def _editing(settings: Settings, run_ids: Sequence[str], uri: str | None) -> Iterator[MlflowClient]:
    """The client of the store of these runs, with MLflow's errors as ours."""
    own = settings if uri is None else replace(settings, tracking_uri=plain_uri(uri))
    client = connect(own)
    from mlflow.exceptions import MlflowException

    try:
        with store_errors(own.tracking_uri), _without_mlflows_words():
            yield client
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise NotFoundError(
                "a run is not in the store any more",
                "List what is there with `%mlops runs`, and choose anew.",
            ) from error
        raise BadInputError(
            f"MLflow does not change this run ({error.error_code})",
            "A deleted run has to be brought back first.",
        ) from error
    note_edits(settings, run_ids, uri=uri)


@contextlib.contextmanager
def _without_mlflows_words() -> Iterator[None]:
    """MLflow logs pages about a store that cannot be written, and the text that should have been."""
    logger = logging.getLogger("mlflow.store.db.utils")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _without_tag(client: MlflowClient, run_id: str, tag: str) -> None:
    if tag in client.get_run(run_id).data.tags:
        client.delete_tag(run_id, tag)


def _check(what: str, text: str, most: int, *, allowed: str) -> None:
    if len(text) > most:
        raise BadInputError(f"a run's {what} has at most {most:,} characters", "Shorten it.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in text):
        raise BadInputError(
            f"a run's {what} cannot hold control characters",
            "Type it as plain text." if allowed else "Type it as plain text in one line.",
        )
