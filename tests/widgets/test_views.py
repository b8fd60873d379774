"""Tables and cards: the results of verbs, as HTML and as text that stays the same."""

import subprocess
import sys

import pytest

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.widgets.card import Card, is_safe_link
from jupyter_mlops.widgets.table import TableView

TABLE = TableView(
    title="Models",
    headers=("model", "version", "run"),
    rows=(("churn", "7", "a1b2"), ("日本語", "12", "c3d4")),
    note="1 champion",
    volatile=frozenset({2}),
)
CARD = Card(
    title="churn 7",
    lines=(("model", "forest"), ("address", "127.0.0.1:4321")),
    checks=(("passed", "reproduced", "same digests"), ("failed", "auc", "0.81 < 0.85")),
    code="curl -d @rows.json",
    links=(("model", "models/7"), ("evil", "javascript:alert(1)")),
    volatile=frozenset({"address"}),
    note="Not registered.",
)


def test_a_table_is_aligned_text_without_what_changes_between_runs() -> None:
    assert str(TABLE) == "Models\nmodel   version\nchurn   7\n日本語  12\n1 champion"


def test_a_table_shows_everything_in_html_and_json() -> None:
    assert "a1b2" in TABLE._repr_mimebundle_()["text/html"]
    assert TABLE.to_dict()["rows"][0] == {"model": "churn", "version": "7", "run": "a1b2"}


def test_an_empty_table_shows_its_note() -> None:
    empty = TableView("Runs", ("name",), (), note="No runs yet.")
    assert str(empty) == "Runs\nNo runs yet."
    assert "No runs yet." in empty._repr_mimebundle_()["text/html"]


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(BadInputError, match="Row 0"):
        TableView("Runs", ("name", "auc"), (("a",),))


def test_a_card_is_text_with_words_for_its_checks() -> None:
    assert str(CARD) == (
        "churn 7\n"
        "  model  forest\n"
        "  ✓ passed  reproduced  same digests\n"
        "  ✗ failed  auc         0.81 < 0.85\n"
        "    curl -d @rows.json\n"
        "  model: models/7\n"
        "  evil: javascript:alert(1)\n"
        "Not registered."
    )


def test_a_card_links_only_to_what_cannot_run() -> None:
    shown = CARD._repr_mimebundle_()["text/html"]
    assert 'href="models/7"' in shown
    assert 'href="javascript' not in shown
    assert "127.0.0.1:4321" in shown


@pytest.mark.parametrize(
    ("href", "safe"),
    [
        ("https://example.org/a?b=c", True),
        ("HTTP://127.0.0.1:80", True),
        ("runs/1", True),
        ("/files/a:b", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//elsewhere", False),
        ("", False),
    ],
)
def test_only_web_and_relative_addresses_are_links(href: str, safe: bool) -> None:
    assert is_safe_link(href) is safe


def test_a_card_is_ready_for_json() -> None:
    told = CARD.to_dict()
    assert told["facts"]["address"] == "127.0.0.1:4321"
    assert told["checks"][1] == {"outcome": "failed", "check": "auc", "figure": "0.81 < 0.85"}


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(BadInputError, match="passed, warned, failed"):
        Card("x", checks=(("good", "a", "b"),))


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_html_of_views_escapes_everything(text: str) -> None:
    card = Card(
        text, ((text, text),), (("passed", text, text),), text, ((text, text), (text, "a")), note=text
    )
    table = TableView(text, (text,), ((text,),), text)
    for view in (card, table):
        shown = view._repr_mimebundle_()["text/html"]
        assert "<script" not in shown
        assert "<img" not in shown


def test_tables_and_cards_need_no_widget_machinery() -> None:
    code = (
        "import sys, jupyter_mlops.widgets.card, jupyter_mlops.widgets.table;"
        "print({'anywidget', 'pandas', 'numpy', 'mlflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
