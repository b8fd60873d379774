"""A drift result that shows itself: a widget in a notebook, a static table elsewhere, text in a terminal."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from jupyter_mlops.drift import DriftResult
from jupyter_mlops.errors import StoreError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.widgets.drift_page import page
from jupyter_mlops.widgets.drift_payload import payload_of
from jupyter_mlops.widgets.drift_static import as_html, as_text


class DriftReport(DriftResult):
    """A `DriftResult` with a face; all figures of the result are its own."""

    @classmethod
    def from_result(cls, result: DriftResult) -> DriftReport:
        """The same result, able to show itself."""
        return cls(**{field.name: getattr(result, field.name) for field in fields(result)})

    def payload(self) -> dict[str, Any]:
        """What the widget draws, as JSON-ready values: counts and figures, never rows."""
        return payload_of(self)

    def to_html(self, path: str | Path) -> Path:
        """Write one page with the widget and the table of all columns that needs no network.

        Raises:
            StoreError: the page cannot be written there.
        """
        target = Path(path)
        try:
            write_atomically(target, page(self.payload(), as_html(self, rows=len(self.columns))))
        except OSError as error:
            raise StoreError(
                f"The drift report could not be written to {target}: {error.strerror}.",
                "Name a file in a folder that exists and can be written.",
            ) from error
        return target

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new widget, and for viewers without one the static table and the text."""
        from jupyter_mlops.widgets.drift_widget import DriftWidget

        data, metadata = DriftWidget(self.payload())._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": repr(self), "text/html": as_html(self)}, metadata
