"""https: the certificate and its key, looked at before the server starts."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NoReturn

from .problems import StartError

if TYPE_CHECKING:
    from pathlib import Path


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """What the server answers https with, TLS 1.2 or newer; None without these files.

    Raises:
        StartError: one of them is missing, cannot be read or used, or they do not belong together.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise StartError("https needs a certificate and its key.", "Use --tls-cert and --tls-key together.")
    for file in (certificate, key):
        _check_readable(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise StartError(
                f"{key} is not the key of {certificate}.", "Name the two files that were made together."
            ) from error
        raise StartError(
            f"{certificate} and {key} are no certificate and key in PEM.",
            "Name files that begin with -----BEGIN; the key alone in one, the chain in the other.",
        ) from error
    return context


def _check_readable(file: Path) -> None:
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise StartError(
            f"{file} cannot be read ({error.strerror}).", "Name readable files with --tls-cert and --tls-key."
        ) from error


def _no_password() -> NoReturn:
    raise StartError(
        "The key of --tls-key has a password.",
        "Take it off: openssl pkey -in KEY -out OPEN_KEY, with mode 600.",
    )
