"""Texts taken out of what was written: records of cells, journals, and other files of text.

Each text gives way to one of its own length that says nothing, so that code stays code.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_mlops.files import write_atomically
from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook.journal import read_journal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LEAST = 4
"""A shorter text stands in too many words that mean something else."""
# of a word, or of an escape such as \n in front of it: 4711 is not in 147112
_BEGIN, _END = r"(?:(?<!\w)|(?<=\\[ntr]))", r"(?!\w)"


@dataclass(frozen=True)
class Redactor:
    """Finds texts, also as JSON and Python write them, and replaces them."""

    texts: Sequence[str]

    @property
    def too_short(self) -> list[str]:
        """Those of the texts that are not looked for."""
        return [text for text in self.texts if len(text) < _LEAST]

    @cached_property
    def _forms(self) -> list[str]:
        plain = {form for text in self.texts if len(text) >= _LEAST for form in (text, repr(text)[1:-1])}
        found = {
            *plain,
            *(json.dumps(each)[1:-1] for each in plain),
            *(json.dumps(each, ensure_ascii=False)[1:-1] for each in plain),
        }
        return sorted(found, key=lambda form: (-len(form), form))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        edged = [
            f"{_BEGIN if form[0].isalnum() else ''}{re.escape(form)}{_END if form[-1].isalnum() else ''}"
            for form in self._forms
        ]
        return re.compile("|".join(edged)) if edged else None

    def text(self, text: str) -> str:
        """Without the texts."""
        return self._pattern.sub(_filler, text) if self._pattern else text

    def plain(self, data: Any) -> Any:
        """Plain data without them in any text or key."""
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, dict):
            return {self.plain(key): self.plain(value) for key, value in data.items()}
        return [self.plain(item) for item in data] if isinstance(data, list | tuple) else data

    def record(self, record: CellRecord) -> CellRecord:
        """A record without them."""
        before = json.loads(json.dumps(record.to_dict()))
        after = self.plain(before)
        return record if after == before else CellRecord.from_dict(after)

    def is_in(self, data: bytes) -> bool:
        """True if one of them stands in a file; numbers are looked for in text only."""
        if self._pattern is None:
            return False
        if self._pattern.search(data.decode("utf-8", "replace")):
            return True
        words = [form for form in self._forms if not form.isdigit()]
        return any(
            form.encode(code) in data for form in words for code in ("utf-8", "utf-16-le", "utf-32-le")
        )

    def file(self, path: Path) -> bool:
        """Rewrite a file of text that has any of them; False if it has none, or is no text."""
        try:
            before = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            return False
        after = self._content(before, path.suffix)
        if "\0" in before or after == before:
            return False
        write_atomically(path, after)
        return True

    def _content(self, text: str, suffix: str) -> str:
        """In JSON only texts: a number that loses its digits is none."""
        if self._pattern is None or not self._pattern.search(text):
            return text
        try:
            if suffix == ".json":
                return json.dumps(self.plain(json.loads(text)), indent=1)
            if suffix == ".jsonl":
                return "".join(json.dumps(self.plain(json.loads(line))) + "\n" for line in text.splitlines())
        except ValueError:
            pass
        return self.text(text)

    def journal(self, path: Path) -> bool:
        """Rewrite a journal that nobody is writing; False if none of them stands in it."""
        before = list(read_journal(path))
        after = self.plain(before)
        if after == before:
            return False
        mode = path.stat().st_mode
        write_atomically(path, "".join(map(_line, after)))
        path.chmod(mode)
        return True


def _line(event: object) -> str:
    body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")
    return f"{zlib.crc32(body):08x} {body.decode()}\n"


def _filler(found: re.Match[str]) -> str:
    return ("0" if found[0].isdigit() else "x") * len(found[0])
