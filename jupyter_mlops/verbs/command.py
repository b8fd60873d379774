"""What all verbs' commands share: ``--json``, and types that turn words into frames, models and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from jupyter_mlops.errors import BadInputError, NotFoundError, did_you_mean
from jupyter_mlops.notebook.facts import is_estimator, is_fitted
from jupyter_mlops.notebook.namespace import visible
from jupyter_mlops.verbs.known import recall
from jupyter_mlops.verbs.place import Place

Function = Callable[..., Any]
FILES = frozenset({".csv", ".parquet", ".pq"})
"""What a table is read from."""
_ALSO = frozenset({".json"})


if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:  # generic for type checkers only in older versions of Click
    _Type = click.ParamType


def verb(name: str) -> Callable[[Function], click.Command]:
    """Make a command of a function: its docstring is the help, its value the result to show."""

    def make(function: Function) -> click.Command:
        command = click.command(name, context_settings={"help_option_names": ["-h", "--help"]})(function)
        command.params.append(
            click.Option(
                ["--json"],
                is_flag=True,
                expose_value=False,
                callback=_remember_json,
                help="Print the result as JSON.",
            )
        )
        return command

    return make


def _remember_json(context: click.Context, _: click.Parameter, chosen: bool) -> None:
    if chosen:
        context.find_object(Place).as_json = True  # type: ignore[union-attr]


def place_of(context: click.Context) -> Place:
    """The place a command was asked in."""
    found = context.find_object(Place)
    return found if found is not None else Place()


def current_place() -> Place:
    """The place of the command that runs now."""
    return place_of(click.get_current_context())


class Frame(_Type):
    """A variable that holds a pandas frame, or the path of a CSV or Parquet file."""

    name = "frame"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The frame itself."""
        if not isinstance(value, str) or (ctx and ctx.resilient_parsing):  # the Tab key reads no files
            return value
        place = place_of(ctx) if ctx else Place()
        if place.namespace is not None and value in place.namespace:
            return place.namespace[value]
        path = Path(value)
        if path.suffix.lower() in FILES:
            return read_frame(path)
        raise unknown_name(value, place, what="frame", also="a CSV or Parquet file")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Variables that hold frames; files are completed by the shell itself."""
        place = place_of(ctx)
        if place.namespace is None:
            return [CompletionItem(incomplete, type="file")]
        frames = [
            name for name in visible(place.namespace) if type(place.namespace[name]).__name__ == "DataFrame"
        ]
        return matching(frames, incomplete)


class FrameOrName(Frame):
    """A frame as above, or a word that only the verb can look up: a snapshot, a run's data, a model."""

    name = "frame"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The frame itself, or the word."""
        if not isinstance(value, str):
            return value
        place = place_of(ctx) if ctx else Place()
        marked = any(mark in value for mark in "@:/") and Path(value).suffix.lower() not in FILES
        marked = marked or Path(value).suffix.lower() in _ALSO
        is_word = marked or place.namespace is None or value in recall(place.settings, "models")
        is_variable = value in (place.namespace or ()) or Path(value).suffix.lower() in FILES
        return value if is_word and not is_variable else super().convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Variables that hold frames, and models seen lately."""
        models = matching(recall(place_of(ctx).settings, "models"), incomplete) if incomplete else []
        return [*super().shell_complete(ctx, param, incomplete), *models]


class Model(_Type):
    """A variable that holds a fitted model, or a run by name or id."""

    name = "model"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The fitted estimator, or the text when it may name a run."""
        if not isinstance(value, str) or (ctx and ctx.resilient_parsing):
            return value
        place = place_of(ctx) if ctx else Place()
        if place.namespace is None or value not in place.namespace:
            return value
        return fitted(place.namespace[value], value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Variables that hold estimators, then run names."""
        place = place_of(ctx)
        names = [
            name for name in visible(place.namespace or {}) if is_estimator((place.namespace or {})[name])
        ]
        return matching([*names, *recall(place.settings, "runs")], incomplete)


class Known(_Type):
    """A text that is completed from names seen lately: ``runs`` or ``models``."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name = kind.removesuffix("s")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Names seen lately."""
        return matching(recall(place_of(ctx).settings, self.kind), incomplete)


def matching(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """Completion items for the names that begin like `incomplete`; names with blanks are quoted."""
    quote = incomplete[:1] if incomplete[:1] in {'"', "'"} else ""
    begin = incomplete.removeprefix(quote)
    return [CompletionItem(_quoted(name, quote)) for name in names if name.startswith(begin)]


def _quoted(name: str, quote: str) -> str:
    """`name` as it must be typed: in the quote that was opened, else in one only if it needs it."""
    if not quote and any(character.isspace() or character in "\"'" for character in name):
        quote = "'" if '"' in name else '"'
    return f"{quote}{name}{quote}"


def fitted(value: Any, name: str = "the model") -> Any:
    """`value` if it is a fitted scikit-learn estimator.

    Raises:
        BadInputError: it is something else, or was not fitted yet.
    """
    if not is_estimator(value):
        raise BadInputError(
            f"{name} holds a value of type {type(value).__name__}, not a scikit-learn model",
            "Name a variable that holds a fitted estimator or pipeline.",
        )
    if not is_fitted(value):
        raise BadInputError(
            f"{name} has not been fitted yet", "Run the cell that calls its fit(), then promote it."
        )
    return value


def unknown_name(name: str, place: Place, *, what: str, also: str) -> NotFoundError:
    """The error for a word that is neither a variable nor what else it could be."""
    names = list(visible(place.namespace)) if place.namespace is not None else []
    return NotFoundError(
        f"there is no variable {name!r}.{did_you_mean(name, names)}"
        if place.namespace is not None
        else f"there is no file {name!r}",
        f"Name a variable that holds a {what}, or {also}."
        if place.namespace is not None
        else f"Name {also}; variables can be named in a notebook.",
    )


def read_frame(path: Path) -> Any:
    """The table in a CSV or Parquet file, as a pandas frame.

    Raises:
        NotFoundError: there is no such file.
        BadInputError: it is no table.
    """
    import pandas as pd

    if not path.exists():
        raise NotFoundError(
            f"there is no file {str(path)!r}", "Check the path; it is relative to the current folder."
        )
    try:
        return pd.read_csv(path) if path.suffix.lower() == ".csv" else pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise BadInputError(
            f"the file {str(path)!r} cannot be read as a table ({type(error).__name__})",
            "Give a CSV file with a header line, or a Parquet file.",
        ) from error


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        NotFoundError: there is no such file.
        BadInputError: it is no JSON.
    """
    import json

    if not path.exists():
        raise NotFoundError(
            f"there is no file {str(path)!r}", "Check the path; it is relative to the current folder."
        )
    try:
        return json.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        raise BadInputError(
            f"the file {str(path)!r} cannot be read as JSON ({type(error).__name__})",
            "Give a profile, or what `validate --save` wrote.",
        ) from error
