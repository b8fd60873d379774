"""The index on disk: one file per store, written whole or not at all.

Two processes that keep the index of one store in step at the same time each write what they read; whichever
is last stands, with marks that say how far it had read, so the next look goes on from there.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import zipfile
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.files import write_atomically
from jupyter_mlops.settings import local_uri, plain_uri, without_secrets
from jupyter_mlops.tracking.run_index.entries import Entries
from jupyter_mlops.tracking.run_index.known import GROUPS, Experiment, Known, RunRow

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.settings import Settings

_FORMAT = 2
_FILE = "runs.npz"


def place_of(settings: Settings, uri: str) -> Path:
    """The file of a store's index below the project's own folder.

    The folder's name is a digest of the store's address without its password, and of who asks: another user
    of a server may see other runs. The project's own store has the same name wherever the project is.
    """
    address = without_secrets(plain_uri(uri))
    if uri == local_uri(settings.project):
        address = "sqlite:///./mlflow.db"
    asks = "\0".join((address, _user(uri), os.environ.get("MLFLOW_TRACKING_USERNAME", "")))
    return settings.index / hashlib.sha256(asks.encode()).hexdigest()[:24] / _FILE


def forget_index(settings: Settings) -> None:
    """Remove what is kept of all stores: it is made anew from what they hold then."""
    shutil.rmtree(settings.index, ignore_errors=True)


def load(path: Path) -> Known | None:
    """What was kept, or None if there is nothing, or nothing that this version can use."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            told = json.loads(kept["told"].tobytes())
            if told["format"] != _FORMAT:
                return None
            known = Known(
                experiments={key: Experiment(*each) for key, each in told["experiments"].items()},
                runs=[RunRow(*run) for run in zip(*told["runs"], strict=True)],
                marks=told["marks"],
                **{group: _entries(kept, group, told[group]) for group in GROUPS},
            )
    # whatever is wrong with it, it is made anew
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    return known if _holds_together(known) else None


def save(path: Path, known: Known) -> None:
    """Keep what is known; where that cannot be written, the next look reads the store anew."""
    told: dict[str, Any] = {
        "format": _FORMAT,
        "experiments": known.experiments,
        "runs": list(zip(*known.runs, strict=True)) or [()] * len(RunRow._fields),
        "marks": known.marks,
    }
    arrays: dict[str, Any] = {}
    for group in GROUPS:
        entries: Entries = getattr(known, group)
        told[group] = {"names": entries.names, "words": entries.words}
        arrays |= {
            f"{group}.{each.name}": getattr(entries, each.name)
            for each in fields(Entries)
            if each.name not in told[group]
        }
    content = io.BytesIO()
    text = np.frombuffer(json.dumps(told).encode("utf-8"), dtype=np.uint8)
    np.savez(content, allow_pickle=False, told=text, **arrays)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content.getvalue())


def _entries(kept: Any, group: str, told: dict[str, Any]) -> Entries:
    arrays = {name: kept[f"{group}.{name}"] for name in ("rows", "keys", "values")}
    return Entries(told["names"], told["words"], **arrays)


def _holds_together(known: Known) -> bool:
    """False if an entry names a run, a name or a text that is not there."""
    for group in GROUPS:
        entries: Entries = getattr(known, group)
        kind = np.float64 if entries.words is None else np.int32
        limits = [(entries.rows, len(known.runs)), (entries.keys, len(entries.names))]
        if entries.words is not None:
            limits.append((entries.values, len(entries.words)))
        if entries.values.dtype != kind or entries.values.shape != entries.rows.shape:
            return False
        for codes, count in limits:
            if codes.dtype != np.int32 and codes is not entries.values:
                return False
            if codes.shape != entries.rows.shape or (
                len(codes) and not 0 <= codes.min() <= codes.max() < count
            ):
                return False
    return True


def _user(uri: str) -> str:
    """Who an address says asks."""
    from urllib.parse import urlsplit

    try:
        return urlsplit(uri).username or ""
    except ValueError:
        return ""
