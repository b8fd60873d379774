"""What `doctor` finds of versions that were not registered to their end, and takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError
from jupyter_mlops.registry.registering import clean, leftovers
from jupyter_mlops.verbs.checks import Check, advice_on, count

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings


def check_registry(settings: Settings) -> list[Check]:
    """Only what is left over: a promotion whose process or store was gone half-way."""
    what = "registered models"
    found = leftovers(settings)
    if not found:
        return []
    names = ", ".join(dict.fromkeys(left.name for left in found))
    half = f"{count(len(found), 'version')} of {names}, not registered to the end"
    data = {"left": [{"name": left.name, "run_id": left.run_id, "when": left.when} for left in found]}
    try:
        clean(settings)
    except StoreError as error:
        return [Check("failed", what, f"{half}: cannot be taken back", data, advice_on(error))]
    return [Check("warned", what, f"{half}: taken back", data)]
