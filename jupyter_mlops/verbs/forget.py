"""`forget`: the rows of a person leave every version and every file that this package wrote.

What it cannot reach it names: what a model has learned, files of the user's own, other machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.notebook.forgotten import note
from jupyter_mlops.notebook.redact import Redactor
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.shared import nothing_is_brought
from jupyter_mlops.verbs.answers import DataCard, in_full
from jupyter_mlops.verbs.command import current_place, verb
from jupyter_mlops.verbs.forgetting import (
    Found,
    forget_bundles,
    forget_examples,
    forget_figures,
    forget_profiles,
    forget_shared,
    look,
    redact,
    with_tokens,
)
from jupyter_mlops.verbs.where import as_stored, listed, parse_where, texts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jupyter_mlops.registry.versions import Version


def forget(
    where: Mapping[str, Any] | Sequence[str] | str, *, dry_run: bool = False, keep_sources: bool = False
) -> DataCard:
    """Remove the rows of a person from every snapshot of the project, and their mention from its files.

    Args:
        where: column (or index level) to the value, or list of values, that their rows have, or conditions
            such as ``"email=a@b.c"``; of several columns, all must match. Masked columns are searched too.
        dry_run: only say what would be removed.
        keep_sources: leave the values where they stand in recorded code, parameters and notes.

    Raises:
        BadInputError: it is not said whose rows.
        NotFoundError: a file of a snapshot is missing.
        StoreError: a store cannot be used, or a snapshot is damaged.
    """
    wanted = (
        dict(where)
        if isinstance(where, Mapping)
        else parse_where([where] if isinstance(where, str) else where)
    )
    if not wanted:
        raise BadInputError("it is not said whose rows", "Name a column and a value.")
    settings = load_settings()
    session = current_session()
    if session is not None:
        session.keeper.drain()
    store = session.keeper.store if session is not None else SnapshotStore(settings.snapshots)
    stored = with_tokens(settings, as_stored(wanted))
    found = look(settings, store, stored)
    if dry_run:
        return _card(found, wanted, done=None, redactor=None if keep_sources else Redactor(texts_of(wanted)))
    examples = forget_examples(settings, found)
    with nothing_is_brought(settings) as places:
        store.forget(stored, also=found.made)
        forget_shared(places, found, stored)
    if session is not None:
        session.forgot()
    done = {
        "rows": sum(found.forgotten.rows.values()),
        "values": len(found.forgotten.rows),
        "examples": examples,
        "profiles": forget_profiles(settings, found),
        "figures": forget_figures(settings, found),
        "bundles": 0,
        "texts": 0,
    }
    redactor = None if keep_sources else Redactor(texts_of(wanted))
    done["bundles"] = forget_bundles(settings, found, redactor)
    if redactor is not None:
        done["texts"] = redact(settings, found, redactor)
    settings.home.mkdir(parents=True, exist_ok=True)
    note(settings.home, settings.mask_key, {name: listed(values) for name, values in wanted.items()}, done)
    return _card(found, wanted, done, redactor)


def _card(
    found: Found, where: Mapping[str, Any], done: Mapping[str, int] | None, redactor: Redactor | None
) -> DataCard:
    rows, number = found.forgotten.rows, len(found.forgotten.rows)
    most = max(rows.values(), default=0)
    title = f"{most} row{'' if most == 1 else 's'} in {number} version{'' if number == 1 else 's'}"
    lines = [("where", ", ".join(where)), ("versions", found.holders.named(rows) or "none")]
    if done is not None:
        lines += [
            (word, str(done[word]))
            for word in ("examples", "profiles", "figures", "bundles", "texts")
            if done[word]
        ]
    if found.runs:
        lines.append(("runs that read them", ", ".join(dict.fromkeys(run.name for run in found.runs))))
    if found.made:
        lines.append(("removed altogether", found.holders.named(found.made)))
    unknown = [digest for digest in found.forgotten.unknown if digest not in found.made]
    if unknown:
        named = found.holders.named(unknown) or f"{len(unknown)} values"
        lines.append(("cannot be searched", f"{named}: no such column, and nothing in common with one"))
    checks = [("warned", f"{each.name} version {each.version}", _learned(each)) for each in found.versions]
    checks += [("warned", problem, "") for problem in found.problems]
    held = _held_names(rows)
    if held:
        checks.append(("warned", f"this kernel's {', '.join(held)}", "still has them: read the data again"))
    if redactor is not None and redactor.too_short:
        checks.append(("warned", "code and notes", "not searched for values of less than 4 characters"))
    return DataCard(
        f"{title} {'would be' if done is None else 'are'} forgotten",
        tuple(lines),
        tuple(checks),
        volatile=frozenset({"texts"}),
        note=_NOTE if done is not None else f"Nothing was changed. {_NOTE}",
        data={
            "dry_run": done is None,
            "columns": list(where),
            "rows": dict(rows),
            "versions": {digest: found.holders.versions.get(digest, []) for digest in rows},
            "runs": [run.run_id for run in found.runs],
            "models": [{"name": each.name, "version": each.version} for each in found.versions],
            "removed": found.made,
            "unknown": unknown,
            "problems": found.problems,
            "done": dict(done or {}),
        },
    )


_NOTE = (
    "Not reached: your own files and notebooks, IPython's history, exported folders, copies and backups, "
    "and what models have learned."
)


def _learned(version: Version) -> str:
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    return f"was trained with them{aliases}: train and promote it again"


def _held_names(rows: Collection[str]) -> list[str]:
    """Names of this notebook whose newest version has such rows."""
    session = current_session()
    digests = session.recorder.versions.digests if session is not None else {}
    return [name for name, digest in digests.items() if digest in rows]


@verb("forget")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Whose rows. Repeatable: all must match.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
@click.option("--keep-sources", is_flag=True, help="Leave the values in recorded code, parameters and notes.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def command(conditions: Sequence[str], dry_run: bool, keep_sources: bool, yes: bool) -> DataCard:
    """Forget the rows of a person: remove them from every version of every frame.

    --where email=a@b.c names their rows; with several columns all must match, several values of one column
    are alternatives. Masked columns are searched too. Code, parameters and notes that hold the values lose
    them as well, unless --keep-sources is given; such code cannot be run again.

    A shell asks first; a notebook shows what would be done until you add --yes.
    """
    where = parse_where(conditions)
    place = current_place()
    if dry_run or yes:
        return forget(where, dry_run=dry_run, keep_sources=keep_sources)
    found = forget(where, dry_run=True, keep_sources=keep_sources)
    if place.shell is not None:
        return found
    if place.as_json:
        raise BadInputError("nobody can be asked with --json", "Add --yes to do it, or --dry-run to look.")
    click.echo(in_full(found))
    click.confirm("Forget them?", abort=True)
    return forget(where, keep_sources=keep_sources)
