"""What runs differ in, in a notebook: an anywidget that draws one payload and asks the kernel nothing."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from jupyter_mlops.widgets.modules import packed

MODULE = packed("run_diff", "compare_diff")
"""With its styles: a notebook keeps it with each diff, and packed it takes half."""


class RunDiffWidget(anywidget.AnyWidget):  # type: ignore[misc] # anywidget is not followed by mypy here
    """A view of what two or three runs differ in.

    Args:
        payload: what `to_dict` of a run diff gives.
    """

    _esm = MODULE

    _payload = traitlets.Dict().tag(sync=True)

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(_payload=payload)
