"""The image of a bundle: built from its Dockerfile, started as platforms start it, healthy, and stopped.

Where there is no container engine, the same steps run in a virtual environment with the packages of the
bundle's own lock; `image_steps.py` says what that leaves out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from image_steps import Image, build
from real_servers import free_port

from jupyter_mlops.bundle.choice import Original
from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

MOST_MB = 150


def somebody_else() -> str:
    """The image's own user, where this may be one and reaches this Python; else whoever runs the tests."""
    if os.geteuid() == 0:
        try:
            subprocess.run(
                [sys._base_executable, "-c", ""], user=10001, group=10001, extra_groups=[], check=True
            )  # type: ignore[attr-defined]
        except (PermissionError, subprocess.CalledProcessError):
            pass
        else:
            return "10001:10001"
    return f"{os.getuid()}:{os.getgid()}"


@pytest.fixture(scope="module")
def compiled(
    source: BundleSource, model: Any, features: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    """The census model's bundle, without scikit-learn."""
    known = replace(source, original=Original(model, (features.head(300),), "training"))
    return export_bundle(known, tmp_path_factory.mktemp("compiled") / "bundle", engine="compiled")


@pytest.fixture(scope="module")
def image(compiled: Bundle) -> Iterator[Image]:
    """The image, made of a folder that has more in it than the bundle."""
    root = Path(tempfile.mkdtemp(prefix="image-"))
    root.chmod(0o755)  # the image's user reads it, too
    try:
        context = shutil.copytree(compiled.path, root / "context")
        (context / "tokens").write_text("predict sha256:…")
        for folder in (".venv", "log", "runtime/__pycache__"):
            (context / folder).mkdir()
            (context / folder / "mine").write_text("")
        yield build(context, root, {"RUN_AS": somebody_else()})
    finally:
        shutil.rmtree(root)


@contextmanager
def started(image: Image, *words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The image's process, started with these words, and the port it has here."""
    port = free_port()
    user, group = map(int, image.user.split(":"))
    as_user = {"user": user, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}
    with subprocess.Popen(
        [*image.entrypoint, *words, "--port", str(port)],
        cwd=image.folder,
        env=image.environment | {"PATH": image.path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **as_user,  # type: ignore[call-overload]
    ) as process:
        try:
            yield process, port
        finally:
            process.kill()


def healthy(image: Image, port: int) -> bool:
    command = [word.replace("8080", str(port)) for word in image.healthcheck]
    assert command != image.healthcheck
    done = subprocess.run(command, env={"PATH": image.path}, capture_output=True, check=False, timeout=90)
    return done.returncode == 0


def wait(image: Image, process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 120
    while not healthy(image, port):
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline


def files_of(image: Image) -> set[str]:
    files = {file for file in image.folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    return {file.relative_to(image.folder).as_posix() for file in files}


def test_the_build_ends_with_a_prediction_by_the_locked_packages(image: Image) -> None:
    assert image.base == f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
    assert "the recorded example was predicted: 5 rows" in image.said


def test_only_the_bundle_is_in_the_image(image: Image, compiled: Bundle) -> None:
    assert files_of(image) == set(compiled.files)
    bytecode = list((image.folder / "runtime").rglob("__pycache__/main.*.pyc"))
    assert len(bytecode) == 1


def test_it_is_small_and_has_no_more_than_it_needs(image: Image) -> None:
    own = {"pip", "setuptools", "pkg_resources", "_distutils_hack"}
    present = [each for each in image.packages.iterdir() if each.name.partition("-")[0] not in own]
    names = {each.name for each in present}
    assert {"numpy", "uvicorn", "orjson"} <= names
    assert (
        not {"pandas", "sklearn", "scipy", "pyarrow", "mlflow", "jupyter_mlops", "IPython", "pytest"} & names
    )
    files = [file for each in present for file in ([each] if each.is_file() else each.rglob("*"))]
    megabytes = sum(file.stat().st_size for file in files if file.is_file()) / 1e6
    assert megabytes <= MOST_MB


def asked_in_the_readme(bundle: Path, port: int) -> list[dict[str, Any]]:
    """The answers to the README's own lines, pasted into a shell in the bundle's folder."""
    lines = [line for line in (bundle / "README.md").read_text().splitlines() if line.startswith("curl ")]
    commands = [line.replace("8080", str(port)).replace("curl ", "curl -sSf ", 1) for line in lines]
    return [json.loads(subprocess.check_output(["sh", "-c", each], cwd=bundle)) for each in commands]


def test_it_serves_as_nobody_is_healthy_and_stops_when_told(image: Image, compiled: Bundle) -> None:
    with started(image, "serve", SERVE_INSECURE="1") as (process, port):
        wait(image, process, port)
        if sys.platform == "linux":
            owner = Path(f"/proc/{process.pid}").stat()
            assert f"{owner.st_uid}:{owner.st_gid}" == image.user
        asked = asked_in_the_readme(compiled.path, port)
        assert [len(answer.get("predictions", ())) for answer in asked] == [5, 5, 0]
        assert asked[2]["name"] == compiled.name
        process.terminate()
        assert process.wait(90) == 0
    assert not healthy(image, port)
    assert files_of(image) == set(compiled.files)


def test_without_tokens_it_does_not_start(image: Image) -> None:
    with started(image) as (process, _):
        assert process.wait(90) == 1
        assert "SERVE_TOKENS" in process.communicate()[1]


def test_what_kubernetes_and_kserve_ask_is_answered(image: Image, compiled: Bundle) -> None:
    manifests = [*compiled.path.glob("kubernetes/*.yaml"), *compiled.path.glob("kserve/*.yaml")]
    paths = {path for file in manifests for path in re.findall(r"path\S*: (/\S+)", file.read_text())}
    assert len(paths) == 3
    with started(image, SERVE_INSECURE="1") as (process, port):
        wait(image, process, port)
        for path in sorted(paths):
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=90) as answer:
                assert answer.status == 200
