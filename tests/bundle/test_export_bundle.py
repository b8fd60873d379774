"""An export is whole or absent, the same each time, and holds all it needs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_mlops.bundle.choice import Original
from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle
from jupyter_mlops.bundle.runtime.compiled.engine import NATIVE
from jupyter_mlops.bundle.runtime.compiled.kernel import library_name
from jupyter_mlops.bundle.runtime.problems import StartError
from jupyter_mlops.bundle.runtime.served import load
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    import pandas as pd


def content(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_two_exports_are_byte_identical_wherever_they_go(source: BundleSource, tmp_path: Path) -> None:
    first = export_bundle(source, tmp_path / "a")
    second = export_bundle(source, tmp_path / "deeper" / "b")
    assert content(first.path) == content(second.path)
    assert first.digest == second.digest
    assert first.size_bytes == second.size_bytes == sum(map(len, content(first.path).values()))
    for name, text in content(first.path).items():
        assert str(tmp_path).encode() not in text, name


def test_a_bundle_has_everything_and_lists_it(exported: Bundle) -> None:
    manifest = json.loads((exported.path / "bundle.json").read_text())
    present = content(exported.path)
    assert set(exported.files) == set(present) == {"bundle.json", *manifest["files"]}
    assert {
        "serve.py",
        "runtime/app.py",
        "runtime/help.html",
        "model.skops",
        "schema.json",
        "example.json",
        "requirements.lock",
        "Dockerfile",
        "README.md",
    } <= set(present)
    assert all(entry["size"] == len(present[name]) for name, entry in manifest["files"].items())
    assert manifest["engine"] == "sklearn"
    assert manifest["metrics"] == {"roc_auc": 0.9, "loss": None}
    assert exported.digest == manifest["digest"]
    assert exported.command == f"cd '{exported.path}' && python serve.py"


def test_an_existing_target_is_kept_unless_forced(source: BundleSource, tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    export_bundle(source, target)
    before = content(target)
    newer = replace(source, version="4")
    with pytest.raises(BadInputError, match="already exists"):
        export_bundle(newer, target)
    assert content(target) == before
    assert export_bundle(newer, target, force=True).version == "4"
    assert json.loads((target / "bundle.json").read_text())["version"] == "4"
    assert [file.name for file in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize("what", ["folder of mine", "file"])
def test_force_never_replaces_what_is_no_bundle(source: BundleSource, tmp_path: Path, what: str) -> None:
    target = tmp_path / "thesis"
    if what == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "chapter.txt").write_text("mine")
    with pytest.raises(BadInputError, match="not a bundle"):
        export_bundle(source, target, force=True)
    assert (target if what == "file" else target / "chapter.txt").read_text() == "mine"


def test_force_may_fill_an_empty_folder(source: BundleSource, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert export_bundle(source, tmp_path / "empty", force=True).path == tmp_path / "empty"


def test_here_home_and_root_never_become_a_bundle(
    source: BundleSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bundle.json").write_text("{}")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    for target in (Path(), Path(".."), Path.home(), Path("/"), Path("~")):
        with pytest.raises(BadInputError, match="current or the home folder"):
            export_bundle(source, target, force=True)


def test_a_failing_copy_leaves_nothing_and_keeps_the_old_bundle(
    source: BundleSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "bundle"
    export_bundle(source, target)
    before = content(target)
    missing = replace(source, model_file=tmp_path / "gone.skops")
    with pytest.raises(BadInputError, match="does not exist"):
        export_bundle(missing, target, force=True)
    with pytest.raises(BadInputError, match="does not exist"):
        export_bundle(missing, tmp_path / "other")
    # A name that cannot be written as UTF-8 fails in the middle, after the model was copied.
    with pytest.raises(UnicodeEncodeError):
        export_bundle(replace(source, name="half \ud83d"), target, force=True)
    assert content(target) == before
    assert [file.name for file in tmp_path.iterdir()] == ["bundle"]


KILLED = """
import os, signal, sys, pickle
from pathlib import Path
import jupyter_mlops.bundle.export as export

source, target = pickle.loads(Path(sys.argv[1]).read_bytes())
# The kill comes with the audit event of opening bundle.json: all else is written by then.
def die(event, arguments):
    if event == "open" and str(arguments[0]).endswith("bundle.json") and "exporting" in str(arguments[0]):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(die)
