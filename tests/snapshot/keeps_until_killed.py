"""Puts version after version and says each that is finished: run by a test that kills it.

Arguments: the folder or URL of the store, a seed, and ``put`` or ``forget``.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from jupyter_mlops.snapshot import SnapshotStore

PERSON = "somebody-secret"
PERSONS_ROW = 100


def first(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = [f"p{v}" for v in rng.permutation(500)]
    names[PERSONS_ROW] = PERSON
    return pd.DataFrame({"name": names, "x": rng.normal(size=500), "k": rng.integers(0, 9, 500)})


def step(d: pd.DataFrame, number: int) -> pd.DataFrame:
    """The next version: sorted, edited, longer or with other values."""
    if number % 4 == 0:
        return d.sort_values("k", ignore_index=True)
    if number % 4 == 1:
        return d.assign(x=d["x"].where(d.index != 7, number))
    if number % 4 == 2:
        return pd.concat([d, d.head(5)], ignore_index=True)
    return d.assign(k=d["k"] + d.index % 2)


def history(seed: int, count: int) -> list[pd.DataFrame]:
    versions = [first(seed)]
    for number in range(count - 1):
        versions.append(step(versions[-1], number))
    return versions


def main(folder: str, seed: int, what: str) -> None:
    store = SnapshotStore(folder)
    print("ready", flush=True)
    if what == "forget":
        store.forget({"name": PERSON})
        print("forgotten", flush=True)
        return
    for version in history(seed, 200):
        print(store.put(version).digest, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
