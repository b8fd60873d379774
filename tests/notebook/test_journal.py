"""The journal: what was whole before a crash is read back, and writing goes on after one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import StoreError
from jupyter_mlops.notebook.journal import Journal, JournalReader, read_journal

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = [{"n": 1, "text": "grün\n"}, {"n": 2, "text": "\ud800"}, {"n": 3, "number": 0.1}]


def write(path: Path, events: list[dict[str, object]]) -> None:
    journal = Journal(path)
    for event in events:
        journal.append(event)
    journal.close()


def test_events_come_back_in_their_order(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "j.jsonl", EVENTS)
    assert list(read_journal(tmp_path / "deep" / "j.jsonl")) == EVENTS


def test_a_journal_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(read_journal(tmp_path / "none.jsonl")) == []


def test_a_last_line_torn_at_any_byte_is_left_out_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    write(path, EVENTS)
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert list(read_journal(path)) == EVENTS[:2]
        write(path, [{"n": 4}])
        assert list(read_journal(path)) == [*EVENTS[:2], {"n": 4}]


def test_a_whole_last_line_without_its_line_end_counts(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    write(path, EVENTS)
    path.write_bytes(path.read_bytes()[:-1])
    write(path, [{"n": 4}])
    assert list(read_journal(path)) == [*EVENTS, {"n": 4}]


def test_a_damaged_line_in_the_middle_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    write(path, EVENTS)
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1][:-3] + b"xxx"
    path.write_bytes(b"\n".join(lines))
    assert list(read_journal(path)) == [EVENTS[0], EVENTS[2]]


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Journal(tmp_path / "file" / "j.jsonl").append({"n": 1})


def test_a_full_disk_is_a_clear_error_and_what_comes_after_it_is_whole(tmp_path: Path) -> None:
    import resource
    import signal

    path = tmp_path / "j.jsonl"
    journal = Journal(path)
    journal.append({"n": 1})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:  # a file that may not grow stops half-way through a line, as a full disk does
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
        with pytest.raises(StoreError):
            journal.append({"text": "x" * 100})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    journal.append({"n": 2})
    assert list(read_journal(path)) == [{"n": 1}, {"n": 2}]


def test_a_journal_that_was_removed_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.append({"n": 1})
    os.remove(tmp_path / "j.jsonl")  # noqa: PTH107 - as a shell does
    assert journal.is_gone
    with pytest.raises(StoreError):
        journal.append({"n": 2})


def test_a_journal_is_followed_while_it_grows_and_nothing_is_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    reader = JournalReader(path)
    assert reader.new_events() == []
    write(path, EVENTS[:1])
    assert reader.new_events() == EVENTS[:1]
    assert reader.new_events() == []
    write(path, EVENTS[1:])
    assert reader.new_events() == EVENTS[1:]
    assert reader.size == path.stat().st_size


def test_a_line_that_is_being_written_is_read_once_when_it_is_whole(tmp_path: Path) -> None:
    write(tmp_path / "whole.jsonl", EVENTS)
    whole = (tmp_path / "whole.jsonl").read_bytes()
    for step in (1, 7):
        path = tmp_path / f"{step}.jsonl"
        reader, seen = JournalReader(path), []
        for end in [*range(0, len(whole), step), len(whole)]:
            path.write_bytes(whole[:end])
            seen += reader.new_events()
        assert seen == EVENTS
