"""The verbs on the ticked run of a comparison, for those who type; each is loaded when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.verbs.answers import DataCard
    from jupyter_mlops.verbs.promoted import PromotedCard
    from jupyter_mlops.verbs.reproduce import Reproduction


class ActsOnSelected:
    """A comparison whose one selected run can be acted on; arguments are those of the verbs."""

    selected: list[str]

    def restore(self, name: str, **how: Any) -> Any:
        """The data that the selected run read as `name`."""
        from jupyter_mlops.verbs.restore import restore

        return restore(f"{self._selected_run()}:{name}", **how)

    def reproduce(self, **how: Any) -> Reproduction:
        """Make the selected run again and compare."""
        from jupyter_mlops.verbs.reproduce import reproduce

        return reproduce(self._selected_run(), **how)

    def promote(self, name: str, **how: Any) -> PromotedCard:
        """Register the model of the selected run as `name`."""
        from jupyter_mlops.verbs.promote import promote

        return promote(self._selected_run(), name, **how)

    def export(self, target: str | Path, **how: Any) -> DataCard:
        """Write the newest registered version of the selected run as a folder that serves it.

        Raises:
            BadInputError: not one run is selected, or nothing was registered from it; and as of `export`.
        """
        from jupyter_mlops.registry.versions import versions_of_run
        from jupyter_mlops.settings import load_settings
        from jupyter_mlops.verbs.export import export

        found = versions_of_run(load_settings(), self._selected_run())
        if not found:
            raise BadInputError(
                "no version of a model was registered from the selected run",
                "Promote it first: `.promote(NAME)`.",
            )
        return export(f"{found[-1].name}/{found[-1].version}", target, **how)

    def _selected_run(self) -> str:
        if len(self.selected) != 1:
            raise BadInputError(
                f"{len(self.selected)} runs are selected, and this is done with one",
                "Tick one run in the table, or set `.selected` to a list with its id.",
            )
        return self.selected[0]
