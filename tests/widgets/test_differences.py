"""The drawing of differences: what it says to those who do not see it, and that text stays text."""

from __future__ import annotations

import math
import re

from jupyter_mlops.widgets.card import Card
from jupyter_mlops.widgets.intervals import Difference, draw_differences


def test_it_says_its_figures_and_places_them_in_order() -> None:
    drawn = draw_differences("auc <b>", (Difference("auc & <i>", 0.02, 0.01, 0.03, -0.005, "passed"),))
    assert 'aria-label="auc &lt;b&gt;: auc &amp; &lt;i&gt; +0.02, interval +0.01 to +0.03"' in drawn
    assert not re.search(r"<[bi]>", drawn)
    zero, low, allowed = map(float, re.findall(r'<line x1="([\d.]+)"', drawn))
    (value,) = map(float, re.findall(r'cx="([\d.]+)"', drawn))
    assert allowed < zero < low < value


def test_nothing_is_drawn_without_figures() -> None:
    assert draw_differences("t", ()) == ""
    assert draw_differences("t", (Difference("a", math.nan, 0.0, 1.0, None, "passed"),)) == ""
    assert "nan" not in draw_differences("t", (Difference("a", 0.0, 0.0, 0.0, None, "warned"),))


def test_a_card_shows_it_in_html_and_not_in_text() -> None:
    difference = Difference("auc", 0.1, 0.0, 0.2, None, "passed")
    card = Card("c", differences=(difference,), compared="Against version 1")
    assert "<svg" in card._repr_mimebundle_()["text/html"]
    assert "Against" not in str(card)
