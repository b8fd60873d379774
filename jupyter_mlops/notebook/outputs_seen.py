"""What a cell showed, as IPython and its kernel tell it; nothing is replaced and no output is changed.

IPython keeps streams and results of each cell in ``history_manager.outputs``, and in a terminal also what was
displayed. A kernel does not keep that (by default), but lets hooks see each message before it is sent. Nobody
keeps the streams of cells with a top-level ``await`` in a kernel.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import Output
from jupyter_mlops.snapshot.looking import imported, module_of, qualname_of, read_as

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_mlops.lineage.record import OutputKind

_MOST_BUNDLES = 64
"""Displayed bundles that are held until the cell ends; of a loop that draws more, the last ones."""
_BASE64 = ("image/", "application/pdf")
_KINDS: dict[str, OutputKind] = {
    "out_stream": "stdout",
    "err_stream": "stderr",
    "execute_result": "result",
    "display_data": "display",
}


@dataclass
class Seen:
    """Everything one cell showed: texts by stream, and bundles of one thing in several forms."""

    streams: dict[OutputKind, list[str]] = field(default_factory=dict)
    bundles: list[tuple[OutputKind, Mapping[str, Any]]] = field(default_factory=list)


class _OfThread(threading.local):
    """Subshells run cells on other threads at the same time, and hooks belong to threads."""

    has_hook = False
    displayed: dict[object, Mapping[str, Any]] | None = None
    clears = False
    numbers = (0, 0)
    """Under which IPython keeps the cell's streams, and its other outputs."""
    marks: Mapping[int, tuple[int, int]] = {}
    """How much was there when the cell began: outputs, and parts of the last one if it is a stream."""


class OutputsSeen:
    """Watches what is shown between `begin` and `end`."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._here = _OfThread()

    def begin(self, *, is_stored: bool = True) -> None:
        """Call before a cell's first statement; `is_stored` is False for one outside the history."""
        here = self._here
        here.displayed, here.clears = {}, False
        now = self._shell.execution_count
        # the streams of a cell outside the history are kept with those of the next cell
        here.numbers = (now - 1 if is_stored else now, now - 1)
        here.marks = {number: _mark(self._kept(number)) for number in here.numbers}
        register = getattr(getattr(self._shell, "display_pub", None), "register_hook", None)
        if register is not None and not here.has_hook:
            register(self._hook)
            here.has_hook = True

    def end(self) -> Seen:
        """What was shown since `begin`."""
        here = self._here
        displayed, here.displayed = here.displayed or {}, None
        seen = Seen()
        of_streams, of_others = here.numbers
        for kind, output, start in self._since(of_streams):
            parts = output.bundle["stream"][start:] if kind in {"stdout", "stderr"} else []
            if parts:
                seen.streams.setdefault(kind, []).extend(parts)
        for kind, output, start in self._since(of_others):
            if not start and (kind == "result" or (kind == "display" and not here.has_hook)):
                seen.bundles.append((kind, output.bundle))
        seen.bundles += [("display", bundle) for bundle in displayed.values()]
        return seen

    def close(self) -> None:
        """Take the hook of this thread away."""
        if self._here.has_hook:
            self._here.has_hook = False
            with contextlib.suppress(Exception):
                self._shell.display_pub.unregister_hook(self._hook)

    def _kept(self, number: int) -> list[Any]:
        """What IPython noted. Asking must not make a list: IPython relies on those there not being empty."""
        outputs = getattr(self._shell.history_manager, "outputs", None) or {}
        found: list[Any] = outputs.get(number, [])
        return found

    def _since(self, number: int) -> Iterator[tuple[OutputKind, Any, int]]:
        """Kind and content of what is new under a number, and how much of a stream is older."""
        length, parts = self._here.marks.get(number, (0, 0))
        outputs = self._kept(number)
        if parts and len(outputs) >= length:
            yield _KINDS[outputs[length - 1].output_type], outputs[length - 1], parts
        for output in outputs[length:]:
            if output.output_type in _KINDS:
                yield _KINDS[output.output_type], output, 0

    def _hook(self, message: dict[str, Any]) -> dict[str, Any]:
        """Sees each display message of a kernel; what goes wrong here must not stop it."""
        with contextlib.suppress(Exception):
            self._note(message)
        return message

    def _note(self, message: Mapping[str, Any]) -> None:
        here = self._here
        displayed, content = here.displayed, message["content"]
        if displayed is None:
            return
        if message["msg_type"] == "clear_output":
            here.clears = bool(content.get("wait"))
            if not here.clears:
                displayed.clear()
            return
        if here.clears:
            displayed.clear()
            here.clears = False
        # a display that is updated counts once, as it was last
        name = content.get("transient", {}).get("display_id") or object()
        displayed.pop(name, None)
        displayed[name] = content["data"]
        if len(displayed) > _MOST_BUNDLES:
            del displayed[next(iter(displayed))]


