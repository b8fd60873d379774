"""Masked columns: equal values get equal tokens, nulls stay null, and nothing else changes."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot import SnapshotStore, digest
from jupyter_mlops.snapshot.mask_tokens import is_token
from jupyter_mlops.snapshot.masking import Masker, masked_columns

if TYPE_CHECKING:
    from pathlib import Path

MAILS = ["ada@example.org", None, "bob@example.org", "ada@example.org"]


@pytest.fixture
def mask(tmp_path: Path) -> Masker:
    made = Masker(tmp_path / ".mlops" / "mask.key")
    made.add(["mail"])
    return made


COLUMNS: dict[str, Any] = {
    "text": pd.array(MAILS, dtype="str"),
    "python text": pd.array(MAILS, dtype="string[python]"),
    "objects": np.array(MAILS, dtype=object),
    "mixed": np.array(["ada@example.org", None, 7, "ada@example.org"], dtype=object),
    "nested": np.array([["ada", 1], None, {"a": 1}, ["ada", 1]], dtype=object),
    "bytes": np.array([b"ada", None, b"bob", b"ada"], dtype=object),
    "category": pd.Categorical(MAILS),
    "ordered": pd.Categorical(MAILS, ["bob@example.org", "ada@example.org"], ordered=True),
    "Arrow": pd.array(MAILS, dtype="string[pyarrow]"),
    "Arrow dictionary": pd.Series(pd.Categorical(MAILS)).astype("category").array,
    "floats": np.array([1.5, np.nan, 2.0, 1.5]),
    "integers": pd.array([1, None, 2, 1], dtype="Int64"),
    "booleans": pd.array([True, None, False, True], dtype="boolean"),
    "days": pd.array(["2020-01-01", None, "2021-01-01", "2020-01-01"], dtype="datetime64[ns]"),
    "zoned": pd.DatetimeIndex(["2020-01-01", None, "2021-01-01", "2020-01-01"], tz="Europe/Berlin").array,
    "periods": pd.PeriodIndex(["2020-01", None, "2021-01", "2020-01"], freq="M").array,
    "intervals": pd.arrays.IntervalArray.from_tuples([(0, 1), None, (1, 2), (0, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_any_type_becomes_tokens_and_nulls(mask: Masker, kind: str) -> None:
    d = pd.DataFrame({"mail": COLUMNS[kind], "n": range(4)})
    before = digest(d)
    for masked in (
        mask(d)["mail"],
        mask(d["mail"]),
        mask(pd.Index(d["mail"], name="mail")).to_series(),
        mask(d.set_index("mail")).index.to_series(),
        mask(_levels(d, kind)).index.get_level_values("mail").to_series(),
    ):
        values = list(masked)
        assert [is_token(value) for value in values] == [True, False, True, True]
        assert pd.isna(values[1])
        assert values[0] == values[3] != values[2]
    assert digest(d) == before
    assert mask(d)["n"].tolist() == [0, 1, 2, 3]


def _levels(d: pd.DataFrame, kind: str) -> pd.DataFrame:
    return d.set_index("mail" if kind == "nested" else ["mail", "n"])  # a list is no level


def test_a_categorical_stays_one_and_its_categories_tell_no_order(mask: Masker) -> None:
    column = mask(pd.Series(COLUMNS["category"], name="mail"))
    assert isinstance(column.dtype, pd.CategoricalDtype)
    assert list(column.cat.categories) == sorted(column.cat.categories)
    ordered = mask(pd.Series(COLUMNS["ordered"], name="mail"))
    assert ordered.dtype.ordered
    assert ordered.cat.categories[1] == ordered.iloc[0]


def test_joins_counts_and_groups_come_out_as_without_masks(mask: Masker) -> None:
    people = pd.DataFrame({"mail": ["a@x", "b@x", "c@x"], "age": [30, 40, 50]})
    orders = pd.DataFrame({"mail": pd.Categorical(["c@x", "a@x", "c@x"]), "sum": [1, 2, 4]})
    joined = mask(orders).astype({"mail": "str"}).merge(mask(people), on="mail")
    assert joined[["sum", "age"]].to_numpy().tolist() == [[1, 50], [2, 30], [4, 50]]
    assert sorted(mask(orders).groupby("mail", observed=True)["sum"].sum()) == [2, 5]


def test_one_and_one_point_zero_join_and_text_does_not(mask: Masker) -> None:
    numbers = [mask(pd.Series(values, name="mail")).iloc[0] for values in ([1], [1.0], ["1"], [True])]
    assert numbers[0] == numbers[1] == numbers[3] != numbers[2]


def test_labels_that_a_pivot_made_of_the_column_are_masked(mask: Masker) -> None:
    d = pd.DataFrame({"mail": ["a@x", "b@x"], "k": [1, 2], "v": [3, 4]})
    wide = mask(d.pivot(index="k", columns="mail", values="v"))
    assert all(is_token(label) for label in wide.columns)
    two = mask(d.set_index("mail").T)
    assert all(is_token(label) for label in two.columns)


def test_names_of_levels_and_numbers_name_columns_too(tmp_path: Path) -> None:
    mask = Masker(tmp_path / "mask.key")
    mask.add(["7", "mail"])
    columns = pd.MultiIndex.from_tuples([("who", "mail"), ("what", "sum")])
    masked = mask(pd.DataFrame([["a@x", 1]], columns=columns))
    assert is_token(masked.iloc[0, 0])
    assert masked.iloc[0, 1] == 1
    assert is_token(mask(pd.DataFrame({7: ["x"], 8: ["y"]})).iloc[0, 0])


def test_what_has_no_such_column_is_given_back_itself(mask: Masker) -> None:
    d = pd.DataFrame({"n": [1]})
    assert mask(d) is d
    for other in ([d], {"mail": "a@x"}, np.arange(3), "a@x"):
        assert mask(other) is other


def test_a_column_is_masked_once_and_again_only_when_it_changed(mask: Masker) -> None:
    d = pd.DataFrame({"mail": ["a@x", "b@x"]})
    first = mask(d)
    assert digest(mask(d.copy())) == digest(first)
    d.loc[0, "mail"] = "c@x"
    assert mask(d)["mail"][0] != first["mail"][0]
    assert mask(first)["mail"].tolist() == first["mail"].tolist()  # tokens stay what they are


def test_the_key_is_made_once_is_for_the_owner_only_and_decides_the_tokens(tmp_path: Path) -> None:
    file = tmp_path / "here" / "mask.key"
    tokens = []
    for place in (file, file, tmp_path / "there.key"):
        mask = Masker(place)
        mask.add(["mail"])
        tokens.append(mask(pd.Series(["a@x"], name="mail"))[0])
    assert tokens[0] == tokens[1] != tokens[2]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["mask.key"]


def test_a_damaged_key_is_refused_and_no_mask_is_added(tmp_path: Path) -> None:
    (tmp_path / "mask.key").write_bytes(b"short")
    mask = Masker(tmp_path / "mask.key")
    with pytest.raises(StoreError, match="is damaged"):
        mask.add(["mail"])
    assert mask.names == ()


def test_values_under_another_name_are_recognised(mask: Masker) -> None:
    d = pd.DataFrame({"mail": MAILS, "n": range(4)})
    assert mask.leak(mask(d)) is None
    for other, name in (
        (d.rename(columns={"mail": "who"}), "who"),
        (d.assign(copy=d["mail"].astype("category")), "copy"),
        (d.set_index("mail").rename_axis("key"), "index"),
        (d.dropna().set_index("mail").T.rename_axis(columns=None), "names of the columns"),
    ):
        assert name in (mask.leak(mask(other)) or "")
    assert mask.leak(np.arange(3)) is not None  # it has no names to tell
    assert mask.knows("ada@example.org")
    assert not mask.knows("eve@example.org")


def test_a_masked_frame_is_stored_and_says_what_is_masked(mask: Masker, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "store")
    for d in (
        pd.DataFrame({"mail": MAILS, "n": range(4)}),
        pd.DataFrame({"mail": MAILS, "n": range(4)}).astype({"mail": "category"}),
        pd.DataFrame({"mail": MAILS, "n": range(4)}).set_index("mail")["n"],
    ):
        masked = mask(d)
        back = store.get(store.put(masked).digest)
        assert digest(back) == digest(masked)
        assert masked_columns(back) == ["mail"]
        assert masked_columns(d) == []
