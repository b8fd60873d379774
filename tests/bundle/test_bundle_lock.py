"""A bundle's lock has hashes for every platform, or says in its first line why it has none."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

import jupyter_mlops.bundle.lock as locks
from jupyter_mlops.bundle.lock import lock_for, locked
from jupyter_mlops.errors import BadInputError

HERE = Path(locks.__file__).parent
PROJECT = Path(__file__).parents[2] / "requirements.lock"


def packages(text: str) -> dict[str, set[str]]:
    """``name==version`` -> its hashes."""
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    return {block.split()[0]: set(re.findall(r"--hash=(\S+)", block)) for block in blocks}


@pytest.mark.parametrize("engine", ["compiled", "sklearn"])
def test_the_locks_of_bundles_are_in_step_with_the_project_s(engine: str) -> None:
    project = packages(PROJECT.read_text())
    ours = packages((HERE / "locks" / f"{engine}.txt").read_text())
    assert {name: project.get(name) for name in ours} == ours, "run `make lock`"
    assert all(hashes for hashes in ours.values())


def test_a_compiled_bundle_has_the_same_packages_wherever_it_is_exported() -> None:
    lock = lock_for("compiled", ["no-such-package"])
    assert lock.kind == "hashed"
    assert lock.text == (HERE / "locks" / "compiled.txt").read_text()
    assert {"numpy", "orjson", "uvicorn", "httptools", "prometheus-client", "arro3-io"} <= set(lock.versions)
    assert not {"pandas", "scikit-learn", "scipy", "skops", "pyarrow"} & set(lock.versions)


def test_a_model_of_scikit_learn_has_the_packages_it_was_checked_with() -> None:
    lock = lock_for("sklearn", ["pandas", "cloudpickle"])
    assert lock.kind == "hashed"
    for name in ("numpy", "pandas", "scikit-learn", "scipy", "skops", "joblib"):
        assert lock.versions[name] == metadata.version(name)
    # skops imports pytest through scikit-learn's test helpers where it is installed, and needs none.
    assert not {"mlflow", "ipython", "jupyter-mlops", "pytest", "matplotlib", "starlette"} & set(
        lock.versions
    )


def test_other_versions_than_ours_are_pinned_as_installed_and_the_first_line_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (HERE / "locks").iterdir():
        text = file.read_text()
        (tmp_path / file.name).write_text(re.sub(r"^pandas==\S+", "pandas==3.0.9", text, flags=re.MULTILINE))
    monkeypatch.setattr(locks, "_LOCKS", tmp_path)
    lock = lock_for("sklearn")
    first, *lines = lock.text.splitlines()
    assert lock.kind == "pinned"
    assert first == f"# without hashes: none were known for pandas {metadata.version('pandas')}"
    assert lines == sorted(f"{name}=={version}" for name, version in lock.versions.items())
    assert lock.versions == locked(["numpy", "orjson", *lock.versions])


def test_what_is_not_installed_cannot_be_locked() -> None:
    with pytest.raises(BadInputError, match="needs no-such-package, which is not installed"):
        lock_for("sklearn", ["no-such-package"])
