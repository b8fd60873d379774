"""What is told of each address: its summary, and what goes in and comes out.

Examples are made up from the columns' types. The recorded rows may be about real people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..schema import Column
    from ..served import Served

_MADE_UP: Mapping[str, Any] = {
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "string": "text",
    "datetime": "2026-01-31T12:00:00",
}


def example_of(column: Column) -> Any:
    """A value that the column takes."""
    has_zone = column.type == "datetime" and "," in column.dtype
    return "2026-01-31T12:00:00Z" if has_zone else _MADE_UP[column.type]


def described_routes(served: Served) -> dict[str, Mapping[str, Any]]:
    """By address: `summary`, and where there is one `tag`, `body`, `answer`, `readiness`, `is_open`."""
    name, version = served.manifest.name, served.manifest.version
    text = {"text/html": {"schema": {"type": "string"}}}
    anything = json_of({"type": "object"})
    row = {column.name: example_of(column) for column in served.columns}
    predictions = {
        **json_of(ref("Predictions")),
        "text/csv": {"schema": {"type": "string"}},
    }
    ready = json_of(ref("Ready"))
    told: dict[str, Mapping[str, Any]] = {
        "/invocations": {
            "summary": "Predict rows, as MLflow and SageMaker ask",
            "tag": "Predict",
            "body": {
                **json_of(ref("Invocation"), {"dataframe_records": [row]}),
                "text/csv": {"schema": {"type": "string"}},
            },
            "answer": predictions,
        },
        "/ping": {"summary": "Is it ready?", "is_open": True},
        "/health": {"summary": "Is it ready?", "is_open": True},
        "/version": {"summary": "The model's name, version and run", "answer": anything},
        "/schema": {"summary": "The columns, their types, and the order of the classes", "answer": anything},
        "/openapi.json": {"summary": "This document", "answer": anything},
        "/": {
            "summary": "A page with a request to copy; alive, for programs",
            "answer": {**text, **anything},
        },
        "/docs": {"summary": "A page that sends requests", "answer": text},
        "/metrics": {
            "summary": "Figures for Prometheus",
            "tag": "Watch",
            "answer": {"text/plain": {"schema": {"type": "string"}}},
        },
        "/drift": {
            "summary": "Counts of live values in the bins of training's",
            "tag": "Watch",
            "answer": anything,
        },
        "/feedback": {
            "summary": "True labels, by the x-request-id of the answer",
            "tag": "Watch",
            "body": json_of(ref("Feedback")),
            "answer": anything,
        },
        "/admin/rollout": {
            "summary": "Which version answers whom: show the rule (GET), or change it (POST)",
            "tag": "Watch",
            "body": json_of({"type": "object"}),
            "answer": anything,
        },
        "/v1/models": {"summary": "The model's name", "tag": "KServe V1", "answer": anything},
        f"/v1/models/{name}": {
            "summary": "Is the model ready?",
            "tag": "KServe V1",
            "answer": ready,
            "readiness": ready,
        },
        f"/v1/models/{name}:predict": {
            "summary": "Predict rows",
            "tag": "KServe V1",
            "body": json_of(ref("Instances"), {"instances": [row]}),
            "answer": json_of(ref("Predictions")),
        },
        "/v2": {"summary": "The server", "tag": "Open Inference V2", "answer": anything},
        "/v2/health/live": {
            "summary": "Is it there?",
            "tag": "Open Inference V2",
            "answer": anything,
            "is_open": True,
        },
        "/v2/health/ready": {
            "summary": "Is it ready?",
            "tag": "Open Inference V2",
            "answer": ready,
            "readiness": ready,
            "is_open": True,
        },
    }
    tensors = {
        "summary": "Predict tensors; binary ones follow the JSON",
        "tag": "Open Inference V2",
        "body": json_of(ref("InferenceRequest")),
        "answer": {
            **json_of(ref("InferenceResponse")),
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
    for model in (f"/v2/models/{name}", f"/v2/models/{name}/versions/{version}"):
        told[model] = {
            "summary": "Its tensors",
            "tag": "Open Inference V2",
            "answer": json_of(ref("ModelMetadata")),
        }
        told[f"{model}/ready"] = {**told[f"/v1/models/{name}"], "tag": "Open Inference V2"}
        told[f"{model}/infer"] = tensors
    return told


def ref(name: str) -> dict[str, Any]:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    """A body in JSON."""
    told = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"application/json": told}
