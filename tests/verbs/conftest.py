"""The story is told once; tests read its project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from the_story import Story, census_notebook, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notebook_in_process import Notebook


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell(tmp_path_factory.mktemp("story"))


@pytest.fixture
def at_story(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    """This process works in the story's project, as a script there would."""
    monkeypatch.chdir(story.folder)
    monkeypatch.setenv("MLOPS_PROJECT", str(story.folder))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return story


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A tracked census notebook for the tests of one module."""
    made = census_notebook(tmp_path_factory.mktemp("notebook"))
    yield made
    made.close()
