"""From IPython's events to cell records: what ran, what it read and changed, and whether it is a run."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_mlops.lineage.record import CellRecord, Dataset, RunFacts, Status, label
from jupyter_mlops.lineage.slice import has_code
from jupyter_mlops.notebook.asked import SCRIPT, asked_by_script, asked_unseen
from jupyter_mlops.notebook.facts import LEARNING, dataset, find_facts, is_estimator
from jupyter_mlops.notebook.figures import keep_figures
from jupyter_mlops.notebook.fingerprints import Fingerprints
from jupyter_mlops.notebook.input_seen import InputSeen
from jupyter_mlops.notebook.outputs_seen import OutputsSeen, summary
from jupyter_mlops.notebook.outside import still_runs
from jupyter_mlops.notebook.own_lines import without_own_lines
from jupyter_mlops.notebook.randomness import drawn_by_imports, to_record
from jupyter_mlops.notebook.source import CellCode, analyze
from jupyter_mlops.notebook.versions import Before, Versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.record import Figure, Output, Write
    from jupyter_mlops.notebook.journal import Journal
    from jupyter_mlops.notebook.keeper import Keeper
    from jupyter_mlops.notebook.privacy import Privacy
    from jupyter_mlops.notebook.redact import Redactor
    from jupyter_mlops.notebook.user_mlflow import UserMlflow


class Shell(Protocol):
    """The part of IPython's shell that recording needs."""

    user_ns: dict[str, Any]

    def transform_cell(self, raw_cell: str) -> str:
        """From cell text to Python."""


@dataclass(frozen=True)
class CellOptions:
    """What the user said about one cell in ``%%mlops track …``."""

    name: str | None = None
    hypothesis: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Open:
    """The cell that runs now."""

    source: str
    code: CellCode
    before: Before
    count: int | None
    cell_id: str | None
    cell_tags: tuple[str, ...]
    started: float
    clock: float
    modules: int
    """How many modules were imported when it began."""
    options: CellOptions | None = None
    extra: RunFacts | None = None


