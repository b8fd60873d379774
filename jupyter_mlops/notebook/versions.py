"""Versions of names: which values a cell read, and what it bound or changed, decided by content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM, Write
from jupyter_mlops.notebook.namespace import sharing, through_functions, visible
from jupyter_mlops.notebook.randomness import random_states
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.notebook.source import CellCode


@dataclass
class Before:
    """What was known when a cell began."""

    ids: dict[str, int]
    touched: set[str]
    randomness: dict[str, str]


@dataclass
class Versions:
    """Version and content digest of every name seen; digest None means it could not be known."""

    numbers: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str | None] = field(default_factory=dict)

    def begin(self, code: CellCode, namespace: Mapping[str, Any]) -> Before:
        """Note the namespace before a cell; names it can touch get a digest if they have none yet."""
        touched = self._touched(code, namespace)
        for name in touched - self.digests.keys():
            self.digests[name] = digest(namespace[name])
        ids = {name: id(namespace[name]) for name in visible(namespace)}
        return Before(ids, touched, random_states())

    def finish(
        self, before: Before, code: CellCode, namespace: Mapping[str, Any]
    ) -> tuple[dict[str, int], dict[str, Write]]:
        """Reads and writes of the cell that just ran; `numbers` and `digests` move on."""
        now = {name: id(namespace[name]) for name in visible(namespace)}
        rebound = {name for name, identity in now.items() if before.ids.get(name) != identity}
        rebound |= {name for name in code.binds if name in now}
        touched = before.touched | self._touched(code, namespace)
        changed = self._changed(touched - rebound, namespace)
        self._changed(rebound, namespace)
        while more := self._changed(sharing(changed | rebound, namespace) - changed - rebound, namespace):
            changed |= more
        gone = set(before.ids) - now.keys()

        read = {name for name in touched if name in before.ids} & (code.reads | touched - code.binds)
        reads = {name: self.numbers.setdefault(name, 0) for name in read | changed}
        kinds = (("bind", rebound), ("change", changed - rebound), ("delete", gone))
        writes = {name: self._write(name, kind) for kind, names in kinds for name in sorted(names)}
        self._add_randomness(before, code, reads, writes)
        return dict(sorted(reads.items())), writes

    def assume(self, code: CellCode, namespace: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, Write]]:
        """Reads and writes of a cell that ran before tracking began: what it could change, it changed."""
        touched = self._touched(code, namespace)
        reads = {
            name: self.numbers.setdefault(name, 0) for name in sorted(touched - (code.binds - code.reads))
        }
        changed = {name for name in touched - code.binds if not _fixed(namespace[name])}
        writes = {name: self._write(name, "bind") for name in sorted(code.binds)}
        writes |= {name: self._write(name, "change") for name in sorted(changed)}
        for hidden in (NUMPY_RANDOM, PYTHON_RANDOM):
            reads[hidden] = self.numbers.setdefault(hidden, 0)
            writes[hidden] = self._write(hidden, "change")
        return reads, writes

    def _touched(self, code: CellCode, namespace: Mapping[str, Any]) -> set[str]:
        names = set(visible(namespace)) if code.reaches_all else code.reads | code.deletes
        names = {name for name in names if name in namespace and not name.startswith("_")}
        return through_functions(names, namespace) & set(visible(namespace))

    def _changed(self, names: set[str], namespace: Mapping[str, Any]) -> set[str]:
        """Those of `names` whose content differs from what was known (unknown content counts as changed)."""
        changed = set()
        for name in names:
            if name not in namespace:
                continue
            new = digest(namespace[name])
            if new is None or new != self.digests.get(name):
                if not (new is None and _fixed(namespace[name])):
                    changed.add(name)
                self.digests[name] = new
        return changed

    def _write(self, name: str, kind: str) -> Write:
        self.numbers[name] = self.numbers.get(name, 0) + 1
        if kind == "delete":
            return Write(self.numbers[name], "delete", self.digests.pop(name, None))
        return Write(self.numbers[name], "bind" if kind == "bind" else "change", self.digests.get(name))

    def _add_randomness(
        self, before: Before, code: CellCode, reads: dict[str, int], writes: dict[str, Write]
    ) -> None:
        """Drawing random numbers reads and changes hidden state; seeding with a constant starts it anew."""
        for hidden, state in random_states().items():
            seeded = {NUMPY_RANDOM: "numpy", PYTHON_RANDOM: "random"}[hidden] in code.seeds
            if state == before.randomness.get(hidden, state) and not seeded:
                continue
            if not seeded:
                reads[hidden] = self.numbers.setdefault(hidden, 0)
            writes[hidden] = self._write(hidden, "bind" if seeded else "change")


def _fixed(value: Any) -> bool:
    """Values a cell cannot change by using them: modules, classes and functions of libraries."""
    module = getattr(value, "__module__", None)
    callable_of_library = callable(value) and hasattr(value, "__qualname__") and module != "__main__"
    return (
        type(value).__name__ == "module"
        or callable_of_library
        or isinstance(value, str | bytes | int | float)
    )
