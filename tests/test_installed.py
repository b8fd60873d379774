"""What `installed.py` reads by lines is what the standard library finds by taking everything apart."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from jupyter_mlops.installed import makers, packages

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_of_all_that_is_installed_here_it_knows_names_versions_and_modules() -> None:
    found = metadata.packages_distributions()
    assert makers(found) == found
    assert makers(["no_such_module"]) == {}
    versions = {
        dist.metadata["Name"].lower().replace("_", "-"): dist.version for dist in metadata.distributions()
    }
    assert packages() == dict(sorted(versions.items()))


def test_all_ways_to_have_a_module_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    described = {
        "folder": ("RECORD", "inside/__init__.py,,\nfolder-1.dist-info/METADATA,,\n"),
        "file": ("RECORD", "single.py,sha256=x,3\n"),
        "compiled": ("RECORD", "fast.cpython-311-x86_64-linux-gnu.so,,\nother.abi3.so,,\nwords.txt,,\n"),
        "declared": ("top_level.txt", "said\n_said\n"),
        "editable": ("RECORD", "_editable_impl.pth,,\n"),
    }
    for name, (file, text) in described.items():
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n\nName: other\n")
        (folder / file).write_text(text)
    (tmp_path / "broken-1.dist-info").mkdir()
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    asked = ("inside", "single", "fast", "other", "words", "said", "_said", "_editable_impl", "sing")
    assert makers(asked) == {
        "inside": ["folder"], "single": ["file"], "fast": ["compiled"], "other": ["compiled"],
        "said": ["declared"], "_said": ["declared"],
    }  # fmt: skip
    assert packages([str(tmp_path)]) == dict.fromkeys(sorted(described), "1")
