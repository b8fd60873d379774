"""What can be done with a run of a comparison: bring a value back, reproduce, promote, export.

The view shows the command of a verb and asks for exactly that; it runs as if it had been typed in a cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.comparison.recorded import if_there, read_recorded
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.notebook.opened import unheard
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.notebook.shell_here import shell_here
from jupyter_mlops.registry.versions import model_names, versions_of_run
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.read_runs import find_run, run_record
from jupyter_mlops.verbs.place import Place
from jupyter_mlops.verbs.restore import variable_for
from jupyter_mlops.verbs.typed import reference_to, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.comparison.recorded import Recorded
    from jupyter_mlops.settings import Settings

    Arguments = dict[str, Any]

_ELSEWHERE = "It is a run of another store, and verbs work on the project's own."
_NO_CODE = "Its code was not recorded, so it cannot be made again."
_NO_MODEL = "No model was fitted in it."
_NO_VALUE = "None of its data was kept."
_NO_VERSION = "No version of a model was registered from it: promote it first."


def action_answers(
    settings: Settings, is_ours: Callable[[str], bool] = lambda run_id: True
) -> Mapping[str, Callable[[Arguments], Any]]:
    """What a comparison's view asks to act on a run: ``actions`` (what is possible) and ``act``.

    Args:
        settings: of the project.
        is_ours: whether a run, by its id, is in the project's own store.
    """

    def actions(asked: Arguments) -> dict[str, Any]:
        run_id = str(asked["run_ids"][0])
        return possible(settings, run_id) if is_ours(run_id) else _nothing(_ELSEWHERE)

    def act(asked: Arguments) -> dict[str, Any]:
        run_id = str(asked["run_ids"][0])
        if not is_ours(run_id):
            raise BadInputError("this run is in another store", "Act on runs of the project's own store.")
        reference = reference_to(settings, find_run(settings, run_id))
        return run_words(settings, words_of(reference, asked), asked["tell"])

    return {"actions": actions, "act": act}


def possible(settings: Settings, run_id: str) -> dict[str, Any]:
    """What can be done with a run, and of what cannot be done the reason.

    Raises:
        NotFoundError: the run is gone.
        StoreError: the store cannot be used.
    """
    session = current_session()
    if session is not None:
        session.keeper.drain()  # what its last cells made may be on its way to the store
    run = find_run(settings, run_id)
    recorded = read_recorded(settings, run)
    record = if_there(lambda: run_record(settings, run)) if recorded.code else None
    has_model = record is not None and record.run is not None and bool(record.run.estimators)
    no_code = "" if recorded.code else _NO_CODE
    values = _values(settings, recorded)
    versions = [f"{each.name}/{each.version}" for each in versions_of_run(settings, run_id)]
    return {
        "run": reference_to(settings, run),
        "values": values,
        "models": model_names(settings),
        "versions": versions[::-1],
        "problems": {
            "restore": "" if values else _NO_VALUE,
            "reproduce": no_code,
            "promote": no_code or ("" if has_model else _NO_MODEL),
            "export": "" if versions else _NO_VERSION,
        },
    }


def _nothing(why: str) -> dict[str, Any]:
    problems = dict.fromkeys(("restore", "reproduce", "promote", "export"), why)
    return {"run": "", "values": [], "models": [], "versions": [], "problems": problems}


def _values(settings: Settings, recorded: Recorded) -> list[dict[str, str]]:
    store = project_store(settings)
    return [
        {"name": each.name, "kind": each.kind, "variable": variable_for(recorded.run, each.name)}
        for each in recorded.data
        if each.digest in store
    ]


def words_of(reference: str, asked: Mapping[str, Any]) -> list[str]:
    """The words of the verb, as they would be typed behind ``%mlops``.

    Raises:
        BadInputError: an action there is not, or a field that is empty.
    """
    action = str(asked.get("action"))
    fields = {
        key: str(asked.get(key) or "").strip() for key in ("value", "variable", "name", "version", "folder")
    }
    force = ["--force"] if asked.get("force") else []
    words = {
        "restore": ["restore", f"{reference}:{fields['value']}", "--as", fields["variable"], *force],
        "reproduce": ["reproduce", reference],
        "promote": ["promote", reference, "--as", fields["name"]],
        "export": ["export", fields["version"], fields["folder"], *force],
    }
    if action not in words:
        raise BadInputError("this cannot be done with a run", f"Ask for one of {', '.join(words)}.")
    if not all(words[action]) or words[action][1].endswith(":"):
        raise BadInputError("a field is empty", "Fill in what the command needs.")
    return words[action]


def run_words(settings: Settings, words: list[str], tell: Callable[[str], None]) -> dict[str, Any]:
    """Run a verb as in a cell of this notebook; its result as text.

    Raises:
        MlopsError: what the verb raises.
    """
    from jupyter_mlops.verbs import mlops

    shell = shell_here()
    namespace = shell.user_ns if shell is not None else None
    place = Place(settings, namespace, shell, lambda text, share: tell(f"{text} ({share:.0%})"))
    try:
        with unheard():
            result = mlops.main(words, prog_name="%mlops", standalone_mode=False, obj=place)
    except click.UsageError as error:
        raise BadInputError(error.format_message(), "Change what the command says.") from error
    return {"command": typed(*words), "text": str(result), "ok": getattr(result, "exit_code", 0) == 0}
