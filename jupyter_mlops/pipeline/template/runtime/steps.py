"""The parts of a pipeline: plain functions, told which values they make."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import PipelineError, nearest


@dataclass(frozen=True)
class Step:
    """A function and the names of what it returns.

    Its arguments are values that steps before it made; those after the ``*`` are parameters of `params.yaml`
    and data sources. `sources` are the data sources that it reads.
    """

    function: Callable[..., Any]
    makes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the function."""
        return str(self.function.__name__)

    @property
    def title(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def takes(self) -> tuple[str, ...]:
        """Values that steps before it made."""
        return self._arguments(keyword_only=False)

    @property
    def options(self) -> tuple[str, ...]:
        """Parameters and data sources that it is given by name."""
        return self._arguments(keyword_only=True)

    def _arguments(self, *, keyword_only: bool) -> tuple[str, ...]:
        found = inspect.signature(self.function).parameters.values()
        return tuple(each.name for each in found if (each.kind is each.KEYWORD_ONLY) == keyword_only)

    def named(self, returned: Any) -> dict[str, Any]:
        """What the function returned, by name."""
        if len(self.makes) == 1:
            return {self.makes[0]: returned}
        return dict(zip(self.makes, returned, strict=True)) if self.makes else {}


@dataclass(frozen=True)
class Project:
    """A pipeline: all steps in order, and which of the values are the result.

    `model` and `features` name values: the fitted model, and rows as it takes them. `metrics` are names in
    MLflow and the values they are. `set_up` runs first.
    """

    name: str
    steps: tuple[Step, ...]
    model: str | None = None
    features: str | None = None
    metrics: Mapping[str, str] = field(default_factory=dict)
    set_up: Callable[[], None] | None = None

    @property
    def folder(self) -> Path:
        """The project's folder, which has `params.yaml`."""
        return Path(inspect.getfile(self.steps[0].function)).resolve().parents[1]

    def step(self, name: str) -> Step:
        """The step of that name.

        Raises:
            PipelineError: there is none; the nearest is offered.
        """
        names = [step.name for step in self.steps]
        if name not in names:
            raise PipelineError(
                f"there is no step {name!r}.{nearest(name, names)}", f"The steps are: {', '.join(names)}."
            )
        return self.steps[names.index(name)]
