"""Names of people go into images, manifests and Markdown, and stay names there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml
from markdown_it import MarkdownIt

from jupyter_mlops.bundle.lock import lock_for
from jupyter_mlops.bundle.packaging import PackagingSource, dns_name, write_packaging

if TYPE_CHECKING:
    from pathlib import Path

NASTY = [
    "census income",
    "7 days: churn",
    "Crédit À La Consommation",
    "客户流失",
    "x" * 90,
    'a"b\n- c: {d}\\ \u2028 <img src=x onerror=alert(1)> [x](http://x.example) $HOME ${slug} `id`',
    "-",
    "🙂",
]


@pytest.mark.parametrize("name", NASTY)
def test_any_name_becomes_one_that_dns_takes_and_no_other_name_becomes(name: str) -> None:
    found = dns_name(name)
    assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", found)
    assert len(found) <= 46
    assert dns_name(name) == found
    assert [dns_name(other) for other in NASTY].count(found) == 1


def test_names_that_lose_letters_are_told_apart() -> None:
    assert dns_name("Census Income") == "census-income"
    assert dns_name("7 days") == "model-7-days"
    assert dns_name("Crédit") == "credit"
    assert dns_name("客户流失") != dns_name("客户")
    assert dns_name("x" * 90) != dns_name("x" * 91)


@pytest.mark.parametrize("name", NASTY)
def test_no_name_is_code_or_markup_in_any_file(name: str, tmp_path: Path) -> None:
    source = PackagingSource(name, "3", "run", "compiled", "3.11", lock_for("compiled"))
    write_packaging(tmp_path, source)
    html = MarkdownIt().render((tmp_path / "README.md").read_text())
    assert "<img" not in html
    assert "href" not in html
    title = re.search("<h1>(.*)</h1>", html)
    assert title
    for file in tmp_path.rglob("*"):
        if file.suffix == ".yaml":
            for document in yaml.safe_load_all(file.read_text()):
                said = document.get("metadata", {}).get("annotations", {}).get("mlops/model", name)
                assert said == name
        elif file.name == "Dockerfile":
            assert "alert(" not in file.read_text()


def test_the_readme_and_the_image_tell_what_is_in_the_folder(tmp_path: Path) -> None:
    hashed = lock_for("compiled")
    plain = PackagingSource("income", "3", "run", "compiled", "3.11", hashed)
    pinned = replace(hashed, text="# without hashes: …\n", hashed=False)
    rich = PackagingSource("income", "3", "run", "sklearn", "3.12", pinned, card="# Income\n", has_code=True)
    (tmp_path / "rich" / "challenger").mkdir(parents=True)
    (tmp_path / "rich" / "reference.json").write_text("{}")
    write_packaging(tmp_path / "plain", plain)
    write_packaging(tmp_path / "rich", rich)
    for folder, is_rich in ((tmp_path / "plain", False), (tmp_path / "rich", True)):
        readme, image = ((folder / name).read_text() for name in ("README.md", "Dockerfile"))
        assert ("without hashes" in readme) is is_rich
        assert ("--require-hashes" in image) is ("--require-hashes" in readme) is not is_rich
        assert ("MODEL_CARD.md" in readme) is (folder / "MODEL_CARD.md").exists() is is_rich
        assert ("`code/`" in readme) is ("`challenger/`" in readme) is ("/admin/rollout" in readme) is is_rich
        assert ("`reference.json`" in readme) is is_rich
        assert f"FROM python:{'3.12' if is_rich else '3.11'}-slim" in image
        assert len(readme.splitlines()) < 80
    assert (tmp_path / "rich" / "MODEL_CARD.md").read_text() == "# Income\n"
