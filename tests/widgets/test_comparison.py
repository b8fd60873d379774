"""What a comparison promises without a browser."""

import base64
import html.parser
import json
import math
import re
from pathlib import Path
from typing import Any

import comm
import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.comparison.better import lower_is_better
from jupyter_mlops.errors import BadInputError, StoreError
from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets.compare import Comparison

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "שלום \u202e evil",
    "🦊" * 50,
]


def runs(count: int = 3) -> RunTable:
    return RunTable(
        names=[f"run-{i}" for i in range(count)],
        run_ids=[f"id-{i}" for i in range(count)],
        metrics={"auc": [0.9 + i / 1000 for i in range(count)], "loss": [0.5 + i for i in range(count)]},
        params={"depth": [str(10 - i % 10) for i in range(count)], "model": ["forest"] * count},
        info={"started": [f"10:{i:02d}" for i in range(count)], "data": ["3f2a91c0"] * count},
    )


def bundle(comparison: Comparison) -> dict[str, Any]:
    return comparison._repr_mimebundle_()[0]


class Elements(html.parser.HTMLParser):
    """The elements and attributes of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def test_columns_of_different_lengths_are_refused_by_name() -> None:
    with pytest.raises(BadInputError, match="'auc' has 2 entries"):
        RunTable(names=["a"], run_ids=["1"], metrics={"auc": [0.1, 0.2]})


def test_a_run_that_comes_twice_is_refused() -> None:
    with pytest.raises(BadInputError, match="more than once"):
        RunTable(names=["a", "b"], run_ids=["1", "1"])


def test_text_shows_what_differs_and_says_what_is_the_same() -> None:
    assert repr(Comparison(runs(), sort="auc")).split("\n") == [
        "3 runs, sorted by auc, best first",
        "name       auc     loss  depth",
        "run-2  *0.9020    2.500      8",
        "run-1   0.9010    1.500      9",
        "run-0   0.9000  *0.5000     10",
        "* best",
        "Same in all: model = forest, data = 3f2a91c0",
    ]


def test_text_has_no_ids_times_or_addresses_and_at_most_20_rows() -> None:
    text = repr(Comparison(runs(40), sort="auc"))
    assert "20 of 40 runs" in text
    assert len(re.findall(r"^run-", text, re.MULTILINE)) == 20
    assert "id-" not in text
    assert "10:" not in text
    assert "0x" not in text


@pytest.mark.parametrize(
    ("count", "said"), [(11, ""), (12, "And 1 more column."), (13, "And 2 more columns.")]
)
def test_text_counts_the_columns_that_it_leaves_out(count: int, said: str) -> None:
    metrics = {f"m{i}": [1.0, 2.0] for i in range(count)}
    text = repr(Comparison(RunTable(["a", "b"], ["1", "2"], metrics=metrics)))
    assert text.endswith(said or "* best")


def test_no_order_asked_for_keeps_the_newest_last() -> None:
    text = repr(Comparison(runs(40)))
    assert "20 of 40 runs, the newest" in text
    assert text.index("run-20 ") < text.index("run-39 ")
    assert "run-19 " not in text


def test_html_escapes_names_and_carries_no_script_or_style_element() -> None:
    table = RunTable(
        names=HOSTILE, run_ids=list("abcd"), metrics={HOSTILE[0]: [1.0, 2.0, math.nan, math.inf]}
    )
    shown = bundle(Comparison(table))["text/html"]
    elements = Elements(shown)
    assert not elements.tags & {"script", "style", "img", "iframe", "link"}
    assert not any(name.startswith("on") for name in elements.attributes)
    assert "\u202e" not in shown
    assert "∞" in shown


def test_html_names_sort_and_filter_and_how_many_of_how_many() -> None:
    shown = bundle(Comparison(runs(40), sort="loss", filter="auc > 0.91"))["text/html"]
    assert "20 of 40 runs, filter “auc &gt; 0.91” matches 29, sorted by loss, best first" in shown
    assert "> best</span>" in shown


def test_a_filter_that_cannot_be_read_is_told_in_the_caption_and_keeps_every_run() -> None:
    comparison = Comparison(runs())
    comparison.filter = "auc >"
    assert "3 runs, filter “auc >” ignored: A value is missing after “>”." in repr(comparison)
    assert len(comparison.to_frame()) == 3


def test_only_differences_can_be_turned_off() -> None:
    comparison = Comparison(runs())
    comparison.only_differences = False
    assert "forest" in repr(comparison).split("\n")[2]


def test_one_run_shows_every_column() -> None:
    assert "model" in repr(Comparison(runs(1))).split("\n")[1]


def test_no_runs_get_a_kind_sentence_everywhere() -> None:
    shown = bundle(Comparison(RunTable([], [])))
    assert shown["text/plain"] == "No runs yet. Track a cell and its run appears here."
    assert "No runs yet." in shown["text/html"]


def test_a_name_of_ten_thousand_characters_is_cut_in_the_middle() -> None:
    text = repr(Comparison(RunTable(["a" * 5000 + "b" * 5000], ["1"])))
    assert re.search(r"a+…b+$", text, re.MULTILINE)
    assert len(text) < 200


def test_terminal_escapes_in_names_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in repr(Comparison(RunTable(["\x1b[31mred\nname"], ["1"])))


def test_the_bundle_has_the_widget_static_html_and_text() -> None:
    shown = bundle(Comparison(runs()))
    assert set(shown) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}


def test_sort_puts_the_best_first_and_runs_without_a_value_last() -> None:
    table = RunTable(list("abcd"), list("1234"), metrics={"rmse": [3.0, math.nan, 1.0, 2.0]})
    assert list(Comparison(table, sort="rmse").to_frame().index) == ["c", "d", "a", "b"]


def test_numbers_in_parameters_sort_as_numbers() -> None:
    table = RunTable(list("abc"), list("123"), params={"depth": ["10", "9", None]})
    assert list(Comparison(table, sort="depth").to_frame().index) == ["b", "a", "c"]


def test_the_page_may_change_sort_and_direction_together_and_a_new_sort_is_best_first() -> None:
    comparison = Comparison(runs(), sort="auc")
    comparison.set_state({"sort": "loss", "_reverse": True})  # two clicks that met a busy kernel
    assert repr(comparison).startswith("3 runs, sorted by loss, worst first")
    comparison.sort = "auc"
    assert repr(comparison).startswith("3 runs, sorted by auc, best first")


def test_an_unknown_sort_gets_a_suggestion() -> None:
    with pytest.raises(BadInputError, match="Did you mean 'auc'"):
        Comparison(runs(), sort="acu")
    comparison = Comparison(runs())
    with pytest.raises(BadInputError):
        comparison.sort = "nothing like it"


def test_selected_runs_are_ids_and_can_be_set() -> None:
    comparison = Comparison(runs())
    comparison.selected = ["id-2", "id-0"]
    assert comparison._ticked == [2, 0]
    comparison._ticked = [1]
    assert comparison.selected == ["id-1"]
    with pytest.raises(BadInputError, match="not in this comparison"):
        comparison.selected = ["id-9"]


def test_the_frame_has_every_column_with_numbers_as_numbers() -> None:
    table = RunTable(
        ["a", "b"],
        ["1", "2"],
        metrics={"lr": [1.0, math.nan]},
        params={"lr": ["0.1", "0.2"], "depth": ["4", None], "model": ["x", None]},
    )
    frame = Comparison(table).to_frame()
    expected = pd.DataFrame(
        {
            "run_id": ["1", "2"],
            "metrics.lr": [1.0, np.nan],
            "params.lr": [0.1, 0.2],
            "depth": [4.0, np.nan],
            "model": ["x", None],
        },
        index=pd.Index(["a", "b"], name="run"),
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    comparison = Comparison(runs())
    written = comparison.to_html(tmp_path / "runs.html")
    assert "run-0" in written.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["runs.html"]
    with pytest.raises(StoreError, match="could not be written"):
        comparison.to_html(tmp_path / "nowhere" / "runs.html")


def test_a_page_keeps_hostile_names_inside_its_data(tmp_path: Path) -> None:
    table = RunTable(names=HOSTILE, run_ids=list("abcd"))
    page = Comparison(table).to_html(tmp_path / "runs.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("name", "lower"),
    [
        ("val_loss", True),
        ("logloss", True),
        ("trainRMSE", True),
        ("mean_squared_error", True),
        ("fit_time", True),
        ("p95 latency", True),
        ("brier", True),
        ("auc", False),
        ("neg_log_loss", False),
        ("maestro", False),
        ("lifetime_value", False),
        ("accuracy", False),
    ],
)
def test_losses_errors_and_times_are_better_when_lower(name: str, lower: bool) -> None:
    assert lower_is_better(name) is lower


def many(count: int) -> RunTable:
    rng = np.random.default_rng(1)
    return RunTable(
        [f"run-{i:05d}" for i in range(count)],
        [str(i) for i in range(count)],
        metrics={f"m{i}": rng.normal(size=count) for i in range(30)},
        params={"depth": [str(i % 7) for i in range(count)]},
        info={"started": [f"2026-01-01 {i:05d}" for i in range(count)]},
    )


def held(comparison: Comparison) -> int:
    """Bytes of the columns in a saved notebook, where bytes are base64."""
    columns = comparison.get_state()["_columns"]
    return len(json.dumps(columns, default=lambda data: base64.b64encode(data).decode()))


def test_few_runs_are_held_exactly() -> None:
    comparison = Comparison(many(100))
    state = comparison.get_state()
    assert state["_rows"] is None
    assert state["_exact"]
    values = np.frombuffer(state["_columns"][1]["numbers"])
    np.testing.assert_array_equal(values, comparison.table.metrics["m0"])


def test_the_message_that_makes_the_widget_has_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[dict[str, Any]] = []
    create = comm.create_comm
    monkeypatch.setattr(comm, "create_comm", lambda **message: opened.append(message) or create(**message))
    comparison = Comparison(many(100), sort="m3")
    (message,) = [each for each in opened if "_columns" in each["data"]["state"]]
    assert len(message["data"]["state"]["_columns"]) == len(comparison.get_state()["_columns"]) > 30
    assert sum(map(len, message["buffers"])) > 30 * 100 * 8


@pytest.mark.parametrize(("count", "most"), [(1_000, 230_000), (10_000, 850_000)])
def test_what_many_runs_leave_in_a_notebook_stays_small(count: int, most: int) -> None:
    comparison = Comparison(many(count))
    assert held(comparison) < most
    module = comparison.get_state()["_esm"]
    assert len(module) + len(bundle(comparison)["text/html"]) < 120_000


def test_long_texts_count_as_well() -> None:
    long = [f"{i:05d}" * 200 for i in range(5_000)]
    comparison = Comparison(RunTable(long, [str(i) for i in range(5_000)], {"auc": np.arange(5_000.0)}))
    assert held(comparison) < 850_000
    assert not comparison.get_state()["_exact"]


@pytest.mark.parametrize("sort", [None, "m3"])
def test_the_runs_a_notebook_holds_are_those_asked_for_first(sort: str | None) -> None:
    comparison = Comparison(many(10_000), sort=sort)
    state = comparison.get_state()
    rows = np.frombuffer(state["_rows"], dtype="<i4")
    numbers = np.frombuffer(state["_columns"][4]["numbers"], dtype="<f4")
    every = np.asarray(comparison.table.metrics["m3"])
    np.testing.assert_array_equal(numbers, every[rows].astype("f4"))
    best = np.argsort(-every)[: len(rows)]
    wanted = np.sort(best) if sort else np.arange(10_000 - len(rows), 10_000)
    np.testing.assert_array_equal(rows, wanted)
    assert not state["_exact"]


def test_a_view_gets_the_exact_columns_when_it_asks() -> None:
    comparison = Comparison(many(10_000))
    found = comparison.own_answers()["columns"]({})
    at = [column["name"] for column in found.answer["columns"]].index("m7")
    np.testing.assert_array_equal(np.frombuffer(found.buffers[at]), comparison.table.metrics["m7"])
    depths = next(i for i, column in enumerate(found.answer["columns"]) if column["name"] == "depth")
    words = found.answer["columns"][depths]["words"]
    codes = np.frombuffer(found.buffers[depths], dtype="i1")
    assert [words[code] for code in codes[:9]] == comparison.table.params["depth"][:9]
