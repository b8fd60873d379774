"""The pipeline project that goes with a version: made of the code that was just run again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.pipeline.headings import told_above
from jupyter_mlops.pipeline.project import Expected, write_project
from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.tracking.session_notebook import session_notebook
from jupyter_mlops.verbs.package_name import package_name

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.lineage.replay import Terms
    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.place import Progress
    from jupyter_mlops.verbs.subject import Subject

PROJECT = "pipeline"
"""Its folder among a version's files."""


def add_project(
    settings: Settings,
    subject: Subject,
    name: str,
    code: Slice,
    folder: Path,
    terms: Terms,
    progress: Progress,
) -> str:
    """Write the project into a saved model's folder, if the code can be one; says what became of it.

    Its packages are pinned, and not locked with hashes: that asks the package index, which takes time.

    Args:
        settings: of the project.
        subject: the run behind the model.
        name: the registered model's.
        code: that gave the recorded result again.
        folder: of the saved model.
        terms: where it runs, with an empty scratch folder.
        progress: told what happens and the share that is done.
    """
    predictions, probabilities = subject.outputs()
    estimator = subject.estimator
    notebook, records = session_notebook(settings, subject.run.tags.get("mlops.session", ""))
    package = package_name(name)
    target = terms.scratch.with_name("project") / package
    try:
        made = write_project(
            code,
            target,
            name=package,
            about=f"The pipeline behind the model {name}, from the run {subject.run.name} of a notebook.",
            expected=Expected(
                subject.measured,
                estimator.name,
                estimator.digest,
                estimator.fit_on,
                subject.rows_digest,
                predictions,
                probabilities,
            ),
            terms=terms,
            snapshots=settings.snapshots,
            told=told_above(notebook, records),
            ask_index=False,
            goes_elsewhere=True,
            progress=progress,
        )
    except MlopsError as error:
        return f"none: {error.what}"
    shutil.copytree(target, folder / EXTRA / PROJECT, ignore=shutil.ignore_patterns(".cache", "__pycache__"))
    return f"{len(made.steps)} steps: {', '.join(made.steps)}"
