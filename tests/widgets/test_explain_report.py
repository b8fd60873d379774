"""How an explanation looks without a browser: cut where it is long, whole where it is data."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from jupyter_mlops.registry.explain import Explanation, Importance, RowExplanation
from jupyter_mlops.widgets.explain import ExplainReport, Section
from jupyter_mlops.widgets.explain_words import figure, signed, value_text

ROW = RowExplanation(
    row="r7",
    prediction="yes",
    explained="probability of yes",
    base=0.25,
    output=0.75,
    contributions={f"c{at}": 0.5 if at == 0 else -0.02 if at == 1 else 0.002 for at in range(12)},
    values={f"c{at}": at for at in range(12)} | {"c1": None},
)
FOUND = Explanation(
    metric="rmse",
    score=1234.5,
    importance=tuple(
        Importance(f"c{at}", 1.0 / (at + 1), 0.9 / (at + 1), 1.1 / (at + 1)) for at in range(20)
    ),
    measured_on="90 rows of X_test",
    rows=(ROW,) * 7,
    method="by hand",
    error=0.0125,
    notes=("look twice",),
)
REPORT = ExplainReport(
    "m version 1",
    FOUND,
    (Section("who decided", (("by", "Ann"), ("why", "best")), ("%mlops models m",), frozenset({"by"})),),
)


def test_the_text_shows_the_strongest_and_counts_the_rest() -> None:
    text = str(REPORT)
    lines = text.splitlines()
    assert lines[2] == (
        "what it uses: how much larger the rmse gets when a column's values are dealt to other rows "
        "(rmse 1234 on 90 rows of X_test)"
    )
    assert "  c0   ████████████████████  1 (0.9 to 1.1)" in lines
    assert "c15" not in text
    assert "And 5 less important columns." in lines
    in_log_odds = replace(FOUND, rows=(replace(ROW, explained="log-odds of yes", probability=0.679),))
    assert "log-odds of yes is 0.75 (probability 0.679), on average" in str(ExplainReport("m", in_log_odds))
    assert lines.count("row r7: answered yes; probability of yes is 0.75, on average 0.25") == 5
    assert "And 2 more rows: to_dict() has them all." in lines
    assert "  c1        missing   −0.02" in lines
    assert "  4 others           +0.008" in lines
    assert (
        "by hand; standard errors up to 0.0125. "
        "Average and contributions add up to the output: less than 1e-6 is left." in lines
    )
    assert "Note: look twice." in lines
    assert lines[-3:] == ["who decided", "  why  best", "  %mlops models m"]
    assert "  by   Ann" in str(REPORT.in_full()).splitlines()


def test_the_data_is_whole() -> None:
    data = replace(REPORT, data={"name": "m"}).to_dict()
    assert data["name"] == "m"
    assert len(data["explanation"]["rows"]) == 7
    assert len(data["explanation"]["importance"]) == 20
    assert data["explanation"]["rows"][0]["contributions"]["c11"] == 0.002


def test_bars_point_to_the_side_of_their_sign_and_never_leave_their_place() -> None:
    html = REPORT._repr_mimebundle_()["text/html"]
    assert "left:50.0%;width:50.0%" in html  # +0.5, the strongest
    assert "left:48.0%;width:2.0%" in html  # −0.02
    assert "width:-" not in html
    nothing = replace(FOUND, importance=(Importance("c", -0.2, -0.3, -0.1),), rows=())
    html = ExplainReport("m", nothing)._repr_mimebundle_()["text/html"]
    assert "width:-" not in html
    assert "nan" not in html


def test_without_figures_there_is_still_a_report() -> None:
    assert str(ExplainReport("m version 1", Explanation(notes=("5 rows are too few",)))) == (
        "m version 1\nNote: 5 rows are too few."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1e-9, "0"), (-0.12345, "−0.123"), (123456.0, "123,456"), (-2e4, "−20,000")],
)
def test_figures_have_three_digits_and_a_real_minus(value: float, text: str) -> None:
    assert figure(value) == text
    assert signed(value) == (f"+{text}" if value > 1e-4 else text)


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "missing"), (None, "missing"), (2.5, "2.5"), ("a", "a")]
)
def test_cells_are_written_as_people_write_them(value: object, text: str) -> None:
    assert value_text(value) == text
