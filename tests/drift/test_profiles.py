"""Profiles: kept as JSON, merged by adding, and read from frames of any kind."""

import gzip
import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from benchmarks.drift_frame import MATERIAL, benchmark_frame
from jupyter_mlops.drift import compare_frames, compare_profiles
from jupyter_mlops.drift.profile import FrameProfile, profile_frame
from jupyter_mlops.drift.profile.categories import Categories
from jupyter_mlops.drift.profile.ordered import Ordered, summary_of
from jupyter_mlops.errors import BadInputError

G = np.random.default_rng(4)


def again(profile: FrameProfile) -> FrameProfile:
    return FrameProfile.from_json(profile.to_json())


def test_stored_profiles_find_what_the_frames_show(
    benchmark_reference: pd.DataFrame, benchmark_current: pd.DataFrame
) -> None:
    stored = [again(profile_frame(frame)) for frame in (benchmark_reference, benchmark_current)]
    result = compare_profiles(*stored)
    assert set(result.drifted) == MATERIAL
    exact = compare_frames(benchmark_reference, benchmark_current).columns.set_index("column")
    found = result.columns.set_index("column")
    assert (found["effect"] - exact["effect"]).abs().max() < 0.04
    numbers = [name for name in exact.index if name.startswith("num")]
    assert (found["effect"] - exact["effect"]).abs()[numbers].max() < 6e-4
    # A few kilobytes a column.
    assert len(gzip.compress(stored[0].to_json().encode())) < 4_500 * 50


def test_the_same_profile_is_the_same_file(benchmark_reference: pd.DataFrame) -> None:
    profile = profile_frame(benchmark_reference[["num_00", "low_03", "high_02"]])
    assert again(profile).to_json() == profile.to_json()


