"""Statements side by side: each is there once, in the order it ran, beside its equal in the other code."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.comparison.align import aligned
from jupyter_mlops.comparison.statements import Statement, statements_of
from jupyter_mlops.lineage.slice import Slice, SliceCell

TEXTS = ("a = load()", "a = load(1)", "b = fit(a)", "b = fit(a, 2)", "c = 1", "print(b)", "import x")
codes = st.lists(st.lists(st.sampled_from(TEXTS), max_size=8), min_size=2, max_size=3)


def statements(*sources: str) -> list[Statement]:
    return statements_of(Slice(tuple(SliceCell(i, i, each) for i, each in enumerate(sources, start=1)), 0))


@given(codes)
@settings(max_examples=200)
def test_every_statement_is_there_once_and_in_order(codes: list[list[str]]) -> None:
    rows = aligned([statements(*texts) for texts in codes])
    for at, texts in enumerate(codes):
        assert [row[at].text for row in rows if row[at] is not None] == texts
    assert all(any(each is not None for each in row) for row in rows)


@given(st.lists(st.sampled_from(TEXTS), max_size=8))
def test_equal_codes_are_aligned_one_to_one(texts: list[str]) -> None:
    assert all(len({each and each.key for each in row}) == 1 for row in aligned([statements(*texts)] * 3))


def test_a_changed_statement_stands_beside_what_it_was() -> None:
    before = statements("df = load('a')", "model = Forest(10).fit(X, y)", "auc = score(model)")
    after = statements("df = load('a')", "df = df.dropna()", "model = Boost(10, 0.1).fit(X, y)", "show(1)")
    rows = [tuple(each and each.text for each in row) for row in aligned([before, after])]
    assert rows == [
        ("df = load('a')", "df = load('a')"),
        (None, "df = df.dropna()"),
        ("model = Forest(10).fit(X, y)", "model = Boost(10, 0.1).fit(X, y)"),
        ("auc = score(model)", None),
        (None, "show(1)"),
    ]


def test_layout_and_comments_are_no_part_of_a_statement() -> None:
    source = "# loads\n@cached\ndef f(x):\n    return x  # as it is\na = 1; b = 'x'\n%time f(2)\n!ls"
    found = statements(source)
    assert [each.text for each in found] == [
        "@cached\ndef f(x):\n    return x  # as it is",
        "a = 1",
        "b = 'x'",
        "%time f(2)",
        "!ls",
    ]
    other = statements('@cached\ndef f( x ):\n    return ( x )\na=1\nb = "x"', "%time   f(2)", "!ls")
    assert [each.key for each in other] == [each.key for each in found]
    assert [each.cell for each in other] == ["In[1]"] * 3 + ["In[2]", "In[3]"]
    assert [each.text for each in statements("%%bash\nfor x in a; do echo $x; done")] == [
        "%%bash\nfor x in a; do echo $x; done"
    ]
