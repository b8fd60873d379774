"""The cells behind a result: a backward walk over exactly what was executed."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import warnings
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.lineage.from_snapshots import files_read, made_by
from jupyter_mlops.lineage.mirror import SliceFile, files_of
from jupyter_mlops.lineage.record import label, place_of, shown_name
from jupyter_mlops.lineage.shown import sources_of
from jupyter_mlops.lineage.starts import recorded_starts, without_unseeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_mlops.lineage.record import CellRecord

Rung = Literal["statements", "executions", "log"]


@dataclass(frozen=True)
class SliceCell:
    """One execution that a slice keeps."""

    serial: int
    count: int | None
    source: str
    may_raise: str | None = None
    """Type of the error the cell ended with, when what it did before the error is needed."""
    random: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Digest and state of the random generators that the cell drew from, as they were before it."""
    starts: tuple[str, ...] = ()
    """Those of them whose state no code of the slice makes: a replay sets them to the recorded one."""
    outside: tuple[str, ...] = ()
    """Names that no cell made as they are needed: a callback, a thread or a task did."""
    asked: tuple[str, ...] = ()
    """What it asked of the world outside: ``credentials``, ``input``, ``network``."""
    reads: tuple[str, ...] = ()
    """Paths of the files that it reads."""
    made: Mapping[str, str | None] = field(default_factory=dict)
    """If it reads files: what others need of it, with content digests where these are known."""
    stored: Mapping[str, str] = field(default_factory=dict)
    """Names that a replay binds to kept values instead of making them, with their digests."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Digests of what it bound or changed, as far as they are known."""


@dataclass(frozen=True)
class Removed:
    """Code that a result does not need: where it ran, its text, and why it was left out."""

    cell: str
    source: str
    why: str


