"""NumPy, SciPy, Arrow and Polars: what they hold is stored as data, without pickle, and comes back."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from other_samples import ARRAYS, POLARS, SPARSE, TABLES
from polars.testing import assert_frame_equal, assert_series_equal
from scipy import sparse

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot import SnapshotStore, digest, is_storable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


def there_and_back(store: SnapshotStore, value: Any) -> Any:
    assert is_storable(value)
    snapshot = store.put(value)
    back = store.get(snapshot.digest)
    assert type(back) is type(value)
    assert digest(back) == snapshot.digest == digest(value)
    assert store.verify().ok
    return back


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_comes_back_with_its_dtype_and_order_of_memory(store: SnapshotStore, name: str) -> None:
    array = ARRAYS[name]
    back = there_and_back(store, array)
    assert back.dtype == array.dtype
    assert back.dtype.isalignedstruct == array.dtype.isalignedstruct
    assert back.flags.writeable
    np.testing.assert_array_equal(back, array, strict=True)
    if array.flags.forc or name == "moved axes":
        assert [stride > 0 for stride in back.strides] == [stride > 0 for stride in array.strides]
        assert np.argsort(back.strides).tolist() == np.argsort(array.strides).tolist()
    if isinstance(array, np.ma.MaskedArray):
        np.testing.assert_array_equal(np.ma.getmaskarray(back), np.ma.getmaskarray(array))
        assert back.hardmask == array.hardmask
        assert back.fill_value == array.fill_value


def test_what_lies_between_fields_is_not_written(tmp_path: Path) -> None:
    dtype = np.dtype([("x", "i1"), ("y", "f8")], align=True)
    memory = np.frombuffer(b"\0" + b"SECRETS" + bytes(8), dtype=dtype)
    from jupyter_mlops.snapshot.columns import Raw
    from jupyter_mlops.snapshot.encode import pack

    _, buffers = pack(Raw(memory))
    assert b"SECRETS" not in bytes(buffers[0])


def test_a_mapped_file_comes_back_as_an_array_in_memory(tmp_path: Path, store: SnapshotStore) -> None:
    mapped = np.memmap(tmp_path / "numbers", dtype="f4", mode="w+", shape=(3, 2))
    mapped[:] = 1.5
    back = store.get(store.put(mapped).digest)
    assert type(back) is np.ndarray
    np.testing.assert_array_equal(back, np.asarray(mapped), strict=True)


@pytest.mark.parametrize("name", SPARSE)
def test_a_sparse_array_comes_back_in_its_form_with_what_it_stores(store: SnapshotStore, name: str) -> None:
    value = SPARSE[name]
    back = there_and_back(store, value)
    assert (back.format, back.dtype, back.shape, back.nnz) == (
        value.format, value.dtype, value.shape, value.nnz,
    )  # fmt: skip
    np.testing.assert_array_equal(back.toarray(), value.toarray(), strict=True)
    for part in ("data", "indices", "indptr"):
        if value.format in {"csr", "csc", "bsr"}:
            np.testing.assert_array_equal(getattr(back, part), getattr(value, part), strict=True)
    assert abs(back @ np.ones(value.shape[-1]) - value @ np.ones(value.shape[-1])).sum() == 0


@pytest.mark.parametrize("name", TABLES)
def test_an_arrow_table_comes_back_with_its_whole_schema(store: SnapshotStore, name: str) -> None:
    value = TABLES[name]
    back = there_and_back(store, value)
    if hasattr(value, "schema"):
        assert back.schema.equals(value.schema, check_metadata=True)
        assert back.equals(value, check_metadata=True)
        back.validate(full=True)
    else:
        assert back.equals(value)


@pytest.mark.parametrize("name", POLARS)
def test_a_polars_frame_comes_back_with_its_types(store: SnapshotStore, name: str) -> None:
    value = POLARS[name]
    back = there_and_back(store, value)
    if isinstance(value, pl.Series):
        assert_series_equal(back, value, check_exact=True)
    else:
        assert back.schema == value.schema
        assert_frame_equal(back, value, check_exact=True)


def test_values_of_other_types_have_other_digests() -> None:
    samples = [ARRAYS, SPARSE, TABLES, POLARS]
    digests = [digest(value) for group in samples for value in group.values()]
    assert None not in digests
    hard_and_soft = 1  # how a mask takes an assignment is no content
    assert len(set(digests)) == len(digests) - hard_and_soft


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pl.Series(["a"], dtype=pl.Enum(["a", "b"])), pl.Series(["a"], dtype=pl.Enum(["b", "a"]))),
        (pl.Series(["a"], dtype=pl.Enum(["a"])), pl.Series(["a"], dtype=pl.Categorical)),
        (pl.Series(["1"]), pl.Series([1], dtype=pl.Int128)),
        (pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})),
        (TABLES["never null"], pa.table({"a": [1]})),
        (TABLES["notes"], pa.table({"a": [1]})),
        (pa.table({"a": [1]}), pa.record_batch({"a": [1]})),
        (
            pa.DictionaryArray.from_arrays([0, 1], ["a", "b"], ordered=True),
            pa.DictionaryArray.from_arrays([1, 0], ["b", "a"], ordered=True),
        ),
        (pa.array([1]), pa.chunked_array([[1]])),
        (np.zeros(1, [("a", "i4")]), np.zeros(1, np.dtype((np.record, [("a", "i4")])))),
    ],
)
def test_a_digest_tells_what_would_come_back_differently(one: Any, other: Any) -> None:
    assert len({digest(one), digest(other), None}) == 3


def test_chunks_of_polars_do_not_matter() -> None:
    whole = pl.DataFrame({"a": ["x", "y", "z"], "c": pl.Series(["u", "v", "u"], dtype=pl.Categorical)})
    parts = pl.concat([whole[:1], whole[1:]], rechunk=False)
    assert parts["a"].n_chunks() == 2
    assert digest(parts) == digest(whole)
    assert digest(whole[1:]) == digest(whole[1:].clone().rechunk())


@pytest.mark.parametrize(
    "value",
    [
        pd.Index([1, 2], name="a"),
        pd.RangeIndex(3),
        pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["x", None]),
        pd.date_range("2020", periods=3, freq="ME", tz="Europe/Berlin"),
        pd.CategoricalIndex(["a", "b"]),
        pd.Categorical(["a", None]),
        pd.array([1, None]),
        pd.array([1.0, 2.0]).to_numpy(),
        pd.array(["a", None]),
        pd.date_range("2020", periods=3).array,
        pd.Series([1.5]).array,
        pd.arrays.SparseArray([0, 1]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_index_or_array_of_pandas_comes_back(store: SnapshotStore, value: Any) -> None:
    back = there_and_back(store, value)
    assert back.dtype == value.dtype
    if isinstance(value, pd.Index):
        pd.testing.assert_index_equal(back, value, exact=True)


@pytest.mark.parametrize(
    "value",
    [
        pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}),
        pl.DataFrame({"a": [1]}).lazy(),
        pa.table({"a": pa.array([["a"]], pa.list_(pa.string_view()))}),
        pa.table({"a": pa.RunEndEncodedArray.from_arrays([2, 3], [1, 2])}),
    ],
    ids=["objects", "lazy", "views in lists", "runs"],
)
def test_what_has_no_form_is_refused_in_words(store: SnapshotStore, value: Any) -> None:
    with pytest.raises(BadInputError, match="cannot be stored"):
        store.put(value)
    assert not list((store.path / "manifests").rglob("*.json"))


def frames() -> tuple[pl.DataFrame, pa.Table]:
    rng = np.random.default_rng(0)
    columns = {
        "key": rng.permutation(5000),
        "x": rng.normal(size=5000),
        "word": [f"w{n}" for n in range(5000)],
    }
    return pl.DataFrame(columns), pa.table(columns)


@pytest.mark.parametrize("library", [0, 1], ids=["polars", "arrow"])
def test_tables_share_columns_and_recipes(store: SnapshotStore, library: int) -> None:
    table = frames()[library]
    first = store.put(table).stored_bytes
    order = np.argsort(table["x"].to_numpy())
    moved = table[order] if library == 0 else table.take(pa.array(order))
    snapshot = store.put(moved)
    assert snapshot.recipe == "take"
    assert snapshot.stored_bytes < first / 4
    assert store.put(moved[:4000]).recipe == "take"
    other = frames()[1 - library]
    assert store.put(other.select(["x", "key"])).stored_bytes < first / 10  # numbers are the same in both
    back = store.get(snapshot.digest)
    assert back.equals(moved)


def test_a_polars_frame_that_is_changed_later_stays_as_it_was_put(store: SnapshotStore) -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0]})
    name = store.put(frame).digest
    frame[0, "a"] = 9.0
    assert store.get(name)["a"].to_list() == [1.0, 2.0]
    assert store.put(frame).digest != name
    assert store.verify().ok


def test_versions_of_a_polars_frame_can_be_compared(store: SnapshotStore) -> None:
    frame = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    after = frame.with_columns(pl.Series("b", ["x", "Y", "z"]), c=pl.lit(1))
    found = store.diff(store.put(frame).digest, store.put(after).digest)
    assert (found.rows, found.columns_added, found.cells) == ((3, 3), ("c",), {"b": 1})


def test_forgotten_rows_are_gone_from_tables_and_their_types(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    mail = ["someone@secret.example", "b", "c"]
    frame = pl.DataFrame({"mail": mail, "who": pl.Series(mail, dtype=pl.Enum(mail)), "x": [1, 2, 3]})
    names = [store.put(value).digest for value in (frame, pa.table({"mail": mail}), frame.drop("mail"))]
    done = store.forget({"mail": mail[0]})
    assert set(done.rows) == set(names)
    left = store.get(names[0])
    assert left["mail"].to_list() == ["b", "c"]
    assert left["who"].dtype == pl.Enum(["b", "c"])
    assert store.get(names[1]).num_rows == 2
    import zstandard

    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if data[:4] == b"JMS2":
                data = zstandard.ZstdDecompressor().decompress(data[20:])
            assert b"someone" not in data


def test_a_sparse_matrix_that_shares_numbers_with_a_frame_survives_forgetting(store: SnapshotStore) -> None:
    numbers = np.array([1.5, 2.5, 3.5])
    store.put(pd.DataFrame({"id": [1, 2, 3], "x": numbers}))
    name = store.put(sparse.csr_array(numbers[None, :])).digest
    done = store.forget({"id": 2})
    assert name in done.unknown
    np.testing.assert_array_equal(store.get(name).toarray()[0], numbers)


def test_a_store_of_polars_frames_can_be_read_by_another_process(
    tmp_path: Path, store: SnapshotStore
) -> None:
    names = [store.put(POLARS[name]).digest for name in ("categorical", "enum", "large numbers")]
    code = (
        "import sys; from jupyter_mlops.snapshot import SnapshotStore, digest\n"
        "assert 'polars' not in sys.modules\n"
        f"print([digest(SnapshotStore({str(tmp_path)!r}).get(name)) for name in {names!r}] == {names!r})"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.split() == ["True"]


def test_a_store_can_be_looked_through_without_the_library(tmp_path: Path, store: SnapshotStore) -> None:
    name = store.put(POLARS["numbers"]).digest
    other = store.put([1, 2]).digest
    code = (
        "import sys; sys.modules['polars'] = None\n"
        "from jupyter_mlops.snapshot import SnapshotStore\n"
        "from jupyter_mlops.errors import BadInputError\n"
        f"store = SnapshotStore({str(tmp_path)!r}); print(store.get({other!r}))\n"
        f"try: store.get({name!r})\n"
        "except BadInputError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "[1, 2]" in said
    assert "Install polars" in said
