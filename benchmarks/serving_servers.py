"""The servers that are compared: what each is installed from, how it starts, and how it is asked.

Each has one worker and its own defaults otherwise. The peers are used as their documentation shows it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_APPS = Path(__file__).with_name("workers")
_MODEL = ("scikit-learn==1.9.1", "pandas==3.1.1", "numpy==2.4.6")
"""The same versions as the model was made with; all else is what pip chooses for the pins."""


@dataclass(frozen=True)
class Place:
    """Where a server runs."""

    made: Path
    """The folder with the model in all its forms."""
    scratch: Path
    """An empty folder of its own, which is its current one unless it is a bundle."""
    python: str
    ports: tuple[int, ...]
    """Free ones; predictions are at the first."""


@dataclass(frozen=True)
class Server:
    """One way to serve the model."""

    path: str
    """Where predictions are asked for."""
    body: Callable[[list[str], list[list[Any]]], Any]
    """The content of a request, of column names and rows."""
    labels: Callable[[Any], list[Any]]
    """The predictions in an answer's content."""
    command: Callable[[Place], list[str]]
    """What to run; it may write settings first."""
    requirements: tuple[str, ...] = ()
    """Of its environment."""
    bundle: str | None = None
    """The bundle in `Place.made`, which brings its requirements along and is the current folder."""

    def wanted(self, made: Path) -> str:
        """The text of its requirements."""
        if self.bundle:
            return (made / self.bundle / "requirements.lock").read_text("utf-8")
        return "\n".join(self.requirements) + "\n"


def _split(columns: list[str], rows: list[list[Any]]) -> Any:
    return {"dataframe_split": {"columns": columns, "data": rows}}


def _records(columns: list[str], rows: list[list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _tensors(columns: list[str], rows: list[list[Any]]) -> Any:
    """Open Inference Protocol V2 as MLServer wants it for a frame: a tensor a column."""
    inputs = []
    for name, *values in zip(columns, *rows, strict=True):
        is_text = isinstance(values[0], str)
        tensor: dict[str, Any] = {
            "name": name,
            "shape": [len(values), 1],
            "datatype": "BYTES" if is_text else "FP64",
            "data": values,
        }
        inputs.append({**tensor, "parameters": {"content_type": "str"}} if is_text else tensor)
    return {"parameters": {"content_type": "pd"}, "inputs": inputs}


def _predictions(content: Any) -> list[Any]:
    found: list[Any] = content["predictions"]
    return found


def _mlflow(place: Place) -> list[str]:
    return [
        *(place.python, "-m", "mlflow", "models", "serve", "--model-uri", str(place.made / "mlflow-model")),
        *("--env-manager", "local", "--host", "127.0.0.1", "--port", str(place.ports[0]), "--workers", "1"),
    ]


def _mlserver(place: Place) -> list[str]:
    http, grpc, metrics = place.ports
    settings = {"host": "127.0.0.1", "http_port": http, "grpc_port": grpc, "metrics_port": metrics}
    model = {
        "name": "served",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(place.made / "model.joblib")},
    }
    (place.scratch / "settings.json").write_text(json.dumps(settings), "utf-8")
    (place.scratch / "model-settings.json").write_text(json.dumps(model), "utf-8")
    return [str(Path(place.python).with_name("mlserver")), "start", "."]


def _bentoml(place: Place) -> list[str]:
    return [
        *(place.python, "-m", "bentoml", "serve", "serving_bentoml:Served", "--working-dir", str(_APPS)),
        *("--host", "127.0.0.1", "--port", str(place.ports[0])),
    ]


def _fastapi(place: Place) -> list[str]:
    return [
        *(place.python, "-m", "uvicorn", "serving_fastapi:app", "--app-dir", str(_APPS)),
        *("--host", "127.0.0.1", "--port", str(place.ports[0])),
    ]


def _bundle(place: Place) -> list[str]:
    # with all it does: checks, metrics and live counts are always on, the log is asked for
    return [
        *(place.python, "serve.py", "--port", str(place.ports[0])),
        *("--log", str(place.scratch / "log")),
    ]


SERVERS: Mapping[str, Server] = {
    "mlflow": Server(
        "/invocations",
        _split,
        _predictions,
        _mlflow,
        ("mlflow==3.17.2", *_MODEL),
    ),
    "MLServer": Server(
        "/v2/models/served/infer",
        _tensors,
        lambda content: list(content["outputs"][0]["data"]),
        _mlserver,
        # 1.7.1 does not start with a newer uvloop
        ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop<0.22", *_MODEL),
    ),
    "BentoML": Server(
        "/predict",
        lambda columns, rows: {"rows": _records(columns, rows)},
        list,
        _bentoml,
        ("bentoml==1.4.39", *_MODEL),
    ),
    "FastAPI": Server(
        "/predict",
        _records,
        _predictions,
        _fastapi,
        ("fastapi==0.165.0", "uvicorn[standard]==0.54.0", *_MODEL),
    ),
    "bundle, sklearn": Server("/invocations", _split, _predictions, _bundle, bundle="sklearn"),
    "bundle, compiled": Server("/invocations", _split, _predictions, _bundle, bundle="compiled"),
}
