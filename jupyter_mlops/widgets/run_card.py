"""A run's card in a notebook: an anywidget that draws one payload and asks for what is heavy or changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from jupyter_mlops.widgets.asking import AnsweringWidget
from jupyter_mlops.widgets.modules import packed

if TYPE_CHECKING:
    from jupyter_mlops.widgets.asking import Answers

MODULE = packed("run_card", "copying", "run_card")
"""With its styles: a notebook keeps it with each card, and packed it takes half."""


class RunCardWidget(AnsweringWidget):
    """A view of a run.

    Args:
        payload: what `verbs.run_card_of.run_card_payload` gives.
        answers: ``figures`` and ``hypothesis``.
    """

    _esm = MODULE

    _payload = traitlets.Dict().tag(sync=True)

    def __init__(self, payload: dict[str, Any], answers: Answers | None = None) -> None:
        super().__init__(answers, _payload=payload)
