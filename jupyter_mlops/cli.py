"""The shell's door: ``mlops VERB …``.

Exit codes: 0 done, 1 the answer is "no" (drift found), 2 something was wrong and is said in two lines.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.verbs import mlops
from jupyter_mlops.verbs.place import Place


def main(arguments: list[str] | None = None) -> None:
    """Run one verb and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one verb; returns the exit code."""
    place = Place(progress=_progress)
    try:
        result = mlops.main(arguments or ["--help"], prog_name="mlops", standalone_mode=False, obj=place)
    except click.ClickException as error:
        error.show()
        return 2
    except MlopsError as error:
        if place.as_json:
            click.echo(json.dumps({"error": type(error).__name__, "what": error.what, "fix": error.fix}))
        else:
            click.echo(f"mlops: {error}", err=True)
        return 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("mlops: stopped", err=True)
        return 130
    if result is None or isinstance(result, int):  # --help ends with a code of its own
        return result or 0
    _show(result, place)
    return 1 if getattr(result, "dataset_verdict", "ok") == "drift" else 0


def _show(result: Any, place: Place) -> None:
    if not place.as_json:
        click.echo(str(result))
        return
    data = result.to_dict() if hasattr(result, "to_dict") else json.loads(result.to_json())
    click.echo(json.dumps(data, indent=1, default=str))


def _progress(text: str, share: float) -> None:
    """One line that is written over, only where a person looks."""
    if sys.stderr.isatty():
        end = "\n" if share >= 1 else ""
        click.echo(f"\r\x1b[2K{share:4.0%} {text}{end}", err=True, nl=False)


if __name__ == "__main__":
    main()
