"""What a cell asks of the world outside, as it is announced to audit hooks, and as its code says.

Reading a variable of the environment is announced to nobody, and libraries that connect in C++ or Rust
announce nothing: of these the code has to say it.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.asked import CREDENTIALS, INPUT, NETWORK
from jupyter_mlops.lineage.secrets import is_secret_name
from jupyter_mlops.notebook.commands import is_shell, reaches_out
from jupyter_mlops.notebook.env_variables import MENTIONS, keys_named
from jupyter_mlops.notebook.network import NETWORK_EVENTS, is_remote_address, leaves_machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from types import FrameType

    from jupyter_mlops.notebook.bytecode import GlobalNames
    from jupyter_mlops.notebook.source import CellCode

ASKING = NETWORK_EVENTS | {"builtins.input"}
SCRIPT = "script"
"""Stands for a shell that was started without a command: what it does, the cell's own text says."""

_NOTHING: tuple[str, ...] = ()
_NOT_THE_CELLS = ("jupyter_mlops.", "mlflow.telemetry.", "mlflow.store.tracking.")
_TERMINAL = "/dev/tty"
_PASSWORD_FILES = (".netrc", "_netrc")
_KEY = re.compile(r"[A-Z][A-Z0-9_]*")
# Modules that hand out credentials, and the names of what does it.
_KEEPERS = {
    "keyring": frozenset(("get_password", "get_credential")),
    "kaggle_secrets": frozenset(("get_secret",)),
    "google.colab.userdata": frozenset(("userdata",)),
}
_CALLS = re.compile(r"\b(input|getpass)\s*\(")
_NEAR = 6  # frames between a fork and the function that knows the command


def asked_by_event(name: str, arguments: tuple[Any, ...], frame: FrameType) -> tuple[str, ...]:
    """What one of the announcements `ASKING` asks for; `frame` is that of the code which caused it."""
    if name in NETWORK_EVENTS and not leaves_machine(name, arguments):
        return _NOTHING
    return (INPUT if name == "builtins.input" else NETWORK,) if is_the_cells(frame) else _NOTHING


def asked_by_opening(path: str, frame: FrameType) -> tuple[str, ...]:
    """`getpass` asks at the terminal, where there is one; some files hold passwords."""
    if path == _TERMINAL:
        return (INPUT, CREDENTIALS) if frame.f_globals.get("__name__") == "getpass" else (INPUT,)
    return (CREDENTIALS,) if path.endswith(_PASSWORD_FILES) else _NOTHING


def asked_by_child(name: str, arguments: tuple[Any, ...], frame: FrameType) -> tuple[str, ...]:
    """What a child process will ask for, by the words of its command."""
    if not is_the_cells(frame):
        return _NOTHING
    command = _command(name, arguments, frame)
    if not isinstance(command, str) and is_shell(command) and "-c" not in command:
        return (SCRIPT,)
    return (NETWORK,) if command and reaches_out(command) else _NOTHING


def asked_by_script(source: str) -> tuple[str, ...]:
    """What the commands in a cell such as ``%%bash`` ask for."""
    return (NETWORK,) if reaches_out(source) else _NOTHING


def asked_by_code(
    code: CellCode,
    functions: Iterable[GlobalNames] = (),
    *,
    values: Iterable[Any] = (),
    bypasses: AbstractSet[str] = frozenset(),
) -> set[str]:
    """What no announcement tells.

    Args:
        code: a cell's.
        functions: the notebook's functions it uses.
        values: those of the names it uses: they may be addresses.
        bypasses: the names of functions that open addresses without Python.
    """
    functions = list(functions)
    mentions = code.mentions.union(*(used.mentions for used in functions))
    texts = code.texts.union(*(used.texts for used in functions))
    found: set[str] = set()
    if not MENTIONS.isdisjoint(mentions) or code.environment.keys:
        read = [code.environment, *(keys_named(used.texts, used.mentions) for used in functions)]
        keys = set().union(*(each.keys for each in read))
        if any(each.any_key for each in read):
            keys |= {text for text in texts if _KEY.fullmatch(text)}
        if any(map(is_secret_name, keys)):
            found.add(CREDENTIALS)
    if any(module in sys.modules and not names.isdisjoint(mentions) for module, names in _KEEPERS.items()):
        found.add(CREDENTIALS)
    if not bypasses.isdisjoint(mentions):
        addresses = texts.union(value for value in values if type(value) is str)
        if any(map(is_remote_address, addresses)):
            found.add(NETWORK)
    return found


def asked_unseen(code: CellCode, source: str) -> set[str]:
    """What a cell that ran unseen may have asked for; whether it used the network, a replay will find."""
    found = asked_by_code(code)
    calls = set(_CALLS.findall(source)) & code.mentions
    if calls:
        found.add(INPUT)
    return found | ({CREDENTIALS} if "getpass" in calls else set())


def is_the_cells(frame: FrameType | None) -> bool:
    """False for what this package does, in whatever thread, and for what MLflow logs and sends home.

    In a replay MLflow logs to a store in the scratch folder, whatever server the notebook logged to.
    """
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if type(module) is str and module.startswith(_NOT_THE_CELLS):
            return False
        frame = frame.f_back
    return True


def _command(name: str, arguments: tuple[Any, ...], frame: FrameType) -> str | Sequence[str]:
    if name == "os.forkpty":  # how IPython runs `!curl`
        return _command_of_terminal(frame)
    place = {"os.system": 0, "subprocess.Popen": 1, "os.posix_spawn": 1, "os.exec": 1, "os.spawn": 2}.get(
        name
    )
    command = arguments[place] if place is not None else ""
    if isinstance(command, str | bytes):
        return os.fsdecode(command)
    return [os.fsdecode(word) for word in command if isinstance(word, str | bytes | os.PathLike)]


def _command_of_terminal(frame: FrameType | None) -> Sequence[str]:
    """The arguments that ptyprocess will start."""
    for _ in range(_NEAR):
        if frame is None:
            break
        if frame.f_code.co_name == "spawn" and str(frame.f_globals.get("__name__")).startswith("ptyprocess"):
            return [os.fsdecode(word) for word in frame.f_locals["argv"]]
        frame = frame.f_back
    return []
