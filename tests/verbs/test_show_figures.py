"""The card of a run names the figures its cell showed, and shows the pictures among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAW = """%%mlops track --name drawn
from IPython.display import display
n = 3
display({'image/svg+xml': '<svg onload=alert(1)></svg>'}, raw=True)
display({'application/vnd.plotly.v1+json': {'data': [], 'layout': {}}}, raw=True)
display({'image/svg+xml': 'x' * (5 << 20)}, raw=True)
"""


@pytest.fixture
def uncaptured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    made = Notebook(tmp_path_factory.mktemp("figures"))
    yield made
    made.close()


def test_figures_are_named_and_pictures_shown(uncaptured: Notebook) -> None:
    with uncaptured.here():
        uncaptured.shell.run_cell(DRAW, store_history=True)
    card = uncaptured.done("%mlops show drawn").value
    assert dict(card.lines)["figures"] == "1.svg, 2.plotly.json; 1 not kept: larger than 4 MB"
    assert card.to_dict()["figures"] == ["1.svg", "2.plotly.json"]
    html = card._repr_mimebundle_()["text/html"]
    assert html.count("<img ") == 1
    assert "onload" not in html


def test_a_run_without_figures_says_nothing_of_them(uncaptured: Notebook) -> None:
    uncaptured.done("%%mlops track --name plain\nn = 3")
    card = uncaptured.done("%mlops show plain").value
    assert "figures" not in dict(card.lines)
    assert card.images == ()
