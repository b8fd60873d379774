"""What a model must hold before it is champion: one small dataclass for each gate, with its defaults."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.registry.gates.metrics import METRICS

if TYPE_CHECKING:
    from jupyter_mlops.registry.gates.requirement import Requirement

Level = Literal["block", "warn", "off"]
LEVELS = ("block", "warn", "off")
DISPARITIES = (
    "demographic_parity",
    "equalized_odds",
    "equal_opportunity",
    "accuracy",
    "mae",
    "mean_prediction",
)


def _number(default: Any, least: float = 0.0, most: float = float("inf"), *, above: bool = False) -> Any:
    """A number from `least` (not included if `above`) to `most`."""
    return field(default=default, metadata={"is": "number", "least": least, "most": most, "above": above})


def _whole(default: Any, least: int) -> Any:
    return field(default=default, metadata={"is": "whole", "least": least, "most": float("inf")})


def _flag() -> Any:
    return field(default=False, metadata={"is": "flag"})


def _text(*choices: str) -> Any:
    return field(default=None, metadata={"is": "text", "choices": choices})


def _names() -> Any:
    return field(default=None, metadata={"is": "names"})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What all gates have.

    `level` says what a gate does that does not pass. None leaves it to the gate: one that the file names
    blocks (`asked`), the others as `docs/gates.md` tells.
    """

    level: Level | None = field(default=None, metadata={"is": "text", "choices": LEVELS})
    asked: bool = False

    def bad(self, usually: Literal["block", "warn"]) -> Literal["failed", "warned"]:
        """The outcome of a gate that does not pass; `usually` is for a gate that the file does not name."""
        level = self.level or ("block" if self.asked else usually)
        return "failed" if level == "block" else "warned"


@dataclass(frozen=True, kw_only=True)
class Reproduced(Rule):
    """The code behind the model gave it again."""


@dataclass(frozen=True, kw_only=True)
class Required(Rule):
    """Metrics with a limit."""

    require: tuple[Requirement, ...] = field(default=(), metadata={"is": "requirements"})


@dataclass(frozen=True, kw_only=True)
class Against(Rule):
    """Not worse than the champion, or better.

    Attributes:
        metric: one of ours; by task when None.
        not_worse_by: in units of the metric; 0.005, or a hundredth of the champion's for errors, when None.
        better: the whole interval must be above zero.
        must_be_shown: what too few rows leave open fails.
        resamples: 2,000 when None, 500 above 20,000 rows.
        clusters: a column; rows with one value of it are drawn together.
    """

    metric: str | None = _text(*METRICS)
    not_worse_by: float | None = _number(None)
    better: bool = _flag()
    must_be_shown: bool = _flag()
    confidence: float = _number(0.95, 0.5, 0.9999)
    resamples: int | None = _whole(None, 100)
    clusters: str | None = _text()


@dataclass(frozen=True, kw_only=True)
class Slices(Rule):
    """Groups of rows for which the model does much worse.

    Attributes:
        columns: where to look; None looks everywhere.
        max_gap: how much lower the accuracy may be (0.1 when None); for numbers, by which share the mean
            absolute error may be larger (0.5 when None).
    """

    columns: tuple[str, ...] | None = _names()
    min_rows: int = _whole(50, 2)
    max_gap: float | None = _number(None)


@dataclass(frozen=True, kw_only=True)
class Fairness(Rule):
    """Differences between groups of people.

    Attributes:
        columns: who counts as a group; None takes columns with names such as sex or race.
        metric: one of `DISPARITIES`; by task when None.
        max_difference: of shares; of errors, relative to the error over all rows.
    """

    columns: tuple[str, ...] | None = _names()
    metric: str | None = _text(*DISPARITIES)
    max_difference: float = _number(0.1)
    min_rows: int = _whole(30, 2)


@dataclass(frozen=True, kw_only=True)
class Drift(Rule):
    """Training data against the champion's; the limits are those of `jupyter_mlops.drift`."""

    columns: tuple[str, ...] | None = _names()
    distribution: float = _number(0.02, 0, 1, above=True)
    missing: float = _number(0.02, 0, 1, above=True)
    unseen: float = _number(0.02, 0, 1, above=True)
    alpha: float = _number(0.05, 0, 1, above=True)


@dataclass(frozen=True, kw_only=True)
class Latency(Rule):
    """Milliseconds that 95 of 100 predictions of `rows` rows take at most."""

    p95_ms: float = _number(1000.0, above=True)
    rows: int = _whole(1, 1)


@dataclass(frozen=True, kw_only=True)
class Size(Rule):
    """Megabytes (10⁶ bytes) of the files that are registered."""

    max_mb: float = _number(500.0, above=True)


@dataclass(frozen=True, kw_only=True)
class Leakage(Rule):
    """Answers among the features, and rows on both sides of the split.

    Attributes:
        near_perfect: AUC, accuracy (three classes and more) or R² from which one feature is too good.
        duplicates_share: of hold-out rows that stand in the training rows, too.
    """

    near_perfect: float = _number(0.999, 0.5, 1)
    duplicates_share: float = _number(0.01, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Sanity(Rule):
    """Constant predictions, results too good to be true, and how much better training rows do.

    Attributes:
        max_train_gap: of AUC, accuracy or R².
    """

    max_train_gap: float = _number(0.15)


@dataclass(frozen=True, kw_only=True)
class Approval(Rule):
    """A person who has to agree."""

    required: bool = _flag()


@dataclass(frozen=True, kw_only=True)
class Holdout:
    """Expressions over the notebook's names that give rows the model was not trained on."""

    features: str = field(default="", metadata={"is": "code"})
    target: str = field(default="", metadata={"is": "code"})


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All gates of one file."""

    reproduced: Reproduced = field(default_factory=Reproduced)
    metrics: Required = field(default_factory=Required)
    champion: Against = field(default_factory=Against)
    slices: Slices = field(default_factory=Slices)
    fairness: Fairness = field(default_factory=Fairness)
    drift: Drift = field(default_factory=Drift)
    latency: Latency = field(default_factory=Latency)
    size: Size = field(default_factory=Size)
    leakage: Leakage = field(default_factory=Leakage)
    sanity: Sanity = field(default_factory=Sanity)
    approval: Approval = field(default_factory=Approval)
    holdout: Holdout | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is asked of a model, as JSON-ready data; requirements as people write them."""
        told = asdict(self)
        told["metrics"]["require"] = [each.text for each in self.metrics.require]
        for section in told.values():
            for key, value in (section or {}).items():
                section[key] = list(value) if isinstance(value, tuple) else value
        return told
