"""`show`: one run as a card, or the code behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import Run, figure_names, find_run, run_figures, run_slice
from jupyter_mlops.verbs.answers import DataCard, run_data
from jupyter_mlops.verbs.command import Known, verb
from jupyter_mlops.widgets.images import image_uri

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Code:
    """Code that shows itself as code."""

    code: str
    cells: int
    left_out: int

    def __str__(self) -> str:
        return self.code

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.code, "text/markdown": f"```python\n{self.code}\n```"}


def show(run: str = "last", *, code: bool = False) -> DataCard | Code:
    """One run: what was measured, with which parameters, on which data.

    Args:
        run: its name, id, the beginning of its id, or ``last``.
        code: show the cells behind it instead, in the order they ran (not checked by a replay).

    Raises:
        NotFoundError: no such run, or its code was not recorded.
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    sync(settings)
    found = find_run(settings, run)
    if code:
        needed = run_slice(settings, found)
        header = f"# {len(needed.cells)} executions behind {found.name!r}, {needed.left_out} left out"
        return Code(f"{header}; not replayed\n\n{needed.code}", len(needed.cells), needed.left_out)
    return _card(found, run_figures(settings, found))


def _card(run: Run, figures: Mapping[str, bytes]) -> DataCard:
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
    return DataCard(
        run.name,
        tuple(lines),
        volatile=frozenset({"started", "id", "git"}),
        note=f'The code behind it: %mlops show "{run.name}" --code',
        data=run_data(run),
        images=tuple((name, uri) for name, content in figures.items() if (uri := image_uri(name, content))),
    )


def _figures_said(run: Run) -> str:
    """Names of the figures, and what was not kept."""
    names, missing = figure_names(run)
    parts = [", ".join(names)] if names else []
    return "; ".join([*parts, *(f"{count} not kept: {why}" for why, count in missing.items())])


@verb("show")
@click.argument("run", default="last", type=Known("runs"))
@click.option("--code", is_flag=True, help="The cells behind the run, in the order they ran.")
def command(run: str, code: bool) -> DataCard | Code:
    """Show one run: result, parameters, data; or the code behind it.

    RUN is its name, its id or the beginning of it; the last run when none is named.
    """
    return show(run, code=code)
