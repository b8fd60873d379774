"""Layout by ruff, where it is installed: it is not needed, and code is clean without it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def ruff() -> str | None:
    """The program, if it is installed beside this interpreter or on the path."""
    beside = shutil.which("ruff", path=str(Path(sys.executable).parent))
    return beside or shutil.which("ruff")


def format_folder(folder: Path) -> bool:
    """Let ruff lay out all Python files of a project; False where it is not installed, or refuses."""
    program = ruff()
    if program is None:
        return False
    done = subprocess.run(
        [program, "format", "--quiet", "--no-cache", str(folder)],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode == 0
