"""The exact versions a bundle needs: the closure of its packages, read from what is installed here."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SERVER_PACKAGES = ("numpy", "pandas", "scikit-learn", "skops", "starlette", "uvicorn")
"""What ``runtime/`` imports by itself."""


def locked(roots: Iterable[str]) -> Mapping[str, str]:
    """Normalised name -> installed version, for `roots` and all that they need on this platform.

    Environment markers are evaluated for this interpreter, extras as the requirement asks.

    Raises:
        BadInputError: a package of the closure is not installed here, so its version is not known.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    pins: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(root) for root in roots]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError as error:
            raise BadInputError(
                f"The bundle needs {name}, which is not installed here, so its version cannot be locked.",
                f"Install {name} and export again.",
            ) from error
        pins[name] = found.version
        # An extra's requirements say so in a marker; the plain ones are read with an empty extra.
        for extra in {"", *wanted.extras}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            needs = [Requirement(line) for line in found.requires or []]
            waiting += [need for need in needs if not need.marker or need.marker.evaluate({"extra": extra})]
    return dict(sorted(pins.items()))


def lock_text(pins: Mapping[str, str]) -> str:
    """``name==version`` lines, as pip reads them."""
    return "".join(f"{name}=={version}\n" for name, version in pins.items())
