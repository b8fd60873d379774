"""What runs ran on: packages, Python, place, commit, and what people said of them as tags."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.recorded import Recorded, if_there
from jupyter_mlops.comparison.texts import TextDiff, text_diffs
from jupyter_mlops.tracking.read_runs import run_packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.tracking.read_runs import Run

_SESSION = "mlops.session"
_FACTS = {
    "mlops.python": "python",
    "mlflow.source.git.commit": "git commit",
    "mlops.git.dirty": "uncommitted changes",
    "mlflow.source.name": "source",
    "mlops.folder": "folder",
    _SESSION: "session",
    "mlops.cell": "cell",
    "mlflow.user": "user",
}
_OURS = ("mlops.", "mlflow.")
_MOST_CHARS = 500


@dataclass(frozen=True)
class PackageDiff:
    """A package and its version in each run's session; None where it was not installed."""

    name: str
    versions: tuple[str | None, ...]


@dataclass(frozen=True)
class EnvironmentDiff:
    """Packages that differ, what else is known, and in `note` whose packages are not known."""

    packages: tuple[PackageDiff, ...]
    facts: tuple[TextDiff, ...]
    note: str = ""


def environment_diff(runs: Sequence[Recorded]) -> EnvironmentDiff:
    """Compare what two or three runs ran on."""
    facts = text_diffs([_facts(each.run) for each in runs])
    known: dict[str, dict[str, str] | None] = {}
    for each in runs:
        if each.run.tags.get(_SESSION, "") not in known:
            known[each.run.tags.get(_SESSION, "")] = if_there(partial(run_packages, each.home, each.run))
    installed = [known[each.run.tags.get(_SESSION, "")] for each in runs]
    without = [each.run.name for each, packages in zip(runs, installed, strict=True) if packages is None]
    if without:
        return EnvironmentDiff((), facts, f"packages were not recorded: {', '.join(without)}")
    rows = text_diffs([packages for packages in installed if packages is not None])
    differ = tuple(PackageDiff(row.name, row.values) for row in rows if not row.same)
    others = "all other packages" if differ else "all packages"  # not how many: a saved text would change
    return EnvironmentDiff(tuple(sorted(differ, key=lambda each: each.name)), facts, f"{others} are the same")


def _facts(run: Run) -> dict[str, str]:
    """What tags tell, ours and MLflow's under plain names, and those of the user."""
    told = {said: run.tags[tag][:_MOST_CHARS] for tag, said in _FACTS.items() if tag in run.tags}
    if host := run.tags.get("mlops.owner", "").rpartition(":")[0]:
        told["host"] = host
    for tag, text in sorted(run.tags.items()):
        name = tag.removeprefix("user.")
        if not tag.startswith(_OURS) and name not in told:
            told[name] = text[:_MOST_CHARS]
    return told
