"""Arrow's values count, and neither their chunks nor what lies under their nulls."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from jupyter_mlops.snapshot import digest

VALID_FIRST_ONLY = pa.py_buffer(b"\x01")


def numbers(under_null: int) -> Any:
    values = pa.array([5, under_null], pa.int64()).buffers()[1]
    return pa.Array.from_buffers(pa.int64(), 2, [VALID_FIRST_ONLY, values])


def texts(under_null: str) -> Any:
    _, offsets, data = pa.array(["a", under_null], pa.large_string()).buffers()
    return pa.Array.from_buffers(pa.large_string(), 2, [VALID_FIRST_ONLY, offsets, data])


@pytest.mark.parametrize(("make", "first", "second"), [(numbers, 1, 2), (texts, "x", "yz")])
def test_what_lies_under_a_null_is_no_content(make: Any, first: Any, second: Any) -> None:
    assert digest(make(first)) == digest(make(second)) is not None


def test_text_under_a_null_is_no_content_in_a_frame() -> None:
    frames = [pd.DataFrame({"a": pd.array(texts(under), dtype="str")}) for under in ("x", "yz")]
    assert digest(frames[0]) == digest(frames[1]) == digest(pd.DataFrame({"a": ["a", None]}))


def test_chunks_and_slices_do_not_matter_to_a_table() -> None:
    table = pa.table({"a": [1, 2, None, 4], "b": ["x", None, "yz", ""], "c": [[1], [], None, [2, 3]]})
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1, 2), table.slice(3)])
    assert digest(table) == digest(chunked) is not None
    assert digest(table.slice(1)) == digest(table.slice(1).take([0, 1, 2]))
    assert digest(table) not in (digest(table.slice(1)), digest(table.rename_columns(["a", "b", "d"])))


@pytest.mark.parametrize(
    "kind",
    [
        pa.int8(),
        pa.float32(),
        pa.bool_(),
        pa.string(),
        pa.string_view(),
        pa.decimal128(9, 2),
        pa.list_(pa.int8()),
    ],
    ids=str,
)
def test_empty_and_missing_values_of_every_layout_have_digests(kind: Any) -> None:
    empty, missing = pa.array([], kind), pa.array([None, None], kind)
    assert None not in (digest(empty), digest(missing))
    assert len({digest(empty), digest(missing), digest(missing.slice(1))}) == 3
