"""The two ways to say no: to a client that sent a request, and to a person who starts the server."""

from __future__ import annotations


class BadRequest(Exception):  # noqa: N818 - the name of the HTTP status
    """A request that cannot be answered. It never carries a value of the request.

    Args:
        code: a fixed word in capitals that programs can rely on.
        message: what was expected and what kind of thing came, for a person.
        path: where in the body, as a JSON path such as ``$.dataframe_records[1].age``.
        status: the HTTP status.
        headers: of the answer, names in lower case.
    """

    def __init__(
        self,
        code: str,
        message: str,
        path: str = "$",
        status: int = 400,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(f"{message} ({path})")
        self.code = code
        self.message = message
        self.path = path
        self.status = status
        self.headers = headers or (((b"retry-after", b"1"),) if status == 503 else ())


class StartError(Exception):
    """The server cannot start: what happened, what to do, and the exit code of the process."""

    def __init__(self, what: str, fix: str, exit_code: int = 1) -> None:
        super().__init__(what, fix)
        self.what = what
        self.fix = fix
        self.exit_code = exit_code

    def __str__(self) -> str:
        return f"{self.what}\n{self.fix}"
