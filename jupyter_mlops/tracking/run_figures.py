"""Figures of cells as files of their runs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflow import MlflowClient

    from jupyter_mlops.lineage.record import CellRecord, Figure

FIGURES = "figures"
"""The folder of a run's artifacts."""
FIGURES_TAG = "mlops.figures"
"""JSON: the names of the files that were ``kept``, and what is ``missing``, by reason."""
_CONFIG = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False}
"""No button that sends the figure, and the data in it, to somebody."""
_GONE = "its file is gone"


def log_run_figures(client: MlflowClient, run_id: str, record: CellRecord, folder: Path) -> None:
    """Give a run the figures its cell showed, numbered in their order; a tag names them."""
    if not record.figures:
        return
    kept: list[str] = []
    missing: dict[str, int] = {}
    named = []
    for number, figure in enumerate(record.figures, start=1):
        content = read_figure(folder, figure)
        if content is None:
            why = figure.missing or _GONE
            missing[why] = missing.get(why, 0) + 1
            continue
        named.append((f"{number}{figure.suffix}", content))
        kept.append(named[-1][0])
    _log(client, run_id, named)
    client.set_tag(run_id, FIGURES_TAG, json.dumps({"kept": kept, "missing": missing}))


def log_other_figures(
    client: MlflowClient, session_run: str, records: Iterable[CellRecord], folder: Path
) -> None:
    """Give a session's run the figures of the cells that are no runs of their own, by the cells' numbers."""
    for record in records:
        cell = f"In{record.count}" if record.count else f"cell{record.serial}"
        found = (read_figure(folder, figure) for figure in record.figures)
        named = [
            (f"{cell}-{number}{figure.suffix}", content)
            for number, (figure, content) in enumerate(zip(record.figures, found, strict=True), start=1)
            if content is not None
        ]
        _log(client, session_run, named)


def read_figure(folder: Path, figure: Figure) -> bytes | None:
    """The content of a figure's file; None if it was not kept, is gone or is damaged."""
    if figure.digest is None:
        return None
    try:
        content = (folder / figure.file_name).read_bytes()
    except OSError:
        return None
    return content if xxhash.xxh3_128_hexdigest(content) == figure.digest else None


def _log(client: MlflowClient, run_id: str, named: list[tuple[str, bytes]]) -> None:
    if not named:
        return
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in named:
            (Path(scratch) / name).write_bytes(content)
            if name.endswith(".plotly.json"):
                page = _plotly_page(content)
                (Path(scratch) / name.replace(".plotly.json", ".html")).write_text(page, "utf-8")
        client.log_artifacts(run_id, scratch, FIGURES)


def _plotly_page(content: bytes) -> str:
    """What MLflow's pages can show, as its own ``log_figure`` makes it."""
    import plotly.io

    page: str = plotly.io.to_html(
        json.loads(content), config=_CONFIG, include_plotlyjs="cdn", validate=False, auto_play=False
    )
    return page
