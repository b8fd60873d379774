"""Whether the process that wrote a journal still lives: never guessed from a pid or a clock alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jupyter_mlops.notebook.owner import describe_owner, is_alive, is_of_this_host

if TYPE_CHECKING:
    from collections.abc import Iterator

TELL = (
    "import json; from jupyter_mlops.notebook.owner import describe_owner; "
    "print(json.dumps(describe_owner()), flush=True); input()"
)


@pytest.fixture
def other() -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Another process, and what it says about itself."""
    import json

    process = subprocess.Popen(
        [sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, json.loads(process.stdout.readline())
    process.kill()
    process.communicate()


def test_a_process_lives_until_it_is_killed_even_if_nobody_waits_for_it(
    other: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    process, owner = other
    assert is_alive(owner)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie now
    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert not is_alive(owner)
    process.communicate()
    assert not is_alive(owner)


def test_a_process_that_was_stopped_for_a_while_lives(
    other: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    process, owner = other
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    assert is_alive(owner)
    process.send_signal(signal.SIGCONT)


def test_another_process_with_the_same_pid_is_another_process() -> None:
    owner = describe_owner()
    if owner["process_ticks"] is not None:
        owner["process_ticks"] -= 500
    assert not is_alive({**owner, "process_started": owner["process_started"] - 5})


@pytest.mark.parametrize("boot", [None, "like ours"])
def test_a_journal_of_an_earlier_version_is_judged_by_the_start_time(boot: str | None) -> None:
    owner = describe_owner()
    old = {key: owner[key] for key in ("host", "pid", "process_started")}
    if boot:
        old |= {"boot": owner["boot"], "process_ticks": None}
    assert is_alive(old)
    assert not is_alive({**old, "process_started": old["process_started"] + 5})


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts from the boot")
@pytest.mark.parametrize("hours", [-30, 30])
def test_a_clock_that_was_set_kills_nobody(hours: float) -> None:
    owner = describe_owner()
    assert is_alive({**owner, "process_started": owner["process_started"] + hours * 3600})


def test_after_a_restart_of_the_machine_nobody_of_before_lives() -> None:
    assert not is_alive({**describe_owner(), "boot": "another"})


def test_of_another_host_nothing_can_be_said() -> None:
    owner = {**describe_owner(), "host": "elsewhere"}
    assert not is_of_this_host(owner)
    assert not is_alive(owner)
