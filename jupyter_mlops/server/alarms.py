"""What running servers say about the data they see."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.bundle.server_files import RunningServer

_SECONDS = 3.0
_SAID = {
    "ok": "no feature drifts",
    "watch": "one to watch",
    "drift": "drift",
    "unknown": "its /drift gave no answer",
}


async def alarms(servers: Iterable[RunningServer]) -> dict[str, Any]:
    """`AlarmList`: one entry a server; all are asked at once."""
    return {"alarms": list(await asyncio.gather(*map(_alarm, servers)))}


def _told(verdict: str, rows: int) -> str:
    return f"{_SAID[verdict]} in {rows:,} rows" if rows else "it was asked about no rows yet"


async def _alarm(server: RunningServer) -> dict[str, Any]:
    try:
        answer = await AsyncHTTPClient().fetch(
            f"{server.url}/drift", request_timeout=_SECONDS, follow_redirects=False
        )
        found = json.loads(answer.body)
        verdict = found["verdict"] if found["verdict"] in _SAID else "unknown"
        columns = [str(each["name"]) for each in found["features"] if each.get("verdict") == "drift"]
        rows = int(found["rows"]["live"])
    # whatever answers there by now
    except (HTTPClientError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        verdict, columns, rows = "unknown", [], 0
    said = _SAID[verdict] if verdict == "unknown" else _told(verdict, rows)
    return {
        "name": server.name,
        "version": server.version,
        "url": server.url,
        "verdict": verdict,
        "said": said,
        "columns": columns,
    }
