"""Every session that a worker can be asked to run, by name."""

from __future__ import annotations

from benchmarks.large_frame import LARGE, SMALL
from benchmarks.sessions import SESSIONS

ALL = {**SESSIONS, LARGE.name: LARGE, SMALL.name: SMALL}
