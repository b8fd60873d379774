"""Models that need a GPU: where there is none they cannot be run again, and not be served."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEVICE_PARAMETERS = {"device", "device_type", "task_type", "tree_method", "predictor", "accelerator"}
"""What XGBoost, LightGBM, CatBoost, skorch and Lightning call it."""
_GPU_WORDS = ("cuda", "gpu", "hip", "rocm", "xpu")
_GPU_MODULES = {"cupy", "cuml", "cudf"}
_MOST_OBJECTS = 10_000
_DEVICES = ("/dev/nvidia0", "/dev/kfd", "/dev/dri/renderD128", "/dev/dxg")


def check_runs_here(model: Any) -> None:
    """Refuse a model that needs a GPU, where this machine has none.

    Raises:
        BadInputError: what of the model says so.
    """
    sign = gpu_sign(model)
    if sign is not None and not has_gpu():
        raise BadInputError(
            f"the model needs a GPU ({sign}), and this machine shows none: it cannot be run again here",
            "Promote it where there is one; or fit it on the processor, e.g. model.set_params(device='cpu').",
        )


def gpu_sign(model: Any) -> str | None:
    """What says that a model works on a GPU, such as ``XGBClassifier: device``; None if nothing does."""
    for place, value in _parts(model):
        kind = type(value)
        name = place.rpartition("__")[2]
        if kind is str and name in _DEVICE_PARAMETERS and value.lower().startswith(_GPU_WORDS):
            return f"{type(model).__name__}: {place}"
        if kind.__module__.partition(".")[0] in _GPU_MODULES:
            return f"it holds a {kind.__module__.partition('.')[0]}.{kind.__name__}"
        if kind.__module__.startswith("torch") and _is_on_gpu(value):
            return f"it holds a {kind.__module__}.{kind.__name__} on the GPU"
    return None


def has_gpu() -> bool:
    """True if this machine shows a device that models can use."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in {"", "-1"}:
        return False
    return any(Path(device).exists() for device in _DEVICES)


def _is_on_gpu(value: Any) -> bool:
    """Of a tensor, or of a module by its first parameter."""
    parameters = getattr(value, "parameters", None)
    first = next(iter(parameters()), None) if callable(parameters) else value
    return bool(getattr(first, "is_cuda", False))


def _parts(model: Any) -> Iterator[tuple[str, Any]]:
    """Attributes of the model and of what it holds, each object once, with their names."""
    waiting: list[tuple[str, Any]] = [("", model)]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_OBJECTS:
        place, value = waiting.pop()
        if id(value) in seen and not isinstance(value, str):
            continue
        seen.add(id(value))
        yield place, value
        if isinstance(value, dict):
            waiting += [(f"{place}__{key}", part) for key, part in value.items() if isinstance(key, str)]
        elif isinstance(value, list | tuple):
            waiting += [(place, part) for part in value[:_MOST_OBJECTS]]
        elif not isinstance(value, type):
            inner = getattr(value, "__dict__", None) or {}
            waiting += [(f"{place}__{name}".strip("_"), part) for name, part in inner.items()]
