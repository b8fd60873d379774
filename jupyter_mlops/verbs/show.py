"""`show`: one run as a card, or the code behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import Run, figure_names, find_run, run_figures
from jupyter_mlops.tracking.run_edits import set_hypothesis
from jupyter_mlops.verbs.answers import DataCard, run_data
from jupyter_mlops.verbs.command import Known, current_place, verb
from jupyter_mlops.verbs.limits import replay_options
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.run_card_of import run_card_payload
from jupyter_mlops.verbs.slice import slice as slice_of
from jupyter_mlops.widgets.images import image_uri

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.widgets.run_card import RunCardWidget


@dataclass(frozen=True)
class RunCard(DataCard):
    """A run that shows itself: in a notebook as a view that opens, asks and takes a hypothesis."""

    settings: Settings = field(default_factory=load_settings)
    run_id: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The view, and for viewers without one the card and its stable text."""
        still = super()._repr_mimebundle_()
        try:
            payload = run_card_payload(self.settings, find_run(self.settings, self.run_id))
        except MlopsError:  # the run or its store is gone: what was read once stays
            return still
        data, _ = _widget(self.settings, self.run_id, payload)._repr_mimebundle_()
        return {**data, **still}


def _widget(settings: Settings, run_id: str, payload: dict[str, Any]) -> RunCardWidget:
    from jupyter_mlops.widgets.run_card import RunCardWidget

    def figures(_: dict[str, Any]) -> dict[str, Any]:
        found = run_figures(settings, find_run(settings, run_id))
        return {"pictures": {name: image_uri(name, content) for name, content in found.items()}}

    def hypothesis(asked: dict[str, Any]) -> dict[str, Any]:
        set_hypothesis(settings, run_id, str(asked["text"]))
        return {}

    return RunCardWidget(payload, {"figures": figures, "hypothesis": hypothesis})


def show(
    run: str = "last",
    *,
    code: bool = False,
    check: bool = True,
    timeout: float = 600.0,
    memory: int | str | None = None,
    allow: Collection[str] = (),
    progress: Progress = silent,
) -> RunCard | Slice:
    """One run: what was measured, with which parameters, on which data; or the code behind it.

    Args:
        run: its name, id, the beginning of its id, or ``last``; for its code also a variable such as
            ``model`` or ``df@3``, or an executed cell such as ``In[7]``.
        code: show the statements that made it, after they gave it again in a clean process (see `slice`).
        check: run the code; without, whole cells are shown, and they say that they were not run.
        timeout: seconds that each clean process may take.
        memory: what it may use, in bytes or such as ``8GB``; most of what is free unless given.
        allow: what the code may use again, if its cells did: ``network``, ``credentials``.
        progress: told what happens and the share that is done.

    Raises:
        NotFoundError: no such run, or its code was not recorded.
        BadInputError: a cell or a variable is meant, and nothing is tracked in this process.
        StoreError: the tracking store cannot be used.
    """
    if code:
        return slice_of(run, check=check, timeout=timeout, memory=memory, allow=allow, progress=progress)
    settings = load_settings()
    sync(settings)
    found = find_run(settings, run)
    return _card(settings, found, run_figures(settings, found))


def _card(settings: Settings, run: Run, figures: Mapping[str, bytes]) -> RunCard:
    lines = [("status", run.status.lower()), ("cell", run.tags.get("mlops.cell", "not a tracked cell"))]
    if run.hypothesis:
        lines.append(("hypothesis", run.hypothesis))
    lines += [(name, f"{value:.6g}") for name, value in run.metrics.items()]
    lines += list(run.params.items())
    if run.datasets:
        lines.append(("data", ", ".join(f"{name} {digest[:8]}" for name, digest in run.datasets)))
    if said := _figures_said(run):
        lines.append(("figures", said))
    if run.tags.get("mlops.error"):
        lines.append(("error", run.tags["mlops.error"]))
    commit = run.tags.get("mlflow.source.git.commit")
    if commit:
        dirty = ", with uncommitted changes" if run.tags.get("mlops.git.dirty") == "true" else ""
        lines.append(("git", commit[:10] + dirty))
    lines += [("started", run.started.strftime("%Y-%m-%d %H:%M:%S UTC")), ("id", run.run_id)]
    return RunCard(
        run.name,
        tuple(lines),
        volatile=frozenset({"started", "id", "git"}),
        note=f'The code behind it: %mlops show "{run.name}" --code',
        data=run_data(run),
        images=tuple((name, uri) for name, content in figures.items() if (uri := image_uri(name, content))),
        settings=settings,
        run_id=run.run_id,
    )


def _figures_said(run: Run) -> str:
    """Names of the figures, and what was not kept."""
    names, missing = figure_names(run)
    parts = [", ".join(names)] if names else []
    return "; ".join([*parts, *(f"{count} not kept: {why}" for why, count in missing.items())])


@verb("show")
@click.argument("run", default="last", type=Known("runs"))
@click.option("--code", is_flag=True, help="The statements behind it, run again before they are shown.")
@click.option("--no-check", is_flag=True, help="With --code: whole cells, and do not run them.")
@replay_options
def command(run: str, code: bool, no_check: bool, **limits: Any) -> RunCard | Slice:
    """Show one run: result, parameters, data; or the code behind it.

    RUN is its name, its id or the beginning of it; the last run when none is named. With --code it can be a
    variable such as model or df@3, or a cell such as In[7], too.
    """
    return show(run, code=code, check=not no_check, progress=current_place().progress, **limits)
