"""One JupyterLab for all sides: ours in its own kernel, the others in that of the peers' environment."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from benchmarks.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab_in_browser import Lab
    from playwright.sync_api import Browser

sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests")]

PEERS_KERNEL = "peers"
_EXTENSIONS = ("ipydatagrid", "bqplot", "bqscales")  # the others are anywidgets, or plain HTML
_SAVE_STATE = "@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings"


@contextmanager
def lab_and_browser(folder: Path, peers: str) -> Iterator[tuple[Lab, Browser]]:
    """JupyterLab that saves the state of widgets, with what the peers bring for it, and Chromium.

    Args:
        folder: an empty one, for all that they keep.
        peers: Python of the peers' environment, or "" for none.

    Raises:
        SystemExit: there is no Chromium.
    """
    from lab_in_browser import running_lab

    home = folder / "lab"
    setting = home / "settings" / _SAVE_STATE
    setting.parent.mkdir(parents=True)
    setting.write_text('{"saveState": true}', "utf-8")
    with (
        patch.dict(os.environ, _environment(folder, peers)),
        running_lab(home, has_extension=False) as lab,
        chromium() as browser,
    ):
        yield lab, browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """A new Chromium.

    Raises:
        SystemExit: there is none.
    """
    from lab_in_browser import FLAGS, find_browser
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            raise SystemExit("No Chromium: apt install chromium, or run `playwright install chromium`.")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _environment(folder: Path, peers: str) -> dict[str, str]:
    share = folder / "share"
    if peers:
        _share(share, Path(peers))
    return {
        "JUPYTER_PATH": str(share),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYTHONWARNINGS": "ignore",
        "MLOPS_PROJECT": str(folder),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def _share(share: Path, python: Path) -> None:
    """The peers' kernel, and of their front ends those that are measured: others would run in every page."""
    kernel = share / "kernels" / PEERS_KERNEL
    kernel.mkdir(parents=True)
    start = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": start, "display_name": "Peers", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), "utf-8")
    (share / "labextensions").mkdir()
    installed = python.parents[1] / "share" / "jupyter" / "labextensions"
    for name in _EXTENSIONS:
        (share / "labextensions" / name).symlink_to(installed / name)
