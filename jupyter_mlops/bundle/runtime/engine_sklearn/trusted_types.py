"""The types a model file may hold beyond those skops trusts by itself; reviewed by people, kept in our code.

A list inside the model's own file would be the attacker's list, so none is ever read from there. Everything
here is an internal of scikit-learn, NumPy or SciPy that holds arrays and numbers or is a pure function. Two
limits of such a list:

* Trees, KD trees and ball trees hold raw indices that are followed without bounds checks, so a crafted file
  could crash the process. What guards against that is the SHA-256 of the model file, checked before loading.
* Left out on purpose: ``functools.partial``, ``operator`` functions, distances over a Python function, and
  SciPy's frozen distributions (a randomized search's space), whose state holds source text that is executed
  on loading. Serve ``search.best_estimator_`` instead of such a search.

Reviewed with scikit-learn 1.9, skops 0.16, NumPy 2.4, SciPy 1.17.
"""

from __future__ import annotations

_ARRAYS = {
    "numpy.dtype",
    "numpy.number",
    "scipy.sparse._csr.csr_matrix",
    "scipy.interpolate._bsplines.BSpline",
    "scipy.interpolate._bsplines._BSpline",  # where BSpline keeps its arrays from scipy 1.18 on
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
}

_FUNCTIONS_ON_ARRAYS = {f"numpy.{name}" for name in ("clip", "mean", "nan_to_num")}

_TREES = {
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
}

_NEIGHBORS = {
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
} | {
    f"sklearn.metrics._dist_metrics.{name}Distance64"
    for name in (
        "BrayCurtis",
        "Canberra",
        "Chebyshev",
        "Euclidean",
        "Hamming",
        "Haversine",
        "Mahalanobis",
        "Manhattan",
        "Minkowski",
        "SEuclidean",
    )
}

_LOSSES_AND_OPTIMIZERS = {
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
}

_PARTS_OF_ESTIMATORS = {
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.cluster._bisect_k_means._BisectingTree",
    "sklearn.cluster._kmeans._kmeans_single_elkan",
    "sklearn.cluster._kmeans._kmeans_single_lloyd",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.impute._iterative.IterativeImputer",
    "sklearn.impute._iterative._ImputerTriplet",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
}

_KERNELS = {
    f"sklearn.gaussian_process.kernels.{name}"
    for name in (
        "ConstantKernel",
        "DotProduct",
        "ExpSineSquared",
        "Exponentiation",
        "Matern",
        "Product",
        "RBF",
        "RationalQuadratic",
        "Sum",
        "WhiteKernel",
    )
}

_FEATURE_SCORES = {
    f"sklearn.feature_selection.{name}"
    for name in (
        "_mutual_info.mutual_info_classif",
        "_mutual_info.mutual_info_regression",
        "_univariate_selection.chi2",
        "_univariate_selection.f_classif",
        "_univariate_selection.f_regression",
        "_univariate_selection.r_regression",
    )
}

_SPLITTERS = {
    f"sklearn.model_selection._split.{name}"
    for name in ("KFold", "ShuffleSplit", "StratifiedKFold", "TimeSeriesSplit")
}

# A fitted search keeps its scorer; these are the functions behind scikit-learn's scorer names.
_SCORERS = {
    f"sklearn.metrics._scorer.{name}"
    for name in (
        "_CurveScorer",
        "_PassthroughScorer",
        "_Scorer",
        "negative_likelihood_ratio",
        "positive_likelihood_ratio",
    )
} | {
    f"sklearn.metrics.{name}"
    for name in (
        "_classification.accuracy_score",
        "_classification.balanced_accuracy_score",
        "_classification.brier_score_loss",
        "_classification.d2_brier_score",
        "_classification.d2_log_loss_score",
        "_classification.f1_score",
        "_classification.jaccard_score",
        "_classification.log_loss",
        "_classification.matthews_corrcoef",
        "_classification.precision_score",
        "_classification.recall_score",
        "_ranking.average_precision_score",
        "_ranking.roc_auc_score",
        "_ranking.top_k_accuracy_score",
        "_regression.d2_absolute_error_score",
        "_regression.explained_variance_score",
        "_regression.max_error",
        "_regression.mean_absolute_error",
        "_regression.mean_absolute_percentage_error",
        "_regression.mean_gamma_deviance",
        "_regression.mean_poisson_deviance",
        "_regression.mean_squared_error",
        "_regression.mean_squared_log_error",
        "_regression.median_absolute_error",
        "_regression.r2_score",
        "_regression.root_mean_squared_error",
        "_regression.root_mean_squared_log_error",
        "cluster._supervised.adjusted_mutual_info_score",
        "cluster._supervised.adjusted_rand_score",
        "cluster._supervised.completeness_score",
        "cluster._supervised.fowlkes_mallows_score",
        "cluster._supervised.homogeneity_score",
        "cluster._supervised.mutual_info_score",
        "cluster._supervised.normalized_mutual_info_score",
        "cluster._supervised.rand_score",
        "cluster._supervised.v_measure_score",
    )
}

TRUSTED: frozenset[str] = frozenset(
    _ARRAYS
    | _FUNCTIONS_ON_ARRAYS
    | _TREES
    | _NEIGHBORS
    | _LOSSES_AND_OPTIMIZERS
    | _PARTS_OF_ESTIMATORS
    | _KERNELS
    | _FEATURE_SCORES
    | _SPLITTERS
    | _SCORERS
)
"""Fully qualified names, as ``skops.io.get_untrusted_types`` reports them."""
