"""Cells run again statement by statement: a statement is recorded as in a notebook a cell is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook.parts import parts_of
from jupyter_mlops.notebook.randomness import drawn_by_imports
from jupyter_mlops.notebook.source import analyze
from jupyter_mlops.notebook.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_mlops.lineage.record import Write


class Tracer:
    """Runs cells in a shell; nothing is displayed, as drawing tables and figures changes no value."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._versions = Versions()
        self._serial = 0
        shell.ast_node_interactivity = "none"

    def run(self, source: str) -> Iterator[tuple[dict[str, Any], BaseException | None]]:
        """Run one cell up to its first error; a record as plain data for each statement, and that error."""
        for part in parts_of(source, self._shell.transform_cell):
            code = analyze(part.text, self._shell.transform_cell)
            before = self._versions.begin(code, self._shell.user_ns)
            if before.outside:
                yield self._record("", {}, before.outside, kind="outside"), None
            known = len(sys.modules)
            result = self._shell.run_cell(part.text, store_history=False)
            error = result.error_before_exec or result.error_in_exec
            reads, writes, _ = self._versions.finish(
                before, code, self._shell.user_ns, completed=error is None
            )
            namespace = self._shell.user_ns
            read = [namespace[name] for name in reads if name in namespace]
            has_imported = len(sys.modules) != known
            aside = drawn_by_imports(part.text, read, may_draw=code.may_draw, has_imported=has_imported)
            for name in aside & {name for name, write in writes.items() if write.kind != "bind"}:
                reads.pop(name, None)
                writes.pop(name, None)
            record = self._record(part.text, reads, writes)
            kinds = {name: _kind(namespace[name]) for name in writes if name in namespace}
            yield {**record, "origin": part.origin, "is_import": part.is_import, "kinds": kinds}, error
            if error is not None:
                return

    def _record(
        self, text: str, reads: Mapping[str, int], writes: Mapping[str, Write], kind: Any = "cell"
    ) -> dict[str, Any]:
        self._serial += 1
        return CellRecord(self._serial, None, text, reads, writes, kind=kind).to_dict()


def _kind(value: Any) -> str:
    """The class of a value as ``module:name``."""
    kind = type(value)
    return f"{kind.__module__}:{kind.__qualname__}"