@dataclass(frozen=True)
class Slice:
    """What a result needs, in the order it ran, and how many executions were left out.

    The cells are whole executions until `prune` has left out statements of them.
    """

    cells: tuple[SliceCell, ...]
    left_out: int
    files: tuple[SliceFile, ...] = ()
    """Files that the cells use."""
    removed: tuple[Removed, ...] = ()
    rung: Rung | None = None
    """Which code gave the recorded result in a clean process; None if none did, or none was run."""
    said: str = "not run again yet"
    """The same in words, and what differs if it did not."""

    @property
    def code(self) -> str:
        """One script, each execution under a comment with its number."""
        blocks = [f"# {self.said[:1].upper()}{self.said[1:]}.\n"] if self.cells else []
        if not all(_is_plain(cell.source) for cell in self.cells):
            blocks[0] += "# It uses what only IPython knows: run it with `ipython FILE.ipy`.\n"
        for cell in self.cells:
            if cell.outside:
                names = ", ".join(cell.outside)
                blocks.append(f"# outside cells: {names}, changed by a callback, a thread or a task\n")
            else:
                blocks.append(f"# {place_of(cell.count)}, execution {cell.serial}\n{cell.source.strip()}\n")
        return "\n".join(blocks)

    @property
    def statements(self) -> int:
        """How many top-level statements its cells have; magics that cannot be parsed count as one."""
        return sum(_statements(cell.source) for cell in self.cells if not cell.outside)

    @property
    def sources(self) -> tuple[str, ...]:
        """The files it starts from: those that it reads before any of its own code has made them."""
        return tuple(file.path for file in self.files if not file.is_made)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the code, how it is known to be right, where it starts, and what was left out."""
        return {
            "code": self.code,
            "rung": self.rung,
            "said": self.said,
            "statements": self.statements,
            "cells": len(self.cells),
            "left_out": self.left_out,
            "sources": list(self.sources),
            "removed": [vars(each) for each in self.removed],
        }

    def __str__(self) -> str:
        return self.code

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", self.code)), default=0))
        return {"text/plain": self.code, "text/markdown": f"{fence}python\n{self.code}\n{fence}"}

    def to_json(self) -> str:
        """Text that `from_json` reads back."""
        data = {
            "left_out": self.left_out,
            "cells": [vars(cell) for cell in self.cells],
            "files": [vars(file) for file in self.files],
            "removed": [vars(each) for each in self.removed],
            "rung": self.rung,
            "said": self.said,
        }
        return json.dumps(data, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Slice:
        """The inverse of `to_json`."""
        data: dict[str, Any] = json.loads(text)
        cells = (
            {**cell, **{key: tuple(cell.get(key, ())) for key in ("starts", "outside", "asked", "reads")}}
            for cell in data["cells"]
        )
        files = tuple(SliceFile(**file) for file in data.get("files", ()))
        removed = tuple(Removed(**each) for each in data.get("removed", ()))
        made = tuple(SliceCell(**cell) for cell in cells)
        said = {key: data[key] for key in ("rung", "said") if key in data}
        return cls(made, data["left_out"], files, removed, **said)


def slice_cell(records: Sequence[CellRecord], serial: int) -> Slice:
    """What execution `serial` needed: itself, and the writers of everything it read."""
    return slice_cells(records, {serial})


def slice_cells(records: Sequence[CellRecord], serials: set[int]) -> Slice:
    """What several executions needed: themselves, and the writers of everything they read."""
    targets = [record for record in without_unseeded(records) if record.serial in serials]
    needed = {read for target in targets for read in target.reads.items()}
    return _walk_back(records, needed, set(serials), before=max(serials))


def slice_name(records: Sequence[CellRecord], name: str, version: int | None = None) -> Slice:
    """What `name` (its newest version unless given) was made from.

    Raises:
        KeyError: no record wrote that name and version.
    """
    versions = [record.writes[name].version for record in records if name in record.writes]
    if not versions or (version is not None and version not in versions):
        raise KeyError(name)
    return _walk_back(records, {(name, version or versions[-1])}, set(), before=records[-1].serial + 1)


def _walk_back(
    records: Sequence[CellRecord], needed: set[tuple[str, int]], kept: set[int], before: int
) -> Slice:
    wanted, targets = set(needed), set(kept)
    outside = walk_back(without_unseeded(records), needed, kept, before)
    considered = [record for record in records if record.serial <= before]
    taken = [record for record in considered if record.serial in kept]
    starts = recorded_starts(taken)
    sources = sources_of(taken, records)
    made = made_by(taken, wanted, targets)
    cells = tuple(
        replace(
            _cell(record, sources[record.serial], starts[record.serial], outside.get(record.serial, ())),
            reads=files_read(record),
            made=made.get(record.serial, {}),
        )
        for record in taken
    )
    others = [record for record in considered if has_code(record.source) and record.serial not in kept]
    removed = tuple(Removed(label(record.count), record.source, why_removed(record)) for record in others)
    return Slice(cells, len(others), files_of(taken), removed)


def why_removed(record: CellRecord) -> str:
    """Why an execution or a statement that nothing needs was left out."""
    return "makes what is not needed" if record.writes else "changes nothing"


def walk_back(
    records: Sequence[CellRecord], needed: set[tuple[str, int]], kept: set[int], before: int
) -> dict[int, tuple[str, ...]]:
    """Add to `kept` what made the needed versions, and what that needed, back to the beginning.

    Args:
        records: executions, or statements, in the order they ran.
        needed: versions of names; what they need in turn is added.
        kept: serials of those that are needed already.
        before: go back from this serial.

    Returns:
        By serial, the needed names that no cell made: a callback, a thread or a task did.
    """
    outside: dict[int, tuple[str, ...]] = {}
    for record in reversed([record for record in records if record.serial < before]):
        made = {(name, write.version) for name, write in record.writes.items()}
        if record.count:
            made.add((shown_name(record.count), 1))
        if made & needed or record.serial in kept:
            kept.add(record.serial)
            if record.kind == "outside":
                outside[record.serial] = tuple(sorted(name for name, _ in made & needed))
            needed -= made
            needed |= set(record.reads.items())
            # a change in place needs what was there before it
            needed |= {
                (name, write.version - 1) for name, write in record.writes.items() if write.kind == "change"
            }
    return outside


def _cell(record: CellRecord, source: str, starts: tuple[str, ...], outside: tuple[str, ...]) -> SliceCell:
    may_raise = record.error if record.status != "ok" else None
    random = {name: asdict(state) for name, state in record.random.items() if state.state is not None}
    digests = {name: write.digest for name, write in record.writes.items() if write.digest is not None}
    return SliceCell(
        record.serial,
        record.count,
        source,
        may_raise,
        random,
        starts,
        outside,
        record.asked,
        digests=digests,
    )


def _is_plain(source: str) -> bool:
    """False for magics, and for ``await`` outside of functions."""
    try:
        with warnings.catch_warnings(action="ignore"):  # what it has to say, it said when the cell ran
            compile(source, "<cell>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return "get_ipython()" not in source


def _statements(source: str) -> int:
    try:
        return len(ast.parse(source).body)
    except SyntaxError:
        return 1


@lru_cache(maxsize=1 << 16)  # a long session is sliced again and again
def has_code(source: str) -> bool:
    """False for cells of comments and blank lines only, such as those that held only our magics."""
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}
    try:
        tokens: Iterable[tokenize.TokenInfo] = tokenize.generate_tokens(io.StringIO(source).readline)
        return any(token.type not in skip for token in tokens)
    except (tokenize.TokenError, SyntaxError):
        return True
