"""Read what a bundle said with MLServer's types: JSON on stdin, and on stdout what the types made of it."""

from __future__ import annotations

import importlib.util
import json
import sys
from types import ModuleType

# The package itself imports the whole server with all it needs. The types need pydantic only.
found = importlib.util.find_spec("mlserver")
package = ModuleType("mlserver")
package.__path__ = list(found.submodule_search_locations)
sys.modules["mlserver"] = package

from mlserver import types  # noqa: E402

said = json.load(sys.stdin)
server = types.MetadataServerResponse.model_validate(said["server"])
model = types.MetadataModelResponse.model_validate(said["model"])
answer = types.InferenceResponse.model_validate(said["answer"])
error = types.InferenceErrorResponse.model_validate(said["error"])
request = types.InferenceRequest.model_validate(said["request"])
json.dump(
    {
        "extensions": server.extensions,
        "inputs": [[tensor.name, tensor.datatype, tensor.shape] for tensor in model.inputs],
        "outputs": [[tensor.name, tensor.datatype, tensor.shape] for tensor in model.outputs],
        "labels": list(answer.outputs[0].data),
        "id": answer.id,
        "error": error.error,
        "sent": json.loads(request.model_dump_json(exclude_none=True)),
    },
    sys.stdout,
)
