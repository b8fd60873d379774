"""Large arrays that do not lie in C order are digested block by block: the same digest, without a copy."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from jupyter_mlops.snapshot import digest

Array = np.ndarray[Any, Any]
WIDE = np.random.default_rng(0).random((3, 200_000))


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(WIDE),
        WIDE.T,
        WIDE.T[::-2],
        WIDE[:, ::3],
        WIDE.reshape(40, 50, 300).transpose(1, 2, 0),
        np.broadcast_to(WIDE[:, :1], (3, 100_000)),
        np.broadcast_to(np.float64(1.5), (100_000,)),
        np.asfortranarray(WIDE.astype("complex64")),
        np.asfortranarray((WIDE.T * 1e6).astype("datetime64[s]")),
        np.asfortranarray(WIDE.T.astype("U6")),
        np.asfortranarray(WIDE.T.astype("longdouble")),
    ],
    ids=lambda array: f"{array.dtype}-{array.shape}",
)
def test_a_large_array_has_one_digest_whatever_its_order_in_memory(array: Array) -> None:
    assert not array.flags.c_contiguous
    assert digest(array) == digest(array.copy(order="C"))


def test_a_change_in_the_last_block_is_seen() -> None:
    changed = WIDE.T.copy(order="F")
    changed[-1, -1] += 1
    assert digest(changed) != digest(WIDE.T)


def test_an_array_in_columns_is_not_copied_as_a_whole() -> None:
    array = np.asfortranarray(np.ones((100_000, 20)))
    digest(array)
    tracemalloc.start()
    digest(array)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < array.nbytes / 10


def test_an_array_in_columns_counts_against_the_budget() -> None:
    assert digest(WIDE.T, budget_bytes=WIDE.nbytes // 2) is None
    assert digest(WIDE.T, budget_bytes=WIDE.nbytes * 2) == digest(WIDE.T)
