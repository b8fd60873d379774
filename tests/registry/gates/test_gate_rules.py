"""The gate file: what it says changes, the rest keeps its default, and every mistake has a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.registry.gates import Rules, load_rules

if TYPE_CHECKING:
    from collections.abc import Callable

GUIDE = Path(__file__).parents[3] / "docs" / "gates.md"


def test_no_file_is_all_defaults_and_so_is_an_empty_one(rules: Callable[[str], Rules]) -> None:
    assert load_rules(None) == rules("") == rules("# nothing yet\n") == Rules()


def test_the_documented_example_is_read(rules: Callable[[str], Rules]) -> None:
    example = GUIDE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    found = rules(example)
    assert [each.text for each in found.metrics.require] == ["auc >= 0.9", "log_loss < 0.4"]
    assert (found.champion.metric, found.champion.not_worse_by, found.champion.resamples) == (
        "auc",
        0.005,
        2000,
    )
    assert found.slices.columns == ("sex", "age")
    assert found.fairness.metric == "equalized_odds"
    assert found.drift.level == "warn"
    assert found.approval.required
    assert found.holdout is not None
    assert (found.holdout.features, found.holdout.target) == ("X_test", "y_test")
    assert json.loads(json.dumps(found.to_dict()))["metrics"]["require"] == ["auc >= 0.9", "log_loss < 0.4"]


def test_the_guide_names_every_key(rules: Callable[[str], Rules]) -> None:
    guide = GUIDE.read_text("utf-8")
    for section, values in Rules().to_dict().items():
        named = [section, *(values or {"features": "", "target": ""})]
        assert [key for key in named if f"`{key}`" not in guide and f"{key}:" not in guide] in ([], ["asked"])


def test_a_file_changes_only_what_it_says(rules: Callable[[str], Rules]) -> None:
    found = rules("champion: {confidence: 0.9}")
    assert (found.champion.confidence, found.champion.asked) == (0.9, True)
    rest = {key: value for key, value in found.to_dict().items() if key != "champion"}
    assert rest == {key: value for key, value in Rules().to_dict().items() if key != "champion"}


def test_a_gate_can_be_set_in_one_word(rules: Callable[[str], Rules]) -> None:
    assert rules("slices: warn").slices.level == "warn"
    assert rules("slices: false").slices.level == "off"
    assert rules("slices: {level: off}").slices.level == "off"
    assert rules("slices:").slices.asked
    assert [each.text for each in rules('metrics: "auc > 0.5"').metrics.require] == ["auc > 0.5"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("latencies: {p95_ms: 5}", "'latencies'. Did you mean 'latency'?"),
        ("champion: {not_worse: 0.1}", "'champion.not_worse'. Did you mean 'not_worse_by'?"),
        ("champion: {metric: acc}", "'champion.metric'"),
        ("champion: {metric: accurracy}", "Did you mean 'accuracy'?"),
        ("champion: {confidence: 95}", "'champion.confidence' is out of range"),
        ("champion: {confidence: high}", "'champion.confidence' is not a number"),
        ("champion: {confidence: true}", "'champion.confidence' is not a number"),
        ("champion: {not_worse_by: .nan}", "'champion.not_worse_by' is out of range"),
        ("champion: {better: 1}", "'champion.better' is neither true nor false"),
        ("slices: {min_rows: 2.5}", "'slices.min_rows' is not a whole number"),
        ("slices: {columns: []}", "'slices.columns' is not a list"),
        ("slices: {columns: [1]}", "'slices.columns' is not a list"),
        ("slices: blok", "Did you mean 'block'?"),
        ("slices: {level: blok}", "'slices.level' is none that is known. Did you mean 'block'?"),
        ("size: 100", "'size' needs keys of its own"),
        ("size: {max_mb: null}", "'size.max_mb' is not a number"),
        ("size: {asked: true}", "'size.asked'"),
        ("fairness: {metric: [a]}", "'fairness.metric' is not a text"),
        ('metrics: ["auc"]', "requirement 1 of 'metrics'"),
        ('metrics: ["auc >= 0.9", "auc == 0.9"]', "requirement 2 of 'metrics'"),
        ('metrics: ["0.9 <= auc"]', "requirement 1 of 'metrics'"),
        ('metrics: ["auc >= nan"]', "requirement 1 of 'metrics'"),
        ("metrics: [{auc: 0.9}]", "requirement 1 of 'metrics'"),
        ("metrics: 3", "'metrics'"),
        ("holdout: {features: X_test}", "'holdout.target' is missing"),
        ("holdout: {features: 'X_test[', target: y}", "'holdout.features' is not a Python expression"),
        ("holdout: {features: '', target: y}", "'holdout.features' is not a Python expression"),
        ("holdout: X_test", "'holdout' needs keys"),
        ("holdout: off", "'holdout' needs keys"),
        ("- auc", "it is not a table of gates"),
        ("auc >= 0.9", "it is not a table of gates"),
        ("size: {max_mb: 1}\nsize: {max_mb: 2}", "line 1"),
        ("size: {max_mb: 1", "cannot be read"),
        ("size: !!python/object/apply:os.getcwd []", "line 1"),
        ("? [a]\n: b", "line 1 cannot be read: found unhashable key"),
        ("1: 2", "unknown key '1'"),
    ],
)
def test_every_mistake_has_a_name(rules: Callable[[str], Rules], text: str, what: str) -> None:
    with pytest.raises(BadInputError) as caught:
        rules(text)
    assert what in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        load_rules(tmp_path / "gates.yaml")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in (".", "binary"):
        with pytest.raises(BadInputError):
            load_rules(str(tmp_path / name))
