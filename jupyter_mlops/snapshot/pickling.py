"""cloudpickle, but loading a pickle changes nothing that is there already."""

from __future__ import annotations

import io
import sys
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as details

from jupyter_mlops.snapshot.digest_code import is_local
from jupyter_mlops.snapshot.looking import members_of, module_of, mro_of, qualname_of

_PICKLING = frozenset((
    "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__getnewargs_ex__",
))  # fmt: skip


class TooLargeError(Exception):
    """More was written than is allowed."""


class UserCodeError(Exception):
    """A class of the notebook has methods for pickling, which were not to be called."""


def pickled(value: Any, most_bytes: int, *, calls_user_code: bool = True) -> bytes:
    """The pickle of a value; classes and functions of the notebook are in it.

    Raises:
        TooLargeError: it has more bytes than that.
        UserCodeError: a class of the notebook defines how it is pickled, and such code is not to be called.
        Exception: whatever the value's classes raise when they are asked for their state.
    """
    file = _Bounded(most_bytes)
    _Pickler(file, calls_user_code).dump(value)
    return file.getvalue()


def unpickled(data: bytes | memoryview) -> Any:
    """The value of a pickle. Runs what stands in it."""
    return cloudpickle.loads(data)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    def __init__(self, file: io.BytesIO, calls_user_code: bool) -> None:
        super().__init__(file, protocol=5)
        self._calls_user_code = calls_user_code

    def reducer_override(self, obj: Any) -> Any:
        """How an object is made again; asked for all but Python's own types."""
        if not self._calls_user_code and _has_own_pickling(type(obj)):
            raise UserCodeError
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


def _has_own_pickling(cls: type) -> bool:
    written = (base for base in mro_of(cls) if is_local(module_of(base), qualname_of(base)))
    return any(not _PICKLING.isdisjoint(members_of(base)) for base in written)


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
