"""Several columns at once: drift that no single column shows.

Three tests look at all columns together: a classifier that tries to tell the two frames apart, the error of
reconstructing rows from a few principal components, and the change of correlations.
"""

from jupyter_mlops.drift.multivariate.compare import compare_together
from jupyter_mlops.drift.multivariate.correlation import compare_correlations, normal_score_correlations
from jupyter_mlops.drift.multivariate.result import MultivariateTest

__all__ = ["MultivariateTest", "compare_correlations", "compare_together", "normal_score_correlations"]
