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

PLOTLY = "application/vnd.plotly.v1+json"
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


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


def test_no_figure_offers_to_upload_the_data(report: DriftReport, tmp_path: Path) -> None:
    assert report._repr_mimebundle_()[PLOTLY]["config"]["showSendToCloud"] is False
    page = report.to_html(tmp_path / "drift.html").read_text("utf-8")
    found = re.search(r'<script type="application/json" id="spec">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found[1])["config"]["showSendToCloud"] is False


def test_a_notebook_gets_figure_table_and_text(report: DriftReport) -> None:
    bundle = report._repr_mimebundle_()
    assert set(bundle) == {PLOTLY, "text/html", "text/plain"}
    json.dumps(bundle, allow_nan=False)


def test_the_figure_is_accepted_by_plotly_and_shows_the_worst_first(report: DriftReport) -> None:
    figure = report.figure()
    assert figure.layout.yaxis.ticktext[0] == "old"
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert json.loads(figure.to_json())["layout"]["height"] == figure.layout.height
    words = [each.text for each in figure.layout.annotations]
    assert "<b>drift</b> · only in reference" in words
    assert any("<b>watch</b> · nested values" in each for each in words)


def test_the_figure_of_many_columns_has_fifteen_bars_six_histograms_and_little_weight() -> None:
    spec = wide(60)._repr_mimebundle_()[PLOTLY]
    assert sum(len(trace["y"]) for trace in spec["data"] if trace.get("orientation") == "h") == 15
    assert {trace["xaxis"] for trace in spec["data"] if "xaxis" in trace} == {f"x{i}" for i in range(2, 8)}
    assert len(json.dumps(spec)) < 100_000


def test_names_are_text_in_every_view(report: DriftReport) -> None:
    bundle = report._repr_mimebundle_()
    assert "<script" not in bundle["text/html"]
    assert "<img" not in bundle["text/html"]
    assert "&lt;/script&gt;" in bundle["text/html"]
    texts = json.dumps(bundle[PLOTLY])
    assert "<script" not in texts
    assert "<img" not in texts
    assert "<b>Rome" not in texts


def test_the_static_table_has_verdicts_in_words_and_no_style_element(report: DriftReport) -> None:
    page = report._repr_mimebundle_()["text/html"]
    assert "<style" not in page
    for word in ("drift", "watch", "ok", "only in reference", "adjusted p", "0 % → 16.7 %"):
        assert word in page


def test_the_static_table_stops_at_ten_columns_and_counts_the_rest() -> None:
    page = wide(13)._repr_mimebundle_()["text/html"]
    assert page.count("<tr>") == 11
    assert "And 3 more: 3 ok." in page


def test_the_text_is_stable_and_aligned(report: DriftReport) -> None:
    assert repr(report) == str(report) == report._repr_mimebundle_()["text/plain"]
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
    assert "Plotly.newPlot" in page
    assert page.count("<tr>") == 14
    assert [each.name for each in tmp_path.iterdir()] == ["drift.html"]


def test_names_cannot_break_out_of_the_page(report: DriftReport, tmp_path: Path) -> None:
    page = report.to_html(tmp_path / "drift.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_page_that_cannot_be_written_is_an_error_that_helps(report: DriftReport, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be written"):
        report.to_html(tmp_path / "no such folder" / "drift.html")
