"""A job's request as the words of a command: values stand behind ``--``, so that none is an option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def words_of(request: Mapping[str, Any]) -> list[str]:
    """The words after ``mlops`` for a request that the schema let pass."""
    verb = request["verb"]
    return [verb, "--json", *_OPTIONS.get(verb, _none)(request), "--", *_values(request)]


def about(request: Mapping[str, Any]) -> str:
    """What the job is done to, in a word."""
    return str(request.get("model") or request["run"])


def touches(request: Mapping[str, Any]) -> tuple[str, ...]:
    """What two jobs of a project may not do at the same time: fill one folder, or the same thing twice."""
    if "target" in request:
        return ("target", request["target"])
    return tuple(words_of(request))


def _values(request: Mapping[str, Any]) -> list[str]:
    return [about(request), *([request["target"]] if "target" in request else [])]


def _none(request: Mapping[str, Any]) -> list[str]:
    return []


def _export(request: Mapping[str, Any]) -> list[str]:
    return ["--force"] if request.get("force") else []


def _promote(request: Mapping[str, Any]) -> list[str]:
    options = {
        "--as": request["name"],
        "--alias": request.get("alias"),
        "--reason": request.get("reason"),
        "--approve-by": request.get("approveBy"),
    }
    return [f"{option}={value}" for option, value in options.items() if value]


def _rollback(request: Mapping[str, Any]) -> list[str]:
    options = {"--to": request.get("to"), "--reason": request.get("reason")}
    return [f"{option}={value}" for option, value in options.items() if value]


_OPTIONS = {"export": _export, "promote": _promote, "rollback": _rollback}
