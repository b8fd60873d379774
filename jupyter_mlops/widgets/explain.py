"""An explanation that shows itself, with where the model comes from: HTML in a notebook, text elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.widgets.explain_static import as_html
from jupyter_mlops.widgets.explain_text import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.registry.explain.result import Explanation


@dataclass(frozen=True)
class Section:
    """A part of the model's story: label and value pairs, and the commands that tell more.

    Values of the labels in `volatile` change between runs: they are in the HTML and not in the text.
    """

    title: str
    lines: tuple[tuple[str, str], ...]
    commands: tuple[str, ...] = ()
    volatile: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ExplainReport:
    """What a registered model uses, why it answered as it did, and how it came to be.

    Args:
        title: the model and its version.
        explanation: the figures.
        sections: where the model comes from.
        data: all of that as plain data, but the explanation.
    """

    title: str
    explanation: Explanation
    sections: tuple[Section, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {**self.data, "explanation": self.explanation.to_dict()}

    def in_full(self) -> ExplainReport:
        """The same with what a saved notebook leaves out of the text: names of people, times, ids."""
        return replace(self, sections=tuple(replace(each, volatile=frozenset()) for each in self.sections))

    def __str__(self) -> str:
        return as_text(self)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Static HTML and stable text; IPython applies `include` and `exclude` itself."""
        return {"text/html": as_html(self), "text/plain": as_text(self)}
