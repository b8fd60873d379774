"""What the HTML and the text of an explanation say alike: figures and headings in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_mlops.registry.explain.result import Explanation, Importance, RowExplanation

MOST_COLUMNS, MOST_ROWS, MOST_CONTRIBUTIONS = 15, 5, 8
_LITTLE = 1e-4


def importance_title(found: Explanation) -> str:
    """What the figures are and where they were measured."""
    unit = {"rmse": "how much larger the rmse gets"}.get(found.metric, f"how much {found.metric} is lost")
    return (
        f"what it uses: {unit} when a column's values are dealt to other rows "
        f"({found.metric} {found.score:.4g} on {found.measured_on})"
    )


def interval(each: Importance) -> str:
    """The mean and its 95 % interval."""
    return f"{figure(each.mean)} ({figure(each.low)} to {figure(each.high)})"


def row_title(row: RowExplanation) -> str:
    """The answer, and the sum that gives it."""
    same = "" if row.probability is None else f" (probability {figure(row.probability)})"
    output = f"{row.explained} is {figure(row.output)}{same}, on average {figure(row.base)}"
    return f"row {row.row}: answered {value_text(row.prediction)}; {output}"


def method_text(found: Explanation) -> str:
    """How contributions were found, and how exact they are."""
    error = "" if found.error is None else f"; standard errors up to {figure(found.error)}"
    residual = "less than 1e-6" if found.residual < 1e-6 else f"{found.residual:.1g}"
    return f"{found.method}{error}. Average and contributions add up to the output: {residual} is left."


def shown_contributions(row: RowExplanation) -> tuple[list[tuple[str, float]], tuple[int, float]]:
    """The strongest contributions; and how many others there are, with their sum."""
    ranked = row.ranked
    shown = [item for item in ranked[:MOST_CONTRIBUTIONS] if item[1] != 0]
    others = ranked[len(shown) :]
    return shown, (len(others), sum(value for _, value in others))


def left_out(found: Explanation) -> list[str]:
    """What is not shown and where it is."""
    said = []
    if len(found.importance) > MOST_COLUMNS:
        said.append(f"And {len(found.importance) - MOST_COLUMNS} less important columns.")
    if len(found.rows) > MOST_ROWS:
        said.append(f"And {len(found.rows) - MOST_ROWS} more rows: to_dict() has them all.")
    return said


def figure(value: float) -> str:
    """Three significant digits; what is next to nothing is 0."""
    if abs(value) < _LITTLE:
        return "0"
    size = abs(value)
    return (
        f"{'−' if value < 0 else ''}{size:,.3g}" if size < 1000 else f"{'−' if value < 0 else ''}{size:,.0f}"
    )


def signed(value: float) -> str:
    """With its sign, which says more than the colour."""
    return f"+{figure(value)}" if value >= _LITTLE else figure(value)


def value_text(value: Any) -> str:
    """A cell of a row as people write it."""
    if value is None or value != value or str(value) in {"<NA>", "NaT"}:  # noqa: PLR0124 - NaN alone differs from itself
        return "missing"
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
