"""Servers and bundles of a project, read from its files: no MLflow, so Jupyter's server does it itself."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.runtime.manifest import MANIFEST
from jupyter_mlops.bundle.server_files import list_servers
from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.settings import HOME

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.bundle.server_files import RunningServer

_LOG_BYTES = 64 << 10
_DEPTH = 3
_MOST_FOLDERS = 5000
_MOST_BYTES = 1 << 20
"""Of a manifest; a large bundle's has some kB."""
_SKIPPED = frozenset({"node_modules", "__pycache__", "mlruns", "mlartifacts", "site-packages"})


def state_of(project: Path) -> Path:
    """Where the project keeps what is known of its servers."""
    return project / HOME / "servers"


def servers(project: Path) -> dict[str, Any]:
    """`ServerList`."""
    found = list_servers(state_of(project))
    return {"servers": [server_data(server) for server in found]}


def server_data(server: RunningServer) -> dict[str, Any]:
    """`Server`."""
    return {
        "name": server.name,
        "version": server.version,
        "url": server.url,
        "port": server.port,
        "engine": server.engine,
        "started": server.started,
    }


def find_server(project: Path, port: int) -> RunningServer:
    """The server on this port.

    Raises:
        NotFoundError: none of this project's servers is there.
    """
    for server in list_servers(state_of(project)):
        if server.port == port:
            return server
    raise NotFoundError("no server of this project runs on that port", "It may have ended; look at the list.")


def log_of(server: RunningServer) -> dict[str, Any]:
    """`ServerLog`: the end of what it printed."""
    try:
        with server.log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _LOG_BYTES))
            return {"text": file.read().decode("utf-8", "replace")}
    except OSError:
        return {"text": ""}


def bundles(project: Path, root: Path) -> dict[str, Any]:
    """`BundleList`: those in the project's folder, a few levels deep, and those that `serve` made.

    Args:
        project: the project's folder.
        root: the folder that the file browser shows.
    """
    found = [_bundle(project, root, file) for file in _manifests(project)]
    return {
        "bundles": sorted((each for each in found if each is not None), key=lambda b: b["made"], reverse=True)
    }


def _manifests(project: Path) -> list[Path]:
    """Manifests below the project's folder, breadth first, within limits: a project can be a home folder."""
    kept = project / HOME / "bundles"
    found = [folder / MANIFEST for folder in _folders(kept) if (folder / MANIFEST).is_file()]
    level, seen = [project], 0
    for _ in range(_DEPTH):
        below: list[Path] = []
        for folder in level:
            for each in _folders(folder):
                seen += 1
                if seen > _MOST_FOLDERS:
                    return found
                if each.name.startswith(".") or each.name in _SKIPPED:
                    continue
                if (each / MANIFEST).is_file():
                    found.append(each / MANIFEST)
                else:
                    below.append(each)
        level = below
    return found


def _folders(folder: Path) -> list[Path]:
    """Folders in a folder, without those that links lead to; of files nothing is asked."""
    try:
        with os.scandir(folder) as entries:
            return [folder / each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _shown_at(folder: Path, root: Path) -> str | None:
    if not folder.is_relative_to(root):
        return None
    path = folder.relative_to(root)
    return None if any(part.startswith(".") for part in path.parts) else path.as_posix()


def _bundle(project: Path, root: Path, file: Path) -> dict[str, Any] | None:
    try:
        if file.stat().st_size > _MOST_BYTES:
            return None
        document = json.loads(file.read_text("utf-8"))
        files = [file.parent / name for name in document["files"]]
        if any(".." in name.parts or not name.is_relative_to(file.parent) for name in files):
            return None
        return {
            "path": file.parent.relative_to(project).as_posix(),
            "shown_at": _shown_at(file.parent, root),
            "name": str(document["name"]),
            "version": str(document["version"]),
            "engine": str(document.get("engine", "sklearn")),
            "bytes": sum(each.stat().st_size for each in files),
            "digest": str(document["digest"]),
            "made": file.stat().st_mtime,
        }
    # somebody else's bundle.json, or one half written
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
