"""Rows that are forgotten leave every version and every file; all else comes back as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import zstandard

from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from pathlib import Path

PERSON = "customer-4711-secret"
ROW = 137
AMOUNT = 8191.123456789


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def customers(rows: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    d = pd.DataFrame(
        {
            "customer": pd.array([f"customer-{v}" for v in rng.permutation(rows) + 10_000], dtype="str"),
            "amount": rng.normal(size=rows),
            "visits": pd.array(rng.integers(0, 9, rows), dtype="Int64"),
            "city": pd.Categorical.from_codes(rng.integers(0, 3, rows), categories=["Ulm", "Bonn", "Hof"]),
        }
    )
    d.loc[ROW, ["customer", "amount"]] = [PERSON, AMOUNT]
    return d


def holds(store: SnapshotStore, *secrets: bytes) -> list[str]:
    """The files in which any of the secrets stands, compressed or not."""
    found = []
    for path in store.path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.parent.parent.name == "chunks":
                data = zstandard.ZstdDecompressor().decompress(data[20:])
            found += [path.name for secret in secrets if secret in data]
    return found


SECRETS = (PERSON.encode(), np.float64(AMOUNT).tobytes(), json.dumps(AMOUNT).encode())


def history(d: pd.DataFrame) -> dict[str, Any]:
    """Versions of a frame, each of which holds the person's row."""
    features = d.drop(columns="customer")
    edited = d.copy()
    edited.loc[[5, ROW], "visits"] = 8
    grown = pd.concat([d, d.iloc[[ROW, 3]]], ignore_index=True)
    return {
        "itself": d,
        "sorted": d.sort_values("amount"),
        "filtered": d[d["amount"] > 0],
        "grown": grown,
        "edited": edited,
        "without the name": features,
        "shuffled without the name": features.sample(frac=1.0, random_state=1),
        "part without the name": features[features["amount"] > 1],
        "one column": d["amount"],
        "one column, sorted": d.sort_values("visits")["amount"],
        "with the name as index": d.set_index("customer"),
        "masked": d.assign(customer="someone"),
    }


def test_no_version_and_no_file_holds_the_row_any_more(store: SnapshotStore) -> None:
    d = customers()
    names = {what: store.put(value).digest for what, value in history(d).items()}
    assert holds(store, *SECRETS)
    done = store.forget({"customer": PERSON})
    assert holds(store, *SECRETS) == []
    fresh = SnapshotStore(store.path)
    for what, value in history(d).items():
        amounts = value if isinstance(value, pd.Series) else value["amount"]
        expected = value[(amounts != AMOUNT).to_numpy()]
        back = fresh.get(names[what])
        assert digest(back) == digest(expected), what
        assert done.now[names[what]] == digest(expected)
        assert done.rows[names[what]] == len(value) - len(expected)
    assert fresh.verify().ok


def test_versions_that_never_held_the_row_stay_as_they_are(store: SnapshotStore) -> None:
    d = customers()
    without = d.drop(index=ROW)
    others = {
        "made from one that did": without.sort_values("amount"),
        "an edit of that": without.assign(visits=without["visits"].where(without.index != 9, 7)),
        "of the same length": pd.DataFrame({"n": np.arange(2000), "one": 1.0}),
        "plain": {"a": [1, 2]},
    }
    store.put(d)
    names = {what: store.put(value).digest for what, value in others.items()}
    done = store.forget({"customer": PERSON})
    assert len(done.rows) == 1
    assert holds(store, *SECRETS) == []
    fresh = SnapshotStore(store.path)
    for what, value in others.items():
        assert digest(fresh.get(names[what])) == names[what] == digest(value), what
    assert fresh.verify().ok


def test_an_edit_that_holds_only_the_secret_goes_as_well(store: SnapshotStore) -> None:
    d = customers()
    plain = d.assign(amount=d["amount"].where(d.index != ROW, 0.0))
    store.put(plain)
    assert "patch" in store.put(d).recipe
    store.forget({"customer": PERSON})
    assert holds(store, *SECRETS) == []


def test_a_lookup_table_keeps_the_row_that_many_people_share(store: SnapshotStore) -> None:
    rng = np.random.default_rng(0)
    cities = pd.DataFrame({"city": ["Ulm", "Bonn", "Hof"], "size": [126.329, 331.885, 46.656]})
    people = pd.DataFrame({"name": [f"p{n}" for n in range(300)], "city": rng.choice(cities["city"], 300)})
    table = store.put(cities).digest
    store.put(people)
    joined = store.put(people.merge(cities), parent=table)
    done = store.forget({"name": "p7"})
    assert done.rows == {digest(people): 1, joined.digest: 1}
    assert digest(store.get(table)) == table


def test_categories_that_only_the_forgotten_row_used_go_with_it(store: SnapshotStore) -> None:
    d = customers().astype({"customer": "category"})
    name = store.put(d).digest
    indexed = store.put(d.set_index("customer")["amount"]).digest
    store.forget({"customer": [PERSON]})
    assert holds(store, *SECRETS) == []
    left = SnapshotStore(store.path).get(name)
    assert PERSON not in left["customer"].cat.categories
    assert len(left["customer"].cat.categories) == 1999
    assert PERSON not in store.get(indexed).index.categories


def test_several_columns_must_all_match(store: SnapshotStore) -> None:
    d = customers()
    name = store.put(d).digest
    done = store.forget({"visits": [0, 1], "city": "Ulm"})
    expected = d[~(d["visits"].isin([0, 1]) & (d["city"] == "Ulm"))]
    assert done.rows[name] == 2000 - len(expected) > 0
    pd.testing.assert_frame_equal(store.get(name), expected)


def test_trying_it_first_changes_nothing(store: SnapshotStore) -> None:
    name = store.put(customers()).digest
    array = store.put(np.arange(5)).digest
    files = {path: path.read_bytes() for path in store.path.rglob("*") if path.is_file()}
    found = store.forget({"customer": PERSON}, dry_run=True)
    assert (dict(found.rows), dict(found.now), found.unknown) == ({name: 1}, {}, (array,))
    assert {path: path.read_bytes() for path in store.path.rglob("*") if path.is_file()} == files


def test_forgetting_someone_who_is_not_there_changes_nothing(store: SnapshotStore) -> None:
    d = customers()
    name = store.put(d).digest
    assert store.forget({"customer": "nobody"}).rows == {}
    assert digest(store.get(name)) == name


def test_a_second_person_can_be_forgotten_after_the_first(store: SnapshotStore) -> None:
    d = customers()
    name = store.put(d).digest
    moved = store.put(d.drop(columns="customer").sort_values("visits")).digest
    store.forget({"customer": PERSON})
    other = d["customer"].iloc[5]
    store.forget({"customer": other})
    left = d[~d["customer"].isin([PERSON, other])]
    assert digest(store.get(name)) == digest(left)
    assert len(store.get(moved)) == 1998
    assert store.verify().ok
    assert holds(store, other.encode()) == []


def test_the_store_takes_new_versions_after_it_forgot(store: SnapshotStore) -> None:
    d = customers()
    store.put(d)
    store.forget({"customer": PERSON})
    again = store.put(d)
    assert digest(store.get(again.digest)) == digest(d)
    assert store.put(d.sort_values("amount")).recipe == "take"
