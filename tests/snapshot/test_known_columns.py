"""Columns whose memory is held are known without a second look; the digest is always the same as with one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.notebook.fingerprints import Fingerprints
from jupyter_mlops.snapshot import digest, identities
from jupyter_mlops.snapshot.identities import exclusive_memory, identity_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 2100  # enough for two bytes each to be worth remembering

Frame = pd.DataFrame


@pytest.fixture(autouse=True, scope="module")
def small_columns_are_worth_it() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identities, "WORTH_IT", 4096)
        yield


def frame() -> Frame:
    rng = np.random.default_rng(0)
    numbers = np.arange(ROWS)
    return Frame(
        {
            "float": rng.normal(size=ROWS),
            "other": rng.normal(size=ROWS),
            "int": numbers,
            "text": [f"some text {n % 50}" for n in numbers],
            "category": pd.Categorical([f"c{n % 150}" for n in numbers]),
            "nullable": pd.array([n if n % 7 else None for n in numbers], dtype="Int64"),
            "moment": pd.date_range("2020", periods=ROWS),
            "zoned": pd.date_range("2020", periods=ROWS, tz="Europe/Berlin"),
            "span": pd.to_timedelta(numbers, "s"),
            "period": pd.period_range("2000", periods=ROWS, freq="D"),
            "object": pd.Series([[n] for n in range(ROWS)], dtype=object),
            "arrow": pd.array(numbers, dtype="int64[pyarrow]"),
            "sparse": pd.arrays.SparseArray(numbers % 2),
        }
    )


def known(frame: Any) -> int:
    """How many columns of a frame need no second look after the first."""
    prints = Fingerprints()
    prints.of("frame", {"frame": frame})
    found = 0

    arrays = list(frame._iter_column_arrays()) if frame.ndim == 2 else [frame._values.view()]
    for array in arrays:
        identity = identity_of(array)
        found += identity is not None and prints._columns.find(identity) is not None
    return found


MADE: dict[str, Callable[[Frame], Any]] = {
    "as it is": lambda d: d,
    "copied": lambda d: d.copy(),
    "sorted": lambda d: d.sort_values("float"),
    "filtered": lambda d: pd.concat([d, d])[lambda e: e.int > 5],
    "joined": lambda d: pd.concat([d, d]),
    "with the index from a column": lambda d: d.set_index("int"),
    "split": lambda d: train_test_split(pd.concat([d, d]), random_state=0)[0],
    "renamed": lambda d: d.rename(columns={"float": "x"}),
    "sliced": lambda d: pd.concat([d, d]).iloc[5:],
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_columns_of_frames_that_pandas_made_are_known(make: Callable[[Frame], Any]) -> None:
    made = make(frame())
    # of `object`, `arrow` and `sparse` nothing is remembered
    assert known(made) == made.shape[1] - 3


def test_a_file_that_was_read_is_known(tmp_path: Any) -> None:
    plain = frame()[["float", "other", "int", "text", "moment"]]
    plain.to_parquet(tmp_path / "x.parquet")
    plain.to_csv(tmp_path / "x.csv", index=False)
    assert known(pd.read_parquet(tmp_path / "x.parquet")) == 5
    assert known(pd.read_csv(tmp_path / "x.csv")) == 5


Names = dict[str, Any]
EDITS: dict[str, Callable[[Names, int], object]] = {}


def edit(function: Callable[[Names, int], object]) -> Callable[[Names, int], object]:
    EDITS[function.__name__] = function
    return function


@edit
def one_value(names: Names, i: int) -> None:
    names["df"].iloc[i % len(names["df"]), 0] = float(i)


@edit
def a_text(names: Names, i: int) -> None:
    names["df"].loc[names["df"].index[i % len(names["df"])], "text"] = f"t{i}"


@edit
def a_missing_number(names: Names, i: int) -> None:
    names["df"].loc[names["df"].index[1 + i % 5], "nullable"] = pd.NA


@edit
def a_category(names: Names, i: int) -> None:
    names["df"].loc[names["df"].index[i % 9], "category"] = "c3"


@edit
def the_categories(names: Names, i: int) -> None:
    names["df"]["category"] = names["df"]["category"].cat.rename_categories(lambda text: f"{text}{i}")


@edit
def a_moment(names: Names, i: int) -> None:
    names["df"].loc[names["df"].index[i % 9], "zoned"] = pd.Timestamp(i, unit="s", tz="UTC")


@edit
def inside_an_object(names: Names, i: int) -> None:
    names["df"]["object"].iloc[i % len(names["df"])].append(i)


@edit
def a_column(names: Names, i: int) -> None:
    names["df"]["other"] = names["df"]["float"] * i


@edit
def a_new_column(names: Names, i: int) -> None:
    names["df"][f"new{i % 3}"] = names["df"]["int"] + i


@edit
def an_array_as_column(names: Names, i: int) -> None:
    names["df"]["other"] = np.full(len(names["df"]), float(i))


@edit
def added_in_place(names: Names, i: int) -> None:
    names["df"]["float"] += i


@edit
def updated_in_place(names: Names, i: int) -> None:
    names["df"].update({"float": names["df"]["float"] + i})


@edit
def filled_in_place(names: Names, i: int) -> None:
    names["df"].replace({"float": {names["df"]["float"].iloc[0]: 1.5}}, inplace=True)


@edit
def name_of_the_index(names: Names, i: int) -> None:
    names["df"].index.name = f"name {i}"


@edit
def other_labels(names: Names, i: int) -> None:
    names["df"].index = pd.Index(np.arange(len(names["df"])) + i)


@edit
def text_labels(names: Names, i: int) -> None:
    names["df"].index = pd.Index([f"row number {n + i}" for n in range(len(names["df"]))])


@edit
def sorted_in_place(names: Names, i: int) -> None:
    names["df"].sort_values("int", ascending=not i % 2, inplace=True)


@edit
def some_columns(names: Names, i: int) -> None:
    names["sub"] = names["df"][["float", "text", "category", "nullable"]]


@edit
def a_copy(names: Names, i: int) -> None:
    names["sub"] = names["df"].copy()


@edit
def an_alias(names: Names, i: int) -> None:
    names["sub"] = names["df"]


@edit
def a_series(names: Names, i: int) -> None:
    names["sub"] = names["df"]["float"]


@edit
def the_other_changed(names: Names, i: int) -> None:
    names["sub"].iloc[i % len(names["sub"])] = names["sub"].iloc[0]


@edit
def in_a_list(names: Names, i: int) -> None:
    names["list"] = [names["df"], names.get("sub")]


@edit
def a_frame_on_an_array(names: Names, i: int) -> None:
    names["array"] = np.arange(2.0 * ROWS)
    names["own"] = Frame(names["array"].reshape(ROWS, 2), copy=False)


@edit
def the_array(names: Names, i: int) -> None:
    names["array"][i % ROWS] = float(i)


@edit
def deleted(names: Names, i: int) -> None:
    names["sub"] = names.pop("df")
    names["df"] = frame()


@edit
def read_only_values(names: Names, i: int) -> None:
    names["values"] = names["df"]["float"].to_numpy()


@edit
def a_slice(names: Names, i: int) -> None:
    names["df"] = names["df"].iloc[1:]


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 1000)), max_size=10))
def test_what_is_known_is_always_what_a_second_look_would_find(edits: list[tuple[str, int]]) -> None:
    names: dict[str, Any] = {"df": frame(), "sub": frame(), "array": np.zeros(ROWS)}
    prints = Fingerprints()
    for what, number in edits:
        with contextlib.suppress(TypeError, ValueError, KeyError):  # what one edit made, another cannot take
            EDITS[what](names, number)
        prints.keep_only(names)
        for name, value in names.items():
            assert prints.of(name, names) == digest(value), (what, name)


def of_twice(value: Any, change: Callable[[], object]) -> tuple[str | None, str | None]:
    """The digests of a value before and after something changed it past pandas."""
    prints, names = Fingerprints(), {"value": value}
    before = prints.of("value", names)
    change()
    return before, prints.of("value", names)


def arrays_that_others_hold() -> dict[str, tuple[Any, Any]]:
    array = np.zeros((ROWS, 2))
    cases = {
        "the array": (Frame(array, copy=False), array),
        "a view of it": (Frame(array, copy=False), array[3:]),
        "a series": (pd.Series(array[:, 0], copy=False), array),
        "a memoryview": (Frame(array, copy=False), memoryview(array)),
    }
    flat = np.zeros(ROWS)
    return cases | {
        "Arrow over it": (pd.Series(pd.array(pa.array(flat), dtype="float64[pyarrow]")), flat),
        "raw memory": (pd.Series(np.frombuffer(owner := bytearray(8 * ROWS)), copy=False), owner),
    }


@pytest.mark.parametrize("case", arrays_that_others_hold())
def test_memory_that_the_user_can_write_is_never_taken_for_known(case: str) -> None:
    value, owner = arrays_that_others_hold()[case]

    def write() -> None:
        flat = np.frombuffer(owner) if not isinstance(owner, np.ndarray) else owner.reshape(-1)
        flat[6] = 1.0

    before, after = of_twice(value, write)
    assert after == digest(value)
    assert before != after


def test_a_library_that_writes_past_pandas_into_a_whole_column_is_noticed() -> None:
    value = frame()[["float", "other"]].copy()
    before, after = of_twice(value, lambda: StandardScaler(copy=False).fit_transform(value))
    assert after == digest(value)
    assert before != after


def test_without_trust_a_single_value_written_past_pandas_is_noticed() -> None:
    value = frame()
    prints, names = Fingerprints(), {"value": value}
    before = prints.of("value", names)
    value["float"].array[7] = 1.0
    prints.trust = False
    after = prints.of("value", names)
    assert after == digest(value) != before
    prints.trust = True
    assert prints.of("value", names) == after


def test_no_frame_is_held_longer_than_its_name() -> None:
    prints = Fingerprints()
    names = {"df": frame(), "other": frame()}
    for name in names:
        prints.of(name, names)
    assert prints.frozen_bytes > 0
    names["df"] = 1  # type: ignore[assignment]
    del names["other"]
    prints.of("df", names)
    prints.keep_only(names)
    assert prints.frozen_bytes == 0
    assert not prints._columns._known


def test_a_frame_beyond_the_budget_is_not_held_and_has_the_same_digest() -> None:
    prints, names = Fingerprints(most_bytes=1000), {"df": frame()}
    assert prints.of("df", names) == digest(names["df"])
    assert prints.frozen_bytes == 0


def test_an_array_is_exclusive_until_somebody_else_refers_to_it() -> None:
    series = pd.Series(np.arange(5.0))
    assert len(exclusive_memory(series._mgr)) == 1
    read_only = series.to_numpy()
    assert not exclusive_memory(series._mgr)
    del read_only
    assert len(exclusive_memory(series._mgr)) == 1


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("what", EDITS)
def test_every_edit_is_one(what: str) -> None:
    names: dict[str, Any] = {"df": frame(), "sub": frame()[["float", "other"]], "array": np.zeros(ROWS)}
    before = {name: digest(value) for name, value in names.items()}
    EDITS[what](names, 7)
    assert before != {name: digest(value) for name, value in names.items()}
