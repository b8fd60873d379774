"""Where the nodes of a graph stand: columns by the longest way to them, rows so that few lines cross.

The layered drawing of Sugiyama, Tagawa and Toda (1981): lines that pass a column get a place in it, columns
are put in order by the mean place of their neighbours, a few times from the left and from the right, and
then nodes move as near to their neighbours as the order allows (isotonic regression of their places).
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Links = Sequence[tuple[str, str]]
    Neighbours = Mapping[str, Sequence[str]]

_SWEEPS = 8
_BESIDE_A_LINE = 0.5
"""How much of a node's height a line takes that only passes."""


def levels_of(nodes: Sequence[str], links: Links) -> dict[str, int]:
    """The column of each node: one to the right of the farthest of those it comes from.

    What has more to the right than to the left, or as much, then moves right, up to its first use: lines get
    shorter. Links that would close a circle are ignored.

    Args:
        nodes: ids, in an order that decides between equals.
        links: pairs of ids, from left to right.
    """
    into, outof = _neighbours(links)
    waiting = {node: len(into[node]) for node in nodes}
    ready = [node for node in nodes if not waiting[node]]
    levels = dict.fromkeys(nodes, 0)
    for node in ready:  # grows while it is walked
        for after in outof[node]:
            levels[after] = max(levels[after], levels[node] + 1)
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    for node in reversed(ready):
        if outof[node] and len(outof[node]) >= len(into[node]):
            levels[node] = max(levels[node], min(levels[after] for after in outof[node]) - 1)
    return levels


def rows_of(
    nodes: Sequence[str], links: Links, levels: Mapping[str, int]
) -> tuple[dict[str, float], dict[tuple[str, str], tuple[float, ...]]]:
    """The row of each node, and for each link the rows where it passes the columns between its ends.

    Returns:
        Rows by node, from 0; and by link.
    """
    columns: dict[int, list[str]] = defaultdict(list)
    for node in nodes:
        columns[levels[node]].append(node)
    passing: dict[tuple[str, str], list[str]] = {}
    short: list[tuple[str, str]] = []
    for source, target in links:
        between = range(levels[source] + 1, levels[target])
        stops = [f"{source}\0{target}\0{level}" for level in between]
        passing[source, target] = stops
        for level, stop in zip(between, stops, strict=True):
            columns[level].append(stop)
        if levels[target] > levels[source]:
            way = [source, *stops, target]
            short += pairwise(way)
    ordered = [columns[level] for level in sorted(columns)]
    into, outof = _neighbours(short)
    _untangle(ordered, into, outof)
    rows = _places(ordered, into, outof)
    least = min(rows.values(), default=0.0)
    rows = {node: row - least for node, row in rows.items()}
    return (
        {node: rows[node] for node in nodes},
        {link: tuple(rows[stop] for stop in stops) for link, stops in passing.items()},
    )


def _neighbours(links: Links) -> tuple[defaultdict[str, list[str]], defaultdict[str, list[str]]]:
    into: defaultdict[str, list[str]] = defaultdict(list)
    outof: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in links:
        into[target].append(source)
        outof[source].append(target)
    return into, outof


def _untangle(columns: list[list[str]], into: Neighbours, outof: Neighbours) -> None:
    """Put each column in the order of the mean place of its neighbours, from both sides in turn."""
    for sweep in range(_SWEEPS):
        to_right = sweep % 2 == 0
        beside = into if to_right else outof
        for column in columns if to_right else columns[::-1]:
            place = {node: at for each in columns for at, node in enumerate(each)}
            mean = {
                node: sum(place[other] for other in beside[node]) / len(beside[node])
                if beside[node]
                else float(place[node])
                for node in column
            }
            column.sort(key=mean.__getitem__)


def _places(columns: list[list[str]], into: Neighbours, outof: Neighbours) -> dict[str, float]:
    rows: dict[str, float] = {}
    for column in columns:
        rows |= _spread(column, dict.fromkeys(column, 0.0))
    for sweep in range(_SWEEPS):
        to_right = sweep % 2 == 0
        beside = into if to_right else outof
        for column in columns if to_right else columns[::-1]:
            wish = {
                node: sum(rows[other] for other in beside[node]) / len(beside[node])
                if beside[node]
                else rows[node]
                for node in column
            }
            rows |= _spread(column, wish)
    return rows


def _spread(column: Sequence[str], wish: Mapping[str, float]) -> dict[str, float]:
    """Rows in the order of `column`, none nearer than their heights allow, the squares to `wish` the least.

    Less what must lie between them, places in order are a non-decreasing sequence: the nearest one to the
    wishes is found by pooling neighbours that are out of order (pool adjacent violators).
    """
    offsets, offset = [], 0.0
    for at, node in enumerate(column):
        if at:
            offset += (_height(column[at - 1]) + _height(node)) / 2
        offsets.append(offset)
    pools: list[tuple[float, int]] = []
    for node, needed in zip(column, offsets, strict=True):
        mean, size = wish[node] - needed, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        pools.append((mean, size))
    means = [mean for mean, size in pools for _ in range(size)]
    return {node: mean + needed for node, mean, needed in zip(column, means, offsets, strict=True)}


def _height(node: str) -> float:
    return _BESIDE_A_LINE if "\0" in node else 1.0
