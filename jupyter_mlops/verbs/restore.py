"""`restore`: an older version of a variable, or the data of a run, as it was.

What is restored never takes the place of other content without a word: it goes to a name of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError, NotFoundError, did_you_mean
from jupyter_mlops.notebook.session import Session, current_session
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot import SnapshotStore, digest
from jupyter_mlops.snapshot.manifests import read_manifest
from jupyter_mlops.snapshot.masking import masked_columns
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.snapshot.store import open_files
from jupyter_mlops.tracking.not_kept import why_not_kept
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import find_run
from jupyter_mlops.verbs.answers import DataCard, DataTable
from jupyter_mlops.verbs.command import current_place, matching, place_of, verb
from jupyter_mlops.verbs.known import recall
from jupyter_mlops.verbs.written_table import check_file, write_table

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.tracking.read_runs import Run

_FORMS = "Write NAME@VERSION, such as df@3, or RUN:NAME, such as last:X_train."
_KEPT = "Frames and tables, arrays and estimators up to 64 MB are kept, unless tracking was told not to."
_MOST_LISTED = 8

if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:  # generic for type checkers only in older versions of Click
    _Type = click.ParamType


@dataclass(frozen=True)
class _Version:
    """A version of a name: the cell that made it, and its content digest if that is known."""

    number: int
    cell: str
    digest: str | None
    is_deleted: bool = False


@dataclass(frozen=True)
class Kept:
    """A value in a store: its digest, the name it gets if none is given, and where it came from."""

    store: SnapshotStore
    digest: str
    name: str
    origin: str
    cell: str


@dataclass(frozen=True)
class _Found:
    """A value that was restored: the name it gets if none is given, and where it came from."""

    value: Any
    name: str
    origin: str
    cell: str
    digest: str
    kind: str


def restore(what: str, *, trust: bool = False) -> Any:
    """The value as it was, equal to the last detail: index, dtypes, names and all.

    Args:
        what: ``df@3`` for version 3 of the name ``df`` in this session, or ``RUN:X_train`` for the data that
            a run read as ``X_train``; the run by name, id, the beginning of its id, or ``last``.
        trust: load a pickled object although another user may have written it. It can run any code.

    Raises:
        BadInputError: `what` is neither, or nothing is tracked in this process.
        NotFoundError: no such name, version, run or data, or only its digest was kept.
        UnsafeModelError: it is a pickled object that this user did not write.
        StoreError: a store cannot be used, or a file of the value is damaged.
    """
    return _find(what, trust=trust).value


def versions(name: str) -> DataTable:
    """The versions of a name in this session, oldest first: which cell made it, its shape, if it is kept.

    Raises:
        BadInputError: nothing is tracked in this process.
        NotFoundError: no cell of this session bound or changed that name.
    """
    session = _session()
    found = _versions(session, name)
    shapes = [_shape(session, version) for version in found]
    return DataTable(
        f"{len(found)} version{'s' if len(found) != 1 else ''} of {name}",
        ("version", "cell", "rows × columns", "content"),
        tuple(
            (str(version.number), version.cell, *shape) for version, shape in zip(found, shapes, strict=True)
        ),
        note=f"%mlops restore {name}@VERSION brings one back.",
        data={
            "name": name,
            "versions": [
                {"version": v.number, "cell": v.cell, "digest": v.digest, "content": content}
                for v, (_, content) in zip(found, shapes, strict=True)
            ],
        },
    )


def _find(what: str, *, trust: bool) -> _Found:
    at = locate(what)
    value = at.store.get(at.digest, trust=trust)
    return _Found(value, at.name, at.origin, at.cell, at.digest, at.store.describe(at.digest).kind)


def locate(what: str) -> Kept:
    """Where a value that can be restored is; raises what `restore` does, but for its file being damaged."""
    run, colon, dataset = what.rpartition(":")
    if colon and run and dataset:
        return _of_run(run, dataset)
    name, at, number = what.partition("@")
    if at and name.isidentifier() and (number.isdecimal() or not number):
        return _of_session(name, int(number) if number else None)
    raise BadInputError(f"{what!r} names neither a version nor the data of a run", _FORMS)


def _of_session(name: str, number: int | None) -> Kept:
    session = _session()
    found = _versions(session, name)
    version = next((each for each in found if each.number == number), None)
    if version is None or version.is_deleted or version.digest not in _store(session):
        raise _not_there(name, number, version, found, session)
    assert version.digest is not None  # noqa: S101 - the store holds it
    return Kept(_store(session), version.digest, f"{name}_{number}", f"{name}@{number}", version.cell)


def _of_run(reference: str, name: str) -> Kept:
    settings = load_settings()
    session = current_session()
    if session is not None:
        session.keeper.drain()  # its last cells may be on their way to the store
    sync(settings)
    run = find_run(settings, reference)
    data = dict(run.datasets)
    if name not in data:
        raise NotFoundError(
            f"the run {run.name!r} read no data named {name!r}.{did_you_mean(name, data)}",
            f"It read {', '.join(data)}." if data else "It read no frame, series or array by name.",
        )
    store = project_store(settings)
    if data[name] not in store:
        journal = settings.journals / f"{run.tags.get('mlops.session', '')}.jsonl"
        why = why_not_kept(journal, data[name])
        raise NotFoundError(
            f"of {name!r} the run {run.name!r} kept only the digest {data[name][:8]}: {why}", _KEPT
        )
    cell = run.tags.get("mlops.cell", "not a tracked cell")
    return Kept(store, data[name], variable_for(run, name), f"data of the run {run.name!r}", cell)


def variable_for(run: Run, name: str) -> str:
    """The variable that the data of a run comes back as, if no other is named."""
    return re.sub(r"\W+", "_", f"{name}_{run.name}").strip("_")


def _not_there(
    name: str, number: int | None, version: _Version | None, found: list[_Version], session: Session
) -> NotFoundError:
    if version is None:
        listed = [
            f"{each.number} ({each.cell}, {' '.join(filter(None, _shape(session, each)))})" for each in found
        ]
        more = f"{len(listed) - _MOST_LISTED} older, " if len(listed) > _MOST_LISTED else ""
        return NotFoundError(
            f"{name} has no version {number} in this session"
            if number is not None
            else f"which version of {name} is not said",
            f"There are: {more}{', '.join(listed[-_MOST_LISTED:])}.",
        )
    if version.is_deleted:
        return NotFoundError(
            f"{name}@{number} is not a value: the name was deleted there ({version.cell})",
            f"Name the version before: `%mlops restore {name}@` lists them.",
        )
    if version.digest is None:
        return NotFoundError(
            f"{name}@{number} cannot be restored: its content was not seen ({version.cell})",
            "Run the cell again while tracking is on; generators, open files and the like have no content.",
        )
    # The journal is told with the next cell.
    why = session.keeper.not_kept.get(version.digest) or why_not_kept(session.journal.path, version.digest)
    return NotFoundError(f"{name}@{number} is digest only ({version.cell}): {why}", _KEPT)


def _session() -> Session:
    session = current_session()
    if session is None:
        raise BadInputError(
            "versions of names are known in a tracked notebook only, and none is tracked here",
            "`%mlops track on` first; the data of runs is RUN:NAME and needs no session.",
        )
    return session


def _store(session: Session) -> SnapshotStore:
    return project_store(session.settings)


def _versions(session: Session, name: str) -> list[_Version]:
    """Every version of a name, oldest first.

    Raises:
        NotFoundError: there is none.
    """
    session.keeper.drain()
    found: dict[int, _Version] = {}
    for record in session.records:
        cell = f"In[{record.count}]" if record.count else "outside the history"
        if name in record.writes:
            write = record.writes[name]
            found[write.version] = _Version(write.version, cell, write.digest, write.kind == "delete")
        elif record.run and name in record.reads:  # the data of runs is kept even if no tracked cell made it
            for data in record.run.datasets:
                if data.name == name and record.reads[name] not in found:
                    found[record.reads[name]] = _Version(record.reads[name], f"before {cell}", data.digest)
    if not found:
        raise NotFoundError(
            f"no tracked cell of this session bound or changed {name!r}."
            f"{did_you_mean(name, _names(session.records))}",
            "Run the cell that makes it while tracking is on; " + _FORMS,
        )
    return [found[number] for number in sorted(found)]


def _names(records: list[CellRecord]) -> list[str]:
    written = (name for record in records for name in record.writes if name.isidentifier())
    return list(dict.fromkeys(written))


def _shape(session: Session, version: _Version) -> tuple[str, str]:
    """Rows × columns where the store knows them, and whether the content is kept."""
    if version.is_deleted:
        return "", "deleted"
    if version.digest is None or version.digest not in _store(session):
        return "", "digest only" if version.digest else "not seen"
    _store(session).bring(version.digest)
    files = open_files(session.settings.snapshots)
    manifest = read_manifest(files, version.digest)
    if manifest.now is not None:  # rows were forgotten since
        manifest = read_manifest(files, manifest.now)
    return " × ".join(str(n) for n in (manifest.rows, manifest.columns) if n is not None), "kept"


class Restorable(_Type):
    """``NAME@VERSION`` or ``RUN:NAME``."""

    name = "what"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Names with versions, the versions of one that is typed, and runs seen lately."""
        records = session.records if (session := current_session()) else []
        name, at, _ = incomplete.partition("@")
        if at:
            made = [r.writes[name] for r in records if name in r.writes and r.writes[name].kind != "delete"]
            return matching((f"{name}@{write.version}" for write in made), incomplete)
        runs = recall(place_of(ctx).settings, "runs")
        return matching([*(f"{each}@" for each in _names(records)), *(f"{run}:" for run in runs)], incomplete)


