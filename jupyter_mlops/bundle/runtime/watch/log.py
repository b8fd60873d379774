"""The request log: which rows came, and what was answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from ..batch import unit_of
from .parquet import Kind, ParquetFiles, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy as np

    from ..schema import Column
    from .gathered import Gathered
    from .parquet import Unit
    from .predicted import Answers
    from .seen import Answered, EngineInfo, WatchSettings


class RequestLog:
    """Rows of requests, in the types of the schema, beside what the model made of them.

    A row of the log has the features under their own names, except the masked ones; then the columns of
    `OWN`, the prediction, and ``probability_…`` for each class where probabilities were asked for. Where a
    feature has such a name, ours gets underscores at its end.
    """

    OWN = (
        Kind("request_id", "string"),
        Kind("row", "integer"),
        Kind("at", "datetime", zone="UTC"),
        Kind("version", "string"),
        Kind("method", "string"),
        Kind("latency_ms", "number"),
    )

    def __init__(
        self,
        folder: Path,
        columns: Sequence[Column],
        engines: Mapping[str, EngineInfo],
        settings: WatchSettings,
    ) -> None:
        self._sample = settings.sample
        self._kept = [index for index, column in enumerate(columns) if column.name not in settings.mask]
        self._classes = _all_classes(engines.values())
        self._label = label_type(engines.values())
        features = [_kind_of(columns[index]) for index in self._kept]
        own = [*self.OWN, Kind("prediction", self._label)]
        if self._classes is None:
            own.append(Kind("outputs", "string"))
        own += [Kind(f"probability_{label}", "number") for label in self._classes or ()]
        taken = {kind.name for kind in features}
        kinds = features + [_free(kind, taken) for kind in own]
        self.files = ParquetFiles(folder, "requests", kinds, settings.rotate_rows, settings.rotate_seconds)
        self._engines = engines

    def add(self, rows: Gathered, answers: Sequence[Answers]) -> None:
        """Take the rows of some requests."""
        columns: list[Values] = [rows.packed(index) for index in self._kept]
        columns += [
            rows.each("request_id"),
            rows.places(),
            (rows.numbers("at") * 1e6).round().astype("datetime64[us]"),
            rows.each("version"),
            rows.each("method"),
            rows.numbers("seconds") * 1e3,
            *self._answered(answers),
        ]
        self.files.add(columns, rows.rows)

    def sampled(self, requests: Sequence[Answered]) -> Sequence[Answered]:
        """Those to log: chosen by their ids, so that every replica and every later run chooses the same."""
        if self._sample >= 1:
            return requests
        return [seen for seen in requests if crc32(seen.request_id.encode()) / 2**32 < self._sample]

    def _answered(self, answers: Sequence[Answers]) -> list[Values]:
        predictions: list[Any] = []
        outputs: list[str | None] = []
        chances: list[list[float | None]] = [[] for _ in self._classes or ()]
        for each in answers:
            predictions += as_labels(self._label, each.predictions)
            nothing = [None] * each.rows
            outputs += nothing if each.outputs is None else _as_json(each.outputs)
            if each.probabilities is None:
                for chance in chances:
                    chance.extend(nothing)
                continue
            places = {label: at for at, label in enumerate(self._engines[each.version].classes or ())}
            for label, chance in zip(self._classes or (), chances, strict=True):
                place = places.get(label)
                chance.extend(nothing if place is None else each.probabilities[:, place].tolist())
        return [predictions, *([outputs] if self._classes is None else []), *chances]


def label_type(engines: Iterable[EngineInfo]) -> str:
    """The type of predictions and of true labels: of the classes if they have one, else text; or number."""
    classes = _all_classes(engines)
    if classes is None:
        return "number"
    types = {type(label) for label in classes}
    return _LABELS[types.pop()] if len(types) == 1 and types <= _LABELS.keys() else "string"


_LABELS: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
_PLAIN = {name: plain for plain, name in _LABELS.items()}


def as_labels(kind: str, labels: list[Any]) -> list[Any]:
    """Predictions in the log's type for them."""
    if set(map(type, labels)) == {_PLAIN[kind]}:
        return labels
    if kind == "string":
        return [label if label is None or type(label) is str else str(label) for label in labels]
    if kind == "number":
        # What is no number has no place in a column of numbers, and no reason to stop the log.
        return [float(label) if isinstance(label, int | float) else None for label in labels]
    convert = bool if kind == "boolean" else int
    return [None if label is None else convert(label) for label in labels]


def _all_classes(engines: Iterable[EngineInfo]) -> list[Any] | None:
    """The classes of all versions in one order; None if none has any."""
    known = [engine.classes for engine in engines if engine.classes is not None]
    return list(dict.fromkeys(label for classes in known for label in classes)) if known else None


def _kind_of(column: Column) -> Kind:
    if column.type != "datetime":
        return Kind(column.name, column.type)
    return Kind(
        column.name, "datetime", cast("Unit", unit_of(column)), "UTC" if "," in column.dtype else None
    )


def _free(kind: Kind, taken: set[str]) -> Kind:
    name = kind.name
    while name in taken:
        name += "_"
    taken.add(name)
    return Kind(name, kind.type, kind.unit, kind.zone)


def _as_json(outputs: np.ndarray[Any, Any]) -> list[str]:
    return [json.dumps(row, default=str) for row in outputs.tolist()]
