"""Expectations written for pandera: real pandera fails where we do, and warns where we do."""

import runpy
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pytest

from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.drift.validate import Expectations, expectations_of, validate_frame
from jupyter_mlops.drift.validate.pandera_module import pandera_module

G = np.random.default_rng(8)
N = 1_000
REFERENCE = pd.DataFrame(
    {
        "age": G.integers(0, 5, N) * 10,
        "price": G.normal(size=N),
        "gaps": np.where(np.arange(N) % 50 == 0, None, G.choice(["Ulm", 'it\'s "Rome"'], N)),
        "rare": ["a", "b"] * (N // 2 - 5) + [f"rare {i}" for i in range(10)],
        "id": np.arange(N),
        "code": [f"c{i}" for i in range(N)],
        "always": [True] * N,
        "when": pd.date_range("2024", periods=N, freq="h"),
        "there": pd.date_range("2024", periods=N, freq="h", tz="Asia/Tokyo"),
        "took": pd.to_timedelta(G.integers(0, 90, N), unit="s"),
        "kind": pd.Categorical(["x", "y"] * (N // 2)),
        "nested": [[1]] * N,
        "nothing": [None] * N,
        "sizes": np.r_[np.inf, np.arange(N - 1.0)],
    }
)


@pytest.fixture(scope="module")
def expected() -> Expectations:
    return expectations_of(profile_frame(REFERENCE))


@pytest.fixture(scope="module")
def schema(expected: Expectations, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("pandera") / "expected.py"
    path.write_text(pandera_module(expected), encoding="utf-8")
    return runpy.run_path(str(path))["schema"]


def told(schema: Any, frame: pd.DataFrame) -> tuple[set[str], int]:
    """The columns that fail, as pandera says, and how many checks warn."""
    failed: set[str] = set()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            missing = cases["check"] == "column_in_dataframe"
            failed = set(cases.loc[~missing, "column"]) | set(cases.loc[missing, "failure_case"])
    return failed, sum(issubclass(each.category, pandera.errors.SchemaWarning) for each in caught)


CHANGES: dict[str, Any] = {
    "nothing changed": lambda f: f,
    "another integer": lambda f: f.assign(age=f["age"].astype("int32")),
    "far off": lambda f: f.assign(price=np.r_[-999.0, f["price"][1:]]),
    "a little off": lambda f: f.assign(price=np.r_[f["price"].max() + 0.1, f["price"][1:]]),
    "many a little off": lambda f: f.assign(price=np.r_[[f["price"].max() + 0.1] * 20, f["price"][20:]]),
    "infinite": lambda f: f.assign(price=np.r_[np.inf, f["price"][1:]]),
    "a hard end": lambda f: f.assign(age=np.r_[41, f["age"][1:]]),
    "not whole": lambda f: f.assign(age=np.r_[1.5, f["age"][1:]]),
    "missing": lambda f: f.assign(age=np.r_[np.nan, f["age"][1:]]),
    "some more gaps": lambda f: f.assign(gaps=f["gaps"].mask(np.arange(N) % 30 == 0)),
    "many more gaps": lambda f: f.assign(gaps=f["gaps"].mask(np.arange(N) % 5 == 0)),
    "a new city": lambda f: f.assign(gaps=f["gaps"].replace("Ulm", "Oslo")),
    "a new rare one": lambda f: f.assign(rare=["new", *f["rare"][1:]]),
    "new common ones": lambda f: f.assign(rare=["new"] * N),
    "twice": lambda f: f.assign(id=np.r_[5, f["id"][1:]], code=["c1", *f["code"][1:]]),
    "false": lambda f: f.assign(always=False),
    "text": lambda f: f.assign(age=f["age"].astype(str), when=f["when"].astype(str)),
    "a zone": lambda f: f.assign(when=f["when"].dt.tz_localize("UTC")),
    "another zone": lambda f: f.assign(there=f["there"].dt.tz_convert("UTC")),
    "longer": lambda f: f.assign(took=f["took"] + pd.Timedelta("1D")),
    "a new kind": lambda f: f.assign(kind="z"),
    "no lists": lambda f: f.assign(nested=1),
    "columns": lambda f: f.drop(columns="age").assign(new=1),
    "no rows": lambda f: f.head(0),
    "later": lambda f: f.assign(when=f["when"] + pd.Timedelta("9D"), nothing=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_pandera_fails_where_we_do(change: str, schema: Any, expected: Expectations) -> None:
    current = CHANGES[change](REFERENCE)
    failed, _ = told(schema, current)
    ours = validate_frame(current, expected)
    columns = {each.expectation.column for each in ours.each if each.verdict == "fail"}
    if change == "no rows":  # a line about the frame, which pandera has no column for
        assert not ours.ok
        assert failed
    else:
        assert failed == columns


def test_what_only_warns_is_a_warning_there(schema: Any) -> None:
    assert told(schema, REFERENCE) == (set(), 0)
    assert told(schema, CHANGES["later"](REFERENCE)) == (set(), 2)


def test_the_module_is_readable_and_text_from_the_data_stays_text(expected: Expectations) -> None:
    evil = 'x"""\nraise SystemExit(1)\n"""\\'
    frame = pd.DataFrame({evil: [evil, "b"] * 100})
    text = pandera_module(expectations_of(profile_frame(frame)))
    made: dict[str, Any] = {}
    exec(compile(text, "expected", "exec"), made)  # noqa: S102 - what this test is about
    made["schema"].validate(frame)
    ours = pandera_module(expected)
    assert max(map(len, ours.splitlines())) <= 110
    assert "jupyter_mlops" not in ours
