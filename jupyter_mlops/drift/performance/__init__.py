"""How well a model does: estimated while labels are missing, realised where they are there.

>>> import numpy as np, pandas as pd
>>> from jupyter_mlops.drift.performance import estimate_performance
>>> g = np.random.default_rng(0)
>>> score = g.random(2000)
>>> loans = pd.DataFrame({"score": score, "repaid": (g.random(2000) < score).astype(int)})
>>> result = estimate_performance(loans[:1000], loans[1000:], target="repaid", score="score", chunks=2)
>>> result.summary
'no alarm in 2 chunks: roc_auc, f1, accuracy, realised'
"""

from jupyter_mlops.drift.performance.estimate import estimate_performance
from jupyter_mlops.drift.performance.result import Metric, PerformanceResult

__all__ = ["Metric", "PerformanceResult", "estimate_performance"]
