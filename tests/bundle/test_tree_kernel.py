"""Promises of the C function that adds up trees: it is what its source says, and what NumPy says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from jupyter_mlops.bundle.compile.forest import float64_thresholds
from jupyter_mlops.bundle.kernel.build import NATIVE, TARGETS, build
from jupyter_mlops.bundle.runtime.compiled.forest import CATEGORY, NAN_RIGHT, NODE, Forest
from jupyter_mlops.bundle.runtime.compiled.kernel import Functions, library_name, load_kernel
from jupyter_mlops.bundle.runtime.problems import StartError

if TYPE_CHECKING:
    from pathlib import Path


def a_forest(
    trees: int, *, width: int = 1, outputs: int = 1, seed: int = 0, **changed: Any
) -> dict[str, Any]:
    """Random trees over 5 columns: lopsided ones, single leaves, numbers and categories."""
    rng = np.random.default_rng(seed)
    nodes, root, depth = [], [], []
    for tree in range(trees):
        root.append(len(nodes))
        steps = tree % 7
        depth.append(steps)
        nodes.append([np.inf, 0, len(nodes)])
        for _ in range(steps):  # the last leaf is split
            feature = rng.integers(0, 5) | (NAN_RIGHT if rng.random() < 0.5 else 0)
            threshold = rng.normal()
            if rng.random() < 0.3:
                feature, threshold = feature | CATEGORY, rng.integers(0, 4)
            place = len(nodes)
            nodes[-1 if rng.random() < 0.5 or place - root[-1] < 2 else -2] = [threshold, feature, place]
            nodes += [[np.inf, 0, place], [np.inf, 0, place + 1]]
    return {
        "nodes": np.array([tuple(node) for node in nodes], dtype=NODE),
        "leaf": rng.integers(0, 50, len(nodes)).astype(np.int32),
        "values": rng.normal(size=(50, width)) * 10.0 ** rng.integers(-9, 9, (50, width)),
        "root": np.array(root, dtype=np.int32),
        "depth": np.array(depth, dtype=np.int32),
        "sets": rng.integers(0, 256, (4, 32)).astype(np.uint8),
        "features": 5,
        "outputs": outputs,
        **changed,
    }


@pytest.fixture(scope="module")
def functions() -> Functions:
    name = library_name()
    if name is None:
        pytest.skip("there is no library for this machine; everything here is done by NumPy")
    loaded = load_kernel(NATIVE / name)
    assert loaded is not None
    return loaded


def test_the_libraries_are_what_the_source_says_to_the_byte(tmp_path: Path) -> None:
    build(tmp_path)
    assert {file.name for file in NATIVE.iterdir()} == {*TARGETS, "trees.c"}
    for name in TARGETS:
        assert (tmp_path / name).read_bytes() == (NATIVE / name).read_bytes(), f"{name}: run `make kernels`"


@pytest.mark.parametrize(
    ("trees", "width", "outputs"), [(1, 1, 1), (8, 1, 1), (37, 1, 1), (30, 1, 3), (9, 4, 4)]
)
@pytest.mark.parametrize("rows", [0, 1, 31, 33, 300])
def test_it_adds_what_numpy_adds_to_the_last_bit(
    functions: Functions, trees: int, width: int, outputs: int, rows: int
) -> None:
    rng = np.random.default_rng(rows)
    edges = [np.nan, np.inf, -np.inf, -0.0, 0.0, 255.0, 256.0, -1.0, 0.5, 1e300, -1e300, 5e-324]
    matrix = np.where(
        rng.random((rows, 5)) < 0.5, rng.choice(edges, (rows, 5)), rng.normal(size=(rows, 5)) * 3
    )
    start = rng.normal(size=(rows, outputs))
    arrays = a_forest(trees, width=width, outputs=outputs, seed=trees)
    in_c, in_numpy = start.copy(), start.copy()
    Forest(**arrays, functions=functions).add_to(in_c, matrix)
    Forest(**arrays).add_to(in_numpy, matrix)
    assert in_c.tobytes() == in_numpy.tobytes()
    assert rows == 0 or (in_c != start).any()


def test_a_matrix_in_another_order_gives_the_same(functions: Functions) -> None:
    matrix = np.random.default_rng(0).normal(size=(40, 5))
    forest = Forest(**a_forest(20), functions=functions)
    first, second = np.zeros((40, 1)), np.zeros((40, 1))
    forest.add_to(first, matrix)
    forest.add_to(second, np.asfortranarray(matrix))
    assert first.tobytes() == second.tobytes()
    with pytest.raises(ValueError, match="5 columns"):
        forest.add_to(first, matrix[:, :4])


def test_what_does_not_load_here_is_left_to_numpy(tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("no library")
    assert load_kernel(tmp_path / "text.so") is None
    assert load_kernel(tmp_path / "absent.so") is None
    for name in set(TARGETS) - {library_name()}:
        assert load_kernel(NATIVE / name) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"features": 3},  # a node asks for a column that does not come
        {"leaf": np.zeros(3, dtype=np.int32)},
        {"leaf": np.full(134, 50, dtype=np.int32)},
        {"root": np.array([0, 5000], dtype=np.int32), "depth": np.array([1, 1], dtype=np.int32)},
        {"root": np.array([0, 1], dtype=np.int32)},
        {"sets": np.zeros((1, 32), dtype=np.uint8)},
        {"values": np.zeros((50, 1), dtype=np.float32)},
        {"outputs": 7},
    ],
    ids=["features", "leaves", "values", "roots", "depths", "sets", "dtype", "outputs"],
)
def test_arrays_that_lead_outside_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(StartError):
        Forest(**a_forest(20, **changed))


def test_a_node_that_leads_outside_is_refused() -> None:
    arrays = a_forest(20)
    inner = np.flatnonzero(arrays["nodes"]["left"] != np.arange(len(arrays["nodes"])))
    arrays["nodes"]["left"][inner[-1]] = len(arrays["nodes"]) - 1  # its right child would be behind the end
    with pytest.raises(StartError):
        Forest(**arrays)


def test_thresholds_divide_float64_as_they_divide_float32() -> None:
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 20_000, dtype=np.uint32).view(np.float32)
    single = bits[np.isfinite(bits)].astype(np.float64)
    largest = float(np.finfo(np.float32).max)
    special = [0.0, -0.0, 1e-45, -1e-45, largest, -largest, np.inf, 1e300, -1e300, 0.1, 1.7e9 + 0.3]
    between = np.nextafter(single, rng.choice([-np.inf, np.inf], len(single)))
    thresholds = np.concatenate([single, between, special, rng.normal(size=1000)])
    exact = float64_thresholds(thresholds)
    values = [thresholds, exact, rng.permutation(thresholds), np.full_like(exact, 1e300), -thresholds]
    for direction in (-np.inf, np.inf):
        values += [np.nextafter(value, direction) for value in values[:2]]
        with np.errstate(over="ignore"):
            neighbour = np.nextafter(thresholds.astype(np.float32), np.float32(direction)).astype(np.float64)
        values += [neighbour, neighbour / 2 + thresholds / 2]
    for value in values:
        with np.errstate(over="ignore"):
            rounded = value.astype(np.float32).astype(np.float64)
        assert ((value <= exact) == (rounded <= thresholds)).all()
