"""NannyML's univariate drift, chunk by chunk, without pictures. Runs in an environment of its own.

`settings` of the task are the methods by kind of column; ten chunks of the current frame are compared.
"""

from __future__ import annotations

import os

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

from typing import TYPE_CHECKING, Any

from nannyml import UnivariateDriftCalculator  # type: ignore[import-not-found]

from benchmarks.workers.drift_measured import WARM_ROWS, answer, frames, measured, task

if TYPE_CHECKING:
    import pandas as pd

_CHUNKS = 10


def main() -> None:
    """Warm up, compare, name the columns with an alert in most chunks, and those with one in any."""
    asked = task()
    reference, current = frames(asked)

    def compare(rows: int | None) -> Any:
        columns = list(reference.columns)
        calculator = UnivariateDriftCalculator(columns, chunk_number=_CHUNKS, **asked["settings"])
        calculator.fit(reference.head(rows) if rows else reference)
        return calculator.calculate(current.head(rows) if rows else current)

    compare(WARM_ROWS)
    done = measured(lambda: compare(None))
    found: pd.DataFrame = done.result.filter(period="analysis").to_df()
    alerts = {name: int(found[name].xs("alert", axis=1, level=-1).sum().iloc[0]) for name in reference}
    answer(
        done.costs()
        | {
            "flagged": [name for name, count in alerts.items() if count > _CHUNKS / 2],
            "in_any_chunk": [name for name, count in alerts.items() if count],
        }
    )


if __name__ == "__main__":
    main()
