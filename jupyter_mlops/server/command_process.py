"""One ``mlops`` command in a process of its own: what it tells, what it answers, how it is ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from pathlib import Path

GRACE = 10.0
"""Seconds that a command has to put away what it began."""
_PART = 1 << 16
_LONGEST_LINE = 1 << 16
_LONGEST_ANSWER = 8 << 20
_KEPT_LINES = 40
_LONGEST_SAID = 300


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, what it answered, and the last of what else it said."""

    code: int
    answer: Any
    said: str


class CommandProcess:
    """A started command, with whatever processes it starts."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, words: Sequence[str], folder: Path) -> CommandProcess:
        """Start ``mlops`` with these words in a folder.

        Raises:
            OSError: the folder is gone, or the machine has no room for another process.
        """
        process = await asyncio.create_subprocess_exec(
            # -P: modules that lie in the folder are not ours, as for the command in a shell
            *(sys.executable, "-P", "-m", "jupyter_mlops.cli", *words),
            cwd=folder,
            env=os.environ | {"MLOPS_PROGRESS": "json"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # an interrupt in the terminal of Jupyter's server is not meant for it
        )
        return cls(process)

    async def end(self, on_progress: Callable[[str, float], None]) -> Ended:
        """Wait for its end; `on_progress` is told what it does, and how much of it is done."""
        said: list[str] = []

        async def hear() -> None:
            async for line in _lines(self._process.stderr):
                told = _progress(line)
                if told is not None:
                    on_progress(*told)
                elif line.strip():
                    said.append(line)
                    del said[:-_KEPT_LINES]

        answer, _ = await asyncio.gather(_answer(self._process.stdout), hear())
        return Ended(await self._process.wait(), answer, "\n".join(said))

    async def stop(self) -> None:
        """Ask it to stop as Ctrl+C does; if it does not, kill it."""
        self.interrupt()
        try:
            await asyncio.wait_for(self._process.wait(), GRACE)
        except TimeoutError:
            self.kill()

    @property
    def pid(self) -> int:
        """The number of the process, which is that of its group, too."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """True when it has ended."""
        return self._process.returncode is not None

    def interrupt(self) -> None:
        """Ask it to stop, as Ctrl+C does."""
        if not self.is_over:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it and all that it started, also what left its group."""
        import psutil

        if self.is_over:
            return
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            for each in [*process.children(recursive=True), process]:
                with contextlib.suppress(psutil.Error):
                    each.kill()


def end_all(commands: Iterable[CommandProcess], seconds: float) -> None:
    """Stop commands while no event loop runs any more; those that do not in so many seconds are killed."""
    import psutil

    from jupyter_mlops.lineage.clean_process import is_running

    running = [each for each in commands if not each.is_over]
    for each in running:
        each.interrupt()
    left = []
    for each in running:
        with contextlib.suppress(psutil.Error):
            left.append(psutil.Process(each.pid))
    until = time.monotonic() + seconds
    while any(is_running(each) for each in left) and time.monotonic() < until:
        time.sleep(0.05)
    for each in running:
        each.kill()


async def _answer(stream: asyncio.StreamReader | None) -> Any:
    """The JSON that it printed; None if it is none, or longer than anybody wants to read."""
    content = bytearray()
    while stream is not None and (part := await stream.read(_PART)):
        if len(content) <= _LONGEST_ANSWER:  # what is more is read too: a full pipe would hold the command
            content += part
    try:
        return json.loads(content, parse_constant=_no_number) if len(content) <= _LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    """Infinity and the like, which are no JSON."""


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """Lines as they come; of a very long one its end."""
    begun = b""
    while stream is not None and (part := await stream.read(_PART)):
        *whole, begun = (begun + part).split(b"\n")
        begun = begun[-_LONGEST_LINE:]
        for line in whole:
            yield line.decode("utf-8", "replace")
    yield begun.decode("utf-8", "replace")


def _progress(line: str) -> tuple[str, float] | None:
    """What a line of `MLOPS_PROGRESS` says; None for others, which are there for a terminal."""
    if not line.startswith("{"):
        return None
    try:
        told = json.loads(line)
        share = float(told["share"])
        return str(told["progress"])[:_LONGEST_SAID], min(1.0, max(0.0, share))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
