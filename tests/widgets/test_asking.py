"""What a view asks is answered by the kernel, in sentences where it cannot be."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets.asking import WithBuffers
from jupyter_mlops.widgets.compare import Comparison


def fail(_: dict[str, Any]) -> None:
    raise NotFoundError("the file is gone", "Make it again.")


def with_progress(arguments: dict[str, Any]) -> list[str]:
    arguments["tell"]("half of it")
    return arguments["run_ids"]


ANSWERS = {
    "ids": lambda arguments: [arguments["run_ids"], arguments.get("run_id"), arguments.get("more")],
    "nan": lambda arguments: {"values": [1.5, math.nan, math.inf]},
    "bytes": lambda arguments: WithBuffers({"size": 3}, [b"abc"]),
    "gone": fail,
    "broken": lambda arguments: {}["secret of a user"],
    "slow": with_progress,
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask a comparison of three runs as the browser does; gives what goes back, after "heard"."""
    comparison = Comparison(RunTable(["a", "b", "c"], ["1", "2", "3"]), answers=ANSWERS)
    messages: list[tuple[dict[str, Any], list[bytes]]] = []
    monkeypatch.setattr(
        comparison.comm,
        "send",
        lambda data, buffers=None, **_: messages.append((data["content"], buffers or [])),
    )

    def ask(what: str, **arguments: Any) -> list[tuple[dict[str, Any], list[bytes]]]:
        messages.clear()
        comparison._handle_custom_msg({"id": "q7", "ask": what, **arguments}, [])
        json.dumps([message for message, _ in messages], allow_nan=False)
        assert {message["id"] for message, _ in messages} <= {"q7"}
        if messages:
            assert messages.pop(0)[0] == {"id": "q7", "heard": True}
        return list(messages)

    return ask


def test_rows_reach_the_answer_as_run_ids(sent: Any) -> None:
    assert sent("ids", rows=[2, 0], more="x")[0][0]["answer"] == [["3", "1"], None, "x"]
    assert sent("ids", row=1)[0][0]["answer"] == [["2"], "2", None]


@pytest.mark.parametrize("rows", [[3], [-1], ["0"], [None]])
def test_a_row_that_is_not_there_is_a_problem_in_words(sent: Any, rows: list[Any]) -> None:
    assert "not in this comparison" in sent("ids", rows=rows)[0][0]["problem"]


def test_numbers_that_json_does_not_know_are_null(sent: Any) -> None:
    assert sent("nan")[0][0]["answer"] == {"values": [1.5, None, None]}


def test_bytes_travel_beside_the_answer(sent: Any) -> None:
    assert sent("bytes") == [({"id": "q7", "answer": {"size": 3}}, [b"abc"])]


def test_our_errors_are_told_with_what_to_do(sent: Any) -> None:
    assert sent("gone")[0][0] == {"id": "q7", "problem": "the file is gone", "fix": "Make it again."}


def test_other_errors_are_told_by_their_kind_and_without_values(sent: Any) -> None:
    message = sent("broken")[0][0]
    assert "KeyError" in message["problem"]
    assert "secret" not in json.dumps(message)


def test_sentences_on_the_way_come_before_the_answer(sent: Any) -> None:
    told, answered = sent("slow", rows=[0])
    assert told[0] == {"id": "q7", "progress": True, "said": "half of it"}
    assert answered[0]["answer"] == ["1"]


def test_what_nobody_can_answer_is_not_listed_and_not_heard(sent: Any) -> None:
    assert "nothing" not in Comparison(RunTable([], []), answers=ANSWERS)._asks
    assert sent("nothing") == []
