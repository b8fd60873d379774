"""Widgets that answer their view: the browser asks by name, the kernel answers, also with bytes.

A question is the custom message ``{id, ask, …}``, its answer ``{id, answer}`` with buffers or ``{id, problem,
fix}``; `asking.js` is the other end. Before it begins, the kernel says ``{id, heard}``: from then on silence
means work, and until then it may mean that nobody is there.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from jupyter_mlops.errors import MlopsError

Answers = Mapping[str, Callable[[dict[str, Any]], Any]]
"""What can be asked: name → function of the question's arguments. ``tell``, one of them, is a function that
shows a sentence on the way to the answer."""


@dataclass(frozen=True)
class WithBuffers:
    """An answer with bytes, which travel as they are.

    Args:
        answer: plain data.
        buffers: bytes; the view finds them in ``answer.buffers``.
    """

    answer: Mapping[str, Any]
    buffers: Sequence[bytes]


class AnsweringWidget(anywidget.AnyWidget):  # type: ignore[misc] # anywidget is not followed by mypy here
    """A widget whose view can ask.

    Args:
        answers: what can be asked, in addition to what the widget answers itself.
        traits: the widget's traits.
    """

    _asks = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, answers: Answers | None = None, **traits: Any) -> None:
        self._answers = {**self.own_answers(), **(answers or {})}
        self._one = threading.Lock()  # front ends may ask in a thread of their own, beside a running cell
        super().__init__(_asks=sorted(self._answers), **traits)
        self.on_msg(self._asked)

    def own_answers(self) -> Answers:
        """What the widget answers without help."""
        return {}

    def arguments_of(self, question: dict[str, Any]) -> dict[str, Any]:
        """The arguments as the answering function wants them; widgets add what only they know.

        Raises:
            MlopsError: the question names something that is not there.
        """
        return question

    def _asked(self, _: object, message: object, buffers: object) -> None:
        if not isinstance(message, dict) or message.get("ask") not in self._answers:
            return
        named = {"id": message.get("id")}
        self.send({**named, "heard": True})
        question = {key: value for key, value in message.items() if key not in {"id", "ask"}}
        try:
            with self._one:
                arguments = self.arguments_of(question)
                arguments["tell"] = lambda text: self.send({**named, "progress": True, "said": str(text)})
                answer = self._answers[message["ask"]](arguments)
        except MlopsError as error:
            self.send({**named, "problem": error.what, "fix": error.fix})
        except Exception as error:  # noqa: BLE001 - a view that waits for ever would be worse
            problem = f"The kernel could not answer: {type(error).__name__}."
            self.send({**named, "problem": problem, "fix": "Run the cell again, or use the verb."})
        else:
            found = answer if isinstance(answer, WithBuffers) else WithBuffers(answer, ())
            self.send({**named, "answer": _without_nan(found.answer)}, buffers=list(found.buffers))


def _without_nan(value: Any) -> Any:
    """JSON has no NaN: what is no finite number is None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return value
