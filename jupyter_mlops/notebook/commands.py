"""What a command does, by its words: reach another machine (``curl``), or only look at this one (``lscpu``).

What a child process does is not heard, so a program of the user's own that downloads something is not known.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHELLS = frozenset(("sh", "bash", "zsh", "dash", "ksh", "fish"))
_ALWAYS = frozenset(
    (
        "curl", "wget", "aria2c", "ssh", "scp", "sftp", "ftp", "rsync", "rclone", "aws", "s3cmd", "gsutil",
        "gcloud", "az", "azcopy", "kaggle", "gdown", "hf", "huggingface-cli", "gh", "yt-dlp", "youtube-dl",
    )
)  # fmt: skip
_PIP = frozenset(("install", "download", "wheel", "index"))
_CONDA = frozenset(("install", "create", "update", "upgrade", "search", "env"))
_APT = frozenset(("install", "update", "upgrade"))
_WITH = {
    "git": frozenset(("clone", "fetch", "pull", "push", "ls-remote", "submodule", "lfs")),
    "pip": _PIP,
    "pip3": _PIP,
    "uv": frozenset(("pip", "add", "sync", "lock", "tool")),
    "conda": _CONDA,
    "mamba": _CONDA,
    "micromamba": _CONDA,
    "poetry": frozenset(("add", "install", "update", "lock")),
    "npm": frozenset(("install", "i", "ci", "update")),
    "docker": frozenset(("pull", "push", "run")),
    "dvc": frozenset(("pull", "push", "fetch", "get", "import", "get-url", "import-url")),
    "apt": _APT,
    "apt-get": _APT,
}
"""Programs that reach out with one of these words."""
_LOOKS = frozenset(("lscpu", "sysctl", "uname", "nproc", "hostname", "arch", "ldconfig", "nvidia-smi"))
_BEFORE = frozenset(
    ("sudo", "env", "time", "nohup", "exec", "command", "if", "then", "else", "do", "while", "!", "{", "$")
)
_SETS = re.compile(r"[A-Za-z_]\w*=")
_PUNCTUATION = frozenset("();<>|&")
_FIRST_WORDS = 3


def reaches_out(command: str | Sequence[str]) -> bool:
    """True if a command would: a text for a shell, which may have several lines, or a program's arguments."""
    if isinstance(command, str):
        return any(_reaches_out(words) for words in _commands(command))
    words = list(command)
    if is_shell(words) and "-c" in words:
        return any(map(reaches_out, words[words.index("-c") + 1 :]))
    return _reaches_out(words)


def only_looks(command: str | Sequence[str]) -> bool:
    """True for a program that tells about the machine and reads no file of the user's.

    Libraries start such ones: joblib, and with it much of scikit-learn, asks ``lscpu`` how many cores there
    are.
    """
    words = command.split() if isinstance(command, str) else [str(word) for word in command]
    return bool(words) and PurePath(words[0]).name in _LOOKS and _PUNCTUATION.isdisjoint(" ".join(words))


def is_shell(words: Sequence[str]) -> bool:
    """True for the arguments of a shell: its commands stand elsewhere."""
    return bool(words) and PurePath(words[0]).name in _SHELLS


def _commands(text: str) -> Iterator[list[str]]:
    """The words of each command of a shell's text."""
    for line in text.replace("`", ";").splitlines():
        words: list[str] = []
        for word in _words(line):
            if _PUNCTUATION.issuperset(word):
                yield words
                words = []
            else:
                words.append(word)
        yield words


def _words(line: str) -> list[str]:
    try:
        return list(shlex.shlex(line, posix=True, punctuation_chars=True))
    except ValueError:  # a quote that ends in another line
        return line.split()


def _reaches_out(words: Sequence[str]) -> bool:
    rest = list(words)
    while rest and (rest[0] in _BEFORE or rest[0].startswith("-") or _SETS.match(rest[0])):
        rest.pop(0)
    if not rest:
        return False
    program = PurePath(rest.pop(0)).name
    if program.startswith("python") and rest[:1] == ["-m"] and len(rest) > 1:
        program, rest = rest[1], rest[2:]
    return program in _ALWAYS or not _WITH.get(program, frozenset()).isdisjoint(rest[:_FIRST_WORDS])
