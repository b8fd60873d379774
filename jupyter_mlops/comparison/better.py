"""Which direction of a metric is the better one, by its name."""

from __future__ import annotations

import re

LOWER_IS_BETTER = frozenset(
    (
        *("loss", "losses", "error", "errors", "err", "rmse", "rmsle", "mae", "mse", "mape", "logloss"),
        *("brier", "deviance", "perplexity", "time", "latency", "seconds", "duration"),
    )
)


def lower_is_better(name: str) -> bool:
    """True if a name reads like a loss, an error or a time (``val_loss``, ``trainRMSE``).

    scikit-learn's ``neg_…`` scores are negated losses: higher is better.
    """
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).lower()
    words = [word for word in re.split(r"[^a-z]+", parts) if word]
    if words[:1] == ["neg"]:
        return False
    return any(word in LOWER_IS_BETTER or word.endswith(("loss", "error", "rmse")) for word in words)
