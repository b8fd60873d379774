"""`reproduce --env`: a virtual environment of its own, from the recorded versions."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook

from jupyter_mlops.bundle.lock import locked
from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.tracking.environments import build

if TYPE_CHECKING:
    from collections.abc import Iterator

CELL = """%%mlops track --name sums
import numpy as np
total = float(np.arange(10).sum())
"""
OTHERS = """%%mlops track --name others
import importlib.util
import numpy as np
mlflow_is_there = float(importlib.util.find_spec("mlflow") is not None)
"""
NEEDED = ("cloudpickle", "ipython", "numpy", "pandas", "psutil", "pyarrow", "xxhash", "zstandard")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is installed here, as wheels: no test asks the network."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in locked(NEEDED):
        _wheel(metadata.distribution(name), folder)
    return folder


def _wheel(found: metadata.Distribution, folder: Path) -> None:
    lines = (found.read_text("WHEEL") or "").splitlines()
    tags = [line.removeprefix("Tag: ").split("-") for line in lines if line.startswith("Tag: ")]
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags, strict=True))
    stem = f"{found.metadata['Name'].replace('-', '_')}-{found.version}"
    inside = [file for file in found.files or () if not {"..", "tests"} & set(file.parts)]
    record = io.StringIO()
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as wheel:
        for file in inside:
            if file.suffix == ".pyc" or file.name in {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}:
                continue
            content = Path(str(file.locate())).read_bytes()
            name = file.as_posix()
            wheel.writestr(name, content)
            hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            csv.writer(record).writerow([name, f"sha256={hashed}", len(content)])
        about = next(file.parent.as_posix() for file in inside if file.name == "METADATA")
        csv.writer(record).writerow([f"{about}/RECORD", "", ""])
        wheel.writestr(f"{about}/RECORD", record.getvalue())


@pytest.fixture
def notebook(tmp_path: Path, wheels: Path) -> Iterator[Notebook]:
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": "/dev/null"}
    uv = {"UV_OFFLINE": "1", "UV_FIND_LINKS": str(wheels), "UV_CACHE_DIR": str(tmp_path / "uv")}
    # as with `source .venv/bin/activate`: IPython adds that one's packages to those of any interpreter
    made = Notebook(tmp_path / "project", VIRTUAL_ENV=sys.prefix, **pip, **uv)
    made.done("%mlops track on")
    made.done(CELL)
    made.done(OTHERS)
    yield made
    made.close()


def test_the_run_is_made_again_with_its_own_packages_and_they_are_kept(
    notebook: Notebook, wheels: Path, tmp_path: Path
) -> None:
    numpy = next(wheels.glob("numpy-*"))
    aside = numpy.rename(tmp_path / numpy.name)
    said = notebook.run("%mlops reproduce sums --env").refusal()
    assert f"numpy {metadata.version('numpy')} is not to be had" in said[0]
    place = notebook.folder / ".mlops" / "environments"
    assert not [each for each in place.iterdir() if each.is_dir()]

    aside.rename(numpy)
    card = notebook.done("%mlops reproduce sums --env").value
    told = {(each["group"], each["name"]): each for each in card.to_dict()["findings"]}
    assert card.is_equal
    assert told["package", "numpy"]["outcome"] == told["Python", ""]["outcome"] == "equal"
    assert told["other packages", ""]["outcome"] == "equal"
    (made,) = [each for each in place.iterdir() if each.is_dir()]
    assert not list(made.glob("lib/python*/site-packages/mlflow"))

    numpy.unlink()  # it is not built again
    other = notebook.done("%mlops reproduce others --env").value
    (found,) = [each for each in other.to_dict()["findings"] if each["group"] == "metric"]
    assert found["figure"] == "recorded 1, now 0 (-1)"
    assert notebook.done("%mlops reproduce others").value.is_equal


def test_a_python_that_is_not_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReproduceError, match=r"made with Python 3\.4, and there is no python3\.4 here"):
        build(tmp_path / "environments", "3.4.10", {"numpy": "1.0"}, ["numpy"])
