"""A validation shows itself in a notebook, a terminal, and a page of its own."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.drift.validate import expectations_of, validate_frame
from jupyter_mlops.errors import BadInputError, StoreError
from jupyter_mlops.widgets.validate import ValidationReport

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def report_of(columns: int) -> ValidationReport:
    reference = pd.DataFrame({f"column {i}": np.arange(300) % 7 for i in range(columns)})
    current = reference.assign(**{"column 1": reference["column 1"] + 20}).rename(columns={"column 0": EVIL})
    return ValidationReport.from_result(validate_frame(current, expectations_of(profile_frame(reference))))


def test_the_text_is_what_breaks_expectations_worst_first() -> None:
    report = report_of(4)
    assert repr(report) == str(report) == report._repr_mimebundle_()["text/plain"]
    lines = str(report).splitlines()
    assert lines[0] == "2 of 15 checks fail: column 0 (columns), column 1 (range); 1 warns"
    assert lines[1] == "300 rows against what 300 reference rows let expect"
    assert [line.split()[-1] for line in lines[2:3]] == ["verdict"]
    assert lines[4].split() == [
        *("column", "1", "range", "0", "to", "6", "300", "300", "0,", "1,", "2,", "3,", "4"),
        *("fail", "300", "above"),
    ]
    assert lines[-1] == "And 12 more: 12 pass."


def test_a_frame_that_holds_has_a_line_and_no_table() -> None:
    frame = pd.DataFrame({"x": range(5)})
    result = validate_frame(frame, expectations_of(profile_frame(frame)))
    report = ValidationReport.from_result(result)
    assert str(report).splitlines()[0] == "none of 6 checks fails"
    assert "<table" not in report._repr_mimebundle_()["text/html"]
    assert (report.exit_code, report_of(2).exit_code) == (0, 1)


def test_names_are_text_in_every_view(tmp_path: Path) -> None:
    report = report_of(3)
    page = report.to_html(tmp_path / "validation.html").read_text("utf-8")
    for shown in (report._repr_mimebundle_()["text/html"], page):
        assert "<script" not in shown
        assert "<img" not in shown
        assert "&lt;/script&gt;" in shown


def test_the_page_has_every_check_and_needs_nothing_else(tmp_path: Path) -> None:
    report = report_of(30)
    page = report.to_html(tmp_path / "validation.html").read_text("utf-8")
    assert page.count("<tr>") == len(report.checks) + 1
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_expectations_are_saved_whole_and_never_over_a_file(tmp_path: Path) -> None:
    report = report_of(2)
    saved = report.save(tmp_path / "expected.json")
    assert saved.read_text("utf-8") == report.expectations.to_json()
    with pytest.raises(BadInputError, match="exists already"):
        report.save(saved)
    with pytest.raises(StoreError, match="could not be written"):
        report.save(tmp_path / "no such folder" / "expected.json")
