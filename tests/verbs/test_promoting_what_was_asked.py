"""Promoting a model whose cells used the network, asked for credentials, or hold a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook

import jupyter_mlops
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FETCH = """
import socket
import pandas as pd
with socket.socket(type=socket.SOCK_DGRAM) as s:  # an address of nobody; connecting sends nothing
    try:
        s.connect(("192.0.2.1", 9))
    except PermissionError:
        raise
    except OSError:
        pass
data = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "y": [1.0, 3.0, 5.0, 7.0]})
"""
FIT = """
from sklearn.linear_model import Ridge
X = data[["x"]]
model = Ridge().fit(X, data["y"])
fit = model.score(X, data["y"])
"""


@pytest.fixture
def fetching(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path / "project")
    made.done("%mlops track on")
    made.done(FETCH)
    yield made
    made.close()


def test_the_network_is_used_again_only_when_it_is_allowed(fetching: Notebook) -> None:
    fetching.done(FIT)
    said = fetching.run("%mlops promote model --as fetched").refusal()
    assert "In[3] used the network" in said[0]
    assert "--allow network" in said[1]
    card = fetching.done("%mlops promote model --as fetched --allow network --memory 4GB").value
    assert card.to_dict()["verified"] is True


def test_code_with_a_secret_is_refused_and_the_secret_not_repeated(fetching: Notebook) -> None:
    fetching.done(f"login = dict(password='hunter2')\n{FIT}")
    said = fetching.run("%mlops promote model --as secret --allow network").refusal()
    assert "holds what looks like a secret: a password (line 1)" in said[0]
    assert "os.environ" in said[1]
    assert "hunter2" not in "".join(said)


def test_input_cannot_be_allowed() -> None:
    with pytest.raises(BadInputError, match="cannot be allowed 'input'"):
        jupyter_mlops.promote("run", "name", allow=["input"])
