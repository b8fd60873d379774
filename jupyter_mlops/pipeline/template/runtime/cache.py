"""Results of steps, kept in `.cache/`: one file for each, written whole or not at all.

They are pickles, which can run code when they are read. So each is marked with a key of yours, which lies
outside of the project, and only files with your own mark are read: those that came with a copied project, or
are damaged, are as if they were not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import pickle
import random
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle

_MARK = 32  # bytes of SHA-256
_KEPT = 3  # results of each step: going back to older parameters is quick


@dataclass(frozen=True)
class Result:
    """What a step made, and its digest. `random` is the state of random numbers after it, if it drew some."""

    values: dict[str, Any]
    digest: str
    random: Any = None


class Cache:
    """The folder of results; without one (None) nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        key = _own_key() if folder is not None else None
        self._place = (folder, key) if folder is not None and key is not None else None

    def get(self, step: str, key: str) -> Result | None:
        """What is kept of a step under a key, if random numbers stand where they stood then."""
        if self._place is None:
            return None
        folder, own = self._place
        path = folder / f"{step}-{key[:32]}.pkl"
        try:
            content = path.read_bytes()
            mark, body = content[:_MARK], content[_MARK:]
            if not hmac.compare_digest(mark, _mark(own, step, key, body)):
                return None
            head, _, pickled = body.partition(b"\n")
            told = json.loads(head)
            if told["random"] is not None and told["random"] != random_digest():
                return None
            values, state = pickle.loads(pickled)  # it has our own mark
        except Exception:  # noqa: BLE001 - damaged, or of classes that are gone: it is made again
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return Result(values, told["digest"], state)

    def put(self, step: str, key: str, values: dict[str, Any], before: str) -> Result:
        """Keep a step's result; `before` is the digest of random numbers before it.

        What cannot be pickled is not kept, and has a digest that no other result has.
        """
        state = random_state() if random_digest() != before else None
        try:
            pickled = cloudpickle.dumps((values, state))
        except Exception:  # noqa: BLE001 - whatever the values' own classes raise
            return Result(values, secrets.token_hex(32), state)
        digest = hashlib.sha256(pickled).hexdigest()
        head = json.dumps({"digest": digest, "random": None if state is None else before})
        if self._place is not None:
            folder, own = self._place
            body = head.encode() + b"\n" + pickled
            with contextlib.suppress(OSError):  # a full disk is no reason to fail
                _write(folder / f"{step}-{key[:32]}.pkl", _mark(own, step, key, body) + body)
                _tidy(folder, step)
        return Result(values, digest, state)


def _mark(own: bytes, step: str, key: str, body: bytes) -> bytes:
    return hmac.new(own, f"{step}\n{key}\n".encode() + body, hashlib.sha256).digest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _tidy(folder: Path, step: str) -> None:
    """Remove all but the newest few results of a step."""
    found = folder.glob(f"{step}-{'[0-9a-f]' * 32}.pkl")
    for path in sorted(found, key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        path.unlink(missing_ok=True)


def random_state() -> Any:
    """The state of the global generators of Python and NumPy."""
    import numpy as np

    return random.getstate(), np.random.get_state()


def set_random_state(state: Any) -> None:
    """Set both to a state that `random_state` gave."""
    import numpy as np

    random.setstate(state[0])
    np.random.set_state(state[1])


def random_digest() -> str:
    """The same state as a short text."""
    return hashlib.sha256(pickle.dumps(random_state())).hexdigest()


def _own_key() -> bytes | None:
    """The key that marks your pickles; None if there can be none, and then nothing is kept."""
    named, config = os.environ.get("MLOPS_KEY_FILE"), os.environ.get("XDG_CONFIG_HOME")
    home = Path(config) if config else Path.home() / ".config"
    path = Path(named) if named else home / "jupyter-mlops" / "key"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):  # another process was quicker
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w") as file:
                    file.write(secrets.token_hex(32) + "\n")
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return None  # others could have made a mark with it
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        return None
    return key if len(key) == _MARK else None