@verb("restore")
@click.argument("what", type=Restorable())
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--as", "target", metavar="NAME", help="The variable to bind; df_3 for df@3 if left out.")
@click.option("--force", is_flag=True, help="Replace a variable with other content, or a file.")
@click.option("--trust", is_flag=True, help="Load a pickled object that another user may have written.")
def command(
    what: str, file: Path | None, target: str | None, force: bool, trust: bool
) -> DataCard | DataTable:
    """Restore an older version of a variable, or the data of a run.

    WHAT is df@3, version 3 of df in this notebook, or RUN:X_train, what a run read as X_train.
    `df@` alone lists the versions.

    In a notebook df@3 comes back as the variable df_3, and tree:X_train as X_train_tree, unless --as names
    another. With a FILE (.csv or .parquet), as in a shell, it is written there instead.

    Estimators are pickles. They come back to who made them; loading somebody else's can run any code, and
    needs --trust.
    """
    place = current_place()
    if what.removesuffix("@").isidentifier() and current_session() is not None:
        return versions(what.removesuffix("@"))
    if target is not None and (file is not None or not target.isidentifier()):
        raise BadInputError(
            "--as names a variable and goes without a file"
            if file is not None
            else f"{target!r} is not the name of a variable",
            "Write --as NAME, with letters, digits and underscores, or give a file alone.",
        )
    if file is None and place.shell is None:
        raise BadInputError("a shell has no variables to restore to", "Name a file: out.parquet or out.csv.")
    if file is not None:
        check_file(file, force=force)
    found = _find(what, trust=trust)
    if file is not None:
        write_table(found.value, found.kind, file)
        return _card(found, str(file))
    name = target or found.name
    _bind(place.shell.user_ns, name, found, force=force)
    return _card(found, name)


def _bind(namespace: dict[str, Any], name: str, found: _Found, *, force: bool) -> None:
    if name in namespace and not force and digest(namespace[name]) != digest(found.value):
        raise BadInputError(
            f"the variable {name} exists and has other content",
            "Name another one with --as NAME, or replace it with --force.",
        )
    namespace[name] = found.value


def _card(found: _Found, name: str) -> DataCard:
    shape = [int(size) for size in getattr(found.value, "shape", ())] if found.kind != "object" else []
    lines = [("from", found.origin), ("cell", found.cell)]
    if found.kind == "object":
        lines.append(("object", f"{type(found.value).__name__}, unpickled"))
    lines += [(word, str(size)) for word, size in zip(("rows", "columns"), shape, strict=False)]
    masked = masked_columns(found.value)
    if masked:
        lines.append(("masked", f"{', '.join(masked)}: hashes stand in place of the values"))
    lines.append(("digest", found.digest[:8]))
    return DataCard(
        f"{name} is restored",
        tuple(lines),
        data={
            "name": name,
            "from": found.origin,
            "cell": found.cell,
            "digest": found.digest,
            "shape": shape,
            "masked": masked,
        },
    )
