"""What `doctor` finds of versions that were not registered to their end, and takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError
from jupyter_mlops.registry.one_mover import mend_all
from jupyter_mlops.registry.registering import clean, leftovers
from jupyter_mlops.verbs.checks import Check, advice_on, count

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings

_WHAT = "registered models"


def check_registry(settings: Settings) -> list[Check]:
    """Only what is left over of promotions and moves whose process or store was gone half-way."""
    return [*_registrations(settings), *_moves(settings)]


def _registrations(settings: Settings) -> list[Check]:
    found = leftovers(settings)
    if not found:
        return []
    names = ", ".join(dict.fromkeys(left.name for left in found))
    half = f"{count(len(found), 'version')} of {names}, not registered to the end"
    data = {"left": [{"name": left.name, "run_id": left.run_id, "when": left.when} for left in found]}
    try:
        clean(settings)
    except StoreError as error:
        return [Check("failed", _WHAT, f"{half}: cannot be taken back", data, advice_on(error))]
    return [Check("warned", _WHAT, f"{half}: taken back", data)]


def _moves(settings: Settings) -> list[Check]:
    if settings.is_store_missing:
        return []
    try:
        mended = mend_all(settings)
    except StoreError:  # the check of the store says so
        return []
    figure = f"a move of an alias of {', '.join(mended)} was cut short: brought to its end"
    return [Check("warned", _WHAT, figure, {"mended": mended})] if mended else []
