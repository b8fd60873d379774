"""The code that goes with a model: a module made of the notebook's definitions, and modules from files."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.registry.own_code.definitions import closed_module
from jupyter_mlops.registry.own_code.files import imported_in, own_files
from jupyter_mlops.registry.own_code.held import Held, filled_in, held_code, pickled_code
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_LONGEST_NAME = 40
_PARTS = Path(__file__).with_name("pandas_parts.py").read_text("utf-8")


@dataclass(frozen=True)
class OwnCode:
    """Code of the user's own that a model needs.

    `module` and `text` are a module's, empty if the model holds nothing of the notebook itself. `names` are
    the functions and classes in it that the model holds, `values` the variables whose content it has.
    `files` are modules that lie in files, or folders, by name.
    """

    module: str
    text: str
    names: tuple[str, ...]
    values: Mapping[str, Any]
    files: Mapping[str, Path]
    imports: tuple[str, ...]
    """Top-level modules that the model and its code import."""
    held: Held = field(repr=False)

    @property
    def modules(self) -> tuple[str, ...]:
        """Top-level names of the modules that go with the model."""
        return (*filter(None, (self.module, self.parts)), *self.files)

    @property
    def parts(self) -> str:
        """Name of the module that takes objects of pandas apart; empty if the model holds none."""
        is_needed = self.held.frames and (self.module or self.files)
        return f"pandas_parts_{_short_digest(_PARTS)}" if is_needed else ""

    @property
    def texts(self) -> list[str]:
        """All source text that goes with the model."""
        return [self.text, *(file.read_text("utf-8", "replace") for file in _python_files(self.files))]

    def has(self, type_name: str) -> bool:
        """True for a type, function or method of this code, by its full name."""
        return type_name.partition(".")[0] in self.modules


def own_code(model: Any, cells: Sequence[str], name: str, *, by_value: bool = False) -> OwnCode:
    """Find the user's own code that a fitted model needs.

    Args:
        model: fitted; it stays as it is.
        cells: source of the cells that made it, in the order they ran.
        name: of the registered model; the module's name begins with it.
        by_value: the model will be a pickle that carries the notebook's code itself: only modules in files
            are looked for.

    Raises:
        UnsafeModelError: the model cannot be written, holds a lambda or the like, or uses variables that are
            no plain values.
    """
    held = pickled_code(model) if by_value else held_code(model)
    text, module, values = "", "", {}
    if held.own:
        title = f"Code of the notebook that made {name!r}."
        closed = closed_module(held.own, cells, _variables(held), title)
        text, values = closed.text, closed.values
        # with the digest: two versions in one process must not meet under one name
        module = f"{_word(name)}_code_{_short_digest(text)}"
    files = own_files(held.modules, [text])
    texts = [text, *(file.read_text("utf-8", "replace") for file in _python_files(files))]
    imports = {each.partition(".")[0] for each in held.modules}
    imports |= {each.partition(".")[0] for some in texts for each in imported_in(some)}
    own = {module, "__main__", *files}
    return OwnCode(module, text, tuple(sorted(held.own)), values, files, tuple(sorted(imports - own)), held)


@dataclass(frozen=True)
class Copies:
    """A model with the module's code, as it works and as it is written: with `Kept` for objects of pandas."""

    working: Any
    written: Any


@contextmanager
def with_module(own: OwnCode) -> Iterator[Copies]:
    """Copies of the model that hold the module's code; it can be imported inside the block.

    Raises:
        UnsafeModelError: the module does not run by itself, or objects of pandas cannot be written.
    """
    texts = {own.module: own.text} if own.module else {}
    if own.parts:
        texts[own.parts] = _PARTS
    try:
        modules = {name: _run(name, text) for name, text in texts.items()}
        names = vars(modules[own.module]) if own.module else {}
        working = filled_in(own.held, names, lambda frame: frame)
        keep = modules[own.parts].kept if own.parts else None
        yield Copies(working, filled_in(own.held, names, partial(_kept, keep)) if keep else working)
    finally:
        for name in texts:
            sys.modules.pop(name, None)


def _run(name: str, text: str) -> ModuleType:
    module = sys.modules[name] = ModuleType(name)
    try:
        exec(compile(text, f"{name}.py", "exec", dont_inherit=True), vars(module))  # noqa: S102 - the user's own
    except Exception as error:  # the user's code can raise anything
        raise UnsafeModelError(
            f"the code that the model needs does not run by itself ({type(error).__name__})",
            "Let functions and classes use imports, plain constants and each other only; then fit again.",
        ) from error
    return module


def _kept(keep: Callable[[Any], Any], frame: Any) -> Any:
    """What stands for an object of pandas in the model's file, tried out."""
    try:
        made = keep(frame)
        make, parts = made.__reduce__()
        is_same = digest(make(*parts)) == digest(frame)
    except (TypeError, ValueError):
        is_same = False
    if not is_same:
        raise UnsafeModelError(
            f"the model holds a {type(frame).__name__} of pandas that cannot be written without pickle",
            "Keep numbers, texts, dates without time zones and categories in it; or arrays, lists and dicts "
            "instead of it; then fit again. Or, if you trust its code: `--serialization cloudpickle`.",
        )
    return made


def own_modules(own: OwnCode, folder: Path) -> list[Path]:
    """Write the code that goes with the model into `folder`; returns the files and folders on top of it."""
    for name, place in own.files.items():
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            target = folder / (file.name if place.is_file() else Path(name) / file.relative_to(place))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    if own.module:
        (folder / f"{own.module}.py").write_text(own.text, "utf-8")
    if own.parts:
        (folder / f"{own.parts}.py").write_text(_PARTS, "utf-8")
    return sorted(folder.iterdir())


def _variables(held: Held) -> dict[str, Any]:
    """The notebook's variables as the code sees them: those of its functions, methods included.

    A function that came out of a pickle knows only what its body uses; what stands in its defaults, or in the
    body of a class, is looked up in the notebook, where this is one.
    """
    found = dict(vars(sys.modules["__main__"]))
    for value in held.own.values():
        inner = vars(value).values() if isinstance(value, type) else [value]
        for each in inner:
            function = getattr(each, "__func__", getattr(each, "fget", each))
            function = getattr(function, "__wrapped__", function)
            found.update(getattr(function, "__globals__", {}))
    return found


def _python_files(files: Mapping[str, Path]) -> list[Path]:
    return [
        file
        for place in files.values()
        for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]


def _short_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _word(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"\W+", "_", plain).strip("_")[:_LONGEST_NAME]
    return word if word[:1].isalpha() else f"model_{word}".rstrip("_")
