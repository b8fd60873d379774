"""The drift report in a notebook: an anywidget that draws one payload and asks the kernel nothing."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from jupyter_mlops.widgets.drift_page import MODULE, STYLE


class DriftWidget(anywidget.AnyWidget):  # type: ignore[misc] # anywidget is not followed by mypy here
    """A view of a drift report.

    Args:
        payload: what `drift_payload.payload_of` makes of a result.
    """

    _esm = MODULE
    _css = STYLE

    _payload = traitlets.Dict().tag(sync=True)

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(_payload=payload)
