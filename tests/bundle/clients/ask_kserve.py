"""Ask a bundle with KServe's SDK: ``ask_kserve.py URL MODEL``, columns on stdin, answers on stdout."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig


def tensors(columns: dict[str, list[Any]], *, binary: bool) -> list[InferInput]:
    found = []
    for name, cells in columns.items():
        is_text = isinstance(cells[0], str)
        array = np.array(cells, dtype=object if is_text else np.int64)
        tensor = InferInput(name, list(array.shape), "BYTES" if is_text else "INT64")
        tensor.set_data_from_numpy(array, binary_data=binary)
        found.append(tensor)
    return found


async def ask(url: str, model: str, columns: dict[str, list[Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    async with InferenceRESTClient(RESTConfig(protocol="v1")) as client:
        said["v1 live"] = await client.is_server_live(url)
        said["v1 ready"] = await client.is_model_ready(url, model)
        said["v1"] = (await client.infer(url, {"instances": rows}, model_name=model))["predictions"]
        try:
            await client.infer(url, {"instances": [{}]}, model_name=model)
        except Exception as error:
            said["v1 error"] = str(error)
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        said["v2 live"] = await client.is_server_live(url)
        said["v2 ready"] = [await client.is_server_ready(url), await client.is_model_ready(url, model)]
        for key, binary in (("v2 json", False), ("v2 binary", True)):
            request = InferRequest(
                model_name=model,
                infer_inputs=tensors(columns, binary=binary),
                request_id="7",
                parameters={"binary_data_output": binary},
            )
            answer = await client.infer(url, request, model_name=model)
            labels = answer.outputs[0].as_numpy().tolist()
            said[key] = {
                "id": answer.id,
                "name": answer.model_name,
                "labels": [each.decode() if isinstance(each, bytes) else each for each in labels],
            }
    return said


if __name__ == "__main__":
    json.dump(asyncio.run(ask(sys.argv[1], sys.argv[2], json.load(sys.stdin))), sys.stdout)
