"""The user's own key: it marks the pickles that this user wrote, so that no others are ever loaded unasked.

One random key for each user, in ``$XDG_CONFIG_HOME/jupyter-mlops/key`` (``~/.config`` if that is not set), or
where ``MLOPS_KEY_FILE`` says. It never leaves this machine: a mark made with it can be checked only with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path

from jupyter_mlops.errors import StoreError

_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_file() -> Path:
    """Where the key is, or will be."""
    named = os.environ.get("MLOPS_KEY_FILE")
    if named:
        return Path(named).expanduser()
    config = os.environ.get("XDG_CONFIG_HOME")
    home = Path(config) if config and Path(config).is_absolute() else Path.home() / ".config"
    return home / "jupyter-mlops" / "key"


def mark_of(digest: str, data: bytes | memoryview) -> str:
    """The mark that says that this user pickled a value; makes the key if there is none.

    Args:
        digest: the value's; another value's pickle under its name has another mark.
        data: the pickle.

    Raises:
        StoreError: the key cannot be made or read, or is open to others.
    """
    path = key_file()
    return _mark(_read(path) or _make(path), digest, data)


def is_own(mark: str | None, digest: str, data: bytes | memoryview) -> bool:
    """True if the mark was made with this user's key for that value and that pickle.

    Raises:
        StoreError: the key cannot be read, or is open to others.
    """
    key = _read(key_file())
    if key is None or mark is None:
        return False
    return hmac.compare_digest(_mark(key, digest, data), mark)


def _mark(key: bytes, digest: str, data: bytes | memoryview) -> str:
    message = f"jupyter-mlops object 1\n{digest}\n{hashlib.sha256(data).hexdigest()}"
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            text = file.read(1 + 2 * _BYTES).strip()
            mode = os.fstat(file.fileno()).st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error.strerror or type(error).__name__) from error
    if os.name == "posix" and mode & _OTHERS:
        raise StoreError(
            f"The key {path} can be read or written by others, so it proves nothing.",
            f"Delete it if others may have read it (a new one is made); else: chmod 600 {path}",
        )
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise _unusable(path, "it is not a key")
    return key


def _make(path: Path) -> bytes:
    key = secrets.token_bytes(_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key.")  # 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(key.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(name, path)  # unlike a rename it leaves the key of a kernel that was quicker
        finally:
            Path(name).unlink(missing_ok=True)
    except FileExistsError:
        return _read(path) or key
    except OSError as error:
        raise _unusable(path, error.strerror or type(error).__name__) from error
    return key


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The key {path}, which marks your own pickled objects, cannot be used ({why}).",
        "Make that folder writable, or name another file in the variable MLOPS_KEY_FILE.",
    )
