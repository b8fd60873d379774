"""What three runs differ in, in the form that the kernel answers."""

from __future__ import annotations

from typing import Any

EVIL = "<img src=x onerror=window.hacked=1>"
_RUNS = [
    {"name": "plain line", "experiment": "census", "status": "finished", "seconds": 1.4},
    {"name": "tree", "experiment": "census", "status": "finished", "seconds": 2.7},
    {"name": f"boosting {EVIL}", "experiment": "other", "status": "failed", "seconds": 127.0},
]
_CHANGE = {
    "rows": [3000, 2997],
    "rows_added": 0,
    "rows_removed": 3,
    "columns_added": ["age squared", EVIL],
    "columns_removed": ["fnlwgt"],
    "cells": [
        {"column": "hours-per-week", "changed": 211},
        {"column": "age", "changed": 2997},
        {"column": "sex", "changed": 0},
        *[{"column": f"scaled {i}", "changed": 9 - i // 2} for i in range(14)],
    ],
    "shift": [
        {"column": "sex", "effect": 0.004, "effect_name": "Hellinger", "verdict": "ok", "reason": ""},
        {
            "column": "age",
            "effect": 0.93,
            "effect_name": "Wasserstein",
            "verdict": "drift",
            "reason": "moved",
        },
    ],
    "note": "",
}
_LINE = "line = prepared(LogisticRegression(C=C, max_iter=500))"
_TREE = "tree = prepared(DecisionTreeClassifier(max_depth=depth))"


def diff_payload(runs: int = 2) -> dict[str, Any]:
    """The first two of the runs, or all three."""
    started = {"started": "2026-10-22T06:00:01+00:00"}
    return {
        "runs": [{**run, **started} for run in _RUNS[:runs]],
        "params": [
            _values(runs, "C", "0.5", None, "0.5"),
            _values(runs, "depth", None, "6", "4"),
            _values(runs, "random_state", "0", "0", "0"),
        ],
        "metrics": [
            _metric(runs, "auc", [0.872, 0.893, 0.901], [(0.021, 0.004, 0.038), (0.029, -0.001, 0.05)]),
            _metric(runs, "log_loss", [0.41, 0.47, 0.33], [(0.06, None, None), (-0.08, None, None)]),
            _metric(runs, "rows", [742, 742, 742], [(0, None, None), (0, None, None)]),
        ],
        "data": [
            {
                "name": "X_train",
                "kind": "training",
                "digests": ["1a2b3c4d5e6f", "9f8e7d6c5b4a", "1a2b3c4d5e6f"][:runs],
                "same": False,
                "changes": [_CHANGE, None][: runs - 1],
            },
            {
                "name": "X_test",
                "kind": "evaluation",
                "digests": ["a" * 12] * runs,
                "same": True,
                "changes": [None] * (runs - 1),
            },
        ],
        "code": {
            "note": "",
            "statements": [
                *[_statement(runs, "same", *[f"import library_{i}"] * 3) for i in range(12)],
                _statement(runs, "changed", _LINE, _TREE, _LINE),
                _statement(runs, "added", None, f"depth = 6  # {EVIL}\u202e", "depth = 4"),
                _statement(runs, "same", *["X = people"] * 3),
            ],
        },
        "environment": {
            "packages": [{"name": "scikit-learn", "versions": ["1.8.0", "1.9.1", "1.9.1"][:runs]}],
            "facts": [_values(runs, "python", "3.11", "3.11", "3.11")],
            "note": "",
        },
    }


def _values(runs: int, name: str, *values: str | None) -> dict[str, Any]:
    return {"name": name, "values": list(values[:runs]), "same": len(set(values[:runs])) == 1}


def _metric(
    runs: int, name: str, values: list[float], differences: list[tuple[float, float | None, float | None]]
) -> dict[str, Any]:
    return {
        "name": name,
        "values": values[:runs],
        "lower_is_better": "loss" in name,
        "differences": [
            {
                "value": value,
                "low": low,
                "high": high,
                "rows": None if low is None else 742,
                "note": "no predictions kept" if low is None else "",
            }
            for value, low, high in differences[: runs - 1]
        ],
    }


def _statement(runs: int, kind: str, *texts: str | None) -> dict[str, Any]:
    cells = [None if text is None else f"In[{at + 5}]" for at, text in enumerate(texts)]
    return {"kind": kind, "texts": list(texts[:runs]), "cells": cells[:runs]}
