"""A model that was promoted would carry what it remembers: values of masked columns must not be in it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.looking import dict_of
from jupyter_mlops.snapshot.mask_tokens import Tokenizer, load_key
from jupyter_mlops.snapshot.masking import masked_columns, tokens_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.subject import Subject


def check_input(subject: Subject) -> None:
    """Refuse a model whose input has masked columns.

    Raises:
        BadInputError: its schema and example would be those of the hashes, and it may hold the values.
    """
    masked = masked_columns(subject.training)
    if masked:
        raise BadInputError(
            f"{subject.estimator.name} was fitted on the masked column {', '.join(map(repr, masked))}: "
            "a model may hold the values of its input",
            "Fit it without that column, e.g. on X.drop(columns=…), then promote it.",
        )


def check_model(settings: Settings, subject: Subject, model: Any) -> None:
    """Refuse a model in which a text of a masked column stands, as in the classes of a classifier.

    Known are the columns of this session, and those of the data that the run read.

    Raises:
        BadInputError: there is one; it is not named.
        StoreError: a snapshot or the key cannot be read.
    """
    session = current_session()
    tokens = _tokens_of(settings, subject)
    names = session.privacy.masked.names if session else ()
    if not tokens and not names:
        return
    tokenizer = Tokenizer(load_key(settings.mask_key))
    for text in set(_texts_in(model, set())):
        if tokenizer.of_text(text) in tokens or (session and session.privacy.masked.knows(text)):
            raise BadInputError(
                f"{subject.estimator.name} holds values of a masked column, for example as its classes",
                "Train on codes instead of the values, or track without that mask in a new session.",
            )


def _tokens_of(settings: Settings, subject: Subject) -> set[str]:
    store = SnapshotStore(settings.snapshots)
    data = subject.record.run.datasets if subject.record.run else ()
    return {token for found in data if found.digest in store for token in tokens_in(store.get(found.digest))}


def _texts_in(value: Any, seen: set[int]) -> Iterator[str]:
    """Every text in the state of an object, found without running its code."""
    cls = type(value)
    if cls is str:
        yield value
        return
    if cls in {int, float, bool, bytes, complex, type(None)} or issubclass(cls, type) or id(value) in seen:
        return
    seen.add(id(value))
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    parts: Any = ()
    if numpy is not None and issubclass(cls, numpy.ndarray):
        parts = value.ravel().tolist() if value.dtype.kind in "OU" else ()
    elif pandas is not None and issubclass(cls, pandas.DataFrame):
        parts = [value[name].tolist() for name in value.columns]
    elif pandas is not None and issubclass(cls, pandas.Series | pandas.Index):
        parts = value.tolist()
    elif issubclass(cls, dict):
        parts = [*dict.keys(value), *dict.values(value)]
    elif issubclass(cls, list | tuple | set | frozenset):
        parts = list(value)
    for part in [*parts, *dict_of(value).values()]:
        yield from _texts_in(part, seen)
