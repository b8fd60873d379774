"""Asking a model of nearest neighbours does not change what it is."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor

from jupyter_mlops.snapshot import digest

POINTS = np.random.default_rng(0).normal(size=(200, 3))


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
def test_a_prediction_leaves_the_digest_as_it_was(algorithm: str) -> None:
    model = KNeighborsRegressor(algorithm=algorithm).fit(POINTS, POINTS[:, 0])
    before = digest(model)
    model.predict(POINTS[:20] + 0.1)
    assert before is not None
    assert digest(model) == before


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
def test_other_points_and_another_leaf_size_give_another_digest(algorithm: str) -> None:
    def fitted(points: np.ndarray, leaf_size: int = 30) -> str | None:
        model = KNeighborsRegressor(algorithm=algorithm, leaf_size=leaf_size)
        return digest(model.fit(points, points[:, 0])._tree)

    moved = POINTS.copy()
    moved[7, 1] += 1e-9
    assert len({fitted(POINTS), fitted(POINTS, 10), fitted(moved)}) == 3
    assert fitted(POINTS) == fitted(POINTS.copy())
