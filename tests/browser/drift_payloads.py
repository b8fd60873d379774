"""A drift report with every part, for the browser: figures of real frames, the other parts made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_mlops.drift import compare_frames
from jupyter_mlops.widgets.drift import DriftReport

EVIL = "<img src=x onerror='window.hacked=1'>"
HOSTILE = [
    EVIL,
    "</script><script>window.hacked=1</script>",
    "\u202eevil",
    "\U0001f98a" * 30,
    "x" * 10_000,
    "",
]
CHUNKS = [{"label": f"2024-0{month}-01", "rows": 1000} for month in range(1, 7)]


def drifting() -> DriftReport:
    """Six columns: moved numbers, missing values, categories, times, nothing, and one that is gone."""
    g = np.random.default_rng(4)
    n = 800
    reference = pd.DataFrame(
        {
            "age": g.normal(40, 9, n),
            "hours": g.integers(1, 60, n).astype(float),
            "city": g.choice(["Ulm", "Oslo", "Rome"], n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="h"),
            "same": g.normal(size=n),
            "gone": 1,
        }
    )
    current = reference.drop(columns="gone").assign(age=reference["age"] + 9)
    current.loc[: n // 5, "hours"] = np.nan
    current["city"] = g.choice(["Ulm", "Oslo", "Rome", "Bern"], n, p=[0.1, 0.3, 0.3, 0.3])
    return DriftReport.from_result(compare_frames(reference, current))


def with_parts() -> dict[str, Any]:
    """The payload of `drifting` with the effect over time, segments, columns together, and performance."""
    payload = drifting().payload()
    effect = {"effect": [0.01, None, 0.012, 0.2, 0.3, 0.25], "low": 0.0, "high": 0.05}
    effect["alarm"] = [False, False, False, True, True, True]
    payload["over_time"] = {"column": "day", "every": "1 month", "chunks": CHUNKS, "columns": {"age": effect}}
    bad = [("age", "drift", 0.4), (EVIL, "watch", 0.015)]
    columns = [{"column": c, "verdict": v, "reason": "", "effect": e} for c, v, e in bad]
    payload["segments"] = {
        "by": EVIL,
        "segments": [
            {"label": "Ulm", "rows": 700, "reference_rows": 600, "verdict": "drift", "columns": columns},
            {"label": "Oslo", "rows": 300, "reference_rows": 400, "verdict": "ok", "columns": []},
            {"label": EVIL, "rows": 8, "reference_rows": 7, "verdict": "watch", "columns": []},
        ],
    }
    bands = {"null_low": 0.49, "null_high": 0.51, "p_value": 0.0001, "note": "20,000 of 50,000 rows"}
    payload["multivariate"] = [
        {"name": "domain classifier", "value_name": "AUC", "value": 0.65, "verdict": "drift", **bands}
        | {"details": [["age", 0.1], [EVIL, 0.05]]},
        {"name": "correlation", "value_name": "largest change", "value": None, "verdict": "ok", **bands}
        | {"details": []},
    ]
    quiet = {"name": "accuracy", "estimated": [0.8] * 6, "error": [0.01] * 6, "realised": None}
    loud = {
        "name": "ROC AUC",
        "estimated": [0.9, 0.9, 0.9, 0.8, 0.8, None],
        "error": [0.01] * 6,
        "realised": [0.9, 0.91, 0.9, None, None, None],
    }
    payload["performance"] = {
        "chunks": CHUNKS,
        "assumptions": "Scores stay calibrated.",
        "metrics": [
            quiet | {"lower": 0.7, "upper": 0.9, "alarm": [False] * 6},
            loud | {"lower": 0.85, "upper": 0.95, "alarm": [False, False, False, True, True, False]},
        ],
    }
    return payload


def many(columns: int) -> dict[str, Any]:
    """The payload of `drifting` with its columns repeated under other names."""
    payload = drifting().payload()
    rows, pictures = payload["columns"], payload["histograms"]
    named = [(f"{row['column']} {at}", row) for at in range(columns // len(rows)) for row in rows]
    payload["columns"] = [row | {"column": name} for name, row in named]
    payload["histograms"] = {name: pictures.get(row["column"]) for name, row in named}
    return payload
