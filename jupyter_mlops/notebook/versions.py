"""Versions of names: which values a cell read, and what it bound or changed, decided by content."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.lineage.record import (
    NUMPY_RANDOM,
    PYTHON_RANDOM,
    FileUse,
    Write,
    environment_name,
    file_name,
    shown_name,
)
from jupyter_mlops.notebook.asked import asked_by_code
from jupyter_mlops.notebook.env_variables import BY_CODE, keys_named, keys_set
from jupyter_mlops.notebook.files_used import BYPASSES, Files
from jupyter_mlops.notebook.fingerprints import Fingerprints
from jupyter_mlops.notebook.in_place import may_write_in_place
from jupyter_mlops.notebook.memory import PAST_PANDAS, WRITES_PAST
from jupyter_mlops.notebook.modules import is_own_module, module_digest
from jupyter_mlops.notebook.namespace import is_visible, through_functions, visible
from jupyter_mlops.notebook.opened import stop
from jupyter_mlops.notebook.randomness import State, global_states, held_states, imported_since
from jupyter_mlops.notebook.reaches import Reaches
from jupyter_mlops.notebook.shown_earlier import is_text, resolve
from jupyter_mlops.notebook.surroundings import differs, settings_read, surroundings
from jupyter_mlops.snapshot.looking import members_of, module_of, mro_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.lineage.record import WriteKind
    from jupyter_mlops.notebook.bytecode import GlobalNames
    from jupyter_mlops.notebook.file_events import Use
    from jupyter_mlops.notebook.files_used import FilesBefore
    from jupyter_mlops.notebook.source import CellCode

_FIXED = (str, bytes, int, float, complex, type(None), ModuleType)
_NO_NAMES: frozenset[str] = frozenset()
_GENERATORS = {NUMPY_RANDOM: "numpy", PYTHON_RANDOM: "random"}
"""The global random generators, and what `CellCode.seeds` calls them."""


@dataclass
class Before:
    """What was known when a cell began."""

    ids: dict[str, int]
    touched: set[str]
    randomness: dict[str, State]
    """Of the global generators, and of those in variables that the cell can touch."""
    surroundings: dict[str, object]
    files: FilesBefore
    environment: set[str]
    """Variables of the environment that it can read, as far as cells have set them."""
    earlier: dict[str, int]
    """What ``_``, ``Out[7]`` and the like mean in it."""
    outside: dict[str, Write] = field(default_factory=dict)
    """What changed since the last cell ended, without a cell."""
    asked: set[str] = field(default_factory=set)
    """What it will ask of the world outside, as far as its code alone says that."""
    alongside: set[str] = field(default_factory=set)
    """What cells in other threads wrote while it ran: it may have been this one."""


@dataclass
class Versions:
    """Version and content digest of every name seen; digest None means it could not be known."""

    numbers: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str | None] = field(default_factory=dict)
    fingerprints: Fingerprints = field(default_factory=Fingerprints)
    files: Files = field(default_factory=Files)
    _set_keys: dict[str, bool] = field(default_factory=dict)
    """Variables of the environment that cells set; False for those that libraries set by themselves."""
    _after: dict[str, int] | None = None
    """The namespace at the end of the last cell; None if cells ran unseen since."""
    _unsure: set[str] = field(default_factory=set)
    """Names that something may have changed in place since a cell used them."""
    _reaches: Reaches = field(default_factory=Reaches)

    def forget_end(self) -> None:
        """Cells may run unseen from now on: what they change is not without a cell."""
        self._after = None

    def extend(self, before: Before, code: CellCode, namespace: Mapping[str, Any]) -> None:
        """A running cell runs another one, as `%rerun` does: it touches what that one touches."""
        touched = self._touched(code, namespace)
        for name in touched - self.digests.keys():
            self.digests[name] = self.fingerprints.of(name, namespace)
        before.touched |= touched & before.ids.keys()
        before.files.mentions.update(code.mentions)
        before.asked |= asked_by_code(code)

    def begin(
        self,
        code: CellCode,
        namespace: Mapping[str, Any],
        *,
        is_alone: bool = True,
        something_ran: bool = False,
    ) -> Before:
        """Note the namespace before a cell; names it can touch get a digest if they have none yet.

        Args:
            code: the cell's static analysis.
            namespace: the notebook's names.
            is_alone: no other cell runs now, so that what changed since the last one changed without a cell.
            something_ran: code may have run since then: contents are compared too, not bindings only.
        """
        codes: set[GlobalNames] = set()
        touched = self._touched(code, namespace, codes)
        ids = {name: id(namespace[name]) for name in visible(namespace)}
        if something_ran:
            self._unsure |= self.digests.keys()
            self._reaches.forget_all()
        outside = self._outside(touched | code.binds | code.may_bind, ids, namespace) if is_alone else {}
        earlier = resolve(code.earlier, namespace)
        if earlier:
            touched |= self._begin_shown(earlier, namespace)
        for name in (touched | code.binds | code.may_bind) - self.digests.keys():
            if name in namespace and is_visible(name):
                self.digests[name] = self._digest(name, namespace)
        randomness = global_states() | held_states(touched, namespace)
        texts = code.texts.union(*(used.texts for used in codes))
        mentions = code.mentions.union(*(used.mentions for used in codes))
        values = [namespace[name] for name in touched]
        if may_write_in_place(texts, values):
            mentions.add(WRITES_PAST)
        files = self.files.begin(texts, mentions, values)
        environment = self._keys_read(code, codes) if self._set_keys else set()
        asked = asked_by_code(code, codes, values=values, bypasses=BYPASSES)
        return Before(
            ids, touched, randomness, surroundings(mentions), files, environment, earlier, outside, asked
        )

    def _outside(
        self, looked_at: set[str], now: Mapping[str, int], namespace: Mapping[str, Any]
    ) -> dict[str, Write]:
        """What changed since the last cell: all bindings, and contents of names that are about to be used."""
        asked = self._unsure & looked_at & now.keys() & self.digests.keys()
        self._unsure -= asked
        if self._after is None or (now == self._after and not asked):
            return {}
        rebound = {name for name, identity in now.items() if self._after.get(name) != identity}
        self._reaches.forget(asked | rebound)
        changed = self._changed_in_full(asked - rebound, namespace)
        self._changed(rebound, namespace)
        kinds: tuple[tuple[WriteKind, set[str]], ...] = (
            ("bind", rebound),
            ("change", {name for name in changed if self.digests[name] is not None}),
            ("delete", self._after.keys() - now.keys()),
        )
        return {name: self._write(name, kind) for kind, names in kinds for name in sorted(names)}

    def finish(
        self, before: Before, code: CellCode, namespace: Mapping[str, Any], *, completed: bool = True
    ) -> tuple[dict[str, int], dict[str, Write], tuple[FileUse, ...]]:
        """Reads, writes and files of the cell that just ran; `numbers` and `digests` move on.

        Args:
            before: what `begin` returned for this cell.
            code: its static analysis.
            namespace: the notebook's names now.
            completed: False if the cell raised: then only what shows was bound.
        """
        stop(before.files.heard)
        now = {name: id(namespace[name]) for name in visible(namespace)}
        rebound = {name for name, identity in now.items() if before.ids.get(name) != identity}
        if completed:
            rebound |= code.binds & now.keys()
        read = before.touched | self._touched(code, namespace) & before.ids.keys()
        looked_at = (read | code.binds | code.may_bind) & now.keys()
        past_pandas = not PAST_PANDAS.isdisjoint(before.files.mentions)
        look = self._changed_in_full if past_pandas else self._changed
        # what has no digest may have changed unseen
        unknown = {name for name, digest in self.digests.items() if digest is None}
        self._reaches.forget(looked_at | rebound | unknown | before.alongside)
        changed = look(looked_at - rebound, namespace)
        changed |= {name for name in code.stored_on & now.keys() - rebound if _is_fixed(namespace[name])}
        look(rebound, namespace)
        while more := self._changed_with(changed | rebound, namespace, past_pandas=past_pandas):
            changed |= more
            self._reaches.forget(more)
        gone = before.ids.keys() - now.keys()
        self._reaches.forget(gone)
        self.fingerprints.keep_only(namespace)

        reads = {name: self.numbers.setdefault(name, 0) for name in read | changed}
        kinds: tuple[tuple[WriteKind, set[str]], ...] = (
            ("bind", rebound),
            ("change", changed),
            ("delete", gone),
        )
        writes = {name: self._write(name, kind) for kind, names in kinds for name in sorted(names)}
        self._add_randomness(before, code, reads, writes)
        self._add_surroundings(before, reads, writes)
        self._add_environment(before, reads, writes)
        self._add_shown(before, namespace, reads, writes)
        uses = self.files.finish(before.files, [namespace[name] for name in rebound])
        files = tuple(self._add_file(path, use, reads, writes) for path, use in sorted(uses.items()))
        self._add_alongside(before, now, reads, writes)
        self._after = now
        self._unsure -= looked_at
        return dict(sorted(reads.items())), writes, files

    def assume(
        self, code: CellCode, namespace: Mapping[str, Any], *, completed: bool = True
    ) -> tuple[dict[str, int], dict[str, Write]]:
        """Reads and writes of a cell that ran unseen: what it could change, it changed.

        The namespace is the one of now, so names that were deleted since are known from the code alone.
        """
        self.forget_end()
        if code.is_empty:
            return {}, {}
        bound = set(code.binds if completed else ())
        touched = self._touched(code, namespace)
        touched |= {name for name in code.reads | code.may_bind if name in self.numbers}
        if not completed:
            touched |= code.binds & self.numbers.keys()
        reads = {name: self.numbers.setdefault(name, 0) for name in sorted(touched)}
        changed = {name for name in touched if name not in namespace or not _is_fixed(namespace[name])}
        changed |= (code.may_bind | code.binds) & touched
        same, past = Reaches().sharing(changed | bound, namespace, past_pandas=True)
        changed |= (same | past) & self.numbers.keys()
        new = (code.may_bind | code.binds) - touched
        for name in bound | new | changed:
            self.digests.pop(name, None)
        writes = {name: self._write(name, "bind") for name in sorted(bound | new)}
        writes |= {name: self._write(name, "change") for name in sorted(changed - bound - new)}
        for hidden, library in _GENERATORS.items():
            seeded = completed and library in code.seeds
            if not seeded:
                reads[hidden] = self.numbers.setdefault(hidden, 0)
            writes[hidden] = self._write(hidden, "bind" if seeded else "change")
        for path in self.files.assume(code.texts, code.mentions):
            name = file_name(path)
            reads[name] = self.numbers.setdefault(name, 0)
            writes[name] = self._write(name, "change")
        return reads, writes

    def _touched(
        self, code: CellCode, namespace: Mapping[str, Any], codes: set[GlobalNames] | None = None
    ) -> set[str]:
        if code.reaches_all:
            return set(visible(namespace))
        found: set[str] = set()
        for name in code.reads | code.deletes:
            # a global that this cell bound before it called the function is not the older one
            found |= through_functions([name], namespace, codes) - code.bound_first.get(name, _NO_NAMES) | {
                name
            }
        return {name for name in found if name in namespace and is_visible(name)}

    def _changed(self, names: set[str], namespace: Mapping[str, Any]) -> set[str]:
        """Those of `names` whose content differs from what was known (unknown content counts as changed)."""
        changed = set()
        for name in names:
            new = self._digest(name, namespace)
            if new is None or new != self.digests.get(name):
                if not (new is None and _is_fixed(namespace[name])):
                    changed.add(name)
                self.digests[name] = new
        return changed

    def _digest(self, name: str, namespace: Mapping[str, Any]) -> str | None:
        value = namespace[name]
        if type(value) is ModuleType and is_own_module(value, self.files.is_foreign):
            return module_digest(value, self.fingerprints.masked)
        return self.fingerprints.of(name, namespace)

    def _changed_with(self, names: set[str], namespace: Mapping[str, Any], *, past_pandas: bool) -> set[str]:
        """Other names whose content changed together with that of `names`."""
        same, past = self._reaches.sharing(names, namespace, past_pandas=past_pandas)
        return self._changed(same, namespace) | self._changed_in_full(past, namespace)

    def _changed_in_full(self, names: set[str], namespace: Mapping[str, Any]) -> set[str]:
        """As `_changed`, for values that may have been written to without pandas."""
        trust, self.fingerprints.trust = self.fingerprints.trust, False
        try:
            return self._changed(names, namespace)
        finally:
            self.fingerprints.trust = trust

    def _write(self, name: str, kind: WriteKind) -> Write:
        self.numbers[name] = self.numbers.get(name, 0) + 1
        if kind == "delete":
            return Write(self.numbers[name], kind, self.digests.pop(name, None))
        return Write(self.numbers[name], kind, self.digests.get(name))

    def _add_randomness(
        self, before: Before, code: CellCode, reads: dict[str, int], writes: dict[str, Write]
    ) -> None:
        """Drawing random numbers reads and changes hidden state; seeding with a constant starts it anew."""
        before.randomness |= imported_since(before.randomness)
        for hidden, state in global_states().items():
            seeded = _GENERATORS[hidden] in code.seeds
            known = before.randomness.get(hidden)
            if known is not None and state.digest == known.digest and not seeded:
                continue
            if not seeded:
                reads[hidden] = self.numbers.setdefault(hidden, 0)
            writes[hidden] = self._write(hidden, "bind" if seeded else "change")

    def _add_surroundings(self, before: Before, reads: dict[str, int], writes: dict[str, Write]) -> None:
        """What a cell changed in its surroundings holds for every later cell; before that nobody needs it."""
        mentions = before.files.mentions
        for hidden in settings_read(mentions):
            if hidden in self.numbers:
                reads[hidden] = self.numbers[hidden]
        for hidden, state in surroundings(mentions).items():
            if differs(before.surroundings[hidden], state):
                writes[hidden] = self._write(hidden, "change")

    def _add_alongside(
        self, before: Before, now: Mapping[str, int], reads: dict[str, int], writes: dict[str, Write]
    ) -> None:
        """What changed while another cell ran in another thread belongs to both."""
        for name in before.alongside:
            write = writes.get(name)
            if write is not None and write.kind == "bind":
                writes[name] = Write(write.version, "change", write.digest)
            elif write is None and name in now:
                writes[name] = self._write(name, "change")
            if name in writes:
                reads[name] = writes[name].version - 1

    def _keys_read(self, code: CellCode, codes: set[GlobalNames]) -> set[str]:
        asked = [code.environment, *(keys_named(used.texts, used.mentions) for used in codes)]
        named = set().union(*(found.keys for found in asked))
        if any(found.any_key for found in asked):
            named |= {key for key, is_meant in self._set_keys.items() if is_meant}
        return named & self._set_keys.keys()

    def _add_environment(self, before: Before, reads: dict[str, int], writes: dict[str, Write]) -> None:
        keys = before.environment
        if before.files.heard.scans:  # a child process has them all
            keys = keys | {key for key, is_meant in self._set_keys.items() if is_meant}
        for key in keys:
            reads[environment_name(key)] = self.numbers.setdefault(environment_name(key), 0)
        for key, kind in keys_set(before.files.heard).items():
            writes[environment_name(key)] = self._write(environment_name(key), kind)
            self._set_keys[key] = not BY_CODE.isdisjoint(before.files.mentions)

    def _begin_shown(self, earlier: Mapping[str, int], namespace: Mapping[str, Any]) -> set[str]:
        """Digests of what was shown; returns the names that share memory with it."""
        values = {shown_name(count): value for count, value in _shown(earlier, namespace).items()}
        for name in values:
            self.numbers.setdefault(name, 1)
            self.digests[name] = self.fingerprints.of(name, values)
        same, past = self._reaches.sharing_with(values.values(), namespace)
        return same | past

    def _add_shown(
        self, before: Before, namespace: Mapping[str, Any], reads: dict[str, int], writes: dict[str, Write]
    ) -> None:
        for count, value in _shown(before.earlier, namespace).items():
            name = shown_name(count)
            reads[name] = self.numbers.setdefault(name, 1)
            if self._changed({name}, {name: value}):
                writes[name] = self._write(name, "change")

    def _add_file(self, path: str, use: Use, reads: dict[str, int], writes: dict[str, Write]) -> FileUse:
        shown = self.files.name(path)
        name = file_name(shown)
        if use.reads:
            if use.kind is None and self.files.changed_outside(path, use.digest):
                self.numbers[name] = self.numbers.get(name, 0) + 1  # a version that no cell made
            reads[name] = self.numbers.setdefault(name, 0)
        if use.kind is not None:
            self.digests[name] = use.digest
            writes[name] = self._write(name, use.kind)
        self.files.settle(path, use.digest)
        mode: Literal["read", "written", "removed"] = "written" if use.kind else "read"
        return FileUse(shown, "removed" if use.kind == "delete" else mode, use.digest)


def _shown(earlier: Mapping[str, int], namespace: Mapping[str, Any]) -> dict[int, Any]:
    """What the cells with these numbers showed."""
    outputs = namespace.get("_oh") or {}
    counts = sorted({count for reference, count in earlier.items() if not is_text(reference)})
    return {count: outputs[count] for count in counts if count in outputs}


def _is_fixed(value: Any) -> bool:
    """Values a cell cannot change by using them: atoms, modules, classes and functions of libraries."""
    cls = type(value)
    if issubclass(cls, type):
        return module_of(value) != "__main__"
    if cls is FunctionType:
        return bool(value.__module__ != "__main__")
    if cls is BuiltinFunctionType:  # `items.append` changes `items`
        return value.__self__ is None or type(value.__self__) is ModuleType
    return issubclass(cls, _FIXED) or _is_compiled_function(cls)


def _is_compiled_function(cls: type) -> bool:
    held = {name for base in mro_of(cls) for name in members_of(base)}
    return cls.__name__ == "ufunc" or {"__call__", "__qualname__"} <= held  # generators have no call
