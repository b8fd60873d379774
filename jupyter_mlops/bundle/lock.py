"""The lock of a bundle: exact versions of its packages, and the hashes of their files where we know them.

``locks/`` holds what `make lock` resolved once for all platforms: `compiled.txt` for bundles that need no
scikit-learn, `sklearn.txt` for the others. A compiled bundle always has the former. Elsewhere the packages
that compute must be those that the model was checked with here: where they are those of our lock, the bundle
has our lock; where they are not, it has the versions that are installed, and no hashes. No index is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.requirements import Requirement

_LOCKS = Path(__file__).parent / "locks"
_COMPUTE = frozenset({"cloudpickle", "joblib", "numpy", "pandas", "scikit-learn", "scipy", "skops"})
"""Packages that load a model or compute its answers; another version of these may answer otherwise."""


@dataclass(frozen=True)
class Lock:
    """What a bundle's ``requirements.lock`` says.

    Attributes:
        text: the file, as pip reads it.
        hashed: each package has hashes, so that ``pip install --require-hashes`` takes it.
        versions: normalised name -> version, as this platform installs it.
    """

    text: str
    hashed: bool
    versions: Mapping[str, str]

    @property
    def kind(self) -> str:
        """``hashed`` or ``pinned``, as ``bundle.json`` says it."""
        return "hashed" if self.hashed else "pinned"


@dataclass(frozen=True)
class _Entry:
    """One package of a lock file, with its hashes."""

    need: Requirement
    text: str

    @property
    def version(self) -> str:
        return next(iter(self.need.specifier)).version

    @property
    def is_for_here(self) -> bool:
        return self.need.marker is None or self.need.marker.evaluate()


def lock_for(engine: str, packages: Iterable[str] = ()) -> Lock:
    """The lock of a bundle.

    Args:
        engine: ``compiled`` or ``sklearn``.
        packages: what the model needs besides, because it is a pickle or has code of the user's own; a
            compiled model needs nothing.

    Raises:
        BadInputError: one of these, or something that it needs, is not installed here.
    """
    ours = _read(engine)
    if engine == "compiled":
        return _hashed(ours)
    packages = tuple(packages)
    installed = locked([*_roots("sklearn"), *packages])
    known = {entry.need.name: entry.version for entry in ours if entry.is_for_here}
    counts = _COMPUTE.union(map(_plain, packages))
    unknown = [
        f"{name} {version}"
        for name, version in installed.items()
        if name not in known or (name in counts and known[name] != version)
    ]
    if not unknown:
        return _hashed(ours)
    first = f"# without hashes: none were known for {', '.join(unknown)}\n"
    pins = "".join(f"{name}=={version}\n" for name, version in installed.items())
    return Lock(first + pins, False, installed)


def locked(roots: Iterable[str]) -> dict[str, str]:
    """Normalised name -> installed version, for `roots` and all that they need on this platform.

    Environment markers are evaluated for this interpreter, extras as the requirement asks.

    Raises:
        BadInputError: a package of the closure is not installed here, so its version is not known.
    """
    from packaging.requirements import Requirement

    pins: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(root) for root in roots]
    while waiting:
        wanted = waiting.pop()
        name = _plain(wanted.name)
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


def _hashed(entries: Iterable[_Entry]) -> Lock:
    entries = list(entries)
    versions = {entry.need.name: entry.version for entry in entries if entry.is_for_here}
    return Lock("".join(entry.text for entry in entries), True, versions)


def _read(engine: str) -> list[_Entry]:
    """The packages of one of our lock files, in its order."""
    from packaging.requirements import Requirement

    blocks: list[list[str]] = []
    for line in (_LOCKS / f"{engine}.txt").read_text("utf-8").splitlines(keepends=True):
        if not line.startswith(" "):
            blocks.append([])
        blocks[-1].append(line)
    return [_Entry(Requirement(lines[0].rstrip("\\\n ")), "".join(lines)) for lines in blocks]


def _roots(engine: str) -> list[str]:
    """What the server of such a bundle imports, as `make lock` is told; only what is for this platform."""
    from packaging.requirements import Requirement

    found = []
    for line in (_LOCKS / f"{engine}.in").read_text("utf-8").splitlines():
        if line.startswith("-r "):
            found += _roots(line.removeprefix("-r ").removesuffix(".in"))
        elif line and not line.startswith("#"):
            need = Requirement(line)
            found += [need.name] if not need.marker or need.marker.evaluate() else []
    return found


def _plain(name: str) -> str:
    from packaging.utils import canonicalize_name

    return str(canonicalize_name(name))
