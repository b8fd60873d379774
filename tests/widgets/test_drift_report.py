"""A drift report shows itself in a notebook, a viewer without scripts, a terminal, and a page of its own."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift import compare_frames
from jupyter_mlops.errors import StoreError
from jupyter_mlops.widgets.drift import DriftReport
from jupyter_mlops.widgets.drift_widget import DriftWidget

VIEW = "application/vnd.jupyter.widget-view+json"
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE = [
    EVIL,
    "\u202eevil\u2066",
    "مرحبا بالعالم",
    "\U0001f98a\u200d\U0001f98a" * 20,
    "x" * 10_000,
    "",
    "\x1b[31m",
]


def wide(columns: int, rows: int = 300) -> DriftReport:
    g = np.random.default_rng(0)
    names = [f"column {i}" for i in range(columns)]
    reference = pd.DataFrame(g.normal(size=(rows, columns)), columns=names)
    current = pd.DataFrame(g.normal(size=(rows, columns)), columns=names)
    current["column 3"] += 1
    return DriftReport.from_result(compare_frames(reference, current))


@pytest.fixture(scope="module")
def report() -> DriftReport:
    g = np.random.default_rng(2)
    n = 600
    reference = pd.DataFrame(
        {
            EVIL: g.normal(size=n),
            "city": g.choice(["Ulm", "<b>Rome</b>", "Oslo"], n),
            "key": [f"k{i}" for i in g.integers(0, 5000, n)],
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="D"),
            "dice": g.integers(1, 7, n),
            "old": 1,
            "nested": [[1]] * n,
        }
    )
    current = reference.assign(**{EVIL: reference[EVIL] + 1}).drop(columns="old")
    current.loc[:99, "dice"] = None
    return DriftReport.from_result(compare_frames(reference, current))


def test_a_report_is_the_result_it_was_made_from() -> None:
    frame = pd.DataFrame({"x": np.arange(200)})
    result = compare_frames(frame, frame)
    report = DriftReport.from_result(result)
    assert report.to_dict() == result.to_dict()
    assert report.summary == "no drift in 1 column"


def test_a_notebook_gets_widget_table_and_text(report: DriftReport) -> None:
    bundle = report._repr_mimebundle_()[0]
    assert set(bundle) == {VIEW, "text/html", "text/plain"}


def test_showing_a_report_does_not_change_it(report: DriftReport) -> None:
    before = set(vars(report))
    report._repr_mimebundle_()[0]
    assert set(vars(report)) == before  # a tracked variable would count as changed


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_in_every_view(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({name: [name, "a", "b", None] * 50})
    report = DriftReport.from_result(compare_frames(frame, frame[::2]))
    page = report.to_html(tmp_path / "drift.html").read_text(encoding="utf-8")
    static = report._repr_mimebundle_()[0]["text/html"]
    for text in (static, page):
        assert not re.search(r"<(script|img|b)\b[^>]*(alert|onerror|>x)", text)
        assert "\u202e" not in text.partition('<script type="application/json"')[0]
    assert len(static) < 20_000
    assert "\u202e" not in str(report)
    assert max(map(len, str(report).splitlines())) < 400


def test_the_static_table_has_verdicts_in_words_and_no_style_element(report: DriftReport) -> None:
    page = report._repr_mimebundle_()[0]["text/html"]
    assert "<style" not in page
    assert "<script" not in page
    assert page.count("<svg") == 1
    for word in ("drift", "watch", "ok", "only in reference", "adjusted p", "0 % → 16.7 %"):
        assert word in page


def test_the_static_table_stops_at_ten_columns_and_counts_the_rest() -> None:
    page = wide(13)._repr_mimebundle_()[0]["text/html"]
    assert page.count("<tr>") == 11
    assert "And 3 more: 3 ok." in page


def test_the_text_is_stable_and_aligned(report: DriftReport) -> None:
    assert repr(report) == str(report) == report._repr_mimebundle_()[0]["text/plain"]
    lines = str(wide(4, rows=1000)).splitlines()
    assert lines[0] == "1 of 4 columns drifts: column 3"
    assert lines[1].startswith("1,000 current against 1,000 reference rows")
    assert lines[2].split()[:3] == ["column", "kind", "effect"]
    assert lines[3].split()[:3] == ["column", "3", "numeric"]
    verdicts = {
        line.index(word) for line, word in zip(lines[2:], ("verdict", "drift", "ok", "ok", "ok"), strict=True)
    }
    assert len(verdicts) == 1
    assert " at 0x" not in str(report)


def test_the_page_needs_no_network_and_holds_every_column(tmp_path: Path) -> None:
    report = wide(13)
    path = report.to_html(tmp_path / "drift.html")
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)
    assert page.count("<tr>") == 14
    assert [each.name for each in tmp_path.iterdir()] == ["drift.html"]


def test_fifty_columns_weigh_less_than_300_kb_in_a_saved_notebook() -> None:
    report = wide(50, rows=3000)
    saved = [report._repr_mimebundle_()[0], DriftWidget(report.payload()).get_state()]
    assert len(json.dumps(saved, allow_nan=False)) < 300_000


def test_names_cannot_break_out_of_the_page(report: DriftReport, tmp_path: Path) -> None:
    page = report.to_html(tmp_path / "drift.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_page_that_cannot_be_written_is_an_error_that_helps(report: DriftReport, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be written"):
        report.to_html(tmp_path / "no such folder" / "drift.html")
