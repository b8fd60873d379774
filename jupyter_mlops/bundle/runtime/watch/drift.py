"""``/drift``: verdicts on the features, and the counts themselves for whoever judges them otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .live import OrderedCounts
from .verdict import verdicts

if TYPE_CHECKING:
    from .live import Live
    from .watch import Watch


def drift_report(watch: Watch) -> dict[str, Any]:
    """Counts of live values in the bins of training's, beside training's own, ready for JSON.

    All counts are whole numbers since the server started, so those of several servers can be added up. Of the
    distances, ``recent_psi`` is that of the gauges: of the last 12 to 24 hours. Each feature that training
    knew has a verdict, and so has the server: the worst of them.
    """
    names = [column.name for column in watch.columns]
    judged = verdicts(list(zip(names, watch.live, strict=True)), watch.reference.rows)
    return {
        "verdict": max(
            (each["verdict"] for each in judged.values()), key=("ok", "watch", "drift").index, default="ok"
        ),
        "since": watch.since.isoformat(timespec="seconds"),
        "rows": {"reference": watch.reference.rows, "live": watch.rows},
        "features": [
            {"name": column.name, "type": column.type, **judged.get(column.name, {}), **_counts(live)}
            for column, live in zip(watch.columns, watch.live, strict=True)
        ],
        "predictions": [
            {"version": version, **_counts(predicted.live)} for version, predicted in watch.predicted.items()
        ],
    }


def _counts(live: Live) -> dict[str, Any]:
    return {"kind": "number" if isinstance(live, OrderedCounts) else "category", **live.describe()}
