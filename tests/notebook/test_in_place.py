"""Frames are compared by where their memory lies, and yet nothing that writes there unseen goes unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

FRAME = """
import numpy as np, pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
df = pd.DataFrame(np.random.default_rng(0).normal(size=(20_000, 3)), columns=list("abc"))
df.loc[777, "b"] = np.nan
"""
WRITERS = {
    "an estimator that is told not to copy": ("fill = SimpleImputer(copy=False)", "fill.fit_transform(df)"),
    "one in a pipeline": ("pipe = make_pipeline(SimpleImputer(copy=False))", "pipe.fit_transform(df)"),
    "one made at once": ("", "SimpleImputer(copy=False).fit_transform(df)"),
    "a function that does so": (
        "def fill(d):\n    SimpleImputer(copy=False).fit_transform(d)",
        "fill(df)",
    ),
    "all values at once": ("scale = StandardScaler()\nscale.copy = False", "x = scale.fit_transform(df)"),
    "the array of a column": ("", "df['b'].array[777] = 1.0"),
    "a view that was made writable": ("", "v = df['b'].to_numpy()\nv.flags.writeable = True\nv[777] = 1.0"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_what_writes_past_pandas_changes_the_frame(notebook: TrackedShell, writer: str) -> None:
    before, code = WRITERS[writer]
    notebook.run(FRAME)
    notebook.run(before or "x = 1")
    assert notebook.run("df.shape").writes == {}
    old = digest(notebook["df"])
    record = notebook.run(code)
    assert digest(notebook["df"]) != old, "the cell did not write into the frame"
    assert record.writes["df"].kind == "change"
    assert record.writes["df"].digest == digest(notebook["df"])


def test_an_array_below_a_frame_changes_it_in_whatever_cell(notebook: TrackedShell) -> None:
    notebook.run(FRAME)
    notebook.run("below = np.zeros((20_000, 2)); on = pd.DataFrame(below, copy=False)")
    notebook.run("on.shape")
    notebook.run("below[777, 1] = 5.0")
    record = notebook.run("out = on.sum()")
    assert record.writes["out"].version == 1
    assert notebook.session.recorder.versions.digests["on"] == digest(notebook["on"])


def test_a_frame_that_is_only_read_is_held_and_let_go(notebook: TrackedShell) -> None:
    notebook.run(FRAME)
    prints = notebook.session.recorder.versions.fingerprints
    assert prints.frozen_bytes == notebook["df"].memory_usage(index=False).sum()
    notebook.run("del df")
    assert prints.frozen_bytes == 0


def test_nothing_is_held_when_tracking_is_off(notebook: TrackedShell) -> None:
    notebook.run(FRAME)
    notebook.session.stop()
    assert notebook.session.recorder.versions.fingerprints.frozen_bytes == 0
