"""Tensors as bytes: the binary extension of the Open Inference Protocol.

A request starts with JSON, whose length a header tells; the bytes of its tensors follow in the order of
`inputs`, little-endian and row by row. An element of BYTES is a length in four bytes, and its text in UTF-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..problems import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LENGTH = b"inference-header-content-length"
DTYPES: Mapping[str, np.dtype[Any]] = {
    "FP64": np.dtype("<f8"),
    "FP32": np.dtype("<f4"),
    "INT64": np.dtype("<i8"),
    "INT32": np.dtype("<i4"),
    "INT16": np.dtype("<i2"),
    "INT8": np.dtype("<i1"),
    "UINT64": np.dtype("<u8"),
    "UINT32": np.dtype("<u4"),
    "UINT16": np.dtype("<u2"),
    "UINT8": np.dtype("<u1"),
    "BOOL": np.dtype("?"),
}


def split(body: bytes, headers: Mapping[bytes, bytes]) -> tuple[memoryview, memoryview]:
    """The JSON of a request, and the bytes after it. Raises BadRequest if the header is no length of it."""
    whole = memoryview(body)
    given = headers.get(LENGTH)
    if given is None:
        return whole, whole[len(whole) :]
    # No longer than a length can be: Python refuses to read thousands of digits.
    if not (given.isdigit() and len(given) < 20 and int(given) <= len(body)):
        expected = "expected Inference-Header-Content-Length to be the length of the JSON in the body"
        raise BadRequest("BAD_FORMAT", expected)
    return whole[: int(given)], whole[int(given) :]


def numbers(raw: memoryview, datatype: str, count: int, path: str) -> np.ndarray[Any, Any]:
    """`count` elements of a numeric datatype or BOOL, still in the request's memory.

    Raises:
        BadRequest: there are more or fewer bytes, or a BOOL is neither 0 nor 1.
    """
    dtype = DTYPES[datatype]
    if len(raw) != count * dtype.itemsize:
        expected = f"expected as many bytes as its shape and datatype say, got {len(raw)}"
        raise BadRequest("WRONG_SIZE", expected, path)
    if datatype == "BOOL" and len(raw) and np.frombuffer(raw, np.uint8).max() > 1:
        raise BadRequest("WRONG_TYPE", "expected each BOOL to be a byte 0 or 1", path)
    return np.frombuffer(raw, dtype)


def texts(raw: memoryview, count: int, path: str) -> list[str]:
    """`count` elements of BYTES. Raises BadRequest if there are more or fewer, or one is no UTF-8."""
    whole = bytes(raw)
    found = []
    at, end = 0, len(whole)
    while at < end:
        start = at + 4
        at = start + int.from_bytes(whole[at:start], "little")
        if at > end:
            raise BadRequest("WRONG_SIZE", "the last element is longer than the bytes that are left", path)
        found.append(whole[start:at])
    if len(found) != count:
        raise BadRequest("WRONG_SIZE", f"expected as many elements as its shape says, got {len(found)}", path)
    try:
        return [each.decode() for each in found]
    except UnicodeDecodeError:
        row = next(row for row, each in enumerate(found) if not _is_text(each))
        raise BadRequest("INVALID_TEXT", "expected UTF-8 text", f"{path}.data[{row}]") from None


def _is_text(cell: bytes) -> bool:
    try:
        return bool(cell.decode()) or True
    except UnicodeDecodeError:
        return False


def to_bytes(values: np.ndarray[Any, Any] | Iterable[str]) -> bytes:
    """Numbers or texts as the bytes of a tensor."""
    if isinstance(values, np.ndarray):
        return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    encoded = [value.encode() for value in values]
    return b"".join(piece for each in encoded for piece in (len(each).to_bytes(4, "little"), each))
