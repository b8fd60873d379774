"""A registered model as an object: without running code of its file, unless the user trusts that."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError, UnsafeModelError
from jupyter_mlops.registry.own_code.load import code_of, importable
from jupyter_mlops.registry.save import EXTRA, SKOPS, model_file

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

MODEL_DIGEST = "mlops.model_sha256"
"""Tag of a version: SHA-256 of its model's file when it was registered."""


def load_model(folder: Path, trusted: Collection[str], *, pickle_digest: str | None = None) -> Any:
    """Load the estimator from a saved model's folder.

    Args:
        folder: a model as `save_model` writes it, from a registry that others can write to.
        trusted: our reviewed list of types.
        pickle_digest: SHA-256 of the file when it was registered, if the user trusts its code; None refuses
            pickles, and code of notebooks that this user's own key has not marked.

    Raises:
        UnsafeModelError: it is a pickle that is not trusted or not the one that was registered, it comes with
            code of others, it holds types that nobody reviewed, or it is damaged.
    """
    file, written = model_file(folder)
    if written != SKOPS:
        return _unpickled(file, pickle_digest)
    import skops.io

    try:
        content = file.read_bytes()
        found = set(skops.io.get_untrusted_types(data=content))
        is_trusted = pickle_digest is not None and hashlib.sha256(content).hexdigest() == pickle_digest
        own, sources = code_of(folder / EXTRA, content, is_trusted=is_trusted)
        unknown = sorted(found - set(trusted) - own)
        if not unknown:
            with importable(sources):
                return skops.io.loads(content, trusted=sorted(own.union(trusted)))
    except MlopsError:
        raise
    except Exception as error:  # skops raises whatever its parser meets
        raise UnsafeModelError(
            f"the model's file cannot be read ({type(error).__name__})", "Promote the model again."
        ) from error
    raise UnsafeModelError(
        f"the model holds types that nobody reviewed: {', '.join(unknown[:5])}",
        "Build it from scikit-learn's own parts.",
    )


def file_digest(file: Path) -> str:
    """SHA-256 of a model's file, in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _unpickled(file: Path, digest: str | None) -> Any:
    if digest is None:
        raise UnsafeModelError(
            "the model is a pickle, and loading it would run the code in it",
            "Promote it again with skops, which needs no code; or say that you trust it: `--trust`.",
        )
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise UnsafeModelError(
            "the model's file is not the one that was registered"
            if digest
            else "what the model's file held when it was registered is not known",
            "Promote the model again.",
        )
    import cloudpickle

    try:
        return cloudpickle.loads(content)
    except Exception as error:  # the pickle's own code runs
        raise UnsafeModelError(
            f"the model's file cannot be loaded ({type(error).__name__})",
            "Install the packages it was made with, or promote the model again.",
        ) from error
