"""Files of a widget joined into one ES module, as anywidget needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.widgets import modules
from jupyter_mlops.widgets.modules import joined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(modules, "_HERE", tmp_path)
    modules.joined.cache_clear()
    modules._read.cache_clear()
    yield tmp_path
    modules.joined.cache_clear()
    modules._read.cache_clear()


@pytest.mark.parametrize("main", ["compare", "drift"])
def test_every_file_comes_once_and_before_those_that_import_it(main: str) -> None:
    text = joined(main)
    assert text.count("const $dom = ") == 1
    assert text.index("const $dom = ") < text.index(f"const ${main} = ")
    assert text.endswith("export default { render };\n")
    assert "import {" not in text


def test_a_form_that_is_not_joined_is_refused_by_its_line(folder: Path) -> None:
    (folder / "main.js").write_text('import * as all from "./other.js";\nexport function render() {}\n')
    with pytest.raises(ValueError, match=r"main\.js: this line is not joined: import \* as all"):
        joined("main")


def test_two_that_import_each_other_are_refused(folder: Path) -> None:
    (folder / "one.js").write_text('import { two } from "./two.js";\nexport const one = 1;\n')
    (folder / "two.js").write_text('import { one } from "./one.js";\nexport const two = 1;\n')
    with pytest.raises(ValueError, match="one → two → one"):
        joined("one")
