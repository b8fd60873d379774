"""The gate file: a small YAML, in which every mistake has a name."""

from __future__ import annotations

import ast
import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import yaml

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.errors import BadInputError, NotFoundError, did_you_mean
from jupyter_mlops.registry.gates import rules
from jupyter_mlops.registry.gates.requirement import Requirement, parse_requirement
from jupyter_mlops.registry.gates.rules import LEVELS, Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST_BYTES = 1_000_000


def load_rules(path: Path | str | None) -> Rules:
    """Read a gate file; what it does not say keeps its default, and None is all defaults.

    Raises:
        NotFoundError: there is no such file.
        BadInputError: it is no YAML, or says something that no gate understands; the key is named.
    """
    if path is None:
        return Rules()
    said = _read(Path(path))
    kinds = _kinds()
    _known(said, kinds, "")
    return Rules(**{key: _section(key, kinds[key], value) for key, value in said.items()})


def _kinds() -> dict[str, type]:
    """The dataclass of each key."""
    hints = get_type_hints(Rules)
    return {key: (get_args(hint) or (hint,))[0] for key, hint in hints.items()}


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise NotFoundError(f"there is no gate file {str(path)!r}", "Check the path given to --gate.")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _bad("it is larger than 1 MB", "A gate file is a few lines of YAML.")
        said = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader, see below
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "it"
        raise _bad(
            f"{line} cannot be read: {getattr(error, 'problem', None) or 'it is no YAML'}",
            "Check indents, brackets and quotes there.",
        ) from None
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(f"it cannot be read ({type(error).__name__})", "Give a text file in UTF-8.") from None
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise _bad("it is not a table of gates", "Write lines such as `size: {max_mb: 100}`.")
    return said


class _Loader(yaml.SafeLoader):
    """Plain data only, and no key twice: YAML itself lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        texts = [key for key in keys if isinstance(key, str)]
        twice = next((key for key in texts if texts.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"{twice!r} is said twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _section(key: str, kind: type, said: Any) -> Any:
    if key == "metrics" and isinstance(said, list | str):
        said = {"require": said}
    if kind is not rules.Holdout and not isinstance(said, dict):
        said = _short(key, said)
    if not isinstance(said, dict):
        raise _bad(f"{key!r} needs keys of its own", f"Write `{key}: {{…}}` with {_listed(_keys(kind))}.")
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name != "asked"}
    _known(said, fields, f"{key}.")
    values = {name: _value(f"{key}.{name}", fields[name], value) for name, value in said.items()}
    if kind is not rules.Holdout:
        return kind(**values, asked=True)
    missing = [name for name in fields if not values.get(name)]
    if missing:
        raise _bad(
            f"'holdout.{missing[0]}' is missing",
            "Name both: `holdout: {features: X_test, target: y_test}`.",
        )
    return kind(**values)


def _short(key: str, said: Any) -> Any:
    """``drift: off`` (which YAML reads as False), ``drift: warn``, ``drift:``."""
    if said is None or said is True:
        return {}
    if said is False:
        return {"level": "off"}
    if isinstance(said, str) and said in LEVELS:
        return {"level": said}
    if isinstance(said, str):
        guess = did_you_mean(said, LEVELS)
        raise _bad(f"{key!r} is none of {_listed(LEVELS)}.{guess}", f"Write `{key}: warn` or `{key}: {{…}}`.")
    return said


def _value(key: str, field: dataclasses.Field[Any], said: Any) -> Any:
    if field.name == "level" and said is False:
        return "off"
    if said is None and field.default is None:
        return None
    reads: dict[str, Callable[[], Any]] = {
        "number": lambda: _number(key, field.metadata, said, whole=False),
        "whole": lambda: _number(key, field.metadata, said, whole=True),
        "flag": lambda: _flag(key, said),
        "names": lambda: _names(key, said),
        "requirements": lambda: _requirements(key, said),
        "text": lambda: _text(key, field.metadata, said),
        "code": lambda: _code(key, said),
    }
    return reads[field.metadata["is"]]()


def _flag(key: str, said: Any) -> bool:
    if not isinstance(said, bool):
        raise _bad(f"{key!r} is neither true nor false", f"Write `{key.rpartition('.')[2]}: true`.")
    return said


def _number(key: str, limits: Mapping[str, Any], said: Any, *, whole: bool) -> float | int:
    right = isinstance(said, int if whole else int | float) and not isinstance(said, bool)
    if not right:
        raise _bad(
            f"{key!r} is not a {'whole ' if whole else ''}number", "Write it without quotes and units."
        )
    least, most, above = limits["least"], limits["most"], limits.get("above", False)
    low_enough = math.isfinite(said) and said <= most
    if not low_enough or said < least or (above and said == least):
        wanted = f"{'above' if above else 'at least'} {least:g}"
        wanted += f" and at most {most:g}" if math.isfinite(most) else ""
        raise _bad(f"{key!r} is out of range", f"It is {wanted}.")
    return int(said) if whole else float(said)


def _text(key: str, metadata: Mapping[str, Any], said: Any) -> str:
    if not isinstance(said, str) or not said.strip():
        raise _bad(f"{key!r} is not a text", "Write one word, or put it in quotes.")
    choices = metadata.get("choices", ())
    if choices and said not in choices:
        guess = did_you_mean(said, choices)
        raise _bad(f"{key!r} is none that is known.{guess}", f"One of {_listed(choices)}.")
    return said


def _code(key: str, said: Any) -> str:
    example = "Write what the notebook would, such as `X_test`."
    if not isinstance(said, str):
        raise _bad(f"{key!r} is not a Python expression", example)
    try:
        ast.parse(said.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _bad(f"{key!r} is not a Python expression", example) from None
    return said.strip()


def _names(key: str, said: Any) -> tuple[str, ...]:
    names = [said] if isinstance(said, str) else said
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _bad(f"{key!r} is not a list of column names", "Write `[sex, age]`; put odd names in quotes.")
    return tuple(dict.fromkeys(names))


def _requirements(key: str, said: Any) -> tuple[Requirement, ...]:
    texts = [said] if isinstance(said, str) else said
    example = 'Write `metrics: ["auc >= 0.9", "rmse < 30000"]`.'
    if not isinstance(texts, list):
        raise _bad(f"{key!r} is not a list of requirements", example)
    found = [parse_requirement(text) if isinstance(text, str) else None for text in texts]
    for place, each in enumerate(found, 1):
        if each is None:
            raise _bad(
                f"requirement {place} of 'metrics' is not a metric, one of >= > <= <, and a number", example
            )
    return tuple(each for each in found if each is not None)


def _known(said: Mapping[Any, Any], known: Mapping[str, Any], prefix: str) -> None:
    for key in said:
        if key not in known:
            guess = did_you_mean(str(key), known)
            keys = f"Keys of {prefix.rstrip('.')!r}" if prefix else "Gates"
            name = short_name(str(key))
            raise _bad(f"it has an unknown key '{prefix}{name}'.{guess}", f"{keys}: {_listed(known)}.")


def _keys(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind) if field.name != "asked"]


def _listed(words: Any) -> str:
    return ", ".join(words)


def _bad(what: str, fix: str) -> BadInputError:
    return BadInputError(f"The gate file cannot be used: {what}", fix)
