"""A validation that shows itself: static HTML in a notebook, text in a terminal, a page of its own."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from jupyter_mlops.drift.validate import ValidationResult
from jupyter_mlops.drift.validate.pandera_module import pandera_module
from jupyter_mlops.errors import BadInputError, StoreError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.widgets.page import page
from jupyter_mlops.widgets.validate_static import as_html, as_text


class ValidationReport(ValidationResult):
    """A `ValidationResult` with a face; all figures of the result are its own."""

    @classmethod
    def from_result(cls, result: ValidationResult) -> ValidationReport:
        """The same result, able to show itself."""
        return cls(**{field.name: getattr(result, field.name) for field in fields(result)})

    @property
    def exit_code(self) -> int:
        """Of the shell command: 0 if no check failed, else 1."""
        return int(not self.ok)

    def to_html(self, path: str | Path) -> Path:
        """Write one page with all checks that needs no network and no script.

        Raises:
            StoreError: the page cannot be written there.
        """
        table = as_html(self, self.ranked)
        return _written(Path(path), page(self.summary, "validate_page", table=table))

    def save(self, path: str | Path) -> Path:
        """Write the expectations as JSON, to be edited and given as `against`.

        Raises:
            BadInputError: there is a file of that name.
            StoreError: it cannot be written there.
        """
        return _written(_new(Path(path)), self.expectations.to_json())

    def to_pandera(self, path: str | Path) -> Path:
        """Write the expectations as a module of Python with a pandera schema.

        Raises:
            BadInputError: there is a file of that name.
            StoreError: it cannot be written there.
        """
        return _written(_new(Path(path)), pandera_module(self.expectations))

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Static HTML and stable text; IPython applies `include` and `exclude` itself."""
        return {"text/html": as_html(self), "text/plain": repr(self)}


def _new(target: Path) -> Path:
    if target.exists():  # it may have been edited
        raise BadInputError(f"the file {str(target)!r} exists already", "Name another one, or remove it.")
    return target


def _written(target: Path, content: str) -> Path:
    try:
        write_atomically(target, content)
    except OSError as error:
        raise StoreError(
            f"{target} could not be written: {error.strerror}.",
            "Name a file in a folder that exists and can be written.",
        ) from error
    return target
