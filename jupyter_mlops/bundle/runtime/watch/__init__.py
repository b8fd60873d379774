"""A server that watches itself: metrics, a request log, true labels, and counts to tell drift by.

Read it in this order: watch (what the server calls), seen (what it hands over), counters (what a request
costs), gathered (requests become columns), reference, live and predicted (counts in the bins of
``reference.json``), drift (``/drift``), log and parquet (the files), labels (what ``/feedback`` takes),
exposition (``/metrics``).
"""

from .seen import METRICS_TYPE, Answered, EngineInfo, WatchSettings
from .watch import Watch

__all__ = ["METRICS_TYPE", "Answered", "EngineInfo", "Watch", "WatchSettings"]
