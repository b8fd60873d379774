"""Long lists are digested by a shorter way, which must lead to the same digest."""

from __future__ import annotations

import collections
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.snapshot import digest
from jupyter_mlops.snapshot.alike import WORTH_IT, tokens_alike
from jupyter_mlops.snapshot.registry import leaves

NUMBERS = st.one_of(st.integers(-300, 300), st.integers(-(2**63), 2**63 - 1), st.integers())
PLAIN = {
    "int": NUMBERS,
    "small int": st.integers(-(2**63) + 1, 2**63 - 1),
    "float": st.floats(allow_nan=True),
    "str": st.text(st.characters(), max_size=5),
    "str or None": st.one_of(st.none(), st.text(max_size=3), st.integers(0, 3)),
}


def one_by_one(values: list[Any]) -> bytes:
    return b"".join(leaves[id(type(value))](value) for value in values)


@pytest.mark.parametrize("kind", PLAIN)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_all_at_once_gives_the_bytes_of_one_by_one(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(PLAIN[kind], min_size=1, max_size=40))
    assert tokens_alike(values, leaves) == one_by_one(values)


@pytest.mark.parametrize("power", range(65))
def test_numbers_at_the_edges_of_a_byte(power: int) -> None:
    values = [sign * (2**power + near) for sign in (1, -1) for near in (-1, 0, 1)]
    assert tokens_alike(values, leaves) == one_by_one(values)


def test_what_only_compares_equal_is_told_apart() -> None:
    ones = [[1] * WORTH_IT * 2, [1.0] * WORTH_IT * 2, [True] * WORTH_IT * 2]
    assert len({digest(values) for values in ones}) == 3
    for other in (1.0, True, np.int64(1)):
        assert digest([*ones[0], other]) != digest([*ones[0], 1])
    assert digest([0.0] * 100) != digest([-0.0] * 100)


def test_lists_with_a_cycle_or_objects_in_them_go_the_long_way() -> None:
    values: list[Any] = [1] * 100
    values.append(values)
    assert digest(values) is not None
    assert tokens_alike(values, leaves) is None


def test_kinds_of_lists_stay_apart() -> None:
    values = ["a", "b"] * WORTH_IT
    made = [values, tuple(values), collections.deque(values), np.array(values, dtype=object)]
    assert len({digest(each) for each in made}) == len(made)


def test_without_numpy_the_digest_is_the_same() -> None:
    code = (
        "import sys\nfrom jupyter_mlops.snapshot.digest import digest\n"
        "values = [x * x - 7 for x in range(2000)], [x / 7 for x in range(2000)]\n"
        "print(digest(values), 'numpy' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    values = [x * x - 7 for x in range(2000)], [x / 7 for x in range(2000)]
    assert said.split() == [digest(values), "False"]
