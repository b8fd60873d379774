"""Environments of their own for what is compared, made once and kept beside the code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def environment(home: Path, wanted: str, say: Callable[[str], None]) -> str:
    """Python of the environment in `home`, which has the requirements `wanted` and nothing else.

    It is made at the first call, and again when `wanted` changes; this needs a package index.
    """
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = home / "installed.txt"
    if not done.exists() or done.read_text("utf-8") != wanted:
        say(f"installing into {home.name}")
        done.unlink(missing_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(home)], check=True)
        asked = home / "asked.txt"
        asked.write_text(wanted, "utf-8")
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq"]
        subprocess.run([*pip, "-r", str(asked)], check=True)
        asked.replace(done)
    return str(python)


def size_of(python: str) -> int:
    """Bytes of all packages in an environment, with their compiled bytecode."""
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    packages = Path(where.stdout.strip())
    return sum(file.stat().st_size for file in packages.rglob("*") if file.is_file())
