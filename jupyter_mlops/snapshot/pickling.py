"""cloudpickle, but loading a pickle changes nothing that is there already."""

from __future__ import annotations

import io
import sys
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as details


class TooLargeError(Exception):
    """More was written than is allowed."""


def pickled(value: Any, most_bytes: int) -> bytes:
    """The pickle of a value; classes and functions of the notebook are in it.

    Raises:
        TooLargeError: it has more bytes than that.
        Exception: whatever the value's classes raise when they are asked for their state.
    """
    file = _Bounded(most_bytes)
    _Pickler(file, protocol=5).dump(value)
    return file.getvalue()


def unpickled(data: bytes | memoryview) -> Any:
    """The value of a pickle. Runs what stands in it."""
    return cloudpickle.loads(data)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    def reducer_override(self, obj: Any) -> Any:
        """How an object is made again; asked for all but Python's own types."""
        random = sys.modules.get("numpy.random.mtrand")
        if random is not None and obj is random._rand:
            # Estimators without a seed refer to NumPy's generator, and not to a copy of its state.
            return getattr, (random, "_rand")
        reduced = super().reducer_override(obj)
        if isinstance(reduced, tuple) and reduced[0] is details._make_skeleton_class:
            # By default a class finds its older self again when it is loaded, and replaces its methods. Here
            # it is a class of its own: an old version of an object must not change what the notebook runs.
            constructor, name, bases, settings, _, extra = reduced[1]
            return reduced[0], (constructor, name, bases, settings, None, extra), *reduced[2:]
        return reduced


class _Bounded(io.BytesIO):
    """Bytes in memory, up to a size."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Any) -> int:
        """Take more bytes, or refuse."""
        if self.tell() + memoryview(data).nbytes > self._most:
            raise TooLargeError
        return super().write(data)
