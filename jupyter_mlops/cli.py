"""The shell's door: ``mlops VERB …``.

Exit codes: 0 done, 1 the answer is "no" (drift found, another result), 2 something was wrong and is said in
two lines.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

import click

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.verbs import mlops
from jupyter_mlops.verbs.place import Place

PROGRESS = "MLOPS_PROGRESS"
"""``json``: a line ``{"progress", "share"}`` on standard error each time, for programs that start a verb."""


def main(arguments: list[str] | None = None) -> None:
    """Run one verb and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one verb; returns the exit code."""
    place = Place(progress=_progress)
    as_json = "--json" in arguments  # known even when the words cannot be read
    try:
        result = mlops.main(arguments or ["--help"], prog_name="mlops", standalone_mode=False, obj=place)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else " ".join(["mlops", *arguments[:1]])
        return _refuse("UsageError", error.format_message(), f"`{path} --help` explains it.", as_json)
    except MlopsError as error:
        return _refuse(type(error).__name__, error.what, error.fix, as_json)
    except (KeyboardInterrupt, click.Abort):
        click.echo("mlops: stopped", err=True)
        return 130
    if result is None or isinstance(result, int):  # --help ends with a code of its own
        return result or 0
    _show(result, place)
    is_no = getattr(result, "dataset_verdict", "ok") == "drift"
    return int(getattr(result, "exit_code", is_no))


def _show(result: Any, place: Place) -> None:
    if not place.as_json:
        from jupyter_mlops.verbs.answers import in_full

        click.echo(_in_a_shell(in_full(result)))
        return
    click.echo(json.dumps(result.to_dict(), indent=1, default=str, allow_nan=False))


def _refuse(kind: str, what: str, fix: str, as_json: bool) -> int:
    """Say in two lines what was wrong and what to do; as JSON on standard output where JSON was asked for."""
    what, fix = _in_a_shell(what), _in_a_shell(fix)
    if as_json:
        click.echo(json.dumps({"error": kind, "what": what, "fix": fix}))
    else:
        click.echo(f"mlops: {what}\n{fix}", err=True)
    return 2


def _in_a_shell(text: str) -> str:
    """Hints name the verbs as a notebook does; here they have no percent sign."""
    return re.sub(r"(?<!%)%mlops (?!track)", "mlops ", text)  # tracking is the notebook's own


def _progress(text: str, share: float) -> None:
    """One line that is written over, only where a person looks; or JSON lines for who asks for them."""
    if os.environ.get(PROGRESS) == "json":
        click.echo(json.dumps({"progress": text, "share": share}), err=True)
    elif sys.stderr.isatty():
        end = "\n" if share >= 1 else ""
        click.echo(f"\r\x1b[2K{share:4.0%} {text}{end}", err=True, nl=False)


if __name__ == "__main__":
    main()
