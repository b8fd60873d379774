"""Digests of scikit-learn's estimators: class, parameters and what was learned, by structure.

Two fits with the same data and seed give the same digest, in any process. So what differs between two such
fits is left out: times, ids, and how many threads the machine had.
Imported when the first value of scikit-learn is met, so scikit-learn is there already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from jupyter_mlops.snapshot.digest_objects import attributes_token
from jupyter_mlops.snapshot.looking import dict_of
from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

# refit_time_: GridSearchCV; _stop_words_id: CountVectorizer, an id(); _n_threads: KMeans; _mlflow_run_id:
# what MLflow's autologging notes on what it saw fitted.
_NOT_CONTENT = frozenset(("refit_time_", "_stop_words_id", "_n_threads", "cv_results_", "_mlflow_run_id"))


@handles(BaseEstimator, whole=True)
def _estimator(walk: Walk, value: Any) -> bytes:
    results = dict_of(value).get("cv_results_")
    if isinstance(results, dict):
        results = {key: column for key, column in dict.items(results) if not key.endswith("_time")}
    attributes = attributes_token(walk, value, skip=_NOT_CONTENT)
    return walk.node("estimator", walk.token(type(value)), walk.token(results), attributes)
