"""Code without a seed starts from recorded random numbers, so it needs nothing of what drew before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jupyter_mlops
from jupyter_mlops.lineage.record import NUMPY_RANDOM

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

DRAW = "out = np.random.rand(3)"


def run(notebook: TrackedShell, *sources: str) -> None:
    for source in sources:
        notebook.run(source)


def test_without_a_seed_what_drew_before_is_left_out(notebook: TrackedShell) -> None:
    run(notebook, "import numpy as np", "a = np.random.rand(3)", "b = a.sum()", DRAW)
    assert notebook.slice() == ["import numpy as np", DRAW]
    found = jupyter_mlops.slice("out")
    assert found.rung == "statements"
    assert [cell.starts for cell in found.cells] == [(), (NUMPY_RANDOM,)]


def test_what_drew_before_and_is_needed_gives_the_state(notebook: TrackedShell) -> None:
    run(notebook, "import numpy as np", "a = np.random.rand(3)", "out = a + np.random.rand(3)")
    found = jupyter_mlops.slice("out")
    assert found.rung == "statements"
    assert [cell.starts for cell in found.cells] == [(), (NUMPY_RANDOM,), ()]


def test_a_statement_that_drew_before_is_left_out_though_its_cell_is_needed(notebook: TrackedShell) -> None:
    run(notebook, "import numpy as np", "n = 3\na = np.random.rand(n)", "out = np.random.rand(n)")
    found = jupyter_mlops.slice("out")
    assert found.rung == "statements"
    assert [cell.source for cell in found.cells][:2] == ["import numpy as np", "n = 3"]
    assert [cell.starts for cell in found.cells] == [(), (), (NUMPY_RANDOM,)]


def test_what_drew_before_in_the_same_cell_stays(notebook: TrackedShell) -> None:
    run(notebook, "import numpy as np", "old = np.random.rand()", f"a = np.random.rand()\n{DRAW}")
    found = jupyter_mlops.slice("out")
    assert found.rung == "statements"
    assert found.statements > 3
    assert found.code.endswith(f"a = np.random.rand()\n{DRAW}\n")
    assert "old" not in found.code


def test_with_a_seed_all_that_drew_since_stays(notebook: TrackedShell) -> None:
    seeded = ["import numpy as np\nnp.random.seed(3)", "a = np.random.rand()", DRAW]
    run(notebook, "z = 1", *seeded)
    assert notebook.slice() == seeded


def test_a_function_that_seeds_counts_as_a_seed(notebook: TrackedShell) -> None:
    seeded = [
        "import numpy as np\ndef seed_all(n):\n    np.random.seed(n)",
        "seed_all(3)",
        "a = np.random.rand()",
        DRAW,
    ]
    run(notebook, *seeded)
    assert notebook.slice() == seeded


def test_a_seed_from_nowhere_begins_another_chain(notebook: TrackedShell) -> None:
    run(notebook, "import numpy as np\nnp.random.seed(3)", "np.random.seed()", "a = np.random.rand()", DRAW)
    assert notebook.slice() == ["import numpy as np\nnp.random.seed(3)", DRAW]
