"""`track --mask`, `--no-data` and `--budget`, and what the other verbs make of masked data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from byte_search import files_with
from notebook_in_process import Notebook

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.version_profile import profile_of_version
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot import SnapshotStore, digest
from jupyter_mlops.snapshot.mask_tokens import is_token
from jupyter_mlops.tracking.frame_profiles import stored_profile
from jupyter_mlops.verbs.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAKE = """
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge
g = np.random.default_rng(0)
mail = [f"{number:04}-person@example.org" for number in range(60)]
name = [f"Given {n % 3} Family" for n in range(60)]
df = pd.DataFrame({"mail": mail, "name": name, "age": g.integers(20, 80, 60)})
df["pay"] = df["age"] * 2.0 + g.normal(size=60)
X, pay, who = df[["age"]], df["pay"], df["name"]
model = Ridge(alpha=2.0).fit(X, pay)
r2 = model.score(X, pay)
"""


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path / "project")
    yield made
    made.close()


def test_several_masks_are_named_in_several_ways_and_only_added(notebook: Notebook) -> None:
    assert dict(notebook.done("%mlops track on --mask mail,name --mask age").value.card().lines)[
        "masked"
    ] == ("mail, name, age")
    status = notebook.done("%mlops track on --mask pay").value
    assert status.masked == ("mail", "name", "age", "pay")
    assert notebook.done("%mlops track off").value.masked == status.masked


def test_the_environment_masks_every_session(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "project", MLOPS_MASK="mail, name")
    try:
        assert notebook.done("%mlops track on --mask age").value.masked == ("mail", "name", "age")
    finally:
        notebook.close()


def test_no_data_holds_until_the_session_ends(notebook: Notebook) -> None:
    assert not notebook.done("%mlops track on --no-data").value.keeps_data
    status = notebook.done("%mlops track on").value
    assert not status.keeps_data
    assert "digests only" in str(status)
    notebook.done(MAKE)
    assert stored_profile(SnapshotStore(notebook.folder / ".mlops/snapshots"), digest(notebook["df"])) is None
    assert "with --no-data" in "\n".join(notebook.run("%mlops restore df@1").refusal())


@pytest.mark.parametrize("option", ["--mask mail", "--no-data", "--budget 2GB"])
def test_promises_are_made_when_tracking_is_turned_on(notebook: Notebook, option: str) -> None:
    assert "do not go with 'off'" in "\n".join(notebook.run(f"%mlops track off {option}").refusal())


def test_a_masked_frame_is_restored_with_its_hashes_and_says_so(notebook: Notebook) -> None:
    notebook.done("%mlops track on --mask mail")
    notebook.done(MAKE)
    card = notebook.done("%mlops restore df@1").value
    assert all(is_token(value) for value in notebook["df_1"]["mail"])
    assert list(notebook["df_1"]["age"]) == list(notebook["df"]["age"])
    assert dict(card.lines)["masked"].startswith("mail: hashes")
    assert card.to_dict()["masked"] == ["mail"]
    assert "masked" not in notebook.done("%mlops restore X@1").said
    notebook.done("%mlops restore df@1 --as df_1")  # what was restored is known to be the same


def test_a_model_beside_the_masked_columns_is_promoted_without_a_trace_of_them(notebook: Notebook) -> None:
    notebook.done("%mlops track on --mask mail --mask name")
    notebook.done(MAKE)
    notebook.done("people = df.groupby('mail')['pay'].mean()")
    notebook.done("%mlops drift df df")
    notebook.done("%mlops compare")
    notebook.done("%mlops show last --code")
    notebook.done("%mlops promote model --as pay")
    notebook.done("%mlops export pay@champion bundle")
    with notebook.here():
        profile = profile_of_version(load_settings(), "pay")
    assert list(profile.columns) == ["age", "pay", "prediction"]
    notebook.close()
    assert files_with(notebook.folder, "0007-person@", "Given 2 Family") == []


def test_a_model_that_may_hold_masked_values_is_not_promoted(notebook: Notebook) -> None:
    notebook.done("%mlops track on --mask mail --mask name")
    notebook.done(MAKE)
    for source, said in (
        ("wide = df[['age']].assign(mail=df['mail'].str.len())\nm = Ridge().fit(wide, pay)", "column 'mail'"),
        ("m = LogisticRegression().fit(X, who)", "holds values of a masked column"),
        ("y = who.to_numpy()\nm = LogisticRegression().fit(X, y)", "holds values of a masked column"),
    ):
        notebook.done(source)
        refusal = "\n".join(notebook.run("%mlops promote m --as pay").refusal())
        assert said in refusal
        assert "Given" not in refusal
    assert files_with(notebook.folder, "Given 2 Family") == []


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500_000_000), ("2GB", 2_000_000_000), ("1.5 GiB", 1_610_612_736), ("64mib", 67_108_864),
     ("1TB", 10**12), ("3000000 B", 3_000_000)],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "2", "GB", "2GX", "-1GB", "1,5GB", "0MB", "10kB", "5iB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        parse_size(text)


def test_the_budget_is_kept_and_what_it_skipped_says_so(notebook: Notebook) -> None:
    status = notebook.done("%mlops track on --budget 2MB").value
    assert status.snapshots["budget"] == 2_000_000
    notebook.done("import numpy as np, pandas as pd\nbig = pd.DataFrame({'a': np.arange(1_000_000.0)})")
    notebook.done("small = pd.DataFrame({'a': np.arange(10.0)})")
    assert "of the budget of 2 MB" in "\n".join(notebook.run("%mlops restore big@1").refusal())
    notebook.done("%mlops restore small@1")
    status = notebook.done("%mlops track status").value
    assert status.snapshots["not_kept"] == 1
    assert "1 value kept as digest only" in str(status)
    assert "is not a size" in "\n".join(notebook.run("%mlops track on --budget much").refusal())
