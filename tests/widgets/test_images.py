"""Pictures on cards: only pictures, only as images, and never as markup of the page."""

from __future__ import annotations

import base64

import pytest

from jupyter_mlops.widgets.card import Card
from jupyter_mlops.widgets.images import image_uri

EVIL = b"<svg onload=alert(1)><script>alert(2)</script></svg>"


def shown(*images: tuple[str, str]) -> str:
    return Card("run", images=images)._repr_mimebundle_()["text/html"]


def test_a_picture_is_inside_the_html_and_not_in_the_text() -> None:
    uri = image_uri("1.png", b"\x89PNG")
    assert uri is not None
    card = Card("run", images=(("1.png", uri),))
    encoded = base64.b64encode(b"\x89PNG").decode()
    html = card._repr_mimebundle_()["text/html"]
    assert f'<img src="data:image/png;base64,{encoded}" alt="1.png"' in html
    assert str(card) == "run"


def test_an_svg_of_the_user_never_becomes_markup() -> None:
    uri = image_uri("1.svg", EVIL)
    assert uri is not None
    html = shown(("1.svg", uri))
    assert html.count("<img ") == 1
    assert "<svg" not in html
    assert "script" not in html


@pytest.mark.parametrize(
    "uri",
    [
        'data:image/png;base64,AAAA" onerror="alert(1)',
        "data:text/html;base64,AAAA",
        "data:image/svg+xml,<svg/>",
        "https://example.org/track.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA\n",
    ],
)
def test_anything_but_a_picture_is_left_out(uri: str) -> None:
    assert "<img" not in shown(("1.png", uri))


def test_the_name_of_a_picture_is_text() -> None:
    assert "&lt;b&gt;" in shown(("<b>", "data:image/png;base64,AAAA"))


def test_pages_json_and_large_files_are_no_pictures() -> None:
    assert image_uri("2.plotly.json", b"{}") is None
    assert image_uri("2.html", b"<b>") is None
    assert image_uri("noending", b"x") is None
    assert image_uri("1.png", b"x" * (2 << 20)) is None
