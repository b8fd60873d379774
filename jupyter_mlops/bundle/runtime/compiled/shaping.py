"""Numbers become other numbers: functions, powers, quantiles, bins, products, projections."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import as_matrix, refuse_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .links import Floats
    from .read import Reader


class Elementwise:
    """One of NumPy's functions of a single number."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.function: Callable[[Floats], Floats] = FUNCTIONS[node["function"]]

    def transform(self, block: Block) -> Block:
        """The function of each number."""
        with np.errstate(all="ignore"):  # what has no result is NaN, as in training
            return self.function(as_matrix(block))


FUNCTIONS: Mapping[str, Callable[[Floats], Floats]] = {
    name: getattr(np, name)
    for name in (
        "abs", "cbrt", "ceil", "cos", "exp", "exp2", "expm1", "floor", "log", "log10", "log1p", "log2",
        "negative", "rint", "sign", "sin", "sqrt", "square", "tan", "tanh", "trunc",
    )
}  # fmt: skip


class Threshold:
    """1 above a number, 0 elsewhere."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.threshold: float = node["threshold"]

    def transform(self, block: Block) -> Block:
        """Zeros and ones."""
        matrix = as_matrix(block)
        refuse_missing(matrix)
        return (matrix > self.threshold).astype(np.float64)


class Power:
    """Yeo and Johnson's power, or Box and Cox's, with each column's own exponent."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.exponents: list[float] = reader.array(node["exponents"]).tolist()
        self.power = {"yeo-johnson": _yeo_johnson, "box-cox": _box_cox}[node["method"]]

    def transform(self, block: Block) -> Block:
        """Each column raised to its power."""
        matrix = as_matrix(block).copy()
        for index, exponent in enumerate(self.exponents):
            matrix[:, index] = self.power(matrix[:, index], exponent)
        return matrix


def _yeo_johnson(values: Floats, exponent: float) -> Floats:
    made = np.empty_like(values)
    is_positive = values >= 0
    above, below = np.log1p(values[is_positive]), np.log1p(-values[~is_positive])
    tiny = np.finfo(np.float64).eps
    made[is_positive] = above if abs(exponent) < tiny else np.expm1(exponent * above) / exponent
    rest = 2 - exponent
    made[~is_positive] = -below if abs(rest) <= tiny else -np.expm1(rest * below) / rest
    return made


def _box_cox(values: Floats, exponent: float) -> Floats:
    if (values <= 0).any():
        raise ValueError("Box and Cox's power is for positive numbers")
    logs = np.log(values)
    made: Floats = logs if abs(exponent) < 1e-19 else np.expm1(exponent * logs) / exponent
    return made


class Quantiles:
    """Where each number stands among those of training, evenly or as a normal variable."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.quantiles = reader.array(node["quantiles"])
        self.references = reader.array(node["references"])
        self.is_normal = node["output"] == "normal"

    def transform(self, block: Block) -> Block:
        """Shares from 0 to 1, or their places in a normal distribution."""
        matrix = as_matrix(block).copy()
        for index in range(matrix.shape[1]):
            matrix[:, index] = self._column(matrix[:, index], self.quantiles[:, index])
        return matrix

    def _column(self, values: Floats, quantiles: Floats) -> Floats:
        slack = 1e-7 if self.is_normal else 0.0
        if self.is_normal:
            lowest, highest = values - slack < quantiles[0], values + slack > quantiles[-1]
        else:
            lowest, highest = values == quantiles[0], values == quantiles[-1]
        # From both sides, because equal quantiles would give the upper or the lower end only.
        up = np.interp(values, quantiles, self.references)
        down = np.interp(-values, -quantiles[::-1], -self.references[::-1])
        shares: Floats = 0.5 * (up - down)
        shares[np.isnan(values)] = np.nan
        shares[highest] = 1.0
        shares[lowest] = 0.0
        return _normal(shares) if self.is_normal else shares


def _normal(shares: Floats) -> Floats:
    inverse = NormalDist().inv_cdf
    edge = 1e-7 - np.spacing(1)
    low, high = inverse(edge), inverse(1 - edge)
    places = [
        np.nan if share != share else low if share <= edge else high if share >= 1 - edge else inverse(share)  # noqa: PLR0124
        for share in shares.tolist()
    ]
    return np.array(places)


class Bins:
    """The number of the bin that each number falls in."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.edges = [reader.array(index) for index in node["edges"]]

    def transform(self, block: Block) -> Block:
        """Bin numbers from 0, as floats."""
        matrix = as_matrix(block).copy()
        refuse_missing(matrix)
        for index, edges in enumerate(self.edges):
            matrix[:, index] = np.searchsorted(edges, matrix[:, index], side="right")
        return matrix


class Products:
    """Products of columns: each of one degree is one of the degree before, times a column."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.levels = [
            (reader.array(level["before"]), reader.array(level["times"])) for level in node["levels"]
        ]
        self.has_one: bool = node["has_one"]
        self.first: int = node["first"]

    def transform(self, block: Block) -> Block:
        """All products, from the lowest degree up."""
        matrix = as_matrix(block)
        refuse_missing(matrix)
        degrees = [matrix]
        for before, times in self.levels:
            degrees.append(degrees[-1][:, before] * matrix[:, times])
        one = [np.ones((len(matrix), 1))] if self.has_one else []
        return np.concatenate([*one, *degrees[self.first :]], axis=1)


class Project:
    """A matrix product, less what the mean gives, divided by each direction's scale."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.directions = np.ascontiguousarray(reader.array(node["directions"]).T)
        self.subtract = None if node["subtract"] is None else reader.array(node["subtract"])
        self.divide = None if node["divide"] is None else reader.array(node["divide"])

    def transform(self, block: Block) -> Block:
        """The coordinates along the directions."""
        matrix = as_matrix(block)
        refuse_missing(matrix)
        projected: Floats = matrix @ self.directions
        if self.subtract is not None:
            projected = projected - self.subtract
        return projected if self.divide is None else projected / self.divide


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "elementwise": Elementwise,
    "threshold": Threshold,
    "power": Power,
    "quantiles": Quantiles,
    "bins": Bins,
    "products": Products,
    "project": Project,
}
