"""A second version in a bundle: it must take what the first one takes, and lies in ``challenger/``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from jupyter_mlops.bundle.choice import NATIVE
from jupyter_mlops.bundle.runtime.versions.loading import takes_the_same
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.bundle.export import BundleSource
    from jupyter_mlops.bundle.runtime.schema import Column

_NATIVE_IN_BUNDLE = "runtime/compiled/native"


def check_pair(champion: BundleSource, challenger: BundleSource) -> None:
    """Raises BadInputError when the two could not answer the same requests under one name."""
    if challenger.name != champion.name:
        raise BadInputError(
            f"{challenger.name} is another model than {champion.name}.",
            "Name another version of the same model as the challenger.",
        )
    if challenger.version == champion.version:
        raise BadInputError(
            f"Version {champion.version} cannot be its own challenger.",
            "Name another version: promote one, or set an alias such as challenger.",
        )
    if not takes_the_same(champion.columns, challenger.columns):
        raise BadInputError(
            f"Version {challenger.version} does not take what version {champion.version} takes: "
            f"{_difference(champion.columns, challenger.columns)}.",
            "Train the challenger on the same columns, or export it as a bundle of its own.",
        )


def copy_native(folder: Path) -> None:
    """The compiled engine's libraries, once more: a version's own manifest vouches for all that it loads."""
    place = folder / _NATIVE_IN_BUNDLE
    place.mkdir(parents=True)
    for file in sorted(NATIVE.iterdir()):
        shutil.copyfile(file, place / file.name)


def _difference(champion: tuple[Column, ...], challenger: tuple[Column, ...]) -> str:
    """What is not alike, named by column."""
    first, second = ([column.name for column in each] for each in (champion, challenger))
    for names, others, which in ((first, second, "has no"), (second, first, "also has")):
        alone = [name for name in names if name not in others]
        if alone:
            return f"it {which} {', '.join(alone)}"
    if first != second:
        return "its columns have another order"
    for one, two in zip(champion, challenger, strict=True):
        if (one.type, one.dtype) != (two.type, two.dtype):
            return f"{one.name} is {two.type} ({two.dtype}), not {one.type} ({one.dtype})"
    missing = [one.name for one, two in zip(champion, challenger, strict=True) if one.nullable > two.nullable]
    return f"it was never trained with missing values in {', '.join(missing)}"