class Recorder:
    """Makes one record per execution; knows nothing of MLflow: the journal is its only way out."""

    def __init__(
        self, shell: Shell, journal: Journal, keeper: Keeper, privacy: Privacy, figures: Path
    ) -> None:
        self._shell = shell
        self._journal = journal
        self._keeper = keeper
        self._privacy = privacy
        self._versions = Versions(fingerprints=Fingerprints(privacy.masked))
        self._lock = threading.RLock()
        self._cells: dict[int, _Open] = {}  # by thread: subshells run cells beside the main one
        self._something_ran = False
        self._seen_count = 0
        self._written = 0  # how many records are in the journal
        self._redactors: list[Redactor] = []
        self.records: list[CellRecord] = []
        self.every_cell = False
        self._figures = figures
        self._outputs = OutputsSeen(shell)
        self._input = InputSeen(shell)
        self.user_mlflow: UserMlflow | None = None
        """Sees what the cells' own MLflow code does."""

    @property
    def versions(self) -> Versions:
        """Current version and digest of each name."""
        return self._versions

    @property
    def keeps_outputs(self) -> bool:
        """True if figures and outputs of cells may be kept: neither masks nor --no-data are on."""
        return self._privacy.keeps_outputs

    def mask(self, names: Sequence[str]) -> None:
        """Mask columns from now on; what is known of the values that have them is digested anew.

        Raises:
            StoreError: the key of the masks cannot be made or read.
        """
        if set(names) <= set(self._privacy.masked.names):
            return
        self._privacy.masked.add(names)
        namespace = self._shell.user_ns
        for name, digest in self._versions.digests.items():
            value = namespace.get(name)
            if digest is not None and self._privacy.masked(value) is not value:
                self._versions.digests[name] = self._versions.fingerprints.of(name, namespace)

    @property
    def _open(self) -> _Open | None:
        """The cell that this thread runs; for a thread that runs none, the cell that began last."""
        return self._cells.get(threading.get_ident()) or next(reversed(list(self._cells.values())), None)

    @property
    def is_open(self) -> bool:
        """True while a cell is being recorded, in whatever thread."""
        return bool(self._cells)

    @property
    def is_open_here(self) -> bool:
        """True while this thread runs a cell that is being recorded."""
        return threading.get_ident() in self._cells

    @property
    def options(self) -> CellOptions | None:
        """What the user said about the cell that runs now."""
        return self._open.options if self._open else None

    @options.setter
    def options(self, options: CellOptions | None) -> None:
        if self._open:
            self._open.options = options

    @property
    def extra(self) -> RunFacts | None:
        """What the cell that runs now logs itself."""
        return self._open.extra if self._open else None

    @extra.setter
    def extra(self, extra: RunFacts | None) -> None:
        if self._open:
            self._open.extra = extra

    def something_ran(self) -> None:
        """Say that code ran between cells: a silent execution, or a callback of a widget."""
        self._something_ran |= not self.is_open

    @property
    def unwritten(self) -> int:
        """How many records are not on disk, because the journal could not be written."""
        return len(self.records) - self._written

    def begin(
        self,
        raw: str,
        count: int | None,
        cell_id: str | None = None,
        cell_tags: tuple[str, ...] = (),
        transformed: str | None = None,
    ) -> None:
        """Call before a cell's first statement runs.

        Args:
            raw: its text.
            count: its number; None for one outside the history.
            cell_id: what the notebook calls it.
            cell_tags: the tags it has there.
            transformed: the Python that IPython made of it, if it is at hand.
        """

        def transform(text: str) -> str:  # to do it again would take a quarter of what a small cell waits
            return (
                transformed if transformed is not None and text == raw else self._shell.transform_cell(text)
            )

        with self._lock:
            self._begin(raw, count, cell_id, cell_tags, transform)

    def inner(self, raw: str) -> None:
        """Call before the cell of this thread runs another one, as `%rerun` does: it is a part of it."""
        cell = self._cells[threading.get_ident()]
        code = analyze(without_own_lines(raw), self._shell.transform_cell)
        with self._lock:
            self._versions.extend(cell.before, code, self._shell.user_ns)
        cell.code.may_bind |= code.binds | code.may_bind

    def _begin(
        self,
        raw: str,
        count: int | None,
        cell_id: str | None,
        cell_tags: tuple[str, ...],
        transform: Callable[[str], str],
    ) -> None:
        source = without_own_lines(raw)
        code = analyze(source, transform)
        something_ran, self._something_ran = self._something_ran, False
        before = self._versions.begin(
            code, self._shell.user_ns, is_alone=not self._cells, something_ran=something_ran
        )
        if before.outside:
            self._add_outside(before.outside)
        self._cells[threading.get_ident()] = _Open(
            source=source,
            code=code,
            before=before,
            count=count,
            cell_id=cell_id,
            cell_tags=cell_tags,
            started=time.time(),
            clock=time.perf_counter(),
            modules=len(sys.modules),
        )
        self._outputs.begin(is_stored=count is not None)
        if self.user_mlflow is not None:
            self.user_mlflow.begin(source)

    def user_run_tags(self) -> dict[str, str]:
        """The tags of a run that the user's MLflow code makes now, in the cell that runs."""
        if self._open is None or self.user_mlflow is None:
            return {}
        name = self.options.name if self.options else None
        return self.user_mlflow.run_tags(name or label(self._open.count))

    def catch_up(self, history: Sequence[str], errors: Mapping[int, str]) -> None:
        """Record, with static knowledge only, the cells ``In[n]`` of the history that ran unseen.

        Args:
            history: the texts of the cells by their number; the first is no cell.
            errors: the type of the error by the number of the cell that ended with it.
        """
        for count in range(self._seen_count + 1, len(history)):
            self._seen_count = count  # also if it fails: once is enough
            if count in {cell.count for cell in self._cells.values()}:
                continue  # it runs beside the one that begins now
            self.assume(history[count], count, errors.get(count))

    def assume(self, raw: str, count: int | None, error: str | None = None) -> None:
        """Record, with static knowledge only, a cell that ran unseen, and the error it ended with."""
        source = without_own_lines(raw)
        code = analyze(source, self._shell.transform_cell)
        reads, writes = self._versions.assume(code, self._shell.user_ns, completed=error is None)
        self._add(
            CellRecord(
                serial=len(self.records) + 1,
                count=count,
                source=source,
                reads=reads,
                writes=writes,
                status="error" if error else "ok",
                error=error,
                exact=False,
                asked=tuple(sorted(asked_unseen(code, source))),
            )
        )

    def finish(self, error: BaseException | None, shown: Any) -> CellRecord | None:
        """Call after a cell, in its thread; returns its record, which is on disk then."""
        with self._lock:
            cell = self._cells.pop(threading.get_ident(), None)
            return self._finish(cell, error, shown) if cell else None

    def _finish(self, cell: _Open, error: BaseException | None, shown: Any) -> CellRecord:
        seconds = time.perf_counter() - cell.clock  # before any work of ours
        options, extra = cell.options, cell.extra
        logged, is_logging = None, False
        if self.user_mlflow is not None:
            logged, is_logging = self.user_mlflow.finish(failed=error is not None)
        reads, writes, files = self._versions.finish(
            cell.before, cell.code, self._shell.user_ns, completed=error is None
        )
        for other in self._cells.values():
            other.before.alongside |= writes.keys()
        self._something_ran = self._something_ran or still_runs(self._shell.user_ns)
        outputs, figures = self._shown(shown)
        has_imported = len(sys.modules) != cell.modules
        namespace = self._shell.user_ns
        read = [namespace[name] for name in reads if name in namespace]
        aside = drawn_by_imports(cell.source, read, may_draw=cell.code.may_draw, has_imported=has_imported)
        status: Status = "ok"
        if error is not None:
            status = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        record = CellRecord(
            serial=len(self.records) + 1,
            count=cell.count,
            source=cell.source,
            reads=reads,
            writes=writes,
            status=status,
            error=type(error).__name__ if error is not None else None,
            started=cell.started,
            seconds=seconds,
            cell_id=cell.cell_id,
            cell_tags=cell.cell_tags,
            outputs=outputs,
            figures=figures,
            random=to_record(cell.before.randomness, reads, writes, aside),
            files=files,
            earlier=cell.before.earlier,
            asked=_asked(cell),
        )
        run = self._run(cell, record, options, extra, shown, is_logging=is_logging)
        record = replace(record, run=run, logged=logged if run else None)
        self._seen_count = max(self._seen_count, cell.count or 0)
        try:
            self._add(record)  # first: the record must not wait for the data, nor be lost with it
        finally:
            self._keep(record)
        return record

    def _add_outside(self, writes: Mapping[str, Write]) -> None:
        """Record what changed since the last cell without one."""
        reads = {name: write.version - 1 for name, write in writes.items() if write.kind == "change"}
        serial = len(self.records) + 1
        self._add(CellRecord(serial, None, "", reads, writes, started=time.time(), kind="outside"))

    def _shown(self, result: Any) -> tuple[tuple[Output, ...], tuple[Figure, ...]]:
        """Kinds and sizes of what the cell showed, and its figures."""
        try:
            seen = self._outputs.end()
            folder = self._figures if self.keeps_outputs else None
            return summary(seen, result), keep_figures((bundle for _, bundle in seen.bundles), folder)
        except Exception:  # noqa: BLE001 - foreign objects are in there; a record without them is better than none
            return (), ()

    def close(self) -> None:
        """Watch no longer what cells show and ask for."""
        self._outputs.close()
        self._input.close()

    def redact(self, redactor: Redactor) -> None:
        """Take texts out of every record, and out of those to come."""
        self._redactors.append(redactor)
        self.records[:] = [redactor.record(record) for record in self.records]

    def _add(self, record: CellRecord) -> None:
        for redactor in self._redactors:
            record = redactor.record(record)
        self.records.append(record)
        self.write()

    def write(self) -> None:
        """Bring to the journal what is not there yet: what a full disk refused comes with the next cell.

        Raises:
            StoreError: the journal cannot be written; the records wait here.
        """
        while self._written < len(self.records):
            record = self.records[self._written]
            try:
                self._journal.append({"type": "cell", **record.to_dict()})
            except (TypeError, ValueError):  # it will never have a form as JSON: the others must not wait
                self._written += 1
                raise
            self._written += 1
        for digest, why in self._keeper.news().items():
            self._journal.append({"type": "not kept", "digest": digest, "why": why})

    def _run(
        self,
        cell: _Open,
        record: CellRecord,
        options: CellOptions | None,
        extra: RunFacts | None,
        shown: Any,
        *,
        is_logging: bool,
    ) -> RunFacts | None:
        """The facts if this cell is a run: asked for, or it logged, fitted an estimator, or measured one."""
        read = set(record.reads) | {argument for _, _, argument in cell.code.calls if argument}
        facts = find_facts(
            cell.code,
            self._shell.user_ns,
            self._versions.digests,
            read=read,
            written=set(record.writes),
            shown=shown,
            masked=self._privacy.masked,
        )
        facts = self._privacy.without_values(
            facts, self._shell.user_ns, chain([cell.source], (each.source for each in self.records))
        )
        tried_to_fit = record.status != "ok" and any(method in LEARNING for _, method, _ in cell.code.calls)
        fitted = any(found.fitted_here for found in facts.estimators)
        measured = bool(facts.metrics and facts.estimators)
        if not (options or extra or is_logging or self.every_cell or fitted or measured or tried_to_fit):
            return None
        if not has_code(cell.source):
            return None
        options = options or CellOptions()
        kinds = sorted({found.kind for found in facts.estimators if found.fitted_here or not fitted})
        name = options.name or " ".join([label(cell.count), *kinds])
        extra = extra or RunFacts(name)
        return replace(
            facts,
            name=name,
            params={**facts.params, **extra.params},
            metrics={**facts.metrics, **extra.metrics},
            hypothesis=options.hypothesis,
            tags={**options.tags, **extra.tags},
        )

    def _keep(self, record: CellRecord) -> None:
        """Queue snapshots of new versions of data and estimators, and of data a run read."""
        if not self._privacy.keeps_data:
            return
        names = {name: write.digest for name, write in record.writes.items() if write.kind != "delete"}
        if record.run:
            names |= {found.name: found.digest for found in record.run.datasets}
        for name, digest in names.items():
            value = self._privacy.masked(self._shell.user_ns.get(name))
            found: Dataset | None = dataset(name, value, digest)
            if found or (digest is not None and is_estimator(value)):
                self._keeper.keep(digest or "", value, name)


def _asked(cell: _Open) -> tuple[str, ...]:
    """What the cell asked of the world outside."""
    heard = cell.before.files.heard.asked
    script = asked_by_script(cell.source) if SCRIPT in heard else ()
    return tuple(sorted((heard - {SCRIPT}).union(cell.before.asked, script)))
