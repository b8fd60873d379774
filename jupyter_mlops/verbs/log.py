"""`log`: what a tracked cell adds to its own run, in code, where nothing can be guessed from the cell."""

from __future__ import annotations

import numbers
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.lineage.record import RunFacts
from jupyter_mlops.lineage.replay import WORKER
from jupyter_mlops.notebook.session import current_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_PARAM_CHARS = 6000  # MLflow's own limit
_PLAIN = (str, bool, int, float)
T = TypeVar("T")


def log(
    *,
    metrics: Mapping[str, float] | None = None,
    params: Mapping[str, str | float | bool] | None = None,
    note: str | None = None,
) -> None:
    """Add to the run of the tracked cell that runs now; a cell that calls this is a run.

    Several calls in one cell add up: of a name that comes twice the last value counts, notes follow each
    other. What is logged goes before what is found in the cell under the same name. NumPy's numbers are
    numbers. While `promote` runs the code again nothing is logged: numbers become variables, where there is
    none of that name, and are compared with the recorded ones.

    Args:
        metrics: numbers by name.
        params: numbers, texts and booleans by name.
        note: a text, kept as the run's tag ``note``.

    Raises:
        BadInputError: the cell is not tracked, nothing was given, or a value is of another kind.
    """
    if metrics is None and params is None and note is None:
        raise BadInputError("nothing was given to log", "Write log(metrics={…}, params={…}, note=…).")
    measured = _checked("metric", metrics, _number)
    chosen = _checked("parameter", params, _text)
    if note is not None and not isinstance(note, str):
        raise BadInputError(f"the note is of type {type(note).__name__}, not a text", 'Write note="…".')
    if WORKER in sys.orig_argv:
        _give_back(measured, chosen)
        return
    session = current_session()
    if session is None or not session.recorder.is_open:
        raise BadInputError(
            "this cell is not tracked, so there is no run to add to",
            "`%mlops track on` in a cell before it, or `%%mlops track` as its first line.",
        )
    before = session.recorder.extra or RunFacts(name="")
    notes = [text for text in (before.tags.get("note"), note) if text]
    session.recorder.extra = replace(
        before,
        metrics={**before.metrics, **measured},
        params={**before.params, **chosen},
        tags={"note": "\n".join(notes)} if notes else {},
    )


def _checked(kind: str, given: Mapping[str, Any] | None, convert: Callable[[str, Any], T]) -> dict[str, T]:
    if given is None:
        return {}
    try:
        items = list(given.items())
    except AttributeError:
        raise BadInputError(
            f"{kind}s are given as a {type(given).__name__}, not as a dict", "Write {'name': value}."
        ) from None
    for name, _ in items:
        if not isinstance(name, str) or not name.strip():
            raise BadInputError(
                f"the name of a {kind} is {'empty' if name == '' else f'of type {type(name).__name__}'}",
                "Names are texts such as 'auc'.",
            )
    return {name: convert(name, value) for name, value in items}


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise BadInputError(
            f"the metric {name!r} is of type {type(value).__name__}, not a number",
            "Log one number per name: float(…) of an array's item, or a number for each of several names.",
        )
    return float(value)


def _text(name: str, value: Any) -> str:
    numpy = sys.modules.get("numpy")
    plain = value.item() if numpy is not None and isinstance(value, numpy.generic) else value
    if not isinstance(plain, _PLAIN):
        raise BadInputError(
            f"the parameter {name!r} is of type {type(value).__name__}, not a number, text or boolean",
            "Log what it was made of under names of their own, or str(…) of it.",
        )
    if len(text := str(plain)) > _MAX_PARAM_CHARS:
        raise BadInputError(
            f"the parameter {name!r} has {len(text)} characters",
            f"MLflow keeps {_MAX_PARAM_CHARS}: shorten it.",
        )
    return text


def _give_back(measured: Mapping[str, float], chosen: Mapping[str, str]) -> None:
    """In a replay, which looks for metrics among the notebook's variables, and for parameters here."""
    from jupyter_mlops.notebook.found_again import LOGGED

    LOGGED.update(chosen)
    namespace = vars(sys.modules["__main__"])
    for name, value in measured.items():
        namespace.setdefault(name, value)
