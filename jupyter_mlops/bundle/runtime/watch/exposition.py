"""The counters as Prometheus reads them. Nothing is counted here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest

from .counters import STAGES, Histogram
from .predicted import PredictedLabels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from .watch import Watch


def expose(watch: Watch) -> bytes:
    """All figures as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(watch))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Figures:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _served(self._watch)
        yield from _columns(self._watch)
        yield from _predictions(self._watch)
        yield from _second_opinions(self._watch)
        yield from _kserve(self._watch)


def _served(watch: Watch) -> Iterator[Metric]:
    counters = watch.counters
    requests = CounterMetricFamily(
        "mlops_requests", "Requests by how they ended.", labels=["route", "protocol", "code"]
    )
    for (route, protocol, status), count in list(counters.requests.items()):
        requests.add_metric([route, protocol, str(status)], count)
    yield requests
    yield _histogram(
        "mlops_request_seconds",
        "Time from a request's first byte to its answer's last.",
        [([], counters.seconds)],
    )
    stages = [([stage], histogram) for stage, histogram in zip(STAGES, counters.stages, strict=True)]
    yield _histogram("mlops_stage_seconds", "Time of the parts of a request.", stages, ["stage"])
    rows = CounterMetricFamily("mlops_rows", "Rows that were predicted.", labels=["version"])
    for version, count in counters.rows.items():
        rows.add_metric([version], count)
    yield rows
    yield _histogram("mlops_batch_rows", "Rows of a request.", [([], counters.batch_rows)])
    yield GaugeMetricFamily("mlops_inflight", "Requests that are being answered.", value=watch.inflight)
    if watch.ready is not None:
        yield GaugeMetricFamily("mlops_ready", "1 when the server takes requests.", value=float(watch.ready))
    info = GaugeMetricFamily(
        "mlops_model_info", "The versions that are served.", labels=["name", "version", "run_id", "engine"]
    )
    for engine in watch.engines.values():
        info.add_metric([engine.name, engine.version, engine.run_id, engine.engine], 1)
    yield info
    yield _counter(
        "mlops_log_rows", "Rows in the files of the request log.", watch.log.files.written if watch.log else 0
    )
    yield _counter(
        "mlops_log_dropped", "Rows that were not counted or logged: too many at once, or no file.", watch.lost
    )
    yield _counter(
        "mlops_feedback", "True labels that came back.", watch.labels.accepted if watch.labels else 0
    )


def _columns(watch: Watch) -> Iterator[Metric]:
    counts = (
        ("missing", "Values that were missing, by feature."),
        ("unseen", "Categories that training never saw, by feature."),
        ("out_of_range", "Numbers outside training's range, by feature."),
    )
    for what, words in counts:
        counter = CounterMetricFamily(f"mlops_input_{what}", words, labels=["feature"])
        for column, live in zip(watch.columns, watch.live, strict=True):
            counter.add_metric([column.name], getattr(live, what))
        yield counter
    drift = GaugeMetricFamily(
        "mlops_drift", "Distance of recent values from training's, by feature.", labels=["feature", "stat"]
    )
    for column, live in zip(watch.columns, watch.live, strict=True):
        _add_psi(drift, column.name, live.psi())
    yield drift


def _predictions(watch: Watch) -> Iterator[Metric]:
    by_class = CounterMetricFamily("mlops_predictions", "Predictions by class.", labels=["version", "class"])
    by_value: list[tuple[list[str], Histogram]] = []
    drift = GaugeMetricFamily(
        "mlops_prediction_drift",
        "Distance of recent predictions from training's.",
        labels=["version", "stat"],
    )
    for version, predicted in watch.predicted.items():
        live = predicted.live
        _add_psi(drift, version, live.psi())
        if isinstance(predicted, PredictedLabels):
            for label, count in zip(predicted.live.reference.names, live.counts.tolist(), strict=True):
                by_class.add_metric([version, str(label)], count)
        else:
            histogram = Histogram(predicted.live.reference.cuts.tolist())
            histogram.counts, histogram.total = live.counts.tolist(), predicted.total
            by_value.append(([version], histogram))
    yield by_class
    if by_value:
        yield _histogram("mlops_predicted_value", "Predicted numbers.", by_value, ["version"])
    yield drift


def _second_opinions(watch: Watch) -> Iterator[Metric]:
    checks = watch.second_opinions()
    figures = (
        ("rows", "Rows that another engine or version predicted as well."),
        ("disagreements", "Rows of those with another answer."),
        ("failed", "Requests that the other engine or version could not answer."),
        ("dropped", "Requests that it had no time for."),
    )
    for what, words in figures:
        counter = CounterMetricFamily(f"mlops_shadow_{what}", words, labels=["version", "by"])
        for version, by, counts in checks:
            counter.add_metric([version, by], counts[what])
        yield counter


def _kserve(watch: Watch) -> Iterator[Metric]:
    """The same under the names that KServe's own servers use."""
    _, _, predict, encode = watch.counters.stages
    parts = {
        "preprocess": watch.counters.preprocess,
        "predict": predict,
        "postprocess": encode,
        "explain": Histogram(predict.bounds),
    }
    name = next(iter(watch.engines.values())).name
    for part, histogram in parts.items():
        words = f"KServe's name for the time to {part}."
        yield _histogram(f"request_{part}_seconds", words, [([name], histogram)], ["model_name"])


def _counter(name: str, words: str, value: int) -> Metric:
    return CounterMetricFamily(name, words, value=value)


def _add_psi(gauge: Any, name: str, value: float | None) -> None:
    if value is not None:
        gauge.add_metric([name, "psi"], value)


def _histogram(
    name: str, words: str, parts: Iterable[tuple[list[str], Histogram]], labels: list[str] | None = None
) -> Metric:
    family = HistogramMetricFamily(name, words, labels=labels or [])
    for values, histogram in parts:
        total, buckets = 0, []
        for bound, count in zip([*histogram.bounds, float("inf")], histogram.counts, strict=True):
            total += count
            buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), total))
        family.add_metric(values, buckets, histogram.total)
    return family
