"""What a replay gave beside what was recorded: one finding for each thing, with its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.lineage.alike import RowsCompared, is_time, same_number
from jupyter_mlops.tracking.write_run import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jupyter_mlops.lineage.record import CellRecord, Dataset, RunFacts
    from jupyter_mlops.lineage.replay import Replayed

Outcome = Literal["equal", "different", "not comparable"]
_SHOWN = 8  # characters of a digest


@dataclass(frozen=True)
class Finding:
    """One thing that was compared; `decides` is False where a difference is no other result by itself."""

    group: str
    name: str
    outcome: Outcome
    figure: str
    decides: bool = True


def compare(
    record: CellRecord, replayed: Replayed, *, is_masked: Callable[[str], bool], several: bool
) -> list[Finding]:
    """Compare what a run's cell gave then and again.

    Args:
        record: the recorded cell, or the cells of a run joined.
        replayed: what the clean process gave, with facts.
        is_masked: tells of a digest whether its value was kept with masked columns.
        several: the run has the facts of several cells, and the last one's only were found again.
    """
    facts, again = record.run, replayed.facts
    if facts is None or again is None:
        return []
    return [
        *([_error(record.error, replayed.ended)] if record.error or replayed.ended else []),
        *_params(facts.params, again.params, several=several),
        *_metrics(facts.metrics, replayed.metrics),
        *(_data(each, again, replayed.digests, is_masked) for each in facts.datasets),
        *_models(facts, again, replayed),
    ]


def logged_otherwise(
    facts: RunFacts | None, params: Mapping[str, str], metrics: Mapping[str, float]
) -> list[Finding]:
    """What the run holds beside the facts of its cell: the user's own MLflow code has logged it."""
    why = "logged by the cell's own MLflow code"
    known = {*map(key_of, facts.params), *map(key_of, facts.metrics)} if facts else set()
    return [
        *(Finding("parameter", name, "not comparable", why) for name in params if name not in known),
        *(Finding("metric", name, "not comparable", why) for name in metrics if name not in known),
    ]


def _error(before: str | None, after: str | None) -> Finding:
    same = before == after
    figure = f"{before} again" if same else f"recorded {before or 'no error'}, now {after or 'no error'}"
    return Finding("error", "", "equal" if same else "different", figure)


def _params(before: Mapping[str, str], after: Mapping[str, str], *, several: bool) -> Iterable[Finding]:
    for name, text in before.items():
        if name not in after and several:
            yield Finding("parameter", name, "not comparable", "of an earlier cell of the run")
        elif name not in after:
            yield Finding("parameter", name, "different", f"recorded {text}, not found again")
        elif after[name] == text:
            yield Finding("parameter", name, "equal", text)
        else:
            yield Finding("parameter", name, "different", f"recorded {text}, now {after[name]}")


def _metrics(before: Mapping[str, float], after: Mapping[str, float]) -> Iterable[Finding]:
    for name, value in before.items():
        again = after.get(name, math.nan)
        if same_number(value, again):
            yield Finding("metric", name, "equal", f"{value:.6g}")
        elif is_time(name):
            yield Finding("metric", name, "not comparable", "a time")
        elif math.isnan(again):
            yield Finding("metric", name, "different", f"recorded {value:.6g}, not computed again")
        else:
            figure = f"recorded {value:.10g}, now {again:.10g} ({again - value:+.3g})"
            yield Finding("metric", name, "different", figure)


def _data(
    before: Dataset, facts: RunFacts, digests: Mapping[str, str | None], is_masked: Callable[[str], bool]
) -> Finding:
    found = {each.digest: each for each in facts.datasets if each.name == before.name}
    if before.digest in found or digests.get(before.name) == before.digest:
        return Finding("data", before.name, "equal", _described(before))
    if is_masked(before.digest):
        return Finding("data", before.name, "not comparable", "kept with masked columns")
    if found:
        now = next(iter(found.values()))
        return Finding(
            "data", before.name, "different", f"recorded {_described(before)}, now {_described(now)}"
        )
    return Finding("data", before.name, "different", f"recorded {_described(before)}, not found again")


def _described(data: Dataset) -> str:
    columns = f" × {len(data.columns)}" if data.kind == "frame" else " rows"
    return f"{data.rows:,}{columns}, {data.digest[:_SHOWN]}"


def _models(facts: RunFacts, again: RunFacts, replayed: Replayed) -> Iterable[Finding]:
    digests = {each.name: each.digest for each in again.estimators}
    for each in facts.estimators:
        told = replayed.models.get(each.name, {"why": "the model was not kept, or no rows for it"})
        rows = None if "why" in told else RowsCompared(**told)
        name = f"{each.name} ({each.kind})"
        if each.name not in digests:
            yield Finding("model", name, "different", "not made again")
            continue
        now = digests[each.name]
        if each.digest is None or now is None:
            yield Finding("model", name, "not comparable", "the content of this kind has no digest")
        elif each.digest == now:
            yield Finding("model", name, "equal", f"fitted state {now[:_SHOWN]}")
        else:  # a fit can keep times; predictions decide where there are some
            figure = f"fitted state {each.digest[:_SHOWN]}, now {now[:_SHOWN]}"
            yield Finding("model", name, "different", figure, decides=rows is None)
        if rows is not None:
            yield _predictions(each.name, rows)
        elif told["why"]:
            yield Finding("predictions", each.name, "not comparable", told["why"])


def _predictions(name: str, rows: RowsCompared) -> Finding:
    if rows.are_equal:
        return Finding("predictions", name, "equal", f"{rows.before:,} rows")
    if rows.differ is None:
        return Finding("predictions", name, "different", f"{rows.before:,} rows, now {rows.after:,}")
    parts = [f"{rows.differ:,} of {rows.before:,} rows differ"]
    if rows.largest is not None:
        parts.append(f"by up to {rows.largest:.3g}")
    if 0 < rows.probabilities < math.inf:
        parts.append(f"probabilities by up to {rows.probabilities:.3g}")
    return Finding("predictions", name, "different", ", ".join(parts))


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many are equal, different and not comparable, of those that decide."""
    found = {"equal": 0, "different": 0, "not comparable": 0}
    for each in findings:
        if each.decides:
            found[each.outcome] += 1
    return found


def rows_of(findings: Iterable[Finding], most_equal: int = 4) -> tuple[tuple[str, str, str], ...]:
    """What is shown: outcome (``changed`` if it decides nothing), name and figure.

    Many of a group that are equal become one row.
    """
    groups: dict[str, list[Finding]] = {}
    for each in findings:
        groups.setdefault(each.group, []).append(each)
    rows: list[tuple[str, str, str]] = []
    for group, members in groups.items():
        equal = [each for each in members if each.outcome == "equal"]
        if len(equal) > most_equal:
            names = ", ".join(each.name for each in equal[:most_equal])
            rows.append(("equal", f"{group}s", f"{len(equal)}: {names}, …"))
        alone = [each for each in members if each.outcome != "equal" or len(equal) <= most_equal]
        rows += [(_word(each), f"{each.group} {each.name}".strip(), each.figure) for each in alone]
    return tuple(rows)


def _word(finding: Finding) -> str:
    return "changed" if finding.outcome == "different" and not finding.decides else finding.outcome


def plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Ready for JSON."""
    return [dict(vars(each)) for each in findings]
