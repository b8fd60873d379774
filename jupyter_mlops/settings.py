"""Where things are: one typed, immutable settings object, made from the folder and the environment.

The project folder is the nearest folder, from the current one upwards, that holds ``.mlops``; else the
nearest with ``.git`` or ``pyproject.toml``; else the current one. ``MLOPS_PROJECT`` overrides it.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

DEFAULT_EXPERIMENT = "notebooks"
HOME = ".mlops"
"""The folder in a project that is ours."""
_FILE = "mlflow.db"
STORE = "MLFLOW_TRACKING_URI"
LENT_STORE = "MLOPS_LENT_TRACKING_URI"
"""Names of environment variables: the second says that tracking has set the first, and to what."""
_SECRET = re.compile(r"pass|pwd|secret|token|key|sig", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """Places and names; everything below the verbs receives what it needs from here."""

    project: Path
    tracking_uri: str
    experiment: str = DEFAULT_EXPERIMENT
    mask: tuple[str, ...] = field(default=(), compare=False)
    """Columns that every session masks."""
    shared: str | None = None
    """A folder or URL to which snapshots are brought as well, and from where those of others are read."""
    projects: bool = True
    """Whether `promote` makes a pipeline project for each version."""

    @property
    def home(self) -> Path:
        """The folder of journals, snapshots and running servers: ``<project>/.mlops``."""
        return self.project / HOME

    @property
    def snapshots(self) -> Path:
        """The snapshot store."""
        return self.home / "snapshots"

    @property
    def mask_key(self) -> Path:
        """The key of masked columns."""
        return self.home / "mask.key"

    @property
    def figures(self) -> Path:
        """What cells drew, by content digest."""
        return self.home / "figures"

    @property
    def journals(self) -> Path:
        """One journal file per kernel session."""
        return self.home / "journal"

    @property
    def index(self) -> Path:
        """What is known of the runs of each MLflow store, to be made anew at any time."""
        return self.home / "index"

    @property
    def servers(self) -> Path:
        """State of the background servers that ``serve`` started."""
        return self.home / "servers"

    @property
    def artifacts(self) -> Path:
        """Files of runs and models when MLflow's store is a database, which has no place for them."""
        return self.project / "mlartifacts"

    @property
    def is_local_store(self) -> bool:
        """True when the MLflow store is the SQLite file this package made."""
        return self.tracking_uri == local_uri(self.project)

    @property
    def is_store_missing(self) -> bool:
        """True while nobody has made that file: MLflow would, only to look at it."""
        return self.is_local_store and not (self.project / _FILE).exists()


def without_secrets(uri: str) -> str:
    """An address as it may be written down and shown: no user, no password, no secret parameters."""
    try:
        parts = urlsplit(uri)
    except ValueError:  # no address at all
        return f"{uri.partition('://')[0]}://…"
    if parts.username is not None or parts.password is not None:
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    shown = [(name, value) for name, value in pairs if not _SECRET.search(name)]
    if len(shown) < len(pairs):
        parts = parts._replace(query=urlencode(shown))
    return uri if parts == urlsplit(uri) else parts.geturl()


def local_uri(project: Path) -> str:
    """The SQLite store in the project folder, with an absolute path so that the cwd does not matter."""
    return f"sqlite:///{project.as_posix()}/{_FILE}"


def find_project(start: Path) -> Path:
    """The project folder for `start`; see the module's docstring for the order."""
    chosen = os.environ.get("MLOPS_PROJECT")
    if chosen:
        return Path(chosen).expanduser().resolve()
    folders = [start.resolve(), *start.resolve().parents]
    for marks in ((HOME,), (".git", "pyproject.toml")):
        for folder in folders:
            if folder != Path.home() and any((folder / mark).exists() for mark in marks):
                return folder
    return start.resolve()


def load_settings() -> Settings:
    """Read the environment and the current folder, each time anew: both may change in a session."""
    project = find_project(Path.cwd())
    return Settings(
        project=project,
        tracking_uri=_chosen_store() or local_uri(project),
        experiment=os.environ.get("MLFLOW_EXPERIMENT_NAME") or DEFAULT_EXPERIMENT,
        mask=tuple(filter(None, map(str.strip, os.environ.get("MLOPS_MASK", "").split(",")))),
        shared=_shared(project),
        projects=os.environ.get("MLOPS_PIPELINE", "").strip().lower() not in {"0", "off", "false", "no"},
    )


def _shared(project: Path) -> str | None:
    """``MLOPS_SNAPSHOTS``; a folder that is named relatively lies relative to the project."""
    place = os.environ.get("MLOPS_SNAPSHOTS", "").strip()
    if not place or "://" in place:
        return place or None
    folder = (project / Path(place).expanduser()).resolve()
    return None if folder == (project / HOME / "snapshots").resolve() else str(folder)


def _chosen_store() -> str | None:
    """The store the user chose; None for the project's own.

    While tracking lends its store to the user's MLflow code, one that this code then sets by
    ``mlflow.set_tracking_uri`` is for its own runs: tracking stays where it is.
    """
    uri, lent = os.environ.get(STORE), os.environ.get(LENT_STORE)
    if not uri or uri == lent:
        return None
    service = sys.modules.get("mlflow.tracking._tracking_service.utils")
    if lent and uri == getattr(service, "_tracking_uri", None):
        return None
    return plain_uri(uri)


def plain_uri(uri: str) -> str:
    """The address in the form that others are compared with: SQLite files absolute, no slash at the end."""
    scheme, slashes, path = uri.partition(":///")
    if scheme == "sqlite" and slashes and not path.startswith(":"):
        return f"sqlite:///{Path(os.path.realpath(path)).as_posix()}"
    return uri.rstrip("/")


def same_store(one: str, other: str) -> bool:
    """True if two addresses name the same store; users and passwords in them do not matter."""
    return one == other or without_secrets(plain_uri(one)) == without_secrets(plain_uri(other))
