"""A registered model as an object, where that runs no code of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.registry.save import SKOPS, model_file

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


def load_model(folder: Path, trusted: Collection[str]) -> Any:
    """Load the estimator from a saved model's folder.

    Args:
        folder: a model as `save_model` writes it, from a registry that others can write to.
        trusted: our reviewed list of types.

    Raises:
        UnsafeModelError: it is a pickle, it holds types that nobody reviewed, or it is damaged.
    """
    import skops.io

    file, written = model_file(folder)
    if written != SKOPS:
        raise UnsafeModelError(
            "the model is a pickle, and loading it would run the code in it",
            "Promote it again with skops, which needs no code.",
        )
    try:
        content = file.read_bytes()
        unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - set(trusted))
        if not unknown:
            return skops.io.loads(content, trusted=sorted(trusted))
    except Exception as error:  # skops raises whatever its parser meets
        raise UnsafeModelError(
            f"the model's file cannot be read ({type(error).__name__})", "Promote the model again."
        ) from error
    raise UnsafeModelError(
        f"the model holds types that nobody reviewed: {', '.join(unknown[:5])}",
        "Build it from scikit-learn's own parts.",
    )
