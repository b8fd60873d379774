"""A diff of runs that shows itself: a widget in a notebook, static HTML elsewhere, text in a terminal."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from jupyter_mlops.comparison.run_diff import RunDiff
from jupyter_mlops.widgets.diff_static import as_html, as_text


class RunDiffReport(RunDiff):
    """A `RunDiff` with a face; all that it says is the diff's own."""

    @classmethod
    def from_diff(cls, diff: RunDiff) -> RunDiffReport:
        """The same diff, able to show itself."""
        return cls(**{field.name: getattr(diff, field.name) for field in fields(diff)})

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new widget, and for viewers without one static HTML and the text."""
        from jupyter_mlops.widgets.run_diff_widget import RunDiffWidget

        data, metadata = RunDiffWidget(self.to_dict())._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": repr(self), "text/html": as_html(self)}, metadata
