"""Digests of Python's own values: content counts, identity does not, and no code of the user's runs."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import itertools
import pathlib
import random
import re
import socket
import threading
import types
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from jupyter_mlops.snapshot import digest

Point = collections.namedtuple("Point", "x y")


class Colour(enum.Enum):
    RED = 1
    BLUE = "b"


@dataclasses.dataclass
class Config:
    depth: int
    names: list[str] = dataclasses.field(default_factory=list)


class Slotted:
    __slots__ = ("first", "second")

    def __init__(self, first: object, second: object) -> None:
        self.first, self.second = first, second


class Plain:
    def __init__(self, **attributes: object) -> None:
        vars(self).update(attributes)

    def method(self) -> None: ...


# Each entry makes a new value at every call; no two entries are equal.
MAKERS: dict[str, Any] = {
    "none": lambda: None,
    "ellipsis": lambda: ...,
    "true": lambda: True,
    "one": lambda: 1,
    "minus one": lambda: -1,
    "large": lambda: 10**5000,
    "float": lambda: 1.0,
    "minus zero": lambda: -0.0,
    "zero": lambda: 0.0,
    "complex": lambda: 1 + 0j,
    "text": lambda: "1",
    "surrogate": lambda: "\ud800",
    "bytes": lambda: b"1",
    "bytearray": lambda: bytearray(b"1"),
    "list": lambda: [1, [2, "a"]],
    "flat list": lambda: [1, 2, "a"],
    "tuple": lambda: (1, [2, "a"]),
    "set": lambda: {"a", "b", 3},
    "frozenset": lambda: frozenset(("a", "b", 3)),
    "dict": lambda: {"a": 1, "b": 2},
    "dict in another order": lambda: {"b": 2, "a": 1},
    "ordered": lambda: collections.OrderedDict(a=1, b=2),
    "counter": lambda: collections.Counter("ab"),
    "default": lambda: collections.defaultdict(list, {"a": [1]}),
    "other default": lambda: collections.defaultdict(set, {"a": [1]}),
    "deque": lambda: collections.deque([1, 2], maxlen=3),
    "named tuple": lambda: Point(1, 2),
    "enum": lambda: Colour.RED,
    "other enum": lambda: Colour.BLUE,
    "dataclass": lambda: Config(1, ["a"]),
    "other dataclass": lambda: Config(2, ["a"]),
    "slots": lambda: Slotted(1, 2),
    "other slots": lambda: Slotted(2, 1),
    "instance": lambda: Plain(a=1),
    "other instance": lambda: Plain(b=1),
    "namespace": lambda: types.SimpleNamespace(a=1),
    "date": lambda: dt.date(2020, 1, 1),
    "datetime": lambda: dt.datetime(2020, 1, 1),  # noqa: DTZ001 - one without a zone is meant
    "datetime in UTC": lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    "datetime with zone": lambda: dt.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    "time": lambda: dt.time(1, 2),
    "timedelta": lambda: dt.timedelta(seconds=5),
    "decimal": lambda: decimal.Decimal("1.10"),
    "other decimal": lambda: decimal.Decimal("1.1"),
    "fraction": lambda: fractions.Fraction(1, 3),
    "uuid": lambda: uuid.UUID(int=1),
    "path": lambda: pathlib.Path("/a/b"),
    "pure path": lambda: pathlib.PureWindowsPath("a/b"),
    "range": lambda: range(1, 9, 2),
    "slice": lambda: slice(1, None),
    "pattern": lambda: re.compile("a+"),
    "module": lambda: re,
    "builtin": lambda: len,
    "class": lambda: dict,
    "library class": lambda: collections.OrderedDict,
    "function": lambda: re.compile,
    "method of a type": lambda: str.lower,
    "bound method": lambda: Plain(a=1).method,
    "bound builtin": lambda: [1].append,
    "partial": lambda: functools.partial(int, base=2),
    "random": lambda: random.Random(3),
    "other random": lambda: random.Random(4),
    "generator of NumPy": lambda: np.random.default_rng(3),
    "other generator of NumPy": lambda: np.random.default_rng(4),
    "random state": lambda: np.random.RandomState(3),
    "bits": lambda: np.random.PCG64DXSM(3),
    "scalar": lambda: np.float64(1.0),
    "other scalar": lambda: np.float32(1.0),
    "dtype": lambda: np.dtype("i4"),
    "dtype of fields": lambda: np.dtype([("a", "i4"), ("b", "U3")]),
    "ufunc": lambda: np.log,
    "array function": lambda: np.mean,
    "objects": lambda: np.array([1, "a", None], dtype=object),
    "csr": lambda: sparse.csr_array(np.eye(3)),
    "csc": lambda: sparse.csc_array(np.eye(3)),
    "coo": lambda: sparse.coo_array(np.eye(3)),
    "lil": lambda: sparse.lil_array(np.eye(3)),
    "dok": lambda: sparse.dok_array(np.eye(3)),
    "dia": lambda: sparse.dia_array(np.eye(3)),
    "csr matrix": lambda: sparse.csr_matrix(np.eye(3)),
}


@pytest.mark.parametrize("name", MAKERS)
def test_equal_content_has_one_digest(name: str) -> None:
    first = digest(MAKERS[name]())
    assert first is not None
    assert len(first) == 32
    assert first == digest(MAKERS[name]())


def test_different_content_has_different_digests() -> None:
    assert len({digest(make()) for make in MAKERS.values()}) == len(MAKERS)


@pytest.mark.parametrize(
    "make",
    [
        lambda: (number for number in range(3)),
        lambda: iter([1, 2]),
        itertools.count,
        lambda: map(int, "1"),
        lambda: io.StringIO("a"),
        threading.Lock,
        threading.Event,
        lambda: threading.Thread(target=int),
        random.SystemRandom,
        lambda: [1, {"deep": threading.Lock()}],
        lambda: Plain(lock=threading.Lock()),
    ],
)
def test_what_cannot_be_known_by_looking_has_no_digest(make: Any) -> None:
    assert digest(make()) is None


def test_open_files_and_sockets_have_no_digest_and_are_left_alone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "text").write_text("abc")
    with (tmp_path / "text").open() as file:
        assert digest(file) is None
        assert file.read() == "abc"
    with socket.socket() as unconnected:
        assert digest(unconnected) is None


def test_a_generator_is_not_advanced() -> None:
    numbers = iter([1, 2])
    digest({"numbers": numbers})
    assert next(numbers) == 1


def test_identity_does_not_count_only_content() -> None:
    shared = ["a"]
    assert digest([shared, shared]) == digest([["a"], ["a"]])


def test_cycles_end_and_are_told_apart() -> None:
    first: list[Any] = [1]
    first.append(first)
    again: list[Any] = [1]
    again.append(again)
    outer: list[Any] = [1, [1]]
    outer[1].append(outer)
    assert digest(first) == digest(again) is not None
    assert digest(outer) not in (None, digest(first))
    me = Plain()
    me.itself = me  # type: ignore[attr-defined]
    assert digest(me) is not None


def test_the_order_in_which_attributes_were_set_does_not_matter() -> None:
    assert digest(Plain(a=1, b=2)) == digest(Plain(b=2, a=1))


def test_a_budget_that_runs_out_gives_no_digest() -> None:
    array = np.zeros(1000)
    assert digest(array, budget_bytes=4000) is None
    assert digest(array, budget_bytes=10_000) is not None


def test_nesting_too_deep_to_walk_gives_no_digest() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert digest(deep) is None


def test_spawning_from_a_generator_changes_it() -> None:
    generator = np.random.default_rng(1)
    before = digest(generator)
    generator.spawn(1)
    assert digest(generator) != before


def test_flags_that_use_sets_on_a_sparse_matrix_are_no_content() -> None:
    used, fresh = sparse.csr_array(np.eye(3)), sparse.csr_array(np.eye(3))
    assert used.has_sorted_indices
    assert digest(used) == digest(fresh)


class Touched(BaseException):
    """Not an Exception, so that nothing can swallow it on the way."""


def _refuse(*args: object, **kwargs: object) -> Any:
    raise Touched


class HostileMeta(type):
    __hash__ = _refuse
    __eq__ = _refuse
    __getattribute__ = _refuse
    __subclasscheck__ = _refuse
    __instancecheck__ = _refuse


_HOSTILE = (
    "__getattr__ __getattribute__ __eq__ __hash__ __repr__ __str__ __reduce__ __reduce_ex__ __getstate__ "
    "__len__ __iter__ __next__ __bool__ __copy__ __deepcopy__ __dir__ __array__ __float__ __int__ "
    "items keys values tolist"
)


def _hostile(*bases: type) -> Any:
    body: dict[str, Any] = dict.fromkeys(_HOSTILE.split(), _refuse)
    body["__class__"] = property(_refuse)
    return type("Hostile", bases, body)


@pytest.mark.parametrize(
    ("base", "arguments"), [(object, ()), (list, ([1],)), (dict, ({"a": 1},)), (int, (3,))]
)
@pytest.mark.parametrize("extra", [str, tuple, set, float, bytes, frozenset, dt.date])
def test_no_code_of_the_users_class_runs(base: type, arguments: tuple[Any, ...], extra: type) -> None:
    values = [_hostile(base)(*arguments)]
    values.append(_hostile(dt.date)(2020, 1, 1) if extra is dt.date else _hostile(extra)())
    for value in values:
        assert digest([value]) is not None


def test_no_code_of_the_users_metaclass_runs() -> None:
    cls = HostileMeta("Watched", (), {})
    assert digest([object.__new__(cls)]) is not None


def test_a_subclass_differs_from_its_base_and_by_its_attributes() -> None:
    class Named(list):  # type: ignore[type-arg]
        pass

    plain, named, other = Named([1]), Named([1]), Named([1])
    named.name, other.name = "a", "b"  # type: ignore[attr-defined]
    assert len({digest([1]), digest(plain), digest(named), digest(other)}) == 4