export.export_bundle(source, target, force=True)
"""


def test_a_killed_export_leaves_no_half_made_bundle_and_the_next_one_cleans_up(
    source: BundleSource, tmp_path: Path
) -> None:
    import pickle

    target = tmp_path / "out" / "bundle"
    export_bundle(source, target)
    before = content(target)
    (tmp_path / "work").write_bytes(pickle.dumps((replace(source, version="4"), target)))
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "work")], check=False)
    assert ended.returncode == -9
    assert content(target) == before
    left = [file.name for file in target.parent.iterdir() if file != target]
    assert len(left) == 1
    assert left[0].startswith(".bundle.")
    export_bundle(source, target, force=True)
    assert [file.name for file in target.parent.iterdir()] == ["bundle"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"serialization": "joblib"}, "cannot be served"),
        ({"packages": {"scikit-learn": "0.1"}}, r"trained with scikit-learn 0\.1"),
        ({"example": []}, "example does not fit.*at least one row"),
        ({"example": [{"age": "secret"}]}, "example does not fit.*missing"),
    ],
)
def test_what_could_never_be_served_is_not_exported(
    source: BundleSource, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInputError, match=says) as caught:
        export_bundle(replace(source, **change), tmp_path / "bundle")  # type: ignore[arg-type]
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "bundle").exists()


def test_a_pickle_named_skops_is_not_exported(source: BundleSource, tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(b"\x80\x04N.")
    with pytest.raises(BadInputError, match="not a skops file"):
        export_bundle(replace(source, model_file=tmp_path / "model.skops"), tmp_path / "bundle")


def test_a_cloudpickled_model_locks_what_it_was_trained_with(source: BundleSource, tmp_path: Path) -> None:
    import cloudpickle

    (tmp_path / "m.pkl").write_bytes(cloudpickle.dumps({"any": "model"}))
    pickled = replace(
        source,
        model_file=tmp_path / "m.pkl",
        serialization="cloudpickle",
        packages={**source.packages, "xxhash": "3"},
    )
    bundle = export_bundle(pickled, tmp_path / "bundle")
    lock = (bundle.path / "requirements.lock").read_text()
    assert lock.startswith("# without hashes: none were known for xxhash ")
    assert bundle.lock == json.loads((bundle.path / "bundle.json").read_text())["lock"] == "pinned"
    assert "cloudpickle==" in lock
    assert "xxhash==" in lock
    assert "model.pkl" in bundle.files
    with pytest.raises(BadInputError, match="needs no-such-package, which is not installed"):
        export_bundle(replace(pickled, packages={"no-such-package": "1"}), tmp_path / "other")


WITHOUT = """
import sys
from pathlib import Path

for name in ("sklearn", "pandas", "scipy", "skops", "pyarrow"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv[1])
from runtime.main import main

sys.exit(main(Path(sys.argv[1]), ["--check"]))
"""


def test_a_compiled_bundle_serves_without_scikit_learn_and_says_how_it_was_compared(
    source: BundleSource, model: Any, features: pd.DataFrame, tmp_path: Path
) -> None:
    known = replace(source, original=Original(model, (features,), "training"))
    bundle = export_bundle(known, tmp_path / "bundle")
    present = content(bundle.path)
    manifest = json.loads(present["bundle.json"])
    assert manifest["engine"] == bundle.engine == "compiled"
    assert "shadow" not in manifest
    assert manifest["parity"] == bundle.parity
    assert bundle.parity["reason"] == ""
    assert (bundle.parity["rows"], bundle.parity["flips"]) == (3000, 0)
    assert bundle.parity["max_difference"] < 1e-12
    assert {"model.json", "model.bin", "runtime/compiled/native/trees-linux-x86_64.so"} <= set(present)
    assert not [name for name in present if name.startswith(("model.skops", "runtime/engine_sklearn"))]
    assert b"scikit-learn==" not in present["requirements.lock"]
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(bundle.path)], capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert content(export_bundle(known, tmp_path / "again").path) == present


def test_a_shadow_bundle_holds_both_forms(
    source: BundleSource, model: Any, features: pd.DataFrame, tmp_path: Path
) -> None:
    known = replace(source, original=Original(model, (features,), "training"))
    bundle = export_bundle(known, tmp_path / "bundle", shadow=True)
    manifest = json.loads((bundle.path / "bundle.json").read_text())
    assert manifest["engine"] == "compiled"
    assert manifest["shadow"] is True
    assert {"model.json", "model.bin", "model.skops"} <= set(bundle.files)
    assert "runtime/engine_sklearn/engine.py" in bundle.files
    assert "scikit-learn==" in (bundle.path / "requirements.lock").read_text()


def test_a_bundle_of_which_a_file_was_changed_is_not_served(
    source: BundleSource, model: Any, features: pd.DataFrame, tmp_path: Path
) -> None:
    known = replace(source, original=Original(model, (features,), "training", is_typical=True))
    bundle = export_bundle(known, tmp_path / "bundle", engine="compiled")
    contract = ("schema.json", "example.json", "reference.json")
    for name in ("model.bin", "model.json", f"{NATIVE}/{library_name()}", *contract):
        file = bundle.path / name
        before = file.read_bytes()
        file.write_bytes(before + b"\0")
        with pytest.raises(StartError, match=re.escape(name)):
            load(bundle.path)
        file.write_bytes(before)
    manifest = bundle.path / "bundle.json"
    before = manifest.read_bytes()
    manifest.write_bytes(before.replace(b'"version": "3"', b'"version": "4"'))
    with pytest.raises(StartError, match=r"bundle\.json is not the file"):
        load(bundle.path)
    manifest.write_bytes(before)
    assert load(bundle.path).engine.name == "compiled"


def test_a_model_that_has_no_compiled_form_says_so_when_that_is_asked_for(
    source: BundleSource, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match="without scikit-learn: the model was not loaded"):
        export_bundle(source, tmp_path / "bundle", engine="compiled")
    assert not (tmp_path / "bundle").exists()
