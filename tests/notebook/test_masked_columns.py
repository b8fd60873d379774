"""With masks on, no file below the project holds a value of a masked column."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from byte_search import files_with

from jupyter_mlops.errors import StoreError
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.mask_tokens import is_token
from jupyter_mlops.tracking.project import sync

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

PEOPLE = [f"person-{number:04}-recognisable" for number in range(200)]
SECRETS = ("-recognisable", "recognisable", "erson-0007")
MAKE = """
import numpy as np, pandas as pd
from sklearn.linear_model import Ridge
g = np.random.default_rng(0)
df = pd.DataFrame({"mail": people, "age": g.integers(20, 80, 200), "city": g.choice(["Ulm", "Hof"], 200)})
df["pay"] = df["age"] * 2.0 + g.normal(size=200)
"""
CELLS = (
    MAKE,
    "cat = df.astype({'mail': 'category'})\nindexed = df.set_index('mail')",
    "levels = df.set_index(['mail', 'city'])",
    "objects = df.astype({'mail': object})\nraw = df.assign(mail=[m.encode('utf-16') for m in people])",
    "s = df['mail']\narrow = df.astype({'mail': 'string[pyarrow]'})",
    "sorted_ = df.sort_values('age')\nsome = df[df['age'] > 30]\nsome = pd.concat([some, some.tail(3)])",
    "lookup = pd.DataFrame({'mail': people, 'score': range(200)})\njoined = df.merge(lookup, on='mail')",
    "by = df.groupby('mail')['pay'].mean()",
    "wide = df.head(20).pivot(index='age', columns='mail', values='pay').fillna(0)",
    "scores = df.groupby('mail')['pay'].mean().head(20).to_dict()\nmodel = Ridge().fit(wide, wide.index)",
    "X = df[['age']]\nmodel = Ridge().fit(X, df['pay'])\nr2 = model.score(X, df['pay'])",
    "array = df['mail'].to_numpy()\nfixed = np.array(people)\nmatrix = df.to_numpy()",
    "renamed = df.rename(columns={'mail': 'who'})\nlist_ = list(people)",
    "model = Ridge().fit(wide.fillna(0), range(len(wide)))",
    "df.loc[3, 'mail'] = None\ndf",
)  # fmt: skip


def test_no_file_holds_a_masked_value_whatever_was_done_with_the_column(untracked: TrackedShell) -> None:
    project = untracked.settings
    untracked.shell.user_ns["people"] = PEOPLE
    session = open_session(untracked.shell, project, mask=["mail"])
    session.start()
    for source in CELLS:
        untracked.run(source)
    untracked.execute("%mlops restore df@2")
    untracked.execute("%mlops drift df some")
    untracked.close()
    sync(project)
    assert files_with(project.project, *SECRETS) == []
    assert files_with(project.project, "masked:"), "nothing was stored: the search proves nothing"
    store, names = SnapshotStore(project.snapshots), {"cat", "indexed", "levels", "joined", "s", "by"}
    writes = [(name, write) for record in session.records for name, write in record.writes.items()]
    assert {name for name, write in writes if write.digest in store} >= names


def test_what_is_not_stored_for_its_masked_values_says_so(untracked: TrackedShell) -> None:
    untracked.shell.user_ns["people"] = PEOPLE
    session = open_session(untracked.shell, untracked.settings, mask=["mail"])
    session.start()
    untracked.run(MAKE)
    renamed = untracked.run("renamed = df.rename(columns={'mail': 'who'})").writes["renamed"].digest
    array = untracked.run("array = df['age'].to_numpy()").writes["array"].digest
    session.keeper.drain()
    assert "'who' holds values of a masked column" in session.keeper.not_kept[str(renamed)]
    assert "ndarray has no names" in session.keeper.not_kept[str(array)]


def test_without_the_mask_the_search_finds_the_values(notebook: TrackedShell) -> None:
    notebook.shell.user_ns["people"] = PEOPLE
    notebook.run(MAKE)
    notebook.close()
    assert files_with(notebook.settings.project, *SECRETS)


def test_versions_and_slices_are_those_of_an_unmasked_session(untracked: TrackedShell) -> None:
    open_session(untracked.shell, untracked.settings, mask=["mail"]).start()
    untracked.run("import pandas as pd\ndf = pd.DataFrame({'mail': ['a@x', 'b@x'], 'n': [1, 2]})")
    assert untracked.run("df.head()").writes == {}
    assert untracked.run("df['mail']").writes == {}
    changed = untracked.run("df.loc[0, 'mail'] = 'c@x'").writes["df"]
    assert (changed.version, changed.kind) == (2, "change")
    untracked.run("out = df['mail'].nunique()")
    assert untracked.slice("out")[1:] == ["df.loc[0, 'mail'] = 'c@x'", "out = df['mail'].nunique()"]


def test_a_mask_added_later_is_no_change_of_the_data(notebook: TrackedShell) -> None:
    notebook.run("import pandas as pd\ndf = pd.DataFrame({'mail': ['a@x'], 'n': [1]})")
    open_session(notebook.shell, notebook.settings, mask=["mail"])
    open_session(notebook.shell, notebook.settings, mask=["name"])
    assert notebook.session.privacy.masked.names == ("mail", "name")
    assert notebook.run("df['mail'].count()").writes == {}
    run = notebook.run_facts("from sklearn.dummy import DummyRegressor\nm = DummyRegressor().fit(df, [1])")
    notebook.session.keeper.drain()
    stored = SnapshotStore(notebook.settings.snapshots).get(run.datasets[0].digest)
    assert is_token(stored["mail"][0])


def test_the_journal_tells_what_was_masked(notebook: TrackedShell) -> None:
    open_session(notebook.shell, notebook.settings, mask=["mail"])
    notebook.close()
    assert [line["masked"] for line in _journal(notebook) if "masked" in line] == [[], ["mail"]]


def _journal(notebook: TrackedShell) -> list[dict[str, object]]:
    (path,) = notebook.settings.journals.glob("*.jsonl")
    return [json.loads(line.partition(" ")[2]) for line in path.read_text().splitlines()]


def test_masks_of_a_session_hold_when_the_experiment_changes(notebook: TrackedShell) -> None:
    open_session(notebook.shell, notebook.settings, mask=["mail"], keep_data=False)
    other = open_session(notebook.shell, replace(notebook.settings, experiment="other"))
    assert other.privacy.masked.names == ("mail",)
    assert not other.privacy.keeps_data
    other.end()


def test_without_a_key_nothing_is_tracked(untracked: TrackedShell) -> None:
    untracked.settings.home.mkdir()
    untracked.settings.mask_key.write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        open_session(untracked.shell, untracked.settings, mask=["mail"])
    assert not untracked.settings.journals.exists()


def test_no_data_keeps_no_value_of_any_frame(untracked: TrackedShell) -> None:
    project = untracked.settings
    untracked.shell.user_ns["people"] = PEOPLE
    open_session(untracked.shell, project, keep_data=False).start()
    for source in CELLS:
        untracked.run(source)
    numbers = [f"{value:.12f}"[:14] for value in untracked["df"]["pay"].head(5)]
    untracked.close()
    sync(project)
    assert files_with(project.project, *SECRETS, *numbers) == []
    assert not project.snapshots.exists() or not list(project.snapshots.rglob("*.json"))
