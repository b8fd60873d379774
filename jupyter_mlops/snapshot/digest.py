"""The digest of a value: 32 hex characters that depend on its content and on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Imported for what they register: classes, other code, dates, builtins.
from jupyter_mlops.snapshot import digest_classes, digest_code, digest_dates, digest_plain  # noqa: F401
from jupyter_mlops.snapshot.registry import UnknowableError
from jupyter_mlops.snapshot.walk import Walk

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.known_columns import Look

BUDGET_BYTES = 4 << 30  # about 0.2 s of buffers


def digest(value: object, *, budget_bytes: int = BUDGET_BYTES, columns: Look | None = None) -> str | None:
    """Digest a value by looking at it; no code of the value's own class is run and nothing is copied whole.

    Equal content gives equal digests in every process. Functions and classes that were written in the
    notebook are digested by their code, which is stable within one minor version of Python; everything
    else is stable across all of them.

    Args:
        value: anything.
        budget_bytes: stop after that many bytes of content; the number of objects is bounded as well.
        columns: knows columns of frames that need not be digested again; the digest is the same without it.

    Returns:
        The xxh3-128 as 32 hex characters, or None if the content cannot be known: generators, open files,
        locks, foreign C types, too large, too deep. The caller then assumes that the value changed.
    """
    walk = Walk(budget_bytes, columns=columns)
    try:
        return seal(walk, walk.token(value))
    except (UnknowableError, RecursionError, MemoryError):
        return None
    except Exception:  # noqa: BLE001 - a foreign object half built or changed by a thread can raise anything
        return None


def seal(walk: Walk, token: bytes) -> str:
    """The digest of a value from its token: 32 hex characters."""
    return walk.node("value", token).hex()
