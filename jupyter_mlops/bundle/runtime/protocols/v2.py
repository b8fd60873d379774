"""The Open Inference Protocol V2 over REST: what Triton, KServe and MLServer speak, as JSON and as bytes.

Its text: https://github.com/kserve/open-inference-protocol, and Triton's extension for binary tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problems import BadRequest
from ..questions import Question, Reply, to_json
from ..tables import expect, parse
from .v2_binary import DTYPES, LENGTH, split, to_bytes
from .v2_tensors import datatype_of, read_tensors, to_batch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..questions import Answers
    from ..served import Served
    from ..tables import Columns

# Triton's clients name no type for JSON, KServe's name the last one where tensors are bytes.
_KINDS = ("application/json", "", "application/octet-stream")
_DATATYPES = {dtype.newbyteorder("="): name for name, dtype in DTYPES.items()}


@dataclass(frozen=True)
class _Output:
    method: str
    is_binary: bool


class V2:
    """One model in the words of the protocol; ``versions`` are those that can be asked at its address."""

    NAME = "v2"

    def __init__(self, served: Served, versions: Sequence[str]) -> None:
        self._served = served
        self._versions = list(versions)
        self._name = served.manifest.name

    def read(self, body: bytes, kind: str, columns: Columns, headers: Mapping[bytes, bytes]) -> Question:
        """What an inference request asks.

        Raises:
            BadRequest: it is of another type, shape or content than the schema asks for.
        """
        if kind not in _KINDS:
            expected = "expected Content-Type application/json, or none"
            raise BadRequest("UNSUPPORTED_MEDIA_TYPE", expected, status=415)
        head, rest = split(body, headers)
        if not head:
            raise BadRequest("EMPTY_BODY", "the body is empty")
        document = parse(head)
        expect(document, dict, "an object", "$")
        more: dict[str, Any] = {"outputs": self._outputs(document)}
        if document.get("id") is not None:
            expect(document["id"], str, "a string", "$.id")
            more["id"] = document["id"]
        batch = to_batch(read_tensors(document.get("inputs"), rest), columns)
        return Question(batch, tuple(output.method for output in more["outputs"]), more)

    def write(self, question: Question, answers: Answers) -> Reply:
        """The outputs that were asked for, each as JSON or as bytes."""
        outputs, chunks = [], []
        for wanted, answer in zip(question.more["outputs"], answers, strict=True):
            datatype, shape, cells = _as_tensor(answer)
            output: dict[str, Any] = {"name": wanted.method, "datatype": datatype, "shape": shape}
            if wanted.is_binary:
                chunks.append(to_bytes(map(_text, cells) if datatype == "BYTES" else cells))
                output["parameters"] = {"binary_data_size": len(chunks[-1])}
            else:
                output["data"] = cells
            outputs.append(output)
        named = {"id": question.more["id"]} if "id" in question.more else {}
        model = {"model_name": self._name, "model_version": question.version}
        head = to_json({**model, **named, "outputs": outputs})
        if not chunks:
            return Reply(200, head)
        length = (LENGTH, b"%d" % len(head))
        return Reply(200, b"".join([head, *chunks]), b"application/octet-stream", (length,))

    def server(self) -> dict[str, Any]:
        """What ``GET /v2`` tells; the version is the digest of the bundle, which covers the server's code."""
        version = self._served.manifest.digest
        return {"name": "jupyter-mlops", "version": version, "extensions": ["binary_tensor_data"]}

    def model(self) -> dict[str, Any]:
        """What ``GET /v2/models/…`` tells: each column is a tensor, each method an output."""
        manifest, engine = self._served.manifest, self._served.engine
        return {
            "name": manifest.name,
            "versions": self._versions,
            "platform": f"jupyter-mlops_{engine.name}",
            "inputs": [
                {
                    "name": column.name,
                    "datatype": datatype_of(column),
                    "shape": [-1],
                    "parameters": {"nullable": column.nullable, **_codec(column.type)},
                }
                for column in self._served.columns
            ],
            "outputs": [self._output(method) for method in engine.methods],
        }

    def _output(self, method: str) -> dict[str, Any]:
        classes = self._served.engine.classes
        told = {} if classes is None else {"parameters": {"classes": classes}}
        seen = self._served.seen.get(method)
        if method == "predict_proba":
            width = -1 if classes is None else len(classes)
            return {"name": method, "datatype": "FP64", "shape": [-1, width], **told}
        labels = np.asarray([] if classes is None else classes)
        datatype, shape, _ = _as_tensor(labels if seen is None else seen)
        return {"name": method, "datatype": datatype, "shape": [-1, *shape[1:]], **told}

    def _outputs(self, document: dict[str, Any]) -> list[_Output]:
        always = _flag(document, "binary_data_output", "$")
        wanted = document.get("outputs")
        if not wanted:
            return [_Output("predict", always is True)]
        expect(wanted, list, "an array of outputs", "$.outputs")
        found: list[_Output] = []
        for index, each in enumerate(wanted):
            path = f"$.outputs[{index}]"
            expect(each, dict, "an output", path)
            method = each.get("name")
            if method not in self._served.engine.methods or method in {one.method for one in found}:
                expected = f"expected each of {', '.join(self._served.engine.methods)} at most once"
                raise BadRequest("BAD_PARAMETER", expected, f"{path}.name")
            own = _flag(each, "binary_data", path)
            found.append(_Output(method, always is True if own is None else own))
        return found


def _flag(holder: dict[str, Any], name: str, path: str) -> bool | None:
    parameters = holder.get("parameters")
    if parameters is None:
        return None
    expect(parameters, dict, "an object", f"{path}.parameters")
    value = parameters.get(name)
    if value is not None:
        expect(value, bool, "true or false", f"{path}.parameters.{name}")
    return None if value is None else bool(value)


def _codec(kind: str) -> dict[str, str]:
    """MLServer's name for how text is to be understood."""
    names = {"string": "str", "datetime": "datetime"}
    return {"content_type": names[kind]} if kind in names else {}


def _as_tensor(answer: np.ndarray[Any, Any]) -> tuple[str, list[int], Any]:
    """Datatype, shape, and the cells in one line: an array of numbers, or a list of labels."""
    if answer.dtype == object and answer.size and isinstance(answer.flat[0], list):
        try:  # several outputs with as many classes each
            answer = np.array(answer.tolist(), dtype=np.float64)
        except ValueError as error:
            expected = "these outputs have different numbers of classes and make no tensor; ask /invocations"
            raise BadRequest("BAD_PARAMETER", expected, "$.outputs") from error
    datatype = _DATATYPES.get(answer.dtype)
    if datatype is None and answer.dtype.kind == "f":
        datatype, answer = "FP64", answer.astype(np.float64)
    if datatype is not None:
        return datatype, list(answer.shape), np.ascontiguousarray(answer).ravel()
    if answer.dtype.kind == "M":
        answer = np.datetime_as_string(answer)
    cells = [None if cell is None else _text(cell) for cell in answer.ravel().tolist()]
    return "BYTES", list(answer.shape), cells


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
