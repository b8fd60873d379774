"""What a store at a URL says when it fails, in the words of whoever can mend it."""

from __future__ import annotations

from jupyter_mlops.errors import StoreError

# Object stores tell the cause in the text, as codes: pyarrow passes on AWS's, botocore has words of its own.
_CAUSES = (
    (
        ("NO_SUCH_BUCKET", "NoSuchBucket", "bucket does not exist"),
        "there is no such bucket",
        "Make the bucket, or correct the address in MLOPS_SNAPSHOTS.",
    ),
    (
        ("ACCESS_DENIED", "AccessDenied", "INVALID_ACCESS_KEY_ID", "InvalidAccessKeyId", "Forbidden",
         "SIGNATURE_DOES_NOT_MATCH", "SignatureDoesNotMatch", "HTTP status 401", "HTTP status 403"),
        "access is denied",
        "Set credentials that may read and write there (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).",
    ),
    (
        ("NETWORK_CONNECTION", "REQUEST_TIMEOUT", "curlCode", "Could not connect", "Timeout", "timed out"),
        "it does not answer",
        "Look at the network and at AWS_ENDPOINT_URL; what was not stored there yet is kept here.",
    ),
)  # fmt: skip


class RemoteStoreError(StoreError):
    """A snapshot store at a URL that cannot be reached, read or written."""


def unwritable_there(place: str, name: str, error: Exception) -> StoreError:
    """The error for a place that does not take a file."""
    if isinstance(error, StoreError):
        return error
    reason, fix = _cause(error)
    fix = fix or "Free space there, or ask who runs it for the right to write; then run the cell again."
    return RemoteStoreError(f"The snapshot store could not write {place}/{name} ({reason}).", fix)


def unreadable_there(place: str, name: str, error: Exception) -> StoreError:
    """The error for a file that is missing or cannot be read."""
    if isinstance(error, StoreError):
        return error
    reason, fix = _cause(error)
    fix = fix or "Bring the file back from a backup, or run the cell again that made this value."
    return RemoteStoreError(f"The snapshot store could not read {place}/{name} ({reason}).", fix)


def _cause(error: Exception) -> tuple[str, str | None]:
    """The reason in a few words and what to do; the text of the error may hold more than should be shown."""
    if isinstance(error, PermissionError):
        return _CAUSES[1][1:]
    text = str(error)
    for marks, reason, fix in _CAUSES:
        if any(mark in text for mark in marks):
            return reason, fix
    return getattr(error, "strerror", None) or type(error).__name__, None
