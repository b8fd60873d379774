"""Estimators and other Python objects: pickled by cloudpickle, behind a mark of the user's own key.

Loading a pickle runs what stands in it. So it is loaded only if its mark says that this user wrote exactly
these bytes for exactly this value, or with the user's word; afterwards it is compared with its digest.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.errors import BadInputError, StoreError, UnsafeModelError
from jupyter_mlops.snapshot.columns import Raw
from jupyter_mlops.snapshot.digest import digest
from jupyter_mlops.snapshot.leaves import key_of
from jupyter_mlops.snapshot.looking import module_of, qualname_of
from jupyter_mlops.snapshot.manifests import manifest_name, read_manifest
from jupyter_mlops.snapshot.own_key import is_own, mark_of
from jupyter_mlops.snapshot.reading import Reader, array_in
from jupyter_mlops.snapshot.storing import store_value
from jupyter_mlops.snapshot.taken import Taken

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.manifests import Manifest

KIND = "object"
_UNBOUNDED = 1 << 62


def store_object(
    files: Files, name: str, value: Any, *, most_bytes: int, calls_user_code: bool
) -> tuple[str, int]:
    """Store a value that is no data; under the lock. Returns the recipe and the bytes written.

    Args:
        files: the store.
        name: the value's digest.
        value: the value.
        most_bytes: a larger pickle is refused.
        calls_user_code: if not, objects are refused whose class, of the notebook, defines its own pickling.

    Raises:
        BadInputError: it cannot be pickled, is too large, or does not come back as it is.
        StoreError: the place does not take a file, or the user's key cannot be used.
    """
    if files.exists(manifest_name(name)):
        known = read_manifest(files, name)
        if known.kind != KIND or is_own(known.mark, name, _pickle_of(files, known)):
            return "same", 0
    data = _pickled(value, name, most_bytes, calls_user_code)
    leaf = Raw(np.frombuffer(data, np.uint8))
    key = key_of(leaf)
    head = {"class": _class_name(value), "python": platform.python_version(), "size": len(data)}
    taken = Taken(KIND, None, None, head, [key], {key: leaf}.__getitem__)
    return store_value(files, name, taken, {key: leaf}, [], set(), mark_of(name, data))


def load_object(files: Files, name: str, manifest: Manifest, *, trust: bool) -> Any:
    """Load a value that was pickled.

    Args:
        files: the store.
        name: the value's digest.
        manifest: its manifest.
        trust: load it although this user may not have written it.

    Raises:
        UnsafeModelError: this user did not write it, and nobody said to trust it; then nothing was loaded.
        StoreError: a file is missing or damaged, or it does not give that value here.
    """
    data = _pickle_of(files, manifest)
    if not trust and not is_own(manifest.mark, name, data):
        raise UnsafeModelError(
            f"The object {name[:8]} in {files.place} was not pickled by you with your key.",
            "Loading it can run any code. If you trust everybody who may write there: get(…, trust=True), "
            "or `%mlops restore … --trust`.",
        )
    value = _loaded(data, name)
    if digest(value, budget_bytes=_UNBOUNDED) != name:
        raise StoreError(
            f"The object {name[:8]} does not come back as it was.",
            "It was pickled with other versions of Python or of its libraries; make it anew with its cell.",
        )
    return value


def _pickle_of(files: Files, manifest: Manifest) -> memoryview:
    (tree,) = manifest.trees
    data: Any = np.ascontiguousarray(array_in(Reader(files).checked(str(tree))))
    return memoryview(data)


def _pickled(value: Any, name: str, most_bytes: int, calls_user_code: bool) -> bytes:
    from jupyter_mlops.snapshot.pickling import TooLargeError, UserCodeError, pickled

    try:
        data = pickled(value, most_bytes, calls_user_code=calls_user_code)
    except UserCodeError as error:
        raise BadInputError(
            f"The {_class_name(value)} is not stored unasked: a class in it has its own code for pickling.",
            "Store it yourself: SnapshotStore(…).put(value).",
        ) from error
    except TooLargeError as error:
        raise BadInputError(
            f"The {_class_name(value)} cannot be stored: its pickle is larger than {most_bytes:,} bytes.",
            "Give the store a larger `most_object_bytes`, or keep it in a file.",
        ) from error
    except Exception as error:  # whatever its class does when it is asked for its state
        raise BadInputError(
            f"The {_class_name(value)} cannot be stored: it cannot be pickled ({type(error).__name__}).",
            "Keep what it is made of (arrays, frames, parameters) instead.",
        ) from error
    # What was changed while it was being pickled, or leaves something out of its pickle, is no snapshot.
    if digest(_loaded(data, name), budget_bytes=_UNBOUNDED) != name:
        raise BadInputError(
            f"The {_class_name(value)} cannot be stored: its pickle does not give it back as it is.",
            "Its class leaves something out of its pickles, or it was changed meanwhile; keep it in a file.",
        )
    return data


def _loaded(data: bytes | memoryview, name: str) -> Any:
    from jupyter_mlops.snapshot.pickling import unpickled

    try:
        return unpickled(data)
    except Exception as error:
        missing = f" named {error.name!r}" if isinstance(error, ImportError) and error.name else ""
        raise StoreError(
            f"The object {name[:8]} cannot be unpickled here ({type(error).__name__}{missing}).",
            "Install what it was made with, or make it anew with its cell.",
        ) from error


def _class_name(value: object) -> str:
    return f"{module_of(type(value))}.{qualname_of(type(value))}"
