"""What a version says of the code that goes with it, and that the model predicts the same with it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.lineage.alike import compare_rows
from jupyter_mlops.lineage.outputs import outputs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from jupyter_mlops.registry.own_code.code import OwnCode

CODE = "code.json"
"""Beside the schema: which code goes with the model. A version without this file needs none."""
MARK = "code.mark"
"""Beside it: the mark of the own key of the user who promoted the model."""
FOLDER = "code"
"""MLflow's name for the folder of code in a model's."""


def code_text(own: OwnCode, folder: Path, needed: Sequence[str]) -> str:
    """The text of the file `CODE`: modules, the types of them that the model's file holds, and digests.

    Args:
        own: the code.
        folder: the model's, with the code in it.
        needed: the types that are not known to be harmless.
    """
    files = sorted(file for file in (folder / FOLDER).rglob("*") if file.suffix == ".py")
    return json.dumps(
        {
            "modules": list(own.modules),
            "types": [name for name in needed if own.has(name)],
            "files": {
                file.relative_to(folder / FOLDER).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
                for file in files
            },
        },
        indent=1,
    )


def check_same(model: Any, copied: Any, rows: pd.DataFrame) -> None:
    """See that a model predicts the same with the code that goes with it as in the notebook.

    Raises:
        UnsafeModelError: it does not, or the code fails.
    """
    try:
        before, probable = outputs(model, rows)
        after, probable_after = outputs(copied, rows)
        is_same = compare_rows(before, after, (probable, probable_after)).are_equal
    except Exception as error:  # the user's code can raise anything
        raise UnsafeModelError(
            f"the model fails with its code on its own ({type(error).__name__})", _FIX
        ) from error
    if not is_same:
        raise UnsafeModelError("the model predicts something else with its code on its own", _FIX)


_FIX = (
    "Its functions and classes depend on more than imports, constants and each other: hand that in by `fit`."
)
