"""Secrets that stand in code: found by their form, by the names they are assigned to, and by the environment.

What is found is never repeated, neither here nor in errors: only its line and its kind are.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.lineage.record import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_mlops.lineage.slice import Slice

_FORMS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}",
    "a GitLab token": r"\bglpat-[\w-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w{16,}",
    "an OpenAI key": r"\bsk-[A-Za-z0-9]{32,}|\bsk-(?:proj|svcacct|admin)-[\w-]{20,}",
    "an Anthropic key": r"\bsk-ant-[\w-]{20,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "a Google API key": r"\bAIza[\w-]{35}",
    "a Stripe key": r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "a JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "a token of a request": r"\b(?:Bearer|Basic) +(?P<value>[A-Za-z0-9._~+/=-]{16,})",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"\[]*:(?P<value>[^\s/@'\"]+)@\w",
}
_BY_FORM = [(kind, re.compile(form)) for kind, form in _FORMS.items()]
# name = "…", name: str = "…", "name": "…", ["name"] = "…"; and without quotes where a shell is told
_ASSIGNED = re.compile(
    r"""(?P<name>[A-Za-z_][\w.-]*)["']?\s*\]?\s*(?::\s*[\w.| ]+?\s*=|=|:)\s*"""
    r"""[rbuRBU]{0,2}(?P<quote>"{3}|'{3}|"|')(?P<value>.*?)(?P=quote)"""
)
_TOLD = re.compile(
    r"""(?:%(?:set_)?env|\bexport|\bENV)\s+(?P<name>[A-Za-z_]\w*)[= ](?P<value>[^\s"']+)"""
    r"""|--(?P<option>[A-Za-z][\w-]*)[= ](?P<given>[^\s"']+)"""
)
_SECRET_NAME = re.compile(
    r"token(?!s|iz)|secret|password|passwd|api_?key|access_?key|credential|private_?key", re.IGNORECASE
)
_WHOLE_NAME = re.compile(
    r"(?:.*_)?(?:token|secret|(?:api|access|private|secret|auth)_?key|credentials?)|.*(?:apikey|passphrase)"
)
_OTHER_TOKEN = re.compile(r".*(?:page|next|continuation|start|stop|end|pad|bos|eos|sep|cls|mask|unk)_token")
_PASSWORD = re.compile(r".*(?:password|passwd)")
_PLACEHOLDER = re.compile(
    r"^(?:<.*>|\[.*\]|\$[{A-Za-z_].*|%[s(].*|\(\?.*|\\.*)$|\{.*\}|\.\.\.|…|\*\*\*|x{4,}|^(.)\1*$"
    r"|your|example|change.?me|placeholder|dummy|redacted|insert|todo|fake|sample|masked|\benter\b"
    r"|my.?(?:token|password|passwd|secret|key|api)",
    re.IGNORECASE,
)
_WORDS = frozenset(
    (
        "pass", "pwd", "pw", "repo",
        "password", "passwd", "secret", "token", "username", "disabled", "required", "optional", "undefined",
        "category", "categorical", "hashed", "hidden", "string", "object", "integer", "boolean", "datetime",
        "float32", "float64", "complex128", "datetime64",
    )
)  # fmt: skip
_LEAST_PASSWORD, _LEAST_TOKEN, _LEAST_VALUE = 6, 8, 8
_MOST_NAMED = 3


@dataclass(frozen=True)
class Secret:
    """Where something stands that looks like a secret (the first line is 1), and what it looks like."""

    line: int
    kind: str


def is_secret_name(name: str) -> bool:
    """True if a variable of this name holds a secret: ``HF_TOKEN``, not ``TOKENIZERS_PARALLELISM``."""
    return _SECRET_NAME.search(name) is not None


def secrets_in(text: str, environ: Mapping[str, str]) -> list[Secret]:
    """What looks like a secret in code or configuration, in the order of lines, one per line.

    Args:
        text: Python, a shell's commands or any other text.
        environ: variables of the environment: the values of those with secret names are looked for.
    """
    found: dict[int, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        kind = _kind(line)
        if kind:
            found[number] = kind
    for line_number, key in _values(text, environ):
        found.setdefault(line_number, f"the value of {key}")
    return [Secret(line, kind) for line, kind in sorted(found.items())]


def refuse_secrets(text: str, what: str, environ: Mapping[str, str] = os.environ) -> None:
    """Call it on code before it leaves the project.

    Args:
        text: the code.
        what: what the user knows it as, such as ``In[3]``.
        environ: as for `secrets_in`.

    Raises:
        BadInputError: secrets stand in it; the error names lines and kinds.
    """
    found = secrets_in(text, environ)
    if not found:
        return
    named = ", ".join(f"{secret.kind} (line {secret.line})" for secret in found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    raise BadInputError(
        f"{what} holds what looks like a secret: {named}{more}",
        'Read it from the environment instead, with os.environ["…"], and run that code again.',
    )


def refuse_secrets_of(code: Slice) -> None:
    """Call it on a slice before it leaves the project, with all that is kept of it.

    Raises:
        BadInputError: as `refuse_secrets`; it names the first cell that holds some.
    """
    for cell in code.cells:
        refuse_secrets(cell.source, place_of(cell.count))
    for removed in code.removed:
        refuse_secrets(removed.source, f"what is not needed of {removed.cell}")


def _kind(line: str) -> str | None:
    for kind, form in _BY_FORM:
        for match in form.finditer(line):
            if not _is_placeholder(match.groupdict().get("value") or match[0]):
                return kind
    for match in (*_ASSIGNED.finditer(line), *_TOLD.finditer(line)):
        parts = match.groupdict()
        name, value = parts["name"] or parts["option"], parts["value"] or parts.get("given")
        if value and (found := _kind_by_name(name, value)):
            return found
    return None


def _kind_by_name(name: str, value: str) -> str | None:
    """The kind of secret if a variable of this name holds one, and this value is more than a word for it."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").replace(".", "_").lower()
    if _is_placeholder(value) or re.search(r"\s", value) or _OTHER_TOKEN.fullmatch(plain):
        return None
    if _PASSWORD.fullmatch(plain):
        is_word = value.replace("_", "").islower() and value.replace("_", "").isalpha()
        least = _LEAST_VALUE if is_word else _LEAST_PASSWORD
        return "a password" if len(value) >= least and not (is_word and "_" in value) else None
    if _WHOLE_NAME.fullmatch(plain) and len(value) >= _LEAST_TOKEN and not _SECRET_NAME.search(value):
        letters, digits = re.search(r"[A-Za-z]", value), re.search(r"\d", value)
        return "a token or key" if digits and (letters or len(value) >= 2 * _LEAST_TOKEN) else None
    return None


def _is_placeholder(value: str) -> bool:
    return value.lower() in _WORDS or _PLACEHOLDER.search(value) is not None


def _values(text: str, environ: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    for key, value in environ.items():
        if len(value) < _LEAST_VALUE or not is_secret_name(key) or value.lower() in _WORDS or _exists(value):
            continue
        for form in {value, repr(value)[1:-1]}:
            for match in re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", text):
                yield text.count("\n", 0, match.start()) + 1, key


def _exists(value: str) -> bool:
    """A variable such as GOOGLE_APPLICATION_CREDENTIALS names the file of the secret."""
    try:
        return Path(value).exists()
    except (OSError, ValueError):
        return False
