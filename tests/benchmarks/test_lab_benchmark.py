"""What the benchmark of the JupyterLab extension opens, and how it tells what it found."""

from __future__ import annotations

from benchmarks.lab import WITH, WITHOUT, panel_table, sides_table
from benchmarks.lab_measured import Work, long_notebook

SIDE = dict.fromkeys(
    ("server", "page", "key", "slow_key", "key_cpu", "frame", "slow_frame", "scroll_cpu"), 0.02
)


def test_the_long_notebook_has_as_many_cells_as_asked_and_badges_in_code_only() -> None:
    cells = long_notebook(300).cells
    assert len(cells) == 300
    badges = [cell for cell in cells if "mlops" in cell.metadata]
    assert len(badges) == 75
    assert all(cell.cell_type == "code" and len(cell.metadata.mlops.split(" | ")) == 4 for cell in badges)


def test_sides_are_compared_within_a_round() -> None:
    rounds = {WITHOUT: [SIDE, SIDE | {"key": 0.04}], WITH: [SIDE | {"key": 0.021}, SIDE | {"key": 0.06}]}
    table = sides_table(300, rounds)
    told = {row[0]: row[1:] for row in table.rows}
    assert told["key to paint: median, ms"] == (
        "30.00 (20.00–40.00)",
        "40.50 (21.00–60.00)",
        "1.27 (1.05–1.50)",
    )
    assert told["the server answers after, s"][-1] == "1.00 (1.00–1.00)"


def test_requests_of_idle_tabs_are_told_beside_the_seconds_they_were_counted_in() -> None:
    panel = {"first": 1.2, "again": 0.2, "rows": 12, "closed": 0, "looked": 2, "hidden": 0}
    rows = dict(panel_table(Work(300, 60, 4000, 10_000, 30), [panel]).rows)
    assert rows["requests in 30 s, sidebar open"] == "2.00 (2.00–2.00)"
    assert rows["opened again on a new page, s"] == "0.20 (0.20–0.20)"
