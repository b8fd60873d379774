"""The addresses of the watch: ``/metrics``, ``/drift`` and ``/feedback``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import BadRequest
from ..questions import Reply, to_json
from ..tables import expect, parse
from .seen import METRICS_TYPE

if TYPE_CHECKING:
    from ..http import Request
    from .watch import Watch

_LARGEST = 2**22


class WatchCalls:
    """Answers for one watch."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def metrics(self, _: Request) -> Reply:
        """All figures, for Prometheus."""
        return Reply(200, self._watch.metrics(), METRICS_TYPE.encode())

    async def drift(self, _: Request) -> Reply:
        """Counts of live values in the bins of training's."""
        return Reply(200, to_json(self._watch.drift()))

    async def feedback(self, request: Request) -> Reply:
        """True labels, as ``{"labels": [{"request_id": …, "label": …}, …]}``; answers how many were taken.

        Raises:
            BadRequest: the body is something else, or no log is kept.
        """
        content = parse(await request.body(_LARGEST))
        expect(content, dict, "an object", "$")
        if content.keys() != {"labels"}:
            raise BadRequest("BAD_FORMAT", "expected the key labels, and no other")
        expect(content["labels"], list, "an array of labels", "$.labels")
        return Reply(200, to_json({"taken": self._watch.feedback(content["labels"], "$.labels")}))
