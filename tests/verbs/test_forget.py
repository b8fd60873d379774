"""A person is forgotten: no file of the project holds their values; what cannot be reached is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from byte_search import files_with
from notebook_in_process import Notebook
from the_story import run_mlops

import jupyter_mlops
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.version_profile import profile_of_version
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.frame_profiles import stored_profile
from jupyter_mlops.tracking.project import sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracked_shell import TrackedShell

PERSON = "eve.o'neil@example.org"
MAKE = f"""
import numpy as np, pandas as pd
from sklearn.linear_model import Ridge
g = np.random.default_rng(0)
mails = [f"user{{n}}@example.org" for n in range(200)]
mails[2] = "{PERSON}"
city = pd.Categorical(["Ulm", "Hof"] * 100)
df = pd.DataFrame({{"mail": mails, "age": g.normal(40, 9, 200), "city": city}})
df["pay"] = df["age"] * 2.0 + g.normal(size=200)
"""
CELLS = (
    MAKE,
    "by_age = df.sort_values('age')",
    "one = df[df['mail'] == \"eve.o'neil@example.org\"]",
    "X, y = df[['age']], df['pay']\nwho = 'eve.o\\'neil@example.org'",
    "model = Ridge(alpha=2.0).fit(X, y)\nr2 = model.score(X, y)",
    "array = df[['age', 'pay']].to_numpy()\nrows = array.copy()",
    "other = pd.DataFrame({'n': range(5)})\nplain = np.arange(7)",
)  # fmt: skip


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path / "project")
    yield made
    made.close()


def fill(notebook: Notebook, track: str = "%mlops track on") -> float:
    """Run the notebook; returns the person's age, which stands in frames without their mail."""
    notebook.done(track)
    for source in CELLS:
        notebook.done(source)
    age: float = notebook["df"]["age"][2]
    return age


def test_no_file_below_the_project_holds_the_person_afterwards(notebook: Notebook) -> None:
    age = fill(notebook)
    notebook.done("%mlops promote model --as pay")
    with notebook.here():
        assert jupyter_mlops.serve("pay@champion").server
    notebook.done("%mlops serve --stop")
    notebook.done(f"%%mlops track --name noted\nnoted = {PERSON!r}\nscore = 0.5")
    notebook.done("%mlops runs")
    assert [name for name in files_with(notebook.folder, PERSON, f"{age:.10f}"[:12]) if "index" in name]
    notebook.done("X['age'] = X['age'] + 0.0")  # another version with these rows, which is profiled, too
    with notebook.here():
        settings = load_settings()
        store = project_store(settings)
        before = profile_of_version(settings, "pay")
    assert set(before.columns) == {"age", "pay", "prediction"}
    for digest in store.forget({"mail": PERSON}, dry_run=True).rows:
        stored_profile(store, digest)
    assert [name for name in files_with(store.path, PERSON) if "profiles" in name]

    looked = notebook.done(f'%mlops forget --where "mail={PERSON}"').value
    assert looked.to_dict()["dry_run"]
    assert "would be forgotten" in str(looked)
    assert files_with(notebook.folder, PERSON)

    done = notebook.done(f'%mlops forget --where "mail={PERSON}" --yes').value.to_dict()
    assert done["models"] == [{"name": "pay", "version": "1"}]
    assert (done["done"]["examples"], done["done"]["profiles"]) == (1, 1)
    with notebook.here():
        after = profile_of_version(settings, "pay")
    assert (before.rows, after.rows) == (200, 199)
    assert list(after.columns) == list(before.columns)
    assert any("X@1" in name for names in done["versions"].values() for name in names)
    removed = "\n".join(notebook.run("%mlops restore rows@1").refusal())
    assert "removed" in removed
    notebook.done("%mlops restore plain@1")
    assert not any("other@1" in name for names in done["versions"].values() for name in names)

    with notebook.here():
        jupyter_mlops.export("pay@champion", notebook.folder / "bundle")
    rows = json.loads((notebook.folder / "bundle" / "example.json").read_text())
    assert len(rows) == 4
    assert age not in [row["age"] for row in rows]

    notebook.done("%mlops restore df@1 --as older")
    assert PERSON not in set(notebook["older"]["mail"])
    assert len(notebook["older"]) == 199
    notebook.close()
    assert files_with(notebook.folder, PERSON, f"{age:.10f}"[:12]) == []


def test_the_rows_of_a_masked_column_are_found_by_the_value(notebook: Notebook) -> None:
    notebook.done("%mlops track on --mask mail")
    notebook.shell.user_ns["mails"] = [PERSON, "ada@example.org", "bob@example.org"]
    notebook.done("import pandas as pd\ndf = pd.DataFrame({'mail': mails, 'n': [12.34567, 2, 3]})")
    notebook.done(f'%mlops forget --where "mail={PERSON}" --yes')
    notebook.done("%mlops restore df@1 --as older")
    assert list(notebook["older"]["n"]) == [2, 3]


