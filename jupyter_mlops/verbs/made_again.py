"""The model of a promotion, made again in a clean process and compared with the one that was recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.checked import check_slice
from jupyter_mlops.lineage.model_data import model_data, names_in
from jupyter_mlops.lineage.replay import Terms, Wanted, put_back
from jupyter_mlops.registry.verify import Check, Recorded, verify
from jupyter_mlops.verbs.sliced import from_kept, judge_of, of_run

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.lineage.replay import Replayed
    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.registry.gates.rules import Holdout
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.place import Progress
    from jupyter_mlops.verbs.promote_order import Order
    from jupyter_mlops.verbs.subject import Subject


@dataclass(frozen=True)
class Again:
    """What running the code again gave; `kept` are variables that came from snapshots."""

    code: Slice
    replayed: Replayed | None
    checks: tuple[Check, ...]
    kept: tuple[str, ...] = ()

    @property
    def unequal(self) -> list[Check]:
        """What came out otherwise than recorded."""
        return [check for check in self.checks if check.outcome == "failed"]


def make_again(
    settings: Settings, subject: Subject, order: Order, code: Slice, scratch: Path, progress: Progress
) -> Again:
    """Run the code behind a model in a clean process and compare what it gives with what is recorded.

    Raises:
        ReproduceError: it failed or gave another result, and `order` does not take it `unverified`.
    """
    try:
        terms = Terms(subject.folder, scratch, order.timeout, order.memory, order.allow)
        again = _reproduce(settings, subject, code, terms, order.rules.holdout, progress)
    except ReproduceError as error:
        if not order.unverified:
            raise
        return Again(code, None, (Check("failed", "replay", error.what),))
    if again.unequal and not order.unverified:
        first = again.unequal[0]
        more = f" (and {len(again.unequal) - 1} more)" if len(again.unequal) > 1 else ""
        raise ReproduceError(
            f"{subject.estimator.name} did not reproduce in a clean process: "
            f"{first.what}: {first.figure}{more}",
            put_back(again.replayed.changed_files)
            if again.replayed and again.replayed.changed_files
            else "Fix the seed (random_state) or the cell that differs; or `--unverified --reason …`.",
        )
    return again


def _reproduce(
    settings: Settings,
    subject: Subject,
    code: Slice,
    terms: Terms,
    holdout: Holdout | None,
    progress: Progress,
) -> Again:
    """Find the code that gives the model again, and compare; `holdout` is the one that the rules name."""
    predictions, probabilities = subject.outputs()
    name, digest = subject.estimator.name, subject.estimator.digest
    recorded = Recorded(digest, subject.measured, predictions, probabilities)
    data = model_data(code, name)
    named = () if holdout is None else ((holdout.features, holdout.target),)
    needed = frozenset[str]().union(*(names_in(text) for pair in named for text in pair))
    target = of_run(subject.record, code, subject.snapshots, model=name)
    target = replace(
        target,
        goal=replace(target.goal, names=target.goal.names | needed),
        wanted=Wanted(
            name,
            tuple(subject.measured),
            subject.snapshots,
            subject.rows_digest,
            names=(name,),
            fitted=data.fitted,
            measured=(*named, *data.measured),
        ),
        recorded={name: digest},
        judge=judge_of(recorded),
    )
    target = from_kept(settings, target, subject.folder)
    checked = check_slice(target, terms, progress=lambda text, share: progress(text, 0.05 + 0.55 * share))
    if checked.replayed is None:
        raise checked.error or ReproduceError(checked.code.said, "Run the notebook again, then promote.")
    checks = tuple(verify(recorded, checked.replayed))
    return Again(checked.code, checked.replayed, checks, target.begins_with)


def load_again(replayed: Replayed | None, subject: Subject) -> Any:
    """The model our own child process made a moment ago, in a folder only we can write."""
    if replayed is None:
        raise ReproduceError(
            f"the run {subject.run.name!r} did not run again, and its model is not in this process",
            "Promote it from the notebook that holds the model.",
        )
    import cloudpickle

    return cloudpickle.loads(replayed.model_file.read_bytes())
