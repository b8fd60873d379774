"""Which engine a bundle gets: the compiled one wherever the model has that form and answers alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.compile.model import CompiledModel, compile_model
from jupyter_mlops.bundle.compile.problems import CannotCompile
from jupyter_mlops.bundle.parity import Parity, compare
from jupyter_mlops.bundle.runtime.compiled.engine import CompiledEngine
from jupyter_mlops.bundle.runtime.compiled.kernel import library_name
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from jupyter_mlops.bundle.runtime.schema import Column

ENGINES = ("auto", "compiled", "sklearn")
NATIVE = Path(__file__).parent / "runtime" / "compiled" / "native"


@dataclass(frozen=True)
class Original:
    """The model itself, to compile and to compare with.

    Attributes:
        model: the fitted estimator; None if it was not loaded, and `why` says why.
        frames: real rows, each frame with the dtypes of training; no rows, no compiled engine.
        rows_from: what these rows are.
        is_typical: the first of the frames shows what to expect: training's rows, else those of the hold-out.
        why: why there is no model.
    """

    model: Any = None
    frames: tuple[pd.DataFrame, ...] = ()
    rows_from: str = ""
    is_typical: bool = False
    why: str = "the model was not loaded"


@dataclass(frozen=True)
class Choice:
    """The engine of a bundle, and the record of how it was chosen, as ``bundle.json`` keeps it."""

    engine: str
    parity: Mapping[str, Any] = field(default_factory=dict)
    compiled: CompiledModel | None = None


def choose_engine(original: Original, columns: Sequence[Column], asked: str) -> Choice:
    """Compile the model if it has that form, and compare.

    Args:
        original: the model and rows to ask it about.
        columns: the schema.
        asked: one of `ENGINES`.

    Raises:
        BadInputError: ``compiled`` was asked for, and is not possible.
    """
    if asked == "sklearn":
        return Choice("sklearn", {"engine": "sklearn", "reason": "it was asked for"})
    compiled, parity, reason = _tried(original, columns)
    record = {"engine": "sklearn" if reason else "compiled", "reason": reason}
    if parity is not None:
        record = {**record, "rows_from": original.rows_from, **parity.to_dict()}
    if not reason:
        return Choice("compiled", record, compiled)
    if asked == "compiled":
        raise BadInputError(
            f"The model cannot be served without scikit-learn: {reason}.",
            "Leave --engine out, and the bundle is served with scikit-learn.",
        )
    return Choice("sklearn", record)


def _tried(original: Original, columns: Sequence[Column]) -> tuple[CompiledModel | None, Parity | None, str]:
    """The compiled model, what comparing it found, and why it may not be used."""
    if original.model is None or not original.frames:
        return None, None, original.why if original.model is None else "there are no rows to compare it on"
    try:
        compiled = compile_model(original.model, [column.name for column in columns])
    except CannotCompile as problem:
        return None, None, problem.reason
    name = library_name()
    library = NATIVE / name if name else None
    engine = CompiledEngine(compiled.document, compiled.arrays, columns, library)
    classes = getattr(original.model, "classes_", None)
    if engine.classes != (None if classes is None else list(getattr(classes, "tolist", lambda: classes)())):
        return None, None, "the compiled model has other labels"
    parity = compare(original.model, engine, original.frames, columns)
    return compiled, parity, parity.reason
