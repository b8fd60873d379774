"""A process that answers quick questions about one project: ``python -m jupyter_mlops.server.worker``.

It runs in the project's folder. Each line on standard input is a question, ``{"call", "arguments"}``; each
line on standard output the answer to it: `VALUE` or `PROBLEM`, and JSON. It ends when its input does, so it
never outlives the server.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from jupyter_mlops.errors import MlopsError

VALUE, PROBLEM = b"mlops-value ", b"mlops-problem "
"""What lines of answers begin with; any other line is somebody else's."""
INTERNAL = ("something went wrong in the server", "The log of Jupyter's server has the details.")
"""What is said, and what to do, where it is our fault."""


def main() -> None:
    """Answer until nobody asks any more."""
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(b"%b\n" % _answer(json.loads(line)))
        answers.flush()


def _answer(question: dict[str, Any]) -> bytes:
    """One line; what is neither a text nor a number in it is told as text, as the shell does."""
    from jupyter_mlops.server.questions import QUESTIONS

    try:
        value = QUESTIONS[question["call"]](**question["arguments"])
        return VALUE + json.dumps(value, default=str, allow_nan=False).encode()
    except MlopsError as error:
        problem = {"kind": type(error).__name__, "what": error.what, "fix": error.fix}
    except Exception:  # noqa: BLE001 - whatever a store does, the next question has its answer
        import traceback

        traceback.print_exc()
        what, fix = INTERNAL
        problem = {"kind": "InternalError", "what": what, "fix": fix}
    return PROBLEM + json.dumps(problem).encode()


if __name__ == "__main__":
    main()
