"""The drift widget's module and style, and the page that shows a report with them and nothing else."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.widgets.modules import joined, style
from jupyter_mlops.widgets.page import embedded
from jupyter_mlops.widgets.page import page as whole_page

MODULE = joined("drift")
STYLE = style("drift")


def page(payload: dict[str, Any], table: str) -> str:
    """One HTML page that needs no network; `table` is HTML for where scripts do not run."""
    return whole_page(
        payload["headline"], "drift_page", STYLE, table=table, payload=embedded(payload), module=MODULE
    )
