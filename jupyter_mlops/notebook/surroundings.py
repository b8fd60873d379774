"""Hidden state that a cell can set for all cells after it, such as where files and modules are found.

A setting is looked at only where it costs little or the code can have changed it, and it counts as read by
all later cells or only by those that can show a difference: ``warnings.filterwarnings("ignore")`` and the
width of a printed table change no result.
"""

from __future__ import annotations

import decimal
import locale
import os
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import FOLDER, MODULE_PATH, SKLEARN_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

_TEXTS = frozenset(
    ("repr", "str", "print", "format", "to_string", "to_html", "display", "array2string", "ascii")
)
_PLOTS = frozenset(
    (
        "plt", "matplotlib", "sns", "seaborn", "subplots", "figure", "plot", "hist", "scatter", "boxplot",
        "rcParams", "savefig", "imshow", "bar", "barh", "pyplot",
    )
)  # fmt: skip
_STYLES = frozenset(
    (
        "rcParams", "rc", "rcdefaults", "rc_file", "style", "use", "set_theme", "set_style", "set_context",
        "set_palette", "set", "get_ipython",
    )
)  # fmt: skip
_OPTIONS = frozenset(("set_option", "reset_option", "options", "option_context", "set_eng_float_format"))


@dataclass(frozen=True)
class Setting:
    """One setting: how it is looked at, what code that changes it mentions, and what code that reads it does.

    An empty set of mentions means any code.
    """

    name: str
    state: Callable[[], object]
    set_by: frozenset[str] = frozenset()
    read_by: frozenset[str] = frozenset()


def surroundings(mentions: AbstractSet[str]) -> dict[str, object]:
    """The settings that code which mentions these names can change; None for those of no library yet.

    The environment's variables are not among them: libraries set some when they are imported, which would
    make every import a cell that all later ones need.
    """
    return {
        setting.name: _look(setting)
        for setting in SETTINGS
        if not setting.set_by or not setting.set_by.isdisjoint(mentions)
    }


def differs(before: object, after: object) -> bool:
    """True if a setting was changed; one that was not there before (its library was not) was not."""
    try:
        return before is not None and bool(before != after)
    except Exception:  # noqa: BLE001 - options can hold anything
        return False


def _look(setting: Setting) -> object:
    try:
        return setting.state()
    except Exception:  # noqa: BLE001 - as above, and libraries change their insides
        return None


def settings_read(mentions: AbstractSet[str]) -> list[str]:
    """The settings that code which mentions these names depends on."""
    return [
        setting.name
        for setting in SETTINGS
        if not setting.read_by or not setting.read_by.isdisjoint(mentions)
    ]


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - as text
    except FileNotFoundError:  # removed under our feet
        return ""


def _sklearn() -> object:
    get_config = getattr(sys.modules.get("sklearn"), "get_config", dict)
    config: dict[str, object] = get_config()
    return config.get("transform_output", "default"), config.get("enable_metadata_routing", False)


def _numpy_errors() -> object:
    """Only what raises or calls: a warning less changes no result."""
    get = getattr(sys.modules.get("numpy"), "geterr", dict)
    return tuple((kind, how) for kind, how in get().items() if how in {"raise", "call"})


def _warnings() -> object:
    return tuple(str(rule) for rule in warnings.filters if rule[0] == "error")


def _decimal() -> object:
    context = decimal.getcontext()
    return context.prec, context.rounding, context.Emin, context.Emax, tuple(context.traps.values())


def _numpy_texts() -> object:
    get = getattr(sys.modules.get("numpy"), "get_printoptions", dict)
    return str(get()) if get is not dict else None


def _pandas(*, is_display: bool) -> object:
    """All options of pandas by their keys."""
    config = getattr(sys.modules.get("pandas._config.config"), "_global_config", None)
    if not isinstance(config, dict):
        return None
    parts = {key: value for key, value in config.items() if (key == "display") == is_display}
    return str(parts)


def _matplotlib() -> object:
    params: Any = getattr(sys.modules.get("matplotlib"), "rcParams", None)
    return None if params is None else {key: dict.__getitem__(params, key) for key in dict.keys(params)}


SETTINGS = (
    Setting(FOLDER, _folder),
    Setting(MODULE_PATH, lambda: tuple(map(str, sys.path))),
    Setting(SKLEARN_SETTINGS, _sklearn),
    Setting("<numpy errors>", _numpy_errors),
    Setting("<warnings that are errors>", _warnings),
    Setting("<decimal context>", _decimal),
    Setting("<locale>", lambda: locale.setlocale(locale.LC_ALL)),
    Setting("<recursion limit>", sys.getrecursionlimit),
    Setting("<numpy print options>", _numpy_texts, frozenset(("set_printoptions", "printoptions")), _TEXTS),
    Setting("<pandas options>", lambda: _pandas(is_display=False), _OPTIONS),
    Setting("<pandas display options>", lambda: _pandas(is_display=True), _OPTIONS, _TEXTS),
    Setting("<matplotlib settings>", _matplotlib, _STYLES, _PLOTS),
)
