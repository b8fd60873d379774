"""``GET /openapi.json``: what this bundle answers, in OpenAPI 3.1, with the columns of its own schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .openapi_routes import described_routes, example_of, json_of, ref
from .openapi_tensors import tensor_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..schema import Column
    from ..served import Served

_TYPES: Mapping[str, dict[str, Any]] = {
    "integer": {"type": "integer", "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1},
    "number": {"type": "number", "format": "double"},
    "boolean": {"type": "boolean"},
    "string": {"type": "string"},
    "datetime": {
        "type": "string",
        "description": "ISO 8601, without a UTC offset",
        "pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$",
    },
}
_LARGEST_FLOAT32 = 3.4028234663852886e38
_TOLD = {
    "error_code": {"type": "string", "description": "a fixed word in capitals"},
    "path": {"type": "string", "description": "where in the body, as a JSON path"},
}
_TEXT = {"type": "string", "description": "what was expected and what kind of thing came"}


def openapi(served: Served, routes: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The whole document.

    Args:
        served: the bundle.
        routes: every address with its methods; those that nobody describes here are named all the same.
    """
    manifest = served.manifest
    told = described_routes(served)
    paths: dict[str, Any] = {}
    for address, methods in routes.items():
        described = told.get(address, {"summary": "See the bundle's README."})
        paths[quote(address, safe="/:")] = {
            method.lower(): _operation(address, method, described) for method in methods
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": manifest.name,
            "version": manifest.version,
            "description": f"Run {manifest.run_id}. The page at /docs sends requests.",
        },
        "security": [{}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(served),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "where the server asks for it"}
            },
        },
    }


def _operation(address: str, method: str, told: Mapping[str, Any]) -> dict[str, Any]:
    is_inference = address.startswith(("/v1/", "/v2"))
    operation: dict[str, Any] = {
        "summary": told["summary"],
        "tags": [told.get("tag", "Server")],
        "responses": {
            "200": {"description": "Success", **({"content": told["answer"]} if "answer" in told else {})},
            "default": {
                "description": "Refused, with a code and where in the body",
                "content": json_of(ref("InferenceError" if is_inference else "Error")),
            },
        },
    }
    if "readiness" in told:
        operation["responses"]["503"] = {"description": "Not ready", "content": told["readiness"]}
    if told.get("is_open"):
        operation["security"] = []
    if method == "POST" and "body" in told:
        operation["requestBody"] = {"required": True, "content": told["body"]}
    return operation


def _schemas(served: Served) -> dict[str, Any]:
    columns = served.columns
    cells = {column.name: _cell(column) for column in columns}
    names = list(cells)
    record = _object(cells)
    row = {"type": "array", "prefixItems": list(cells.values()), "items": False, "minItems": len(cells)}
    params = {
        "type": "object",
        "properties": {"method": {"enum": list(served.engine.methods)}},
        "additionalProperties": False,
    }
    split = _object(
        {
            "columns": {"type": "array", "const": names, "description": "in any order"},
            "data": _rows(ref("Row")),
            "index": {"type": "array", "description": "passed over"},
        },
        optional=("index",),
    )
    forms = {
        "dataframe_records": _rows(ref("Record")),
        "dataframe_split": ref("Split"),
        "instances": {"oneOf": [_rows(ref("Record")), _rows(ref("Row"))]},
        "inputs": {"oneOf": [ref("Columns"), _rows(ref("Record")), _rows(ref("Row"))]},
    }
    by_column = _object(
        {name: {"type": "array", "items": cell, "minItems": 1} for name, cell in cells.items()}
    )
    label = {"enum": [*served.engine.classes, None]} if served.engine.classes else {}
    return {
        "Record": record,
        "Row": {**row, "description": f"in this order: {', '.join(names)}"},
        "Split": split,
        "Columns": {**by_column, "description": "as many values in each column"},
        "Params": params,
        "Invocation": {
            "oneOf": [
                _object({form: schema, "params": ref("Params")}, optional=("params",))
                for form, schema in forms.items()
            ]
        },
        "Instances": _object(
            {"instances": forms["instances"], "params": ref("Params")}, optional=("params",)
        ),
        "Predictions": _object(
            {"predictions": {"type": "array", "items": {"anyOf": [label, {"type": "array"}]}}}
        ),
        "Ready": {"type": "object", "required": ["ready"], "properties": {"ready": {"type": "boolean"}}},
        "Feedback": _object({"labels": {"type": "array", "items": {"type": "object"}}}),
        "Error": _object({"message": _TEXT, **_TOLD}),
        "InferenceError": _object({"error": _TEXT, **_TOLD}),
        **tensor_schemas(served),
    }


def _cell(column: Column) -> dict[str, Any]:
    schema = dict(_TYPES[column.type])
    if column.type == "number" and column.dtype == "float32":
        schema |= {"format": "float", "minimum": -_LARGEST_FLOAT32, "maximum": _LARGEST_FLOAT32}
    if column.type == "datetime" and "," in column.dtype:
        schema = {"type": "string", "format": "date-time"}
    if column.nullable:
        schema["type"] = [schema["type"], "null"]
    return schema | {"examples": [example_of(column)]}


def _rows(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema, "minItems": 1}


def _object(properties: dict[str, Any], optional: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in properties if name not in set(optional)],
        "properties": properties,
        "additionalProperties": False,
    }
