"""``/admin/rollout``: show the rule, and change it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..http import content_kind
from ..problems import BadRequest
from ..questions import Reply, to_json
from ..tables import parse
from .rollout import check_rollout

if TYPE_CHECKING:
    from pathlib import Path

    from ..http import Request
    from .versions import Versions

_LARGEST = 2**16


class RolloutCalls:
    """Answers GET and POST."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    async def show(self, _: Request) -> Reply:
        """The rule, with counts for each version."""
        return Reply(200, to_json(self._versions.counts()))

    async def change(self, request: Request) -> Reply:
        """Follow another rule from the next request on, and keep it for the next start.

        Raises:
            BadRequest: it is no rule for this bundle.
        """
        # A page in a browser may send other kinds to any server without asking it first, but not JSON.
        if content_kind(request.headers) != "application/json":
            raise BadRequest("UNSUPPORTED_MEDIA_TYPE", "expected Content-Type application/json", status=415)
        versions = self._versions
        columns = [column.name for column in versions.champion.served.columns]
        content = parse(await request.body(_LARGEST))
        rule = check_rollout(content, columns, has_challenger=versions.challenger is not None)
        is_kept = _write(versions.rollout.file, to_json(rule.to_dict()))
        versions.rollout.replace(rule)
        return Reply(200, to_json({**versions.counts(), "kept": is_kept}))


def _write(file: Path, content: bytes) -> bool:
    """Whether the file could be replaced: the file system of a container may be for reading only."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content + b"\n")
        fresh.replace(file)
    except OSError:
        return False
    return True
