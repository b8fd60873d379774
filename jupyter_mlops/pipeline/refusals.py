"""What cannot become a project, said before anything is made of it."""

from __future__ import annotations

import keyword
import sys
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError, ReproduceError
from jupyter_mlops.lineage.asked import INPUT
from jupyter_mlops.lineage.record import place_of
from jupyter_mlops.lineage.secrets import refuse_secrets
from jupyter_mlops.pipeline.place import check_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.pipeline.checking import Expected
    from jupyter_mlops.pipeline.statements import Statement

_TAKEN = frozenset(
    ("tests", "mlflow", "pandas", "sklearn", "numpy", "scipy", "yaml", "cloudpickle", "pyarrow")
)
_NO_MODELS = frozenset(("builtins", "pandas", "numpy", "polars", "pyarrow", "scipy"))
"""Libraries whose values are data."""


def check_request(target: Path, name: str) -> Path:
    """The absolute folder, if a project of that name may be put there.

    Raises:
        BadInputError: the folder or the name cannot be.
    """
    taken = name in sys.stdlib_module_names or name in _TAKEN
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name) or taken:
        raise BadInputError(
            f"a package cannot be called {name!r}" + (": that is another one" if taken else ""),
            "Give it a name of letters, digits and underscores: --name income",
        )
    return check_place(target)


def check_code(code: Slice, expected: Expected) -> None:
    """Call it before anything is made of a slice.

    Raises:
        BadInputError: it makes nothing, asks for input, or holds secrets.
        ReproduceError: it was not checked.
    """
    if code.rung is None:
        raise ReproduceError(
            f"the code behind it is {code.said}", "Look at it with `show NAME --code`, and mend what differs."
        )
    if expected.model is None and not expected.metrics:
        raise BadInputError(
            "there is neither a model nor a metric in it, so a pipeline would make nothing",
            "Name a run that fits or measures a model; `runs` lists them.",
        )
    if any(INPUT in cell.asked for cell in code.cells):
        raise BadInputError(
            "its code asks a person for input, which a pipeline cannot",
            "Give the value a name in a cell; it becomes a parameter then.",
        )
    for cell in code.cells:
        refuse_secrets(cell.source, place_of(cell.count))


def check_model(model: str | None, statements: Sequence[Statement]) -> None:
    """Call it on what the model's variable held.

    Raises:
        BadInputError: that was data.
    """
    kinds = [each.kinds[model] for each in statements if model in each.kinds] if model else []
    if kinds and kinds[-1].partition(":")[0].partition(".")[0] in _NO_MODELS:
        raise BadInputError(
            f"{model} is a {kinds[-1].partition(':')[2]} and no model, and nothing is measured with it",
            "Name a variable that holds a model, or a run that fits or measures one.",
        )
