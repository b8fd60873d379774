"""The cell record: one execution of one cell, as plain data that survives the process."""

from __future__ import annotations

from dataclasses import dataclass, field, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

WriteKind = Literal["bind", "change", "delete"]
Status = Literal["ok", "error", "interrupted"]
OutputKind = Literal["result", "display", "stdout", "stderr"]

NUMPY_RANDOM = "<numpy.random>"
PYTHON_RANDOM = "<random>"
FOLDER = "<current folder>"
MODULE_PATH = "<sys.path>"
FIGURE_SUFFIXES = {
    "application/vnd.plotly.v1+json": ".plotly.json",
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/html": ".html",
}
"""The forms in which figures are kept, the best first; those of Vega and Altair are ``.json`` too."""
SKLEARN_SETTINGS = "<sklearn settings>"


def file_name(path: str) -> str:
    """The name of a file as hidden state; `path` is relative to the session's folder if it lies below it."""
    return f"<file {path}>"


def environment_name(key: str) -> str:
    """The name of a variable of the environment as hidden state."""
    return f"<environ {key}>"


def shown_name(count: int) -> str:
    """The name of what the cell with this number showed."""
    return f"<Out {count}>"


def shown_count(name: str) -> int | None:
    """The inverse of `shown_name`; None for names of other things."""
    return int(name[5:-1]) if name.startswith("<Out ") else None


def file_path(name: str) -> str | None:
    """The inverse of `file_name`; None for names of other things."""
    return name[6:-1] if name.startswith("<file ") else None


@dataclass(frozen=True)
class Write:
    """A new version of a name.

    `bind` cuts the chain to the older version (unless the cell also read it); `change` was made in
    place, so the new version needs the old one; `delete` ends the name.
    """

    version: int
    kind: WriteKind
    digest: str | None = None


@dataclass(frozen=True)
class FileUse:
    """A file that a cell used: where (relative to the session's folder if it lies below it) and how.

    `digest` is that of its content at the end of the cell; of a large file it is made of size and time of
    the last change, and of one that is gone it is None.
    """

    path: str
    mode: Literal["read", "written", "removed"]
    digest: str | None = None


@dataclass(frozen=True)
class Dataset:
    """A frame, series or array that a run read: its name then, content digest and shape."""

    name: str
    digest: str
    kind: str
    rows: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimator:
    """A fitted estimator that a run made or scored; digest of its fitted state, None if unknown.

    `fit_on` and `scored_on` are the names of the first argument of its ``fit`` and its ``predict``-like
    calls in the cell, where these were plain names.
    """

    name: str
    kind: str
    digest: str | None
    fitted_here: bool
    fit_on: str | None = None
    scored_on: str | None = None


@dataclass(frozen=True)
class RunFacts:
    """What makes a cell a run: parameters, metrics, data and models, without a word from the user."""

    name: str
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    datasets: tuple[Dataset, ...] = ()
    estimators: tuple[Estimator, ...] = ()
    hypothesis: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """Something a cell showed: its kind and size, never its content.

    Alike ones in a row are one with a `count`, and `bytes` and `lines` of all. Of a result, `type` is the
    class, and `shape` that of a frame, series or array. `mimes` are the forms in which it was shown.
    """

    kind: OutputKind
    bytes: int
    lines: int = 0
    count: int = 1
    type: str | None = None
    shape: tuple[int, ...] | None = None
    mimes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A picture or chart a cell showed: kept as a file by its digest, or not, and then why."""

    mime: str
    bytes: int
    digest: str | None = None
    missing: str | None = None

    @property
    def suffix(self) -> str:
        """The ending of its file's name, such as ``.png``."""
        return FIGURE_SUFFIXES.get(self.mime, ".json")

    @property
    def file_name(self) -> str:
        """Its file in the folder of figures."""
        return f"{self.digest}{self.suffix}"


@dataclass(frozen=True)
class GeneratorState:
    """A random generator before a cell: its state's digest, and the state itself if the cell drew from it."""

    digest: str
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class UserLogging:
    """What the cell's own MLflow code did.

    Runs it made in the session's store carry `execution` as their tag ``mlops.execution``. `into` is the id
    of a run it logged to that was there before it; `ends` that of a run which MLflow opened by itself, at a
    first ``log_…`` without a run, and which ends with the cell. What went to another store is known by that
    store's address and the run's id.
    """

    execution: str
    made: int = 0
    into: str | None = None
    ends: str | None = None
    other_store: str | None = None
    other_run: str | None = None


