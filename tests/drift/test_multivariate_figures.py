"""The figures are SciPy's and scikit-learn's where these have them."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu, norm, rankdata
from sklearn.metrics import roc_auc_score

from jupyter_mlops.drift.multivariate import compare_correlations, normal_score_correlations
from jupyter_mlops.drift.multivariate.classifier import area


@pytest.mark.parametrize("digits", [0, 1, 9])
def test_the_area_and_its_variance_with_ties(digits: int) -> None:
    draws = np.random.default_rng(digits)
    truth = draws.random(700) < 0.3
    scores = (draws.standard_normal(700) + 0.2 * truth).round(digits)
    value, variance = area(scores, truth)
    assert value == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    expected = mannwhitneyu(scores[truth], scores[~truth], use_continuity=False, method="asymptotic")
    assert 2 * norm.sf(abs(value - 0.5) / variance**0.5) == pytest.approx(expected.pvalue, rel=1e-9)


def test_normal_scores_ignore_how_a_column_is_bent() -> None:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame(draws.standard_normal((2_000, 2)) @ [[1, 0.5], [0, 1]], columns=["a", "b"])
    names, matrix, n = normal_score_correlations(frame)
    scores = norm.ppf(rankdata(frame, axis=0) / 2_001)
    assert (names, n) == (["a", "b"], 2_000)
    np.testing.assert_allclose(matrix, np.corrcoef(scores.T), atol=1e-12)
    bent = frame.assign(a=np.exp(3 * frame["a"]), b=frame["b"] ** 3)
    np.testing.assert_allclose(normal_score_correlations(bent)[1], matrix, atol=1e-12)


def test_missing_values_thin_a_correlation_out_and_do_not_weaken_it() -> None:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame(draws.standard_normal((20_000, 2)) @ [[1, 2], [0, 1]], columns=["a", "b"])
    holes = frame.mask(draws.random(frame.shape) < 0.4)
    _, whole, _ = normal_score_correlations(frame)
    _, thin, rows = normal_score_correlations(holes)
    assert thin[0, 1] == pytest.approx(whole[0, 1], abs=0.01)
    assert rows == int(holes.notna().all(axis=1).sum())


def test_only_numbers_that_vary_have_correlations() -> None:
    frame = pd.DataFrame(
        {"a": [1.0, 2, 3], "text": list("xyz"), "same": 1, "rare": [None, None, 2.0], 5: [3, 1, 2]}
    )
    names, matrix, _ = normal_score_correlations(frame)
    assert names == ["a", "5"]
    assert matrix.shape == (2, 2)
    assert normal_score_correlations(frame[["text"]])[0] == []


def test_two_matrices_are_enough_to_compare() -> None:
    draws = np.random.default_rng(0)
    before = pd.DataFrame(draws.standard_normal((5_000, 4)), columns=list("abcd"))
    after = pd.DataFrame(draws.standard_normal((5_000, 4)), columns=list("abcd"))
    after["d"] -= 0.3 * after["b"]
    names, reference, n = normal_score_correlations(before)
    _, current, m = normal_score_correlations(after)
    stored = json.loads(json.dumps(reference.tolist()))
    test = compare_correlations(names, stored, n, current, m)
    assert (test.verdict, test.details[0][0]) == ("drift", "b × d")
    change = current[1, 3] - reference[1, 3]
    assert test.details[0][1] == change == -test.value
    assert test.p_value == pytest.approx(6 * 2 * norm.sf(abs(change) / np.sqrt(2 / 4_999)), rel=1e-6)
    assert compare_correlations(names, stored, n, stored, n).value == 0
    assert compare_correlations(names, stored, 150, current, m).note == "too few rows to tell"
