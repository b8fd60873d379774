"""Clients that send one request after the other on connections that they keep, and what they got."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Got:
    """An answer: the phase its request was sent in, the row it asked about, who answered and what."""

    phase: str
    row: int
    status: int
    version: str
    label: str


class Clients:
    """Some connections, each busy until the server refuses the next one.

    Args:
        address: host:port.
        bodies: requests, sent in turn.

    Attributes:
        phase: what requests that are sent now belong to; ``stop`` once the server was told to.
        sent: how many requests of each phase were sent.
        got: all answers.
        refused: connections that closed without a byte of an answer after the server was told to stop.
    """

    def __init__(self, address: str, bodies: list[bytes]) -> None:
        self.host, _, port = address.rpartition(":")
        self.port = int(port)
        self.phase = ""
        self.sent: Counter[str] = Counter()
        self.got: list[Got] = []
        self.refused = 0
        self._bodies = bodies
        self._next = 0

    async def run(self, connections: int) -> None:
        """Until the server has gone.

        Raises:
            OSError: it closed a connection before it was told to stop, or in the middle of an answer.
        """
        await asyncio.gather(*(self._client() for _ in range(connections)))

    async def _client(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                if self.phase != "stop":
                    raise
                return
            try:
                while await self._ask(reader, writer):
                    pass
            finally:
                writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when this connection is of no more use."""
        row, phase = self._next % len(self._bodies), self.phase
        self._next += 1
        self.sent[phase] += 1
        try:
            body = self._bodies[row]
            writer.write(_HEAD % len(body) + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        except (OSError, asyncio.IncompleteReadError) as error:
            if self.phase != "stop" or getattr(error, "partial", b""):
                raise OSError("an answer is missing") from error
            self.refused += 1
            return False
        lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        content = json.loads(await reader.readexactly(int(headers["content-length"])))
        status = int(lines[0].split()[1])
        label = content["predictions"][0] if status == 200 else ""
        self.got.append(Got(phase, row, status, headers.get("x-model-version", ""), label))
        return headers.get("connection") != "close"


_HEAD = (
    b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)
