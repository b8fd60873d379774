"""The session under Kishu. Arguments: result file, session name. Runs in the peers' environment.

Kishu finds its notebook through a Jupyter server; here it is told, and its hooks are installed as its own
``init_kishu`` does, without the automatic saving of the notebook by the front end.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.sessions import SESSIONS
from benchmarks.workers.measured_shell import bytes_under, make_shell, peak_bytes, report, run_all


def main(result: str, session: str) -> None:
    """Attach it, run the session, and check that every cell is a commit."""
    home = Path("kishu-home").resolve()
    home.mkdir()
    os.environ["HOME"] = str(home)
    shell = make_shell()

    import nbformat  # type: ignore[import-not-found]
    from kishu.jupyterint import KishuForJupyter  # type: ignore[import-not-found]
    from kishu.notebook_id import NotebookId  # type: ignore[import-not-found]

    path = Path("session.ipynb").resolve()
    nbformat.write(nbformat.v4.new_notebook(), path)
    kishu = KishuForJupyter(NotebookId("session", path, "none"), ip=shell)
    kishu.set_session_id(1)
    kishu.install_kishu_hooks()
    sources = SESSIONS[session].sources()
    cells = run_all(shell, sources)
    if kishu._last_execution_count != len(sources):
        raise SystemExit("Kishu did not see every cell")
    stored = bytes_under(kishu.database_path())
    report(result, cells=cells, peak=peak_bytes(), runs=0, stored=stored)


if __name__ == "__main__":
    main(*sys.argv[1:])
