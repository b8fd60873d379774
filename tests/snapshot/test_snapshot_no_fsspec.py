"""A URL that cannot be opened is named, with what to install."""

from __future__ import annotations

import sys

import pytest

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot import SnapshotStore


def test_a_url_without_fsspec_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(BadInputError, match="'sftp' cannot be opened here") as caught:
        SnapshotStore("sftp://host/snapshots")
    assert "Install fsspec" in caught.value.fix
