"""The model card, read by two Markdown libraries as browsers would show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import mistune
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from sklearn.linear_model import LinearRegression

from jupyter_mlops.lineage.mirror import SliceFile
from jupyter_mlops.lineage.slice import Slice, SliceCell
from jupyter_mlops.registry.evidence import Champion, Evidence, Gate, Rows
from jupyter_mlops.registry.explain import importance_of
from jupyter_mlops.registry.markdown import words
from jupyter_mlops.registry.model_card import CardFacts, model_card
from jupyter_mlops.registry.verify import Check
from jupyter_mlops.registry.versions import Version
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Callable

EVIL = [
    "<img src=x onerror=alert(1)>",
    "](http://evil.example) [click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "a | b | `c` | **d** _e_ ~~f~~",
    "</td></tr></table><script>alert(1)</script>",
    "https://evil.example www.evil.example a@evil.example <https://evil.example>",
    "# heading",
    "- item",
    "1. item",
    "&lt;b&gt; \\<b> \\| &#60;b>",
    "```\n</code><b>",
    "first\n\n<script>alert(1)</script>",
    "$x$ \u202eevil\u2066 \x1b[31m",
]
ALL = " ".join(EVIL)
PLAIN = {"h1", "h2", "p", "ul", "li", "strong", "table", "thead", "tbody", "tr", "th", "td", "pre", "code"}

RENDERERS: dict[str, Callable[[str], str]] = {
    "markdown-it": MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render,
    "mistune": lambda text: str(
        mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url", "footnotes"])(text)
    ),
}


class Shown(HTMLParser):
    """What a browser makes of HTML: its elements, the text of each cell, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.tables: list[list[list[str]]] = []
        self.items: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"style", "class"}
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        elif tag == "li":
            self.items.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data
        elif "li" in self._open:
            self.items[-1] += data


def facts(said: str = "X_train") -> CardFacts:
    """A card in which every word that a person may write is `said`."""
    frame = pd.DataFrame({said: [1.5, 2.0, 9.5] * 10, "town": ["Bonn", "Ulm", None] * 10, "free": range(30)})
    target = frame[said] * 2
    numbers = frame[[said, "free"]]
    model = LinearRegression().fit(numbers, target)
    before = Version("m", "3", "1" * 32, ("champion",), {"mlops.metrics": '{"rmse": 2.0}'}, datetime.now(UTC))
    evidence = Evidence(
        model=model,
        task="regression",
        training=Rows(frame, target, said),
        holdout=Rows(frame.head(12), target.head(12), "X_test"),
        metrics={"rmse": 1.5, "nothing": float("nan")},
        checks=(Check("passed", "predictions", "30 rows equal"),),
        size_bytes=12_345,
        champion=Champion(before, None, None),
    )
    gates = (
        Gate("champion", "passed", "rmse 1.5, champion 2: -0.5 (95 % -0.7 to -0.3)"),
        Gate(
            "slices",
            "warned",
            said,
            {"metric": "mae", "groups": [{"name": said, "rows": 1200, "value": 3.25}]},
        ),
        Gate("fairness: town", "passed", "fine", {"column": "town", "metric": "mae", "groups": {said: 0.5}}),
        Gate("latency", "skipped", "the model is too slow to be measured"),
    )
    return CardFacts(
        name=said,
        run=said,
        run_id="0" * 32,
        estimator="LinearRegression",
        who=said,
        when=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        schema=infer_schema(frame),
        code=Slice(
            (SliceCell(1, 1, f"x = {said!r}\n# ````"),), 2, (SliceFile(said, False, False, "ab" * 32),)
        ),
        evidence=evidence,
        gates=gates,
        version="4",
        why=said,
        approved_by=said,
        hypothesis=said,
        commit="c0ffee",
        packages={"scikit-learn": "1.9.1"},
        intervals={"rmse": (1.5, 1.25, 1.75)},
        importance=importance_of(model, Rows(numbers, target, "X_test"), "regression"),
    )


def shown(card: CardFacts, renderer: str) -> Shown:
    return Shown(RENDERERS[renderer](model_card(card)))


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_card_tells_all_in_tables_that_are_tables(renderer: str) -> None:
    page = shown(facts(), renderer)
    assert page.tags == PLAIN
    assert all(len({len(row) for row in table}) == 1 for table in page.tables), page.tables
    rows = [row for table in page.tables for row in table]
    for row in (
        ["X_train", "number", "float64", "0 %", "1.5 to 9.5"],
        ["town", "string", "str", "33 %", "Bonn, Ulm"],
        ["X_train", "abababababab"],
        ["rmse", "1.5", "1.25 to 1.75"],
        ["rmse", "1.5", "2", "-0.5"],
        ["nothing", "–"],
        ["X_train", "1,200", "mae", "3.25"],
        ["town = X_train", "", "mae", "0.5"],
        ["latency", "skipped", "the model is too slow to be measured"],
        ["scikit-learn", "1.9.1"],
    ):
        assert row in rows
    for said in (
        "30 rows × 3 columns: X_train.",
        "12 rows × 3 columns: X_test.",
        "Registered: 2026-03-04 05:06 UTC",
        "Beside the champion, version 3:",
        "Measured: rmse 1.5, champion 2: -0.5 (95 % -0.7 to -0.3).",
        "x = 'X_train'",
        "Git commit: c0ffee",
        "Not measured, for the reasons above: latency.",
    ):
        assert said in page.text


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("said", [*EVIL, ALL], ids=str)
def test_whatever_people_write_stays_the_text_that_they_wrote(said: str, renderer: str) -> None:
    page = shown(facts(said), renderer)
    assert page.tags == PLAIN
    assert all(len({len(row) for row in table}) == 1 for table in page.tables)
    line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    assert f"Reason: {line}" in page.items
    assert [line, "number", "float64", "0 %", "1.5 to 9.5"] in page.tables[1]
    assert ["slices", "warned", line] in [row for table in page.tables for row in table]
    assert page.text.startswith(f"Model card: {line}")


TOKENS = [*"ab1.)-+=#*_`~|[]()<>!\\&;:/@$ \n\t'\"^", "http://a.b", "www.a.b", "mailto:a@b.c", "&lt;", "<b>"]


@given(st.lists(st.sampled_from(TOKENS), max_size=20).map("".join))
def test_any_line_comes_out_as_it_was(said: str) -> None:
    line = " ".join(said.split())
    for render in RENDERERS.values():
        assert Shown(render(f"- {words(said)}")).text.strip() == line
        cells = Shown(render(f"| a | b |\n| --- | --- |\n| {words(said)} | x |")).tables
        assert cells == [[["a", "b"], [line, "x"]]]


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    full = facts()
    evidence = replace(
        full.evidence, holdout=None, champion=None, metrics={}, checks=(Check("failed", "auc", ""),)
    )
    card = CardFacts(
        name="bare", run="r", run_id="0", estimator="K", who="w", when=full.when, schema=full.schema,
        code=Slice((), 0), evidence=evidence, serialization="cloudpickle",
    )  # fmt: skip
    text = model_card(card)
    page = Shown(RENDERERS["markdown-it"](text))
    for said in (
        "Intended use\n\nNot stated.",
        "No hold-out is known",
        "There was no champion",
        "Not measured.",
        "None were asked.",
        "It did not reproduce in a clean process: auc.",
        "It is written by pickle",
        "How well it does on new rows is not known.",
        "not stated.",
    ):
        assert said in text
    assert page.tags <= PLAIN
