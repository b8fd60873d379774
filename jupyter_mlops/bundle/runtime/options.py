"""What the command line says, and for containers the environment: ``SERVE_PORT`` instead of ``--port``."""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .problems import StartError
from .tokens import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_YES, _NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """All options; what is typed goes before the environment, which goes before the defaults.

    Raises:
        StartError: a variable of the environment has no value that fits.
    """
    parser = argparse.ArgumentParser(
        prog="serve.py",
        description="Serve the model in this folder over HTTP.",
        epilog="An option such as --max-body-mb 32 can also be set as the variable SERVE_MAX_BODY_MB=32.",
    )
    # Container platforms start an image with the word serve.
    parser.add_argument("command", nargs="?", choices=["serve"], default="serve", help="the default")
    for option in _OPTIONS:
        text = option.help if option.default is None else f"{option.help} (default %(default)s)"
        parser.add_argument(
            f"--{option.name}", type=option.kind, default=_default(option), help=text, metavar=option.metavar
        )
    parser.add_argument(
        "--insecure",
        action="store_true",
        default=_switch("SERVE_INSECURE"),
        help="listen beyond this machine without tokens",
    )
    parser.add_argument("--verify", action="store_true", help="compare every file with bundle.json and stop")
    parser.add_argument("--check", action="store_true", help="verify, predict the recorded example and stop")
    parser.add_argument(
        "--new-token", choices=KINDS, help="add a token to the file of --tokens, show it, stop"
    )
    parser.add_argument("--token-name", default="", metavar="NAME", help="a word to know that token by")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when the parent goes away")
    return parser.parse_args(arguments)


@dataclass(frozen=True)
class _Option:
    name: str
    kind: Callable[[str], Any]
    default: Any
    help: str
    metavar: str = "N"

    @property
    def variable(self) -> str:
        return "SERVE_" + self.name.upper().replace("-", "_")


def _default(option: _Option) -> Any:
    text = os.environ.get(option.variable)
    # Empty is what templates make of a value that is not there: a path of it would be the current folder.
    # Kubernetes sets SERVE_PORT=tcp://… in every container beside a service that is called "serve".
    if not text or text.startswith("tcp://"):
        return option.default
    try:
        return option.kind(text)
    except (ValueError, argparse.ArgumentTypeError) as error:
        raise StartError(
            f"The environment's {option.variable} is no value for --{option.name}.",
            f"Set it to the {option.help}, or unset it.",
        ) from error


def _switch(variable: str) -> bool:
    text = os.environ.get(variable, "").lower()
    if text not in _YES | _NO:
        raise StartError(f"The environment's {variable} is neither 1 nor 0.", "Set it to 1, or unset it.")
    return text in _YES


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("expected a whole number from 1 upwards")
    return number


def _seconds(text: str) -> float:
    if not (math.isfinite(number := float(text)) and number >= 0):
        raise argparse.ArgumentTypeError("expected seconds, not below 0")
    return number


def _above_zero(text: str) -> float:
    if (number := _seconds(text)) == 0:
        raise argparse.ArgumentTypeError("expected seconds, more than 0")
    return number


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _share(text: str) -> float:
    if not 0 <= (number := float(text)) <= 1:
        raise argparse.ArgumentTypeError("expected a number from 0 to 1")
    return number


_OPTIONS = (
    _Option("host", str, "127.0.0.1", "address to listen on", "ADDRESS"),
    _Option("port", int, 8080, "port, 0 for any free one"),
    _Option("tokens", Path, None, "file with the hashes of the tokens that clients must show", "FILE"),
    _Option("tls-cert", Path, None, "certificate chain in PEM, to answer https", "FILE"),
    _Option("tls-key", Path, None, "private key of that certificate in PEM", "FILE"),
    _Option("max-body-mb", _count, 16, "largest request in MB"),
    _Option("timeout", _above_zero, 60.0, "longest request in seconds", "S"),
    _Option("max-requests", _count, 512, "most requests at a time"),
    _Option("drain", _seconds, 0.2, "seconds to go on when told to stop, while clients learn of it", "S"),
    _Option("log", Path, None, "folder for a log of requests and predictions; none is kept without", "DIR"),
    _Option("log-sample", _share, 1.0, "share of the requests that are logged"),
    _Option("log-mask", _names, (), "columns that are left out of the log", "A,B,…"),
    _Option("log-rows", _count, 10_000, "rows of a file of the log"),
    _Option("log-seconds", _seconds, 300.0, "seconds after which a file of the log is written", "S"),
    _Option("rollout", Path, None, "file that says which version answers; else rollout.json here", "FILE"),
    _Option("shadow-share", _share, 0.01, "share of requests that the other engine checks, if there is one"),
)
