"""`track`: turn tracking on or off, see how it goes, or track one cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError, StoreError, did_you_mean
from jupyter_mlops.notebook.recorder import CellOptions
from jupyter_mlops.notebook.session import Session, current_session, open_session
from jupyter_mlops.settings import Settings, load_settings, without_secrets
from jupyter_mlops.snapshot.outbox import Outbox
from jupyter_mlops.tracking.background import start_background
from jupyter_mlops.tracking.project import waiting_runs
from jupyter_mlops.verbs.command import current_place, verb
from jupyter_mlops.verbs.sizes import Size, parse_size, shown_size
from jupyter_mlops.widgets.card import Card

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ACTIONS = ("on", "off", "status")


@dataclass(frozen=True)
class TrackStatus:
    """Whether this kernel is tracked, where to, what waits, and what went wrong last."""

    is_on: bool
    experiment: str
    store: str
    cells: int
    runs: int
    waiting: int
    masked: tuple[str, ...] = ()
    keeps_data: bool = True
    snapshots: Mapping[str, int] | None = None
    problem: str | None = None
    details: str | None = None
    sharing: str | None = None
    """Where snapshots are shared, and how many wait; None if they are not."""

    def card(self) -> Card:
        """As shown: the problem first, if there is one."""
        lines = [
            ("experiment", self.experiment),
            ("store", self.store),
            ("cells", str(self.cells)),
            ("runs", str(self.runs)),
            ("waiting for MLflow", str(self.waiting)),
            *([("snapshots", self.sharing)] if self.sharing else []),
        ]
        if self.masked:
            lines.append(("masked", ", ".join(self.masked)))
        if not self.keeps_data:
            lines.append(("data", "digests only"))
        if self.snapshots is not None:
            lines.append(("snapshots", _snapshots(self.snapshots)))
        checks = (("warned", self.problem, ""),) if self.problem else ()
        # the place and the waiting runs differ from machine to machine and moment to moment
        return Card(
            f"tracking is {'on' if self.is_on else 'off'}",
            tuple(lines),
            checks,
            code=self.details or "",
            volatile=frozenset({"store", "waiting for MLflow", "snapshots"}),
        )

    def in_full(self) -> Card:
        """As printed in a shell, where nothing has to stay the same."""
        return self.card()

    def __str__(self) -> str:
        return str(self.card())

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.card()._repr_mimebundle_()


def track(
    action: str = "on",
    *,
    experiment: str | None = None,
    every_cell: bool = False,
    keep_data: bool = True,
    mask: Sequence[str] | str = (),
    budget: int | str | None = None,
    shell: Any = None,
) -> TrackStatus:
    """Turn tracking ``on`` or ``off`` in this kernel, or tell the ``status``.

    Args:
        action: ``on``, ``off`` or ``status``.
        experiment: MLflow experiment for the runs; the project's default when None.
        every_cell: make a run of every cell, not only of those that fit or measure a model.
        keep_data: store snapshots of the data; only digests when False, until the session ends.
        mask: columns whose values are replaced by keyed hashes wherever they are kept, until the session
            ends; they are added to those of earlier calls and of the environment variable ``MLOPS_MASK``.
        budget: memory that versions may keep alive while they wait to be stored, in bytes or such as
            ``"2GB"``; a quarter of the free memory when None.
        shell: the IPython shell; the one of this process when None.

    Raises:
        BadInputError: another action, no notebook to track, or no such size.
    """
    if action not in _ACTIONS:
        raise BadInputError(
            f"tracking cannot be {action!r}.{did_you_mean(action, _ACTIONS)}",
            f"Say one of {', '.join(_ACTIONS)}.",
        )
    if action != "on" and (mask or budget or not keep_data):
        raise BadInputError(
            f"--mask, --no-data and --budget do not go with {action!r}", "Write `%mlops track on …`."
        )
    if action == "on":
        size = parse_size(budget) if isinstance(budget, str) else budget
        try:
            session = _open(shell, experiment, mask=_names(mask), keep_data=keep_data, budget=size)
            session.recorder.every_cell = every_cell
            session.start()
        except StoreError as error:  # a notebook that runs from top to bottom must not stop here
            if (tracked := current_session()) is not None and mask:
                tracked.stop()  # rather no record than one with what should be masked
            return replace(_status(None, load_settings()), problem=f"{error.what}. {error.fix}")
    elif action == "off" and (tracked := current_session()):
        tracked.stop()
    return _status(current_session(), load_settings())


def track_cell(
    name: str | None = None,
    hypothesis: str | None = None,
    tags: Mapping[str, str] | None = None,
    *,
    shell: Any = None,
) -> None:
    """Make a run of the cell that runs now, whether tracking is on or not."""
    try:
        session = current_session() or _open(shell, None)
        session.track_this_cell(CellOptions(name, hypothesis, tags or {}))
    except StoreError as error:
        print(f"mlops: this cell is not tracked: {error.what}. {error.fix}")  # noqa: T201


def _names(mask: Sequence[str] | str) -> list[str]:
    """``--mask email --mask name`` and ``--mask email,name`` say the same."""
    words = [mask] if isinstance(mask, str) else mask
    return [name.strip() for word in words for name in word.split(",") if name.strip()]


def _open(shell: Any, experiment: str | None, **promises: Any) -> Session:
    if shell is None:
        raise BadInputError(
            "there is no notebook here to track",
            "Use `%load_ext jupyter_mlops`, then `%mlops track on` in a notebook.",
        )
    settings = load_settings()
    if experiment:
        settings = replace(settings, experiment=experiment)
    session = open_session(shell, settings, **promises)
    start_background(settings)
    return session


def _status(session: Session | None, settings: Settings) -> TrackStatus:
    if session is not None:
        settings = session.settings
    records = session.records if session else []
    return TrackStatus(
        is_on=bool(session and session.is_on),
        experiment=settings.experiment,
        store=without_secrets(settings.tracking_uri),
        cells=len(records),
        runs=sum(record.run is not None for record in records),
        waiting=waiting_runs(settings),
        masked=session.privacy.masked.names if session else settings.mask,
        keeps_data=session is None or session.privacy.keeps_data,
        snapshots=_waiting_snapshots(session) if session else None,
        problem=_problem(session),
        details=session.notices.details if session else None,
        sharing=_sharing(settings),
    )


def _sharing(settings: Settings) -> str | None:
    if settings.shared is None:
        return None
    waiting = len(Outbox(settings.snapshots, settings.shared).waiting())
    return f"shared at {without_secrets(settings.shared)}, {waiting or 'none'} waiting"


def _problem(session: Session | None) -> str | None:
    if session is None:
        return None
    reasons = list(session.keeper.not_kept.values())
    number = f"{len(reasons)} value{'s' if len(reasons) > 1 else ''}"
    snapshots = f"{number} kept as digest only, the last one because {reasons[-1]}" if reasons else None
    return session.notices.problem() or snapshots


def _waiting_snapshots(session: Session) -> dict[str, int]:
    keeper = session.keeper
    return {
        "stored_bytes": keeper.store.size(),
        "waiting": keeper.waiting,
        "held_bytes": keeper.held_bytes,
        "budget": keeper.budget,
        "not_kept": keeper.skipped,
    }


def _snapshots(known: Mapping[str, int]) -> str:
    waiting = f"{known['waiting']} waiting with {shown_size(known['held_bytes'])}"
    return f"{shown_size(known['stored_bytes'])} stored, {waiting} of {shown_size(known['budget'])}"


@verb("track")
@click.argument("action", required=False)
@click.option("--experiment", metavar="NAME", help="MLflow experiment for the runs.")
@click.option("--every-cell", is_flag=True, help="Make a run of every cell.")
@click.option("--no-data", is_flag=True, help="Keep digests of the data, not the data.")
@click.option(
    "--mask", multiple=True, metavar="COLUMN", help="Keep keyed hashes of this column's values. Repeatable."
)
@click.option(
    "--budget", type=Size(), metavar="SIZE", help="Memory for versions that wait to be stored, e.g. 2GB."
)
@click.option("--name", metavar="TEXT", help="(%%mlops track) A name for this cell's run.")
@click.option("--hypothesis", metavar="TEXT", help="(%%mlops track) What you expect of it.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="(%%mlops track) A tag for the run.")
@click.option("--this-cell", is_flag=True, hidden=True)
def command(
    action: str | None,
    experiment: str | None,
    every_cell: bool,
    no_data: bool,
    mask: Sequence[str],
    budget: int | None,
    name: str | None,
    hypothesis: str | None,
    tags: Sequence[str],
    this_cell: bool,
) -> TrackStatus | None:
    """Track this notebook: on, off or status; or one cell, with %%mlops track above it.

    With tracking on, cells that fit or measure a model become MLflow runs: literals are parameters,
    computed numbers are metrics, the frames that were read are its data. What a cell logs with MLflow itself
    is in the same run.

    --mask and --no-data hold until the session ends; --mask adds to MLOPS_MASK=email,name of the environment.
    What a cell's own text says, and what a fitted model remembers, is not masked.
    """
    shell = current_place().shell
    if this_cell:
        if action:
            raise BadInputError(
                f"%%mlops track takes no {action!r}",
                "Write `%mlops track on` on a line of its own to track all cells.",
            )
        track_cell(name, hypothesis, _tags(tags), shell=shell)
        return None
    if name or hypothesis or tags:
        raise BadInputError(
            "--name, --hypothesis and --tag belong to one cell",
            "Write `%%mlops track …` as that cell's first line.",
        )
    return track(
        action or "status",
        experiment=experiment,
        every_cell=every_cell,
        keep_data=not no_data,
        mask=mask,
        budget=budget,
        shell=shell,
    )


def _tags(pairs: Sequence[str]) -> dict[str, str]:
    bad = [pair for pair in pairs if not pair.partition("=")[0] or "=" not in pair]
    if bad:
        raise BadInputError(f"the tag {bad[0]!r} has no value", "Write --tag key=value.")
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}
