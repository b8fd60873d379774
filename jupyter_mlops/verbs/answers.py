"""What verbs return: shown as a card or a table, given to ``--json`` as plain data with full figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.tracking.read_runs import figure_names
from jupyter_mlops.widgets.card import Card
from jupyter_mlops.widgets.table import TableView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.tracking.read_runs import Run


@dataclass(frozen=True)
class DataCard(Card):
    """A card that knows what it was made of."""

    data: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return dict(self.data)


@dataclass(frozen=True)
class DataTable(TableView):
    """A table that knows what it was made of."""

    data: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return dict(self.data)


def run_data(run: Run) -> dict[str, Any]:
    """A run as plain data; JSON has no NaN, so a metric that is not a number is None."""
    return {
        "id": run.run_id,
        "name": run.name,
        "status": run.status.lower(),
        "started": run.started.isoformat(),
        "seconds": run.seconds,
        "hypothesis": run.hypothesis,
        "metrics": finite(run.metrics),
        "params": dict(run.params),
        "tags": {key[5:]: value for key, value in run.tags.items() if key.startswith("user.")},
        "data": [{"name": name, "digest": digest} for name, digest in run.datasets],
        "figures": figure_names(run)[0],
    }


def finite(metrics: Mapping[str, float]) -> dict[str, float | None]:
    """The metrics with None for what is not a finite number."""
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}


def in_full(result: Any) -> str:
    """The text of a result with what a saved notebook leaves out: addresses, ids, times."""
    shown = result.in_full() if hasattr(result, "in_full") else result
    everything: dict[str, Any] = {"volatile": frozenset()}
    return str(replace(shown, **everything) if isinstance(shown, Card | TableView) else shown)
