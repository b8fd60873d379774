"""Hidden state that results depend on: the global random generators, as digests."""

from __future__ import annotations

import random
import sys
from array import array

import xxhash

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM


def random_states() -> dict[str, str]:
    """Digest of each global generator's state; NumPy's only when a program can have drawn from it."""
    version, words, gauss = random.getstate()
    states = {PYTHON_RANDOM: _digest(array("L", words).tobytes(), version, gauss)}
    if "numpy.random" in sys.modules:
        state = sys.modules["numpy.random"].get_state(legacy=False)
        inner = state["state"]
        # the position and the cached Gaussian count too: keys alone can be equal
        states[NUMPY_RANDOM] = (
            _digest(inner["key"].tobytes(), inner["pos"], state["has_gauss"], state["gauss"])
            if "key" in inner
            else _digest(b"", inner)
        )
    return states


def _digest(buffer: bytes, *rest: object) -> str:
    return xxhash.xxh3_128_hexdigest(buffer + repr(rest).encode())
