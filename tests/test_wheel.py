"""What people install: a wheel with the extension in it, in an environment where nobody has Node."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import jupyterlab
import pytest

from jupyter_mlops import __version__

CHECKOUT = Path(__file__).parents[1]
EXTENSION = CHECKOUT / "jupyter_mlops" / "labextension"
SHARED = f"jupyter_mlops-{__version__}.data/data/"
COLOUR = re.compile(r"\x1b\[\d*m")


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Its output; Jupyter's own folders are empty ones, and the checkout is not on Python's path."""
    places = {f"JUPYTER_{name}_DIR": str(cwd / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "JUPYTER_PATH"}}
    done = subprocess.run(
        command, cwd=cwd, env=kept | places | env, capture_output=True, text=True, check=False
    )
    output = COLOUR.sub("", done.stdout + done.stderr)
    assert done.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this checkout."""
    assert (EXTENSION / "static" / "style.js").exists(), "The extension is not built: make extension"
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=CHECKOUT)
    return folder


def test_an_installed_wheel_is_enabled_in_jupyterlab_and_its_server(built: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    [packages] = (tmp_path / "venv").glob("lib/python*/site-packages")
    (packages / "others.pth").write_text(f"{Path(jupyterlab.__file__).parents[1]}\n")  # all but this package
    [wheel] = built.glob("*.whl")
    empty = {"cwd": tmp_path, "PATH": str(tmp_path / "none")}

    run(python, "-m", "pip", "install", "--no-deps", "--ignore-installed", "--no-index", wheel, **empty)

    extensions = run(python, "-m", "jupyterlab.labextensions", "list", **empty)
    assert re.search(
        rf"jupyter-mlops v{re.escape(__version__)} enabled OK \(python, jupyter-mlops\)", extensions
    ), extensions
    servers = run(python, "-m", "jupyter_server.extension.serverextension", "list", **empty)
    assert re.search(r"jupyter_mlops\.server enabled", servers), servers
    assert re.search(r"jupyter_mlops\.server +OK", servers), servers


def test_the_wheel_has_the_extension_once_as_the_browser_tests_saw_it(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    shared = f"{SHARED}share/jupyter/labextensions/jupyter-mlops/"
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name: archive.read(name) for name in archive.namelist() if "labextension" in name}
    here = {
        str(path.relative_to(EXTENSION)): path.read_bytes() for path in EXTENSION.rglob("*") if path.is_file()
    }
    here["install.json"] = (CHECKOUT / "labextension" / "install.json").read_bytes()
    assert shipped == {f"{shared}{name}": content for name, content in here.items()}


def test_the_sdist_makes_the_same_wheel_without_node(built: Path, tmp_path: Path) -> None:
    [sdist], [wheel] = built.glob("*.tar.gz"), built.glob("*.whl")
    run("tar", "xzf", sdist, cwd=tmp_path)
    [source] = tmp_path.iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=source, PATH="")
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_lock_of_the_extension_names_no_registry() -> None:
    lock = (CHECKOUT / "labextension" / "yarn.lock").read_text()
    assert not re.findall(r"https?://\S+", lock)