def test_values_are_found_in_columns_of_any_type(notebook: Notebook) -> None:
    notebook.done("%mlops track on")
    notebook.done(
        "import pandas as pd\n"
        "days = pd.to_datetime(['2020-01-01', '2021-01-01'])\n"
        "d = pd.DataFrame({'number': [4711, 4712], 'text': ['4711', 'x'], 'day': days, 'fine': [0.5, 1.5]})\n"
        "a = d.astype({'number': 'int64[pyarrow]'})"
    )
    for condition, rows in (("number=4711", 1), ("text=4711", 1), ("day=2020-01-01", 1), ("fine == 0.5", 1),
                            ("number=4713", 0), ("number in [4711, 4712]", 2)):  # fmt: skip
        found = notebook.done(f'%mlops forget --dry-run --where "{condition}"').value.to_dict()
        assert set(found["rows"].values()) == ({rows} if rows else set()), condition
    both = notebook.done("%mlops forget --dry-run --where number=4711 --where text=x").value.to_dict()
    assert both["rows"] == {}


def test_a_running_notebook_goes_on_and_its_record_stays_whole(notebook: Notebook) -> None:
    fill(notebook)
    notebook.done(f'%mlops forget --where "mail={PERSON}" --yes')
    card = notebook.done("Z = df[['age']]\nagain = Ridge(alpha=3.0).fit(Z, y)\nr2 = again.score(Z, y)")
    assert card.error is None
    notebook.done(f"import jupyter_mlops\njupyter_mlops.forget({{'mail': {PERSON!r}}})")
    notebook.close()
    with notebook.here():
        sync(load_settings())
        runs = jupyter_mlops.runs().to_dict()["runs"]
    assert len(runs) == 2
    assert files_with(notebook.folder, PERSON) == []


def test_sources_stay_if_they_are_wanted(notebook: Notebook) -> None:
    fill(notebook)
    notebook.done(f'%mlops forget --where "mail={PERSON}" --keep-sources --yes')
    notebook.close()
    left = files_with(notebook.folder, PERSON)
    assert left
    assert not [name for name in left if "snapshots" in name]


def test_what_was_forgotten_is_noted_without_the_values(notebook: Notebook) -> None:
    fill(notebook)
    for _ in range(2):
        notebook.done(f'%mlops forget --where "mail={PERSON}" --yes')
    first, second = map(json.loads, (notebook.folder / ".mlops" / "forgotten.jsonl").read_text().splitlines())
    assert list(first["where"]) == ["mail"]
    assert first["where"] == second["where"]
    assert first["rows"] > second["rows"] == 0
    assert {"time", "who"} <= first.keys()


def test_this_kernels_variables_that_still_hold_the_rows_are_named(notebook: Notebook) -> None:
    fill(notebook)
    card = notebook.done(f'%mlops forget --where "mail={PERSON}" --yes').value
    (warning,) = [what for _, what, _ in card.checks if what.startswith("this kernel's")]
    assert "df" in warning
    assert PERSON not in str(card)


def test_a_shell_asks_first(notebook: Notebook) -> None:
    fill(notebook)
    notebook.close()
    condition = f"mail={PERSON}"
    with notebook.here():
        asked = run_mlops(notebook.folder, "forget", "--where", condition)
        assert "Forget them?" in asked.stdout
        assert asked.returncode == 130  # nobody answered
        assert run_mlops(notebook.folder, "forget", "--where", condition, "--json").returncode == 2
        assert files_with(notebook.folder / ".mlops", PERSON)
        assert run_mlops(notebook.folder, "forget", "--where", condition, "--yes").returncode == 0
    assert files_with(notebook.folder, PERSON) == []


@pytest.mark.parametrize("where", ["mail", "mail > 3", "=x", "mail='open", "a == 'x' and b == 'y'"])
def test_what_is_no_condition_is_refused_without_repeating_the_value(notebook: Notebook, where: str) -> None:
    with notebook.here(), pytest.raises(BadInputError) as refused:
        jupyter_mlops.forget(where)
    assert "open" not in str(refused.value)


def test_an_empty_project_has_nothing_to_forget(notebook: Notebook) -> None:
    with notebook.here():
        card = jupyter_mlops.forget({"mail": PERSON})
    assert card.title == "0 rows in 0 versions are forgotten"


PICTURE = """
import base64
from IPython.display import Image, display
display(Image(data=base64.b64decode("{data}"), format="png"))
ages = {frame}["age"].mean()
"""
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_figures_of_cells_that_read_the_rows_are_removed_and_no_others(untracked: TrackedShell) -> None:
    untracked.track()
    untracked.run(MAKE)
    untracked.run("other = pd.DataFrame({'age': [1.5]})")
    shown = untracked.run(PICTURE.format(data=PNG, frame="df"))
    kept = untracked.run(PICTURE.format(data=PNG.replace("NSUhEUgA", "NSUhEUgB"), frame="other"))
    figures = untracked.settings.figures
    assert len(list(figures.iterdir())) == 2
    jupyter_mlops.forget({"mail": PERSON})
    assert [path.name for path in figures.iterdir()] == [kept.figures[0].file_name]
    assert shown.figures[0].file_name != kept.figures[0].file_name