@dataclass(frozen=True)
class CellRecord:
    """One execution. `serial` is our own order; `count` is IPython's ``In[n]``, which can repeat.

    `reads` and `writes` map names to versions; names in angle brackets are hidden state: random numbers, the
    current folder and the like, ``<file data.csv>``, ``<environ KEY>``, and ``<Out 7>``, what the cell with
    that number showed: its version 1 is made by that cell without being among its writes.
    A record made afterwards from the history (`exact` False) has only static knowledge. `random` has the
    states before the cell: of the global generators (in angle brackets) and of those in variables it read.
    `cell_tags` are those of the notebook's cell, where the front end sends them.
    """

    serial: int
    count: int | None
    source: str
    reads: Mapping[str, int]
    writes: Mapping[str, Write]
    status: Status = "ok"
    error: str | None = None
    started: float = 0.0
    seconds: float = 0.0
    cell_id: str | None = None
    exact: bool = True
    kind: Literal["cell", "outside"] = "cell"
    """``outside``: no cell, but what a callback, a thread or a task changed between two cells."""
    run: RunFacts | None = None
    random: Mapping[str, GeneratorState] = field(default_factory=dict)
    files: tuple[FileUse, ...] = ()
    earlier: Mapping[str, int] = field(default_factory=dict)
    """What ``_``, ``Out[7]``, ``In[7]`` and the like meant in it: the number of an earlier cell."""
    outputs: tuple[Output, ...] = ()
    figures: tuple[Figure, ...] = ()
    cell_tags: tuple[str, ...] = ()
    logged: UserLogging | None = None
    asked: tuple[str, ...] = ()
    """What it asked of the world outside, sorted: ``credentials``, ``input``, ``network`` (`asked.py`)."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {name: _plain(value) for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CellRecord:
        """The inverse of `to_dict`; keys this version does not know are ignored."""
        known = {key: data[key] for key in cls.__dataclass_fields__ if key in data}
        known["writes"] = {name: Write(**write) for name, write in data["writes"].items()}
        known["random"] = {name: GeneratorState(**state) for name, state in data.get("random", {}).items()}
        known["files"] = tuple(FileUse(**use) for use in data.get("files", ()))
        known["outputs"] = tuple(_output(item) for item in data.get("outputs", ()))
        known["figures"] = tuple(Figure(**item) for item in data.get("figures", ()))
        known["cell_tags"] = tuple(data.get("cell_tags", ()))
        known["asked"] = tuple(data.get("asked", ()))
        if data.get("run"):
            known["run"] = run_from_dict(data["run"])
        if data.get("logged"):
            known["logged"] = UserLogging(**data["logged"])
        return cls(**known)


def _output(data: Mapping[str, Any]) -> Output:
    shape = data.get("shape")
    return Output(**{**data, "shape": shape and tuple(shape), "mimes": tuple(data.get("mimes", ()))})


def _plain(value: Any) -> Any:
    """As `dataclasses.asdict`, which copies every text and number: that is most of what it takes."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if kind is dict:
        return {key: _plain(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return kind(map(_plain, value))
    return {name: _plain(item) for name, item in vars(value).items()} if is_dataclass(kind) else value


def run_from_dict(data: Mapping[str, Any]) -> RunFacts:
    """Facts from plain data, as a record's `to_dict` gives them."""
    return RunFacts(
        **{
            **data,
            "datasets": tuple(
                Dataset(**{**item, "columns": tuple(item["columns"])}) for item in data["datasets"]
            ),
            "estimators": tuple(Estimator(**item) for item in data["estimators"]),
        }
    )


def place_of(count: int | None) -> str:
    """How sentences and scripts name a cell of a slice."""
    return label(count) if count else "an earlier cell"


def label(count: int | None) -> str:
    """What people know a cell by: ``In[7]``."""
    return f"In[{count}]" if count else "cell"
