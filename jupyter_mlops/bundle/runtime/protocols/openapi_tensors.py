"""The schemas of the Open Inference Protocol's requests and answers, with this model's columns as names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .v2_binary import DTYPES

if TYPE_CHECKING:
    from ..served import Served

_PARAMETERS = {"type": "object"}
_SHAPE = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "maxItems": 2}


def tensor_schemas(served: Served) -> dict[str, Any]:
    """InferenceRequest, InferenceResponse and ModelMetadata."""
    names = [column.name for column in served.columns]
    datatypes = [*DTYPES, "BYTES"]
    tensor = {
        "type": "object",
        "required": ["name", "datatype", "shape"],
        "properties": {
            "name": {
                "type": "string",
                "description": f"a column, or any name for a matrix: {', '.join(names)}",
            },
            "datatype": {"enum": datatypes},
            "shape": {**_SHAPE, "description": "[n] or [n, 1]; [n, columns] for a matrix"},
            "data": {"type": "array", "description": "cells row by row, if they do not follow as bytes"},
            "parameters": _PARAMETERS,
        },
    }
    wanted = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"enum": list(served.engine.methods)}, "parameters": _PARAMETERS},
    }
    described = {
        "type": "object",
        "required": ["name", "datatype", "shape"],
        "properties": {
            "name": {"type": "string"},
            "datatype": {"enum": datatypes},
            "shape": {"type": "array", "items": {"type": "integer"}},
            "parameters": _PARAMETERS,
        },
    }
    return {
        "Tensor": tensor,
        "InferenceRequest": {
            "type": "object",
            "required": ["inputs"],
            "properties": {
                "id": {"type": "string"},
                "inputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}, "minItems": 1},
                "outputs": {"type": "array", "items": wanted},
                "parameters": _PARAMETERS,
            },
        },
        "InferenceResponse": {
            "type": "object",
            "required": ["model_name", "model_version", "outputs"],
            "properties": {
                "model_name": {"type": "string"},
                "model_version": {"type": "string"},
                "id": {"type": "string"},
                "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}},
            },
        },
        "ModelMetadata": {
            "type": "object",
            "required": ["name", "versions", "platform", "inputs", "outputs"],
            "properties": {
                "name": {"type": "string"},
                "versions": {"type": "array", "items": {"type": "string"}},
                "platform": {"type": "string"},
                "inputs": {"type": "array", "items": described},
                "outputs": {"type": "array", "items": described},
            },
        },
    }
