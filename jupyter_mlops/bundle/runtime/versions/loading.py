"""Load what a bundle holds beside its champion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..manifest import CHALLENGER, MANIFEST, ROLLOUT, read_checked
from ..problems import StartError
from ..reread import Reread
from ..served import load
from .rollout import read_rollout
from .versions import Version, Versions

if TYPE_CHECKING:
    from pathlib import Path

    from ..engines import Engine
    from ..schema import Column
    from ..served import Served

_LOOK_SECONDS = 0.5


def load_versions(
    folder: Path, champion: Served, *, rollout: Path | None, most_waiting: int, check_share: float
) -> Versions:
    """The champion, its challenger if there is one, and the rule between them.

    Raises:
        StartError: the challenger is not whole, takes or gives something else than the champion, or the rule
            is none.
    """
    challenger = None
    if champion.manifest.has_challenger:
        read_checked(folder, f"{CHALLENGER}/{MANIFEST}", champion.manifest)  # it vouches for the other files
        challenger = _load_challenger(folder / CHALLENGER)
        _check_alike(champion, challenger)
    names = [column.name for column in champion.columns]
    rule = Reread(
        rollout or folder / ROLLOUT,
        lambda file: read_rollout(file, names, has_challenger=challenger is not None),
        _LOOK_SECONDS,
    )
    return Versions(
        Version("champion", champion, most_waiting, _other_engine(folder, champion)),
        None
        if challenger is None
        else Version(CHALLENGER, challenger, most_waiting, _other_engine(folder / CHALLENGER, challenger)),
        rule,
        check_share,
    )


def _load_challenger(folder: Path) -> Served:
    try:
        return load(folder)
    except StartError as problem:  # it names files, which the champion has as well
        raise StartError(f"{CHALLENGER}/: {problem.what}", problem.fix) from problem


def _other_engine(folder: Path, served: Served) -> Engine | None:
    """scikit-learn, to check the compiled model that it was made of; None where the bundle has only one."""
    if not served.manifest.has_shadow:
        return None
    from ..engine_sklearn.engine import load_sklearn

    return load_sklearn(folder, served.manifest)


def _check_alike(champion: Served, challenger: Served) -> None:
    """A client must not notice which version answered, but by its answer."""
    one, two = champion.engine, challenger.engine
    if one.classes != two.classes or one.methods != two.methods:
        what = "classes" if one.methods == two.methods else "methods"
    elif not takes_the_same(champion.columns, challenger.columns):
        what = "columns"
    else:
        return
    raise StartError(
        f"The challenger has other {what} than the champion.", "Export two versions that are alike."
    )


def takes_the_same(champion: tuple[Column, ...], challenger: tuple[Column, ...]) -> bool:
    """Whether each request that fits the champion fits the challenger."""
    return [(each.name, each.type, each.dtype) for each in champion] == [
        (each.name, each.type, each.dtype) for each in challenger
    ] and all(two.nullable or not one.nullable for one, two in zip(champion, challenger, strict=True))
