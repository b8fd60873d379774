"""The files of a pipeline project beside its code."""

from __future__ import annotations

import json
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TEMPLATE = Path(__file__).parent / "template"
_MAIN = '''"""The command line: ``python -m {name} run`` and ``python -m {name} steps``."""

import sys

from .pipeline import PIPELINE
from .runtime.cli import main

sys.exit(main(PIPELINE))
'''
_SETTINGS = """[project]
name = "{project}"
version = "0.1.0"
description = {about}
requires-python = ">={python}"
dynamic = ["dependencies"]

[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[tool.setuptools]
packages = ["{name}", "{name}.runtime"]

[tool.setuptools.dynamic]
dependencies = {{ file = ["requirements.txt"] }}

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]

[tool.ruff]
line-length = 110
{excluded}
[tool.ruff.lint]
select = ["E4", "E7", "E9", "F", "I"]

[tool.ruff.lint.per-file-ignores]
# as it was written in the notebook
"{name}/pipeline.py" = ["E7", "F541", "F841"]
"""
_IGNORED = ".cache/\n__pycache__/\nmlflow.db*\nmlruns/\nmlartifacts/\n"


@dataclass(frozen=True)
class StepLine:
    """A step as the README lists it."""

    name: str
    summary: str
    takes: tuple[str, ...]
    makes: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What the files say: `sources` by name with places as seen from the project's folder."""

    name: str
    about: str
    steps: Sequence[StepLine]
    params: Mapping[str, Any]
    comments: Mapping[str, str]
    sources: Mapping[str, str]
    checked: str = ""
    rows: int | None = None
    lock: str = ""
    own: Sequence[str] = ()
    """Paths of the notebook's own modules, which stand beside the package."""


def write_code(folder: Path, facts: Facts, module: str) -> None:
    """The package: the pipeline, what runs it, and its parameters."""
    package = folder / facts.name
    shutil.copytree(_TEMPLATE / "runtime", package / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
    _write(package / "pipeline.py", module)
    _write(package / "__init__.py", f'"""{_line(facts.about)}"""\n')
    _write(package / "__main__.py", _MAIN.format(name=facts.name))
    _write(folder / "params.yaml", _params(facts))
    _write(folder / "pyproject.toml", _settings(facts))
    _write(folder / ".gitignore", _IGNORED)


def write_rest(folder: Path, facts: Facts) -> None:
    """What tells people and programs how to use it: README, parameters, MLproject, environment and test."""
    _write(folder / "params.yaml", _params(facts))
    _write(folder / "MLproject", _mlproject(facts))
    _write(
        folder / "python_env.yaml",
        _yaml(
            {
                "python": platform.python_version(),
                "build_dependencies": ["pip"],
                "dependencies": ["-r requirements.txt"],
            }
        ),
    )
    words = {
        "name": facts.name,
        "about": _markdown(facts.about),
        "example": _example(facts),
        "steps": "\n".join(_step(step) for step in facts.steps),
        "params": "\n".join(f"- `{name}`: {_quoted(_plain(value))}" for name, value in facts.params.items())
        or "It has none.",
        "data": "\n".join(f"- `{name}`: {_quoted(place)}" for name, place in facts.sources.items())
        or "It reads no data of its own; what it loads comes with a library.",
        "checked": facts.checked,
        "rows": str(facts.rows) if facts.rows is not None else "all its",
        "python": platform.python_version(),
        "lock": facts.lock,
    }
    _write(folder / "README.md", _filled("README.md", words))
    (folder / "tests").mkdir()
    _write(
        folder / "tests" / "test_pipeline.py",
        _filled("test_pipeline.py.txt", {"name": facts.name, "rows": str(facts.rows)}),
    )


def _filled(template: str, words: Mapping[str, str]) -> str:
    return Template((_TEMPLATE / template).read_text("utf-8")).substitute(words)


def _params(facts: Facts) -> str:
    lines = ["# What a run can be given otherwise: --param NAME=VALUE", "params:"]
    if not facts.params:
        lines[-1] = "params: {}"
    for name, value in facts.params.items():
        lines += [f"  {line}" for line in facts.comments.get(name, "").splitlines()]
        lines += [f"  {line}" for line in _yaml({name: value}).rstrip("\n").splitlines()]
    lines += ["", "# Where the data is, seen from this folder: --data PLACE"]
    lines += ["data:"] if facts.sources else ["data: {}"]
    lines += [f"  {line}" for line in _yaml(dict(facts.sources)).splitlines()] if facts.sources else []
    return "\n".join(lines) + "\n"


def _mlproject(facts: Facts) -> str:
    options: dict[str, Any] = {name: {"type": "string", "default": ""} for name in facts.sources}
    words = ["python", "-m", facts.name, "run"]
    for name in facts.sources:
        words += ["--data", f"{{{name}}}" if len(facts.sources) == 1 else f"{name}={{{name}}}"]
    for name, value in facts.params.items():
        options[name] = {"type": "string", "default": _plain(value)}
        words += ["--param", f"{name}={{{name}}}"]
    main = {**({"parameters": options} if options else {}), "command": " ".join(words)}
    return _yaml({"name": facts.name, "python_env": "python_env.yaml", "entry_points": {"main": main}})


def _settings(facts: Facts) -> str:
    major, minor, _ = platform.python_version_tuple()
    return _SETTINGS.format(
        project=facts.name.replace("_", "-").strip("-"),
        name=facts.name,
        about=json.dumps(_line(facts.about), ensure_ascii=False),
        python=f"{major}.{minor}",
        excluded=f"extend-exclude = {json.dumps(list(facts.own))}\n" if facts.own else "",
    )


def _example(facts: Facts) -> str:
    words = []
    if facts.sources:
        first = next(iter(facts.sources))
        words.append(f"--data {'new.csv' if len(facts.sources) == 1 else f'{first}=new.csv'}")
    for name, value in facts.params.items():
        if type(value) in {int, float}:
            words.append(f"--param {name}={value}")
            break
    return " ".join(words) or "--force"


def _step(step: StepLine) -> str:
    flow = [f"takes {_names(step.takes)}"] if step.takes else []
    flow += [f"makes {_names(step.makes)}"] if step.makes else []
    return f"1. `{step.name}`: {_markdown(step.summary)}{' It ' + ', '.join(flow) + '.' if flow else ''}"


def _markdown(text: str) -> str:
    """Words of people in Markdown: nothing in them is HTML or a link."""
    return re.sub(r"([<>&\[\]`*_\\])", r"\\\1", text)


def _quoted(text: str) -> str:
    """A value as code in Markdown."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _plain(value: Any) -> str:
    """A parameter's value as the command line takes it: one line of YAML."""
    if isinstance(value, str):
        return value
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("\n...\n").strip()


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)


def _line(text: str) -> str:
    return " ".join(text.split()).replace("\\", "/").replace('"""', "'''").rstrip('"')


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