def _mark(outputs: list[Any]) -> tuple[int, int]:
    last = outputs[-1] if outputs else None
    is_stream = last is not None and last.output_type in {"out_stream", "err_stream"}
    return len(outputs), len(last.bundle["stream"]) if last is not None and is_stream else 0


def summary(seen: Seen, shown: Any) -> tuple[Output, ...]:
    """Kinds and sizes of what a cell showed.

    Args:
        seen: what was seen.
        shown: the value of its last result, or None.
    """
    found = [_stream(kind, parts) for kind, parts in seen.streams.items()]
    results = sum(kind == "result" for kind, _ in seen.bundles)
    for kind, bundle in seen.bundles:
        size = sum(size_of(mime, payload) for mime, payload in bundle.items())
        results -= kind == "result"
        is_last = kind == "result" and not results and shown is not None
        name, shape = (_type(shown), _shape(shown)) if is_last else (None, None)
        output = Output(kind, size, type=name, shape=shape, mimes=tuple(sorted(bundle)))
        last = found[-1] if found else None
        if last and (last.kind, last.mimes, last.type) == (kind, output.mimes, name):
            found[-1] = Output(kind, last.bytes + size, count=last.count + 1, mimes=output.mimes)
        else:
            found.append(output)
    return tuple(found)


def size_of(mime: str, payload: Any) -> int:
    """Bytes of a form; of base64 those it stands for, of JSON objects those of all texts and numbers."""
    if isinstance(payload, str):
        if mime.startswith(_BASE64) and mime != "image/svg+xml":
            return len(payload) * 3 // 4
        return len(payload) if payload.isascii() else len(payload.encode("utf-8", "replace"))
    if isinstance(payload, bytes):
        return len(payload)
    return json_size(payload)


def json_size(value: Any, limit: int = 1 << 24) -> int:
    """About how many bytes a JSON value has as text; no more than `limit` of them are counted."""
    total, waiting = 0, [value]
    while waiting and total < limit:
        item = waiting.pop()
        if isinstance(item, str):
            total += len(item) + 3
        elif isinstance(item, dict):
            total += sum(len(str(key)) + 4 for key in item)
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            total += 2
            waiting.extend(item[:limit])
        else:
            total += 8
    return total


def _stream(kind: OutputKind, parts: list[str]) -> Output:
    text = "".join([part for part in parts if isinstance(part, str)])  # a loop of prints has many parts
    return Output(kind, size_of("text/plain", text), text.count("\n"))


def _type(value: Any) -> str:
    cls = type(value)
    root = module_of(cls).partition(".")[0]
    return qualname_of(cls) if root in {"", "builtins", "__main__"} else f"{root}.{qualname_of(cls)}"


def _shape(value: Any) -> tuple[int, ...] | None:
    for library, names in (
        ("pandas", ("DataFrame", "Series")),
        ("numpy", ("ndarray",)),
        ("polars", ("DataFrame",)),
    ):
        module = imported(library)
        for name in names if module is not None else ():
            base = getattr(module, name, None)
            if isinstance(base, type) and issubclass(type(value), base):
                return tuple(int(size) for size in read_as(base, value, "shape")[0])
    return None
