"""Parameters and data sources: `params.yaml`, and what the command line says instead."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from .errors import PipelineError, nearest


def load_settings(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Parameters, and data sources with paths made absolute, as `params.yaml` has them.

    Raises:
        PipelineError: the file is not there, or is not what it should be.
    """
    path = folder / "params.yaml"
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
        params, sources = dict(content.get("params") or {}), dict(content.get("data") or {})
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise PipelineError(
            f"{path} cannot be read ({type(error).__name__})",
            "It needs two tables, `params:` and `data:`, each with `name: value` lines.",
        ) from error
    return params, {name: _from(folder, str(place)) for name, place in sources.items()}


def _from(folder: Path, place: str) -> str:
    """The place with a path made absolute; also that of a SQLite file."""
    scheme, mark, path = place.partition(":///")
    if mark and scheme.startswith("sqlite"):
        file, hash_mark, table = path.partition("#")
        return f"{scheme}:///{(folder / file).resolve()}{hash_mark}{table}" if file else place
    is_path = "://" not in place and not place.startswith("snapshot:")
    return str((folder / place).resolve()) if is_path else place


def override(params: Mapping[str, Any], given: Iterable[str]) -> dict[str, Any]:
    """Parameters with those given as ``name=value``; values are read as YAML reads them.

    Raises:
        PipelineError: no such parameter, or a value of another type.
    """
    found = dict(params)
    for text in given:
        name, has_value, value = text.partition("=")
        name = name.strip()
        if not has_value:
            raise PipelineError(f"--param {name} has no value", f"Write it so: --param {name}=VALUE")
        if name not in found:
            raise PipelineError(
                f"there is no parameter {name!r}.{nearest(name, found)}",
                f"The parameters are: {', '.join(found) or 'none'}.",
            )
        found[name] = _typed(name, found[name], value)
    return found


def _typed(name: str, known: Any, text: str) -> Any:
    """A value of the same type as the known one; where that is None, of any."""
    if isinstance(known, str):
        return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        value = text
    if isinstance(known, float) and isinstance(value, str | int) and not isinstance(value, bool):
        with contextlib.suppress(ValueError):  # YAML takes 1e-3 for a text
            value = float(value)
    if value is not None and known is not None and type(value) is not type(known):
        raise PipelineError(
            f"the parameter {name} is a {type(known).__name__}, and a {type(value).__name__} was given",
            f"Write it as in params.yaml: --param {name}={known}",
        )
    return value


def place_data(sources: Mapping[str, str], given: Iterable[str]) -> dict[str, str]:
    """Data sources with those given as ``place``, or ``name=place`` where there are several.

    Raises:
        PipelineError: no such source, or it is not said which one.
    """
    found = dict(sources)
    for text in (each for each in given if each):
        name, has_name, place = text.partition("=")
        if has_name and name in found:
            if place:
                found[name] = _from(Path.cwd(), place)
        elif len(found) == 1:
            found[next(iter(found))] = _from(Path.cwd(), text)
        else:
            raise PipelineError(
                f"it is not said which data this is.{nearest(name, found) if has_name else ''}",
                f"Write it so: --data NAME=PLACE; the names are: {', '.join(found) or 'none'}.",
            )
    return found
