"""Builds the libraries of `trees.c` for all platforms: ``python -m jupyter_mlops.bundle.kernel.build``.

The compiler is the package ``ziglang`` in exactly the version below: the same version gives the same bytes
everywhere, so that anybody can check that the libraries are what the source says.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPILER = "0.17.1"
NATIVE = Path(__file__).parents[1] / "runtime" / "compiled" / "native"
SOURCE = NATIVE / "trees.c"  # beside the libraries, so that bundles carry it as well

TARGETS: Mapping[str, str] = {
    # nothing of a C library is used, so these two load under glibc and musl alike
    "trees-linux-x86_64.so": "x86_64-linux-musl",
    "trees-linux-aarch64.so": "aarch64-linux-musl",
    "trees-macos-x86_64.dylib": "x86_64-macos.11.0",
    "trees-macos-arm64.dylib": "aarch64-macos.11.0",
    "trees-windows-x86_64.dll": "x86_64-windows-gnu",
}
"""Each library's name and what the compiler calls its platform."""

# No flag lets the compiler change a result: no fast math, and products and sums are rounded one by one.
FLAGS = (
    *("-std=c11", "-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"),
    *("-shared", "-fPIC", "-fvisibility=hidden", "-ffreestanding", "-nostdlib", "-s", "-g0"),
)


def build(folder: Path) -> None:
    """Write the libraries of all platforms to `folder`.

    Raises:
        RuntimeError: the compiler is not there, is another version, or refused the source.
    """
    if importlib.util.find_spec("ziglang") is None or importlib.metadata.version("ziglang") != COMPILER:
        raise RuntimeError(f"needs the package ziglang=={COMPILER}: pip install ziglang=={COMPILER}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in TARGETS.items():
        # in a folder of its own: some linkers leave a file beside the library
        with tempfile.TemporaryDirectory() as place:
            zig = (sys.executable, "-m", "ziglang")
            command = [*zig, "cc", "-target", target, *FLAGS, str(SOURCE), "-o", name]
            # the compiler's notes about earlier builds stay out of the user's folders
            caches = {"ZIG_LOCAL_CACHE_DIR": f"{place}/local", "ZIG_GLOBAL_CACHE_DIR": f"{place}/global"}
            done = subprocess.run(
                command, cwd=place, env=os.environ | caches, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise RuntimeError(f"{name} was not built:\n{done.stderr}")
            (folder / name).write_bytes(Path(place, name).read_bytes())


if __name__ == "__main__":
    build(NATIVE)
