"""Who knows only docs/snapshot-format.md can read a store: this reader uses nothing of the package."""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np
import pandas as pd
import polars as pl
import zstandard
from xxhash import xxh3_128_digest, xxh3_128_hexdigest

from jupyter_mlops.snapshot import SnapshotStore

if TYPE_CHECKING:
    import pytest


class Documented:
    """A reader of NumPy columns and texts, written from the documentation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipes: set[str] = set()

    def json(self, kind: str, digest: str) -> dict[str, Any]:
        body = json.loads((self.folder / kind / digest[:2] / f"{digest}.json").read_text())
        checksum = body.pop("checksum")
        assert body["format"] == 2
        compact = json.dumps(body, sort_keys=True, separators=(",", ":"))
        assert checksum == xxh3_128_hexdigest(compact.encode())
        return body

    def chunk(self, key: str) -> np.ndarray[Any, Any]:
        data = (self.folder / "chunks" / key[:2] / key).read_bytes()
        assert data[:4] == b"JMS2"
        assert data[4:20] == xxh3_128_digest(data[20:])
        content = zstandard.ZstdDecompressor().decompress(data[20:])
        assert hashlib.blake2b(content, digest_size=16).hexdigest() == key
        (size,) = struct.unpack_from("<Q", content)
        header, at, buffers = json.loads(content[8 : 8 + size]), 8 + size, []
        for length in header["sizes"]:
            buffers.append(content[at : at + length])
            at += length
        if header["part"] == "raw":
            dtype = np.dtype(ast.literal_eval(header["dtype"]))
            return np.frombuffer(buffers[0], dtype).reshape(header["shape"])
        assert header["part"] == "text"
        missing = np.zeros(header["rows"], bool)
        if header["nulls"]:
            missing = np.unpackbits(np.frombuffer(buffers.pop(0), "u1"))[: header["rows"]].astype(bool)
        codes = np.frombuffer(buffers.pop(0), header["codes"]) if "words" in header else None
        ends = np.cumsum(np.frombuffer(buffers[0], "i8"))
        starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
        words = [buffers[1][start:end].decode() for start, end in zip(starts, ends, strict=True)]
        texts = np.array(words if codes is None else [words[code] for code in codes], dtype=object)
        texts[missing] = None
        return texts

    def column(self, digest: str) -> np.ndarray[Any, Any]:
        record = self.json("columns", digest)
        self.recipes.add(record["recipe"])
        parents = [self.column(parent) for parent in record.get("parents", [])]
        if record["recipe"] == "chunks":
            return np.concatenate([self.chunk(key) for key in record["chunks"]])
        if record["recipe"] == "range":
            start, step, rows, dtype = record["range"]
            return (start + step * np.arange(rows)).astype(dtype)
        if record["recipe"] == "take":
            return parents[0][parents[1]]
        if record["recipe"] == "concat":
            return np.concatenate(parents)
        if record["recipe"] == "sum":
            return np.cumsum(parents[0])
        assert record["recipe"] == "patch"
        patched = parents[0].copy()
        patched[parents[1]] = parents[2]
        return patched

    def tree(self, tree: Any) -> Any:
        if isinstance(tree, str):
            return self.column(tree)
        children = [self.tree(child) for child in tree["children"]]
        if tree["kind"] == "categorical":
            return pd.Categorical.from_codes(children[0], children[1], ordered=tree["meta"]["ordered"])
        if tree["kind"] == "masked":
            return np.where(children[1], None, children[0].astype(object))
        if tree["kind"] == "zoned":
            return pd.DatetimeIndex(children[0]).tz_localize("UTC")
        assert tree["kind"] == "text"
        return children[0]

    def plain(self, data: Any) -> Any:
        if isinstance(data, list):
            return [self.plain(item) for item in data]
        if not isinstance(data, dict):
            return data
        value = self.plain(data["value"])
        return {"dict": dict, "tuple": tuple, "list": list}[data["type"]](value)

    def frame(self, digest: str) -> dict[str, Any]:
        manifest = self.json("manifests", digest)
        head = self.plain(manifest["head"])
        trees = list(manifest["trees"])
        found: dict[str, Any] = {}
        for part in ("labels", "index"):
            if head[part]["kind"] == "range":
                found[part] = list(range(*head[part]["bounds"]))
            else:
                assert head[part]["kind"] == "flat"
                found[part] = list(self.tree(trees.pop(0)))
        found["columns"] = [self.tree(tree) for tree in trees]
        found["profile"] = manifest["profile"]
        return found


def versions() -> list[pd.DataFrame]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=70_000),
            "n": pd.array(np.where(np.arange(70_000) % 7, 1, None), dtype="Int64"),
            "word": rng.choice(["ä", "b", None], 70_000),
            "id": [f"id-{n}" for n in range(70_000)],
            "kind": pd.Categorical(rng.choice(["u", "v"], 70_000)),
            "at": pd.date_range("2020", periods=70_000, freq="min", tz="Europe/Berlin"),
        }
    )
    filtered = frame[rng.random(70_000) < 0.999]
    edited = filtered.copy()
    edited.loc[edited.index[5], "x"] = 9.0
    grown = pd.concat([edited, frame.iloc[:50]], ignore_index=True)
    return [frame, filtered, edited, grown, frame.sort_values("x"), frame.rename(columns={"x": "z"})]


def test_every_version_of_a_frame_can_be_read_from_the_documentation(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    kept = [(store.put(frame).digest, frame) for frame in versions()]
    reader = Documented(tmp_path)
    for digest, frame in kept:
        read = reader.frame(digest)
        assert read["labels"] == list(frame.columns)
        assert read["index"] == list(frame.index)
        for column, name in zip(read["columns"], frame.columns, strict=True):
            expected = frame[name].reset_index(drop=True)
            got = pd.Series(column).astype(object).where(pd.notna(column), None)
            if name == "at":
                got = pd.Series(column.tz_convert("Europe/Berlin"))
            assert (got.isna() == expected.isna()).all()
            assert (got.dropna() == expected.dropna().astype(got.dtype)).all()
        for (name, dtype, missing), column in zip(read["profile"], frame, strict=True):
            assert (name, dtype, missing) == (column, str(frame[column].dtype), frame[column].isna().sum())
    assert reader.recipes == {"chunks", "range", "take", "concat", "patch", "sum"}


def test_other_kinds_are_as_the_documentation_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_KEY_FILE", str(tmp_path / "key"))
    store, reader = SnapshotStore(tmp_path / "store"), Documented(tmp_path / "store")
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    found = reader.json("manifests", store.put(array).digest)
    assert (found["kind"], reader.plain(found["head"])) == ("array", {"axes": [1, 0]})
    np.testing.assert_array_equal(reader.column(found["trees"][0]), array)

    polars = reader.json("manifests", store.put(pl.DataFrame({"t": ["a", None]})).digest)
    assert (polars["kind"], polars["rows"], polars["columns"]) == ("polars dataframe", 2, 1)
    assert reader.plain(polars["head"]) == {"rows": 2, "fields": ["t"], "types": [["String"]]}
    assert list(reader.column(polars["trees"][0])) == ["a", None]

    (tmp_path / "data.csv").write_bytes(b"a,b\n" * 2_000_000)
    name = store.put_file(tmp_path / "data.csv").digest
    assert name == xxh3_128_hexdigest(b"a,b\n" * 2_000_000)
    file = reader.json("manifests", name)
    assert reader.plain(file["head"]) == {"name": "data.csv", "size": 8_000_000}
    assert reader.column(file["trees"][0]).tobytes() == b"a,b\n" * 2_000_000

    name = store.put({"path": Path("a")}).digest
    thing = reader.json("manifests", name)
    pickle = reader.column(thing["trees"][0]).tobytes()
    key = bytes.fromhex((tmp_path / "key").read_text())
    text = f"jupyter-mlops object 1\n{name}\n{hashlib.sha256(pickle).hexdigest()}"
    assert thing["mark"] == hmac.new(key, text.encode(), "sha256").hexdigest()
    assert cloudpickle.loads(pickle) == {"path": Path("a")}
