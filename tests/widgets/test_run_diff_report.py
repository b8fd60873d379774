"""A diff of runs shows itself without a browser."""

import re

from jupyter_mlops.comparison.code import CodeDiff, StatementDiff
from jupyter_mlops.comparison.data import DataDiff
from jupyter_mlops.comparison.data_change import CellChange, DataChange
from jupyter_mlops.comparison.data_shift import ColumnShift
from jupyter_mlops.comparison.environment import EnvironmentDiff, PackageDiff
from jupyter_mlops.comparison.metrics import MetricDiff, MetricDifference
from jupyter_mlops.comparison.run_diff import RunDiff, RunHead
from jupyter_mlops.comparison.texts import TextDiff
from jupyter_mlops.widgets.run_diff import RunDiffReport

EVIL = "</script><img src=x onerror=alert(1)>"
SHIFT = (ColumnShift("age", 0.65, "KS D", "drift", "distribution"), ColumnShift("pay", 0.0, "KS D", "ok", ""))
CHANGE = DataChange((1500, 1497), 0, 3, ("new",), (), (CellChange("age", 1497),), SHIFT, "")


def report_of(name: str = "second", statements: int = 1) -> RunDiffReport:
    runs = tuple(RunHead(each, "census", "finished", "2026-01-01T00:00:00", 1.0) for each in ("first", name))
    code = tuple(
        StatementDiff("changed", (f"C = {i}", f"C = {i + 1}  # \u202e"), ("In[2]", "In[3]"))
        for i in range(statements)
    )
    return RunDiffReport.from_diff(
        RunDiff(
            runs,
            (TextDiff("C", ("1", None), False), TextDiff("depth", ("3", "3"), True)),
            (
                MetricDiff("auc", (0.8, 0.79), False, (MetricDifference(-0.01, -0.02, 0.001, 500),)),
                MetricDiff("loss", (0.5, 0.4), True, (MetricDifference(-0.1, -0.2, -0.05, 500),)),
                MetricDiff("score", (0.7, 0.7), False, (MetricDifference(0.0, note="no predictions kept"),)),
            ),
            (DataDiff("X", "frame", ("a", "b"), False, (CHANGE,)),),
            CodeDiff((StatementDiff("same", ("import x", "import x"), ("In[1]", "In[1]")), *code)),
            EnvironmentDiff(
                (PackageDiff("numpy", ("2.3", "2.4")),),
                (TextDiff("session", ("1", "2"), False), TextDiff("cell", ("In[2]", "In[3]"), False)),
                "all other packages are the same",
            ),
        )
    )


def test_the_text_says_each_part_and_nothing_that_changes_by_itself() -> None:
    assert str(report_of()) == (
        "second beside first\n"
        "parameters: 1 of 2 differ\n"
        "     first  second\n"
        "  C  1      –\n"
        "metrics: 3\n"
        "         first  second  second: difference (95 % interval)\n"
        "  auc    0.8    0.79    −0.01 worse, may be chance (−0.02 to 0.001)\n"
        "  loss   0.5    0.4     −0.1 better (−0.2 to −0.05)\n"
        "  score  0.7    0.7     equal\n"
        "data: 1 of 1 differ\n"
        "     second\n"
        "  X  1,500 → 1,497 rows: 3 removed; columns added: new; cells changed: age (1,497); "
        "drifts: age (KS D 0.65)\n"
        "environment: all other packages are the same\n"
        "         first  second\n"
        "  numpy  2.3    2.4\n"
        "  cell   In[2]  In[3]\n"
        "code: 1 changed, 1 same\n"
        "  − C = 0  # In[2]\n"
        "  + C = 1  # �  # In[3]"
    )


def test_names_and_code_are_text_in_html() -> None:
    html = report_of(EVIL)._repr_mimebundle_()[0]["text/html"]
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;img" in html
    assert "\u202e" not in html


def test_a_long_diff_is_cut_and_says_so() -> None:
    report = report_of(statements=300)
    html = report._repr_mimebundle_()[0]["text/html"]
    for shown in (str(report), html):
        assert "and 260 more" in shown
        assert len(re.findall(r"C = 39\b", shown)) == 2
        assert "C = 41" not in shown
