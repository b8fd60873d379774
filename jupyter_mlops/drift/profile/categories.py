"""Categories: counts by name where they are few, by hash where they are many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.profile.hashes import Sample, buckets_of, hashes_of, sample_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.profile.hashes import Hashes
    from jupyter_mlops.drift.significance import Counts

MOST_NAMED = 100
TOP = 20
"""Of more values than can be named, the most common ones are kept for pictures."""
FEW = 5
"""Where not all values are named, rarer ones than this are not: they may name a person."""


@dataclass(frozen=True, eq=False)
class Categories:
    """A summary of texts, or of anything else by its text.

    Attributes:
        names: the values, the most common first; the `TOP` of them where there are more than `MOST_NAMED`.
        counts: how often each occurs; int64.
        n: how many rows have a value.
        distinct: how many values there are; an estimate (at least that many) after merging stored profiles.
        once: values that occur once: Good–Turing's estimate of what is still to come rests on them.
        twice: values that occur twice: its error rests on them.
        buckets: rows per hash bucket; shape (256,). Empty where all values are named.
        sample: distinct values by hash. None where all values are named.
    """

    names: tuple[str, ...]
    counts: Counts
    n: int
    distinct: int
    once: int
    twice: int
    buckets: Counts
    sample: Sample | None

    @property
    def all_named(self) -> bool:
        """Whether `names` has all values."""
        return self.sample is None

    def hashed(self) -> tuple[Counts, Sample]:
        """Buckets and sample, also of a column whose values are all named."""
        if self.sample is not None:
            return self.buckets, self.sample
        hashes = hashes_of(self.names)
        return buckets_of(hashes, self.counts), sample_of(hashes, self.counts)

    def counts_of(self, names: Sequence[str]) -> Counts:
        """How often each of `names` occurs; 0 where that is not known."""
        known = dict(zip(self.names, self.counts.tolist(), strict=True))
        return np.array([known.get(name, 0) for name in names], dtype=np.int64)

    def merged(self, other: Categories) -> Categories:
        """Both together; exact but for `once`, `twice` and `distinct` of stored profiles with many values."""
        names = list(dict.fromkeys([*self.names, *other.names]))
        counts = self.counts_of(names) + other.counts_of(names)
        if self.all_named and other.all_named:
            return categories_of(names, counts)
        buckets, sample = self.hashed()
        others, theirs = other.hashed()
        together = sample.merged(theirs)
        # Below the threshold all is known; what is true there is true of the rest.
        scale = (2**64 - 1) / max(1, int(together.threshold))
        once, twice, distinct = (
            round(scale * int(np.count_nonzero(found)))
            for found in (together.counts == 1, together.counts == 2, together.counts > 0)
        )
        order = np.argsort(-counts, kind="stable")[:TOP]
        return Categories(
            tuple(names[at] for at in order),
            counts[order],
            self.n + other.n,
            max(distinct, self.distinct, other.distinct),
            once,
            twice,
            buckets + others,
            together,
        )

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        data = {
            "names": list(self.names),
            "counts": self.counts.tolist(),
            "n": self.n,
            "distinct": self.distinct,
            "once": self.once,
            "twice": self.twice,
        }
        if self.sample is None:
            return data
        return data | {"buckets": self.buckets.tolist(), "sample": self.sample.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Categories:
        """What `to_dict` gave."""
        return cls(
            names=tuple(data["names"]),
            counts=np.array(data["counts"], dtype=np.int64),
            n=int(data["n"]),
            distinct=int(data["distinct"]),
            once=int(data["once"]),
            twice=int(data["twice"]),
            buckets=np.array(data.get("buckets", ()), dtype=np.int64),
            sample=Sample.from_dict(data["sample"]) if "sample" in data else None,
        )


def categories_of(names: Sequence[str], counts: Counts) -> Categories:
    """The summary of distinct values, given as text, each as often as `counts` says (at least once)."""
    counts = np.asarray(counts, dtype=np.int64)
    n, once, twice = int(counts.sum()), int((counts == 1).sum()), int((counts == 2).sum())
    if len(names) <= MOST_NAMED:
        order = np.argsort(-counts, kind="stable")
        named = tuple(names[at] for at in order)
        return Categories(named, counts[order], n, len(names), once, twice, counts[:0], None)
    top = most_common(counts)
    return hashed_categories(hashes_of(names), counts, [names[at] for at in top], top)


def most_common(counts: Counts) -> Counts:
    """Places of the values that may be named, the most common first."""
    least = np.partition(counts, -TOP)[-TOP]
    top = np.flatnonzero(counts >= max(least, FEW))
    return top[np.argsort(-counts[top], kind="stable")][:TOP]


def hashed_categories(hashes: Hashes, counts: Counts, names: Sequence[str], top: Counts) -> Categories:
    """The summary of very many values, given by their hashes; `names` are those at the places `top`."""
    return Categories(
        tuple(names),
        counts[top],
        int(counts.sum()),
        len(hashes),
        int(np.count_nonzero(counts == 1)),
        int(np.count_nonzero(counts == 2)),
        buckets_of(hashes, counts),
        sample_of(hashes, counts),
    )
