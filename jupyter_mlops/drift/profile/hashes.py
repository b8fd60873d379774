"""Values of a column with very many of them, known by their hashes: counts per bucket, and a sample.

xxh3 because its values are the same on every platform and in every version, unlike those of the data frame
libraries. The sample holds, with their counts, all values whose hash lies below a threshold, as in bottom-k
sketches: of two samples the same values are in both below the lower of the two thresholds, so one can tell
which of the current values the reference has not seen, without having any of them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.significance import Counts

Hashes = npt.NDArray[np.uint64]

BUCKETS = 256
IN_MEMORY = 65_536
"""So many distinct values are told apart while a profile is in memory: 1 MB."""
SAMPLE = 1024
"""So many distinct values are in a sample that is stored: 12 kB."""
_ALL = np.uint64(2**64 - 1)


@dataclass(frozen=True, eq=False)
class Sample:
    """Distinct values by their hash.

    Attributes:
        hashes: uint64, ascending; shape (k,).
        counts: how often each value occurs; int64, shape (k,).
        threshold: all values with a hash up to this one are here.
    """

    hashes: Hashes
    counts: Counts
    threshold: np.uint64 = _ALL

    @property
    def complete(self) -> bool:
        """Whether all values are here."""
        return bool(self.threshold == _ALL)

    def below(self, threshold: np.uint64) -> Sample:
        """The part with hashes up to a threshold."""
        keep = int(np.searchsorted(self.hashes, threshold, side="right"))
        return Sample(self.hashes[:keep], self.counts[:keep], min(self.threshold, threshold))

    def cut(self, most: int = SAMPLE) -> Sample:
        """At most so many values."""
        return self if len(self.hashes) <= most else self.below(self.hashes[most - 1])

    def merged(self, other: Sample) -> Sample:
        """Both together."""
        threshold = min(self.threshold, other.threshold)
        mine, others = self.below(threshold), other.below(threshold)
        hashes, places = np.unique(np.r_[mine.hashes, others.hashes], return_inverse=True)
        counts = np.zeros(len(hashes), dtype=np.int64)
        np.add.at(counts, places, np.r_[mine.counts, others.counts])
        return Sample(hashes, counts, threshold)

    def not_in(self, reference: Sample) -> tuple[float, float]:
        """The share of rows with a value that `reference` has not seen, and of how many rows that is told.

        Of a part of the values, fewer rows than it has can be counted as independent: as many as equally
        common values would need to scatter as these do, (Σc)²/Σc² (Kish 1965).
        """
        threshold = min(self.threshold, reference.threshold)
        mine, seen = self.below(threshold), reference.below(threshold)
        rows = float(mine.counts.sum())
        if rows == 0:
            return 0.0, 0.0
        # Both ascend, which a binary search makes use of, and `np.isin` does not.
        places = np.searchsorted(seen.hashes, mine.hashes)
        known = np.append(seen.hashes, ~mine.hashes[-1:])[places] == mine.hashes
        share = float(mine.counts[~known].sum()) / rows
        if threshold == _ALL:
            return share, rows
        return share, min(rows, rows**2 / float((mine.counts.astype(np.float64) ** 2).sum()))

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON, cut to what is stored."""
        kept = self.cut()
        return {
            "threshold": str(int(kept.threshold)),  # beyond what other readers of JSON take as a number
            "hashes": base64.b64encode(kept.hashes.astype("<u8").tobytes()).decode(),
            "counts": kept.counts.tolist(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Sample:
        """What `to_dict` gave."""
        hashes = np.frombuffer(base64.b64decode(data["hashes"]), dtype="<u8").astype(np.uint64)
        return cls(hashes, np.array(data["counts"], dtype=np.int64), np.uint64(int(data["threshold"])))


def hashes_of(names: Sequence[str]) -> Hashes:
    """One for each text."""
    from xxhash import xxh3_64_intdigest

    return np.fromiter(map(xxh3_64_intdigest, names), dtype=np.uint64, count=len(names))


def sample_of(hashes: Hashes, counts: Counts) -> Sample:
    """Distinct values, given by their hashes: all of them up to `IN_MEMORY`."""
    counts, threshold = np.asarray(counts, dtype=np.int64), _ALL
    if len(hashes) > IN_MEMORY:
        keep = np.argpartition(hashes, IN_MEMORY - 1)[:IN_MEMORY]
        hashes, counts = hashes[keep], counts[keep]
        threshold = hashes.max()
    order = np.argsort(hashes)
    return Sample(hashes[order], counts[order], threshold)


def buckets_of(hashes: Hashes, counts: Counts) -> Counts:
    """Rows per bucket, the lowest eight bits of the hash; shape (256,)."""
    places = (hashes & np.uint64(BUCKETS - 1)).astype(np.int64)
    return np.bincount(places, weights=counts, minlength=BUCKETS).astype(np.int64)


def folded(buckets: Counts, into: int) -> Counts:
    """Counts of 256 buckets as counts of fewer, a power of two: the bits that are left decide."""
    counts: Counts = buckets.reshape(-1, into).sum(axis=0)
    return counts
