"""The parts of a lineage: where things are drawn, what of a long one, and what is told of values."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_matrix

from jupyter_mlops.comparison.lineage_layout import levels_of, rows_of
from jupyter_mlops.comparison.lineage_trace import MOST_NODES, Wanted, imported, trace
from jupyter_mlops.comparison.lineage_values import head_of, profile_of
from jupyter_mlops.lineage.record import CellRecord, Write
from jupyter_mlops.snapshot import SnapshotStore

if TYPE_CHECKING:
    from pathlib import Path


def test_columns_follow_the_longest_way_and_what_comes_from_nothing_stands_by_its_use() -> None:
    links = [("a", "b"), ("b", "c"), ("a", "c"), ("late", "c"), ("c", "d"), ("d", "b")]
    levels = levels_of(["a", "b", "c", "late", "d"], links[:-1])
    assert levels == {"a": 0, "b": 1, "c": 2, "late": 1, "d": 3}
    assert set(levels_of(["a", "b", "c", "late", "d"], links)) == set(levels)  # a circle ends, too


def test_nodes_of_a_column_do_not_overlap_and_lines_pass_by_them() -> None:
    wide = [f"n{at}" for at in range(12)]
    nodes = ["start", *wide, "end"]
    links = [("start", each) for each in wide] + [(each, "end") for each in wide] + [("start", "end")]
    levels = levels_of(nodes, links)
    rows, via = rows_of(nodes, links, levels)
    places = sorted([*(rows[each] for each in wide), *via["start", "end"]])
    assert len(via["start", "end"]) == 1
    assert all(below - above >= 0.74 for above, below in pairwise(places))
    assert min(rows.values()) == 0
    assert abs(rows["start"] - sum(rows[each] for each in wide) / 12) < 1


def test_no_lines_cross_where_none_must() -> None:
    nodes = ["a", "b", "c", "x", "y", "z"]
    links = [("a", "z"), ("b", "y"), ("c", "x")]
    rows, _ = rows_of(nodes, links, levels_of(nodes, links))
    order = sorted("abc", key=rows.__getitem__)
    ends = dict(links)
    assert [ends[each] for each in order] == sorted("xyz", key=rows.__getitem__)


def test_of_a_long_chain_the_nearest_are_drawn() -> None:
    records = [CellRecord(1, 1, "x = 1", {}, {"x": Write(1, "bind")})]
    records += [CellRecord(n, n, "x += 1", {"x": n - 1}, {"x": Write(n, "change")}) for n in range(2, 301)]
    found = trace(records, Wanted(versions=frozenset({("x", 300)})))
    assert len(found.things) == MOST_NODES
    assert found.left_out == 600 - MOST_NODES
    assert {"x@300", "cell 300", "x@201"} <= found.things.keys()


def test_imports_are_known_beside_magics() -> None:
    assert imported("%matplotlib inline\nimport numpy as np, os.path\nfrom a import b as c") == {
        "np",
        "os",
        "c",
    }


@pytest.mark.parametrize(
    ("value", "columns", "first"),
    [
        (pd.Series([1.5, None], name="s", index=["a", "b"]), ["", "s"], ["a", "1.5"]),
        (pd.DataFrame({"t": pd.to_datetime(["2024-01-01 12:00"])}), ["", "t"], ["0", "2024-01-01 12:00:00"]),
        (pa.table({"a": [None, 2], "b": ["x", "y"]}), ["a", "b"], ["", "x"]),
        (np.arange(6.0).reshape(2, 3), ["0", "1", "2"], ["0", "1", "2"]),
        (pd.DataFrame({("a", 1): [3]}), ["", "('a', 1)"], ["0", "3"]),
    ],
)
def test_first_rows_of_any_table_are_texts(
    tmp_path: Path, value: object, columns: list[str], first: list[str]
) -> None:
    store = SnapshotStore(tmp_path)
    digest = store.put(value).digest
    head = head_of(store, digest)
    assert head is not None
    assert (head["columns"], head["rows"][0]) == (columns, first)


def test_what_has_no_rows_has_no_first_rows(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for value in (np.array(3.0), csr_matrix(np.eye(3)), pd.DataFrame(index=range(3))):
        digest = store.put(value).digest
        assert (head_of(store, digest), profile_of(store, digest)) == (None, None)


def test_masked_values_stay_masked_in_rows_and_columns(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    tokens = [f"masked:{at:020x}" for at in range(40)]
    digest = store.put(pd.DataFrame({"who": tokens, "age": range(40)})).digest
    head = head_of(store, digest)
    assert head is not None
    assert [row[1] for row in head["rows"]] == ["masked"] * 10
    who, age = profile_of(store, digest) or []
    assert who["bins"] == []
    assert sum(count for _, count in age["bins"]) == 40
