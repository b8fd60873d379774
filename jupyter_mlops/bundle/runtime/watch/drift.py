"""``/drift``: the counts themselves, for whoever judges them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .live import OrderedCounts

if TYPE_CHECKING:
    from .live import Live
    from .watch import Watch


def drift_report(watch: Watch) -> dict[str, Any]:
    """Counts of live values in the bins of training's, beside training's own, ready for JSON.

    All counts are whole numbers since the server started, so those of several servers can be added up. Of the
    distances, ``recent_psi`` is that of the gauges: of the last 12 to 24 hours.
    """
    return {
        "since": watch.since.isoformat(timespec="seconds"),
        "rows": {"reference": watch.reference.rows, "live": watch.rows},
        "features": [
            {"name": column.name, "type": column.type, **_counts(live)}
            for column, live in zip(watch.columns, watch.live, strict=True)
        ],
        "predictions": [
            {"version": version, **_counts(predicted.live)} for version, predicted in watch.predicted.items()
        ],
    }


def _counts(live: Live) -> dict[str, Any]:
    return {"kind": "number" if isinstance(live, OrderedCounts) else "category", **live.describe()}
