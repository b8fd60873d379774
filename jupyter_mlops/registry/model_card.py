"""The model card of a version: what a reader has to know before relying on it, in Markdown.

Its parts are those of "Model Cards for Model Reporting" (Mitchell et al. 2019). What nobody stated is said to
be not stated. Of the data it holds what the schema holds: types, ranges, categories and shares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_mlops.registry.card_figures import groups, importance, metrics
from jupyter_mlops.registry.markdown import code_block, facts, table, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from jupyter_mlops.lineage.mirror import SliceFile
    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.registry.evidence import Evidence, Gate, Rows
    from jupyter_mlops.registry.explain import Explanation
    from jupyter_mlops.snapshot.schema import Column, Schema

CARD = "model_card.md"
"""Beside the schema: the card of a version."""
_NOT_STATED = "Not stated."
_MOST_CATEGORIES = 20
_DIGITS = 12


@dataclass(frozen=True)
class CardFacts:
    """All that a card tells.

    Args:
        name: of the registered model.
        run, run_id: the run that made it.
        estimator: its class.
        who, when: who registers it, and when.
        schema: of its input, from all training rows.
        code: the checked slice behind it.
        evidence: the model, its rows, and what was measured.
        gates: what decided about it.
        version: None while it is not registered yet.
        why: the reason that was typed.
        approved_by: the person who was named as having agreed.
        serialization: ``skops`` or ``cloudpickle``.
        hypothesis: what the user expected.
        commit: of git.
        packages: those that the model needs, with their versions.
        intervals: by metric: value, and the ends of its 95 % interval on the hold-out.
        importance: what the model uses.
    """

    name: str
    run: str
    run_id: str
    estimator: str
    who: str
    when: datetime
    schema: Schema
    code: Slice
    evidence: Evidence
    gates: tuple[Gate, ...] = ()
    version: str | None = None
    why: str = ""
    approved_by: str | None = None
    serialization: str = "skops"
    hypothesis: str | None = None
    commit: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    importance: Explanation | None = None


def model_card(card: CardFacts) -> str:
    """The card as Markdown; words of people and names of columns are text in it, whatever they hold."""
    parts = {
        "Model details": _details(card),
        "Intended use": _use(card),
        "Training data": _training(card),
        "Evaluation data": _rows(
            card.evidence.holdout, "No hold-out is known: the model was not measured on new rows."
        ),
        "Metrics": metrics(card.evidence, card.intervals, card.gates),
        "What it uses": importance(card.importance),
        "Groups": groups(card.gates),
        "Gates": _gates(card.gates),
        "Code": _code(card.code),
        "Environment": _environment(card),
        "Limits": _limits(card),
    }
    told = "\n\n".join(f"## {title}\n\n{text}" for title, text in parts.items())
    return f"# Model card: {words(card.name)}\n\n{told}\n"


def _details(card: CardFacts) -> str:
    return facts(
        [
            ("Model", card.name),
            ("Version", card.version),
            ("Kind", card.estimator),
            ("Task", card.evidence.task),
            ("Run", f"{card.run} ({card.run_id})"),
            ("Registered by", card.who),
            ("Registered", f"{card.when:%Y-%m-%d %H:%M} UTC"),
            ("Reason", card.why),
            ("Approved by", card.approved_by),
            ("Written as", card.serialization),
            ("Size", f"{card.evidence.size_bytes / 1e6:.2f} MB"),
        ]
    )


def _use(card: CardFacts) -> str:
    told = facts([("Hypothesis of the run", card.hypothesis), ("Reason for registering it", card.why)])
    return told or _NOT_STATED


def _training(card: CardFacts) -> str:
    columns = table(
        ("Column", "Type", "Stored as", "Missing", "Values in training"),
        [
            (
                column.name,
                column.type,
                column.dtype,
                f"{100 * (column.missing_share or 0):.2g} %",
                _values(column),
            )
            for column in card.schema.columns
        ],
        frozenset({3}),
    )
    files = [file for file in card.code.files if not file.is_made]
    sources = table(("File", "Content"), [_file(file) for file in files]) if files else ""
    return "\n\n".join(
        part for part in (_rows(card.evidence.training, _NOT_STATED), sources, columns) if part
    )


def _rows(rows: Rows | None, missing: str) -> str:
    if rows is None:
        return missing
    count, columns = rows.features.shape
    return f"{count:,} rows × {columns:,} columns: {words(rows.said)}."


def _values(column: Column) -> str:
    if column.minimum is not None and column.maximum is not None:
        return f"{_end(column.minimum)} to {_end(column.maximum)}"
    if column.categories is None:
        return ""
    shown = ", ".join(str(each) for each in column.categories[:_MOST_CATEGORIES])
    more = len(column.categories) - _MOST_CATEGORIES
    return f"{shown}, and {more} more" if more > 0 else shown


def _end(value: float) -> str:
    """An end of a range: whole numbers in full."""
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _file(file: SliceFile) -> tuple[str, str]:
    return file.path, file.digest[:_DIGITS] if file.digest else "not known"


def _gates(gates: tuple[Gate, ...]) -> str:
    if not gates:
        return "None were asked."
    return table(("Gate", "Outcome", "Figure"), [(gate.name, gate.outcome, gate.figure) for gate in gates])


def _code(code: Slice) -> str:
    if not code.cells:
        return _NOT_STATED
    cells = f"{code.statements} statements in {len(code.cells)} cells; {code.left_out} left out"
    told = facts([("Behind the model", cells), ("Checked", code.said)])
    return f"{told}\n\n{code_block(code.code, 'python')}"


def _environment(card: CardFacts) -> str:
    told = facts([("Git commit", card.commit)])
    packages = table(("Package", "Version"), list(card.packages.items())) if card.packages else ""
    return "\n\n".join(part for part in (told, packages) if part) or _NOT_STATED


def _limits(card: CardFacts) -> str:
    """What follows from the facts; what the model must not be used for is for people to state."""
    evidence = card.evidence
    failed = [check for check in evidence.checks if check.outcome == "failed"]
    limits = ["Values outside of the ranges and categories above were not seen in training."]
    if failed:
        limits.append(
            f"It did not reproduce in a clean process: {', '.join(check.what for check in failed)}."
        )
    if evidence.holdout is None:
        limits.append("How well it does on new rows is not known.")
    elif evidence.holdout.target is None:
        limits.append("The true answers of the hold-out were not kept.")
    limits += [f"{gate.name}: {gate.figure}." for gate in card.gates if gate.outcome in {"warned", "failed"}]
    skipped = [gate.name for gate in card.gates if gate.outcome == "skipped"]
    if skipped:
        limits.append(f"Not measured, for the reasons above: {', '.join(skipped)}.")
    if card.serialization == "cloudpickle":
        limits.append("It is written by pickle: loading it runs code of its file.")
    limits.append("Uses that are out of scope, and ethical considerations: not stated.")
    return "\n".join(f"- {words(limit)}" for limit in limits)
