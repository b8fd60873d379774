"""What the server asks in a project's own process: the verbs, and what they leave behind.

Everything here gives plain data as `rest.schema.json` defines it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def run_page(**arguments: Any) -> dict[str, Any]:
    """Some of the runs that match, the newest first: `RunPage`."""
    from jupyter_mlops.server.run_page import run_page as page

    return page(**arguments)


def run_card(run: str) -> dict[str, Any]:
    """One run: `RunCard`."""
    from jupyter_mlops.verbs.show import show

    return show(run).to_dict()


def model_list() -> dict[str, Any]:
    """All registered versions: `ModelList`."""
    if _is_nothing_there():
        return {"versions": []}
    from jupyter_mlops.verbs.models import models

    return models().to_dict()


def move_list(name: str) -> dict[str, Any]:
    """The moves of a model's aliases, and what a step back would bring: `MoveList`."""
    _check_there()
    from jupyter_mlops.verbs.models import models
    from jupyter_mlops.verbs.rollback import what_rolls_back

    return models(name, moves=True).to_dict() | {"back": what_rolls_back(name)}


def gate_list(name: str, version: str) -> dict[str, Any]:
    """How a version's gates ended when it was promoted: `GateList`."""
    _check_there()
    from jupyter_mlops.registry.kept_gates import kept_gates
    from jupyter_mlops.registry.versions import find_version
    from jupyter_mlops.settings import load_settings

    settings = load_settings()
    found = kept_gates(settings, find_version(settings, f"{name}/{version}"))
    shown = [each for each in found if each["details"].get("applies", True)]
    return {
        "gates": [
            {"outcome": each["outcome"], "check": each["name"], "figure": each["figure"]} for each in shown
        ]
    }


def _is_nothing_there() -> bool:
    """True for a project in which nothing was tracked yet."""
    from jupyter_mlops.settings import load_settings

    return load_settings().is_store_missing


def _check_there() -> None:
    if _is_nothing_there():
        raise NotFoundError("there is no model yet", "Promote a run.")


QUESTIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    function.__name__: function for function in (run_page, run_card, model_list, move_list, gate_list)
}