@pytest.mark.parametrize("rows", [3000, 60_000])
def test_quantiles_and_counts_are_those_of_numpy(rows: int) -> None:
    values = np.r_[G.normal(size=rows // 2), G.integers(0, 9, rows - rows // 2)]
    summary = summary_of(values)
    shares, points = np.linspace(0, 1, 101), np.linspace(-4, 9, 200)
    error = 1e-12 if rows < 4096 else 0.01
    assert np.abs(summary.quantiles(shares) - np.quantile(values, shares)).max() <= error
    ends = np.sort(values)
    slack = 0 if rows < 4096 else rows / 1000
    assert np.abs(summary.counts_upto(points) - np.searchsorted(ends, points, "right")).max() <= slack
    assert np.abs(summary.counts_below(points) - np.searchsorted(ends, points, "left")).max() <= slack
    atoms = np.arange(9.0)  # ties are kept exactly, however many values there are
    steps = summary.counts_upto(atoms) - summary.counts_below(atoms)
    assert steps.tolist() == [np.count_nonzero(values == atom) for atom in atoms]


def test_windows_counted_in_the_references_bins_add_up_exactly() -> None:
    reference = summary_of(G.normal(size=50_000))
    days = [np.sort(G.normal(0.1 * day, 1, 4_000)) for day in range(5)]
    merged = reference.counted_anew(days[0])
    for day in days[1:]:
        merged = merged.merged(reference.counted_anew(day))
    whole = np.sort(np.concatenate(days))
    at_once = reference.counted_anew(whole)
    assert merged.below.tolist() == at_once.below.tolist()
    assert merged.upto.tolist() == at_once.upto.tolist()
    assert (merged.n, merged.minimum, merged.maximum) == (20_000, whole[0], whole[-1])
    assert (merged.mean, merged.sd) == (pytest.approx(whole.mean()), pytest.approx(whole.std()))


def test_merged_profiles_are_those_of_all_rows() -> None:
    rows = 3_000
    frame = pd.DataFrame(
        {
            "few": G.integers(0, 50, rows),
            "text": G.choice(list("abcde"), rows),
            "key": [f"k{i}" for i in G.integers(0, 900, rows)],
            "gaps": np.where(G.random(rows) < 0.1, np.nan, G.normal(size=rows)),
            "empty at first": [None] * 1000 + ["x"] * 2000,
        }
    )
    whole = profile_frame(frame)
    merged = profile_frame(frame[:1000]).merged(profile_frame(frame[1000:]))
    assert merged.rows == rows
    for name, column in whole.columns.items():
        other = merged.columns[name]
        assert (other.missing, other.rows, other.family) == (column.missing, column.rows, column.family)
        if isinstance(column.values, Ordered):
            assert isinstance(other.values, Ordered)
            assert other.values.upto.tolist() == column.values.upto.tolist()
        else:
            assert isinstance(column.values, Categories)
            assert isinstance(other.values, Categories)
            assert (other.values.n, other.values.distinct) == (column.values.n, column.values.distinct)
            assert (other.values.once, other.values.twice) == (column.values.once, column.values.twice)
            assert other.values.buckets.tolist() == column.values.buckets.tolist()
    assert set(compare_profiles(whole, merged).columns["verdict"]) == {"ok"}


def test_correlations_that_changed_show_from_profiles_alone() -> None:
    def pair(rho: float) -> pd.DataFrame:
        a, b = G.normal(size=(2, 3_000))
        return pd.DataFrame({"a": a, "b": rho * a + np.sqrt(1 - rho**2) * b, "word": "x"})

    before, same, after = (again(profile_frame(pair(rho), correlations=True)) for rho in (0.0, 0.0, 0.6))
    assert compare_profiles(before, same).dataset_verdict == "ok"
    found = compare_profiles(before, after)
    assert found.drifted == []
    assert found.dataset_verdict == "drift"
    assert found.multivariate is not None
    assert found.multivariate[0].details[0] == ("a × b", pytest.approx(0.6, abs=0.05))
    assert compare_profiles(before, profile_frame(pair(0.6))).multivariate is None


def test_columns_with_very_many_different_values_are_compared() -> None:
    keys = pd.DataFrame({"key": np.arange(300_000).astype(str), "x": G.normal(size=300_000)})
    moved = keys.assign(key=("n" + keys["key"]).where(keys.index % 2 == 0, keys["key"]))
    result = compare_frames(keys.assign(key=keys["key"].str[:4]), moved.assign(key=moved["key"].str[:4]))
    assert result.drifted == ["key"]
    assert compare_frames(keys, moved).drifted == []  # every value is new there, as it always is


def test_profiles_of_other_types_or_columns_are_not_merged() -> None:
    numbers, texts = profile_frame(pd.DataFrame({"x": [1]})), profile_frame(pd.DataFrame({"x": ["a"]}))
    with pytest.raises(BadInputError, match="different types"):
        numbers.merged(texts)
    with pytest.raises(BadInputError, match="different columns"):
        numbers.merged(profile_frame(pd.DataFrame({"y": [1]})))


def test_frames_of_polars_and_arrow_have_the_profile_of_pandas() -> None:
    frame = benchmark_frame(2_000, 3, current=False)[["num_00", "low_00", "high_00"]]
    frame["when"] = pd.date_range("2024", periods=len(frame), tz="UTC")
    frame["yes"] = G.random(len(frame)) < 0.5
    wanted = profile_frame(frame)
    for other in (pl.from_pandas(frame), pl.from_pandas(frame).lazy(), pa.Table.from_pandas(frame)):
        assert compare_frames(wanted, other).tests["effect"].max() == 0


def test_rare_values_of_long_lists_are_not_named() -> None:
    people = [f"person {i}" for i in range(500)]
    text = profile_frame(pd.DataFrame({"who": people + ["somebody"] * 40})).to_json()
    assert "somebody" in text
    assert "person" not in text


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "rows": 1, "columns": [1]}']
)
def test_what_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="no profile"):
        FrameProfile.from_json(text)


def test_a_profile_of_a_later_version_is_refused() -> None:
    data = json.loads(profile_frame(pd.DataFrame({"x": [1]})).to_json()) | {"format": 99}
    with pytest.raises(BadInputError, match="later version"):
        FrameProfile.from_json(json.dumps(data))
