"""Models that say they work on a GPU are refused where there is none, with what says so."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestRegressor, StackingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.runs_here import check_runs_here, gpu_sign


class Boosted(BaseEstimator):
    """As XGBoost, LightGBM and CatBoost say where they work."""

    def __init__(self, device: str | None = None, tree_method: str = "hist", **more: Any) -> None:
        self.device, self.tree_method = device, tree_method
        self.more = more


class Tensor:
    """As a tensor of PyTorch says where it is."""

    __module__ = "torch"
    is_cuda = True


@pytest.mark.parametrize(
    ("model", "sign"),
    [
        (Boosted(device="cuda:0"), "Boosted: device"),
        (Boosted(tree_method="gpu_hist"), "Boosted: tree_method"),
        (Boosted(task_type="GPU"), "Boosted: more__task_type"),
        (make_pipeline(Boosted(device="CUDA"), Ridge()), "Pipeline: steps__device"),
        (Boosted(weights=[Tensor()]), "it holds a torch.Tensor on the GPU"),
    ],
)
def test_a_model_that_needs_a_gpu_is_refused_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, model: Any, sign: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(BadInputError) as caught:
        check_runs_here(model)
    assert f"needs a GPU ({sign})" in caught.value.what
    assert "device='cpu'" in caught.value.fix


def test_other_models_say_nothing_of_a_gpu() -> None:
    rows = [[float(number)] for number in range(20)]
    forest = RandomForestRegressor(n_estimators=5).fit(rows, range(20))
    for model in (forest, StackingRegressor([("r", Ridge())]).fit(rows, range(20)), Boosted(device="cpu")):
        assert gpu_sign(model) is None
